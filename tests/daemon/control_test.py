"""The operator's commands against a running service: status, halt, kill, resume; what outlives SIGKILL; a crash loop."""

import json
import os
import pwd
import signal
import socket
import subprocess
import unittest

import session_support
import vigil_session

EX_USAGE, EX_UNAVAILABLE, EX_TEMPFAIL = 64, 69, 75
ME = f"operator uid {os.geteuid()} ({pwd.getpwuid(os.geteuid()).pw_name})"
TROUBLE = {"kind": "refuse_connections"}


class Control(session_support.SessionTest):
    def tool(self, *words, status: int = 0) -> subprocess.CompletedProcess:
        command = [str(word) for word in (session_support.BIN_DIR / "vigilctl", words[0], "--state", self.state, *words[1:])]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertEqual(result.stderr == "", status == 0, result.stderr)
        self.assertLessEqual(len(result.stderr.splitlines()), 2 if status == EX_USAGE else 1)
        return result

    def status(self) -> dict:
        return json.loads(self.tool("status", "--json").stdout)

    def ladder(self) -> dict:
        return self.status()["trading"]["ladder"]

    def session(self, *arguments, **overrides) -> vigil_session.Daemon:
        self.exchange = self.start_exchange("--seed", "5", *arguments)
        self.overrides = vigil_session.overrides(self.exchange, self.make_vault(self.exchange)) | overrides
        return self.again({"daemon.ready": 1, "order.accepted": 4})

    def again(self, wanted: dict) -> vigil_session.Daemon:
        daemon = self.start_daemon(self.overrides)
        self.seen = self.await_events(daemon, wanted)
        return daemon

    def accepted(self) -> int:
        return len(self.exchange.account_status()["accepted_by_client_order_id"])

    def kill_process(self, daemon: vigil_session.Daemon):
        daemon.child.process.send_signal(signal.SIGKILL)
        self.assertEqual(daemon.child.wait(5), -signal.SIGKILL)

    def fields_of(self, name: str) -> list:
        events = vigil_session.JsonLines(self.state / "events.jsonl").read()
        return [event["fields"] for event in events if event["event"] == name]

    def stop(self, daemon: vigil_session.Daemon) -> dict:
        self.assertEqual(daemon.child.stop(), 0, daemon.child.tail())
        self.assertFalse((self.state / "control").exists(), "the socket is taken away")
        return daemon.summary()

    def test_without_a_service(self):
        self.state.mkdir(mode=0o700)
        for words in (("status",), ("halt", "--reason", "x"), ("kill", "--reason", "x"), ("resume", "--reason", "x")):
            self.assertIn("vigild does not run", self.tool(*words, status=EX_UNAVAILABLE).stderr)

    def test_status(self):
        daemon = self.session()
        status = self.status()
        trading = status["trading"]
        self.assertEqual((status["phase"], status["process"]), ("trading", daemon.child.pid))
        self.assertEqual(status["config_hash"], self.fields_of("daemon.starting")[0]["config_hash"])
        self.assertEqual(trading["ladder"]["level"], "normal")
        self.assertEqual(trading["placements"], {"allowed": True, "obstacle": ""})
        self.assertEqual(trading["connections"], {"market": True, "orders": True, "user_data": True})
        self.assertEqual([each["name"] for each in trading["strategies"]], ["demo-dca", "demo-grid", "demo-trend"])
        self.assertEqual({each["state"] for each in trading["strategies"]}, {"running"})
        self.assertEqual(status["clock"]["state"], "synchronised")
        self.assertLess(status["clock"]["uncertainty_us"], 100_000)
        self.assertIn("daily_loss", [each["name"] for each in trading["limits"]])
        table = self.tool("status").stdout
        for line in (r"  ladder +NORMAL", r"  placements +allowed", r"  connections +market up, orders up, user data up",
                     r"  demo-grid +grid +BTCUSDT +running", r"  REQUEST_WEIGHT +60 s"):
            self.assertRegex(table, line)

        # Whatever comes in, the service answers on one line and goes on.
        for bad, says in ((b"\n", "one JSON object"), (b"\xff\xfe\n", "one JSON object"), (b"x" * 10_000, "shorter than"),
                          (b'{"v":1,"operator":"me","command":"sell everything"}\n', "must be status, halt, kill or resume"),
                          (b"{", "no whole request came in time")):
            with socket.socket(socket.AF_UNIX) as raw:
                raw.settimeout(10)
                raw.connect(str(self.state / "control"))
                raw.sendall(bad)
                answer = json.loads(raw.makefile().readline())
                self.assertFalse(answer["ok"])
                self.assertIn(says, answer["error"]["message"])
        self.assertEqual(len(self.fields_of("control.refused")), 1, "told once, not with each")
        before = self.accepted()
        vigil_session.wait_until(lambda: self.accepted() > before, session_support.PROGRESS_S, "another order", daemon.child)
        self.stop(daemon)

    def test_a_halt_outlives_the_process_and_an_operator_comes_down_again(self):
        daemon = self.session()
        self.assertIn("control characters", self.tool("halt", "--reason", "a test\nof two lines", status=EX_USAGE).stderr)
        self.assertIn("ladder: halt", self.tool("halt", "--reason", "a test").stdout)
        halted = self.ladder()
        self.assertEqual((halted["level"], halted["by"], halted["reason"]), ("halt", ME, "a test"))
        self.assertIn("it was halted already", self.tool("halt", "--reason", "once more").stdout)
        self.assertGreater(self.exchange.account_status()["open_orders"], 0, "they stay open")
        self.kill_process(daemon)
        before = self.accepted()

        daemon = self.again({"daemon.ready": 1})
        self.assertEqual(self.ladder(), halted)
        self.assertEqual(self.status()["trading"]["placements"]["obstacle"], "the risk ladder allows no new orders")
        self.tool("resume", "--to", "halt", "--reason", "x", status=EX_USAGE)
        self.assertIn("ladder: cancel_only", self.tool("resume", "--to", "cancel_only", "--reason", "looked at it").stdout)
        self.assertEqual(self.accepted(), before)
        self.assertIn("ladder: normal", self.tool("resume", "--reason", "all is well").stdout)
        self.assertIn("is not lower", self.tool("resume", "--reason", "x", status=EX_USAGE).stderr)
        vigil_session.wait_until(lambda: self.accepted() > before, session_support.PROGRESS_S, "another order", daemon.child)
        moves = [(move["before"], move["after"], move["by"]) for move in self.fields_of("risk.ladder_changed")]
        self.assertEqual(moves, [("normal", "halt", ME), ("halt", "cancel_only", ME), ("cancel_only", "normal", ME)])
        self.kill_process(daemon)
        daemon = self.again({"daemon.ready": 1})
        self.assertEqual(self.ladder()["level"], "normal")
        self.stop(daemon)

    def test_a_kill_cancels_what_is_own_and_stays(self):
        daemon = self.session()
        self.exchange.fault(kind="foreign_order", account=self.exchange.LABEL, symbol="BTCUSDT", side="BUY", quantity="0.001",
                            price="30000")
        result = json.loads(self.tool("kill", "--reason", "a test", "--json").stdout)
        self.assertEqual(result["remaining"], [])
        self.assertGreater(result["orders"], 0)
        self.assertEqual(result["orders"], result["cancelled"] + result["filled"] + result["ended"])
        self.assertGreater(result["cancelled"], 0)
        self.assertEqual(self.exchange.account_status()["open_orders"], 1, "that of the other program")
        self.kill_process(daemon)
        before = self.accepted()
        daemon = self.again({"daemon.ready": 1, "risk.kill_done": 1})
        self.assertEqual((self.ladder()["level"], self.ladder()["cancels_all"]), ("halt", True))
        self.assertEqual(self.accepted(), before)
        self.assertRegex(self.tool("kill", "--reason", "again").stdout, "of 0 open orders 0 were cancelled")
        self.stop(daemon)
        self.assertEqual(self.accepted(), before)

    def test_a_kill_while_others_use_the_address_up(self):
        daemon = self.session()
        # 5500 of 6000: beyond the share, the reserve, and the 90 % that cancels of every day may use.
        used = next(int(each["used"]) for each in self.status()["trading"]["limits"] if each["name"] == "REQUEST_WEIGHT")
        self.exchange.fault(kind="foreign_weight", weight=5500 - used)
        self.await_events(daemon, {"governor.weight_drift": 1})
        result = json.loads(self.tool("kill", "--reason", "a test", "--json").stdout)
        self.assertEqual(result["remaining"], [])
        self.assertLess(result["took_ms"], 5_000)
        self.assertEqual(self.exchange.account_status()["open_orders"], 0)
        self.assertEqual(self.exchange.admin("/status")["errors"].get("-1003", 0), 0, "never told to slow down")
        self.stop(daemon)

    def test_a_kill_while_the_order_session_is_down(self):
        daemon = self.session()
        trouble = self.exchange.fault(**TROUBLE)["id"]
        self.exchange.fault(kind="disconnect", ws_api=True, streams=False)
        vigil_session.wait_until(lambda: not self.status()["trading"]["connections"]["orders"],
                                 session_support.PROGRESS_S, "the session is down", daemon.child)
        result = self.tool("kill", "--reason", "a test", "--wait", "0", status=EX_TEMPFAIL)
        self.assertRegex(result.stdout, r"of (\d+) open orders 0 were cancelled, 0 filled before, 0 ended otherwise, \1 remain")
        self.assertIn("(the order session is down); the service goes on cancelling", result.stderr)
        self.exchange.admin(f"/faults?id={trouble}", method="DELETE")
        self.await_events(daemon, {"risk.kill_done": 1})
        self.assertEqual(self.exchange.account_status()["open_orders"], 0)
        self.stop(daemon)

    def test_a_crash_loop_begins_in_cancel_only(self):
        daemon = self.session(**{"risk.crash_loop_starts": 2})
        self.kill_process(daemon)
        daemon = self.again({"daemon.ready": 1})
        self.assertEqual(self.ladder()["level"], "normal")
        self.kill_process(daemon)
        daemon = self.again({"daemon.ready": 1})
        self.assertEqual(self.seen["daemon.crash_loop"], 1)
        self.assertEqual((self.ladder()["level"], self.ladder()["by"]), ("cancel_only", "crash loop"))
        self.tool("resume", "--reason", "a test")
        self.kill_process(daemon)
        daemon = self.again({"daemon.ready": 1})
        self.assertEqual(self.ladder()["level"], "normal", "those before the resume are forgotten")
        self.stop(daemon)
        self.assertFalse((self.state / "starts").exists(), "an orderly end")

    def test_orders_are_kept_on_stop_if_that_is_wished(self):
        daemon = self.session(on_stop="keep_orders")
        self.exchange.pause_market()
        summary = self.stop(daemon)
        kept = self.exchange.account_status()["open_orders"]
        self.assertGreater(kept, 0)
        self.assertEqual(summary["open_orders"], kept)
        self.assertEqual(self.fields_of("daemon.orders_kept"), [{"orders": kept}])
        self.assertEqual(self.fields_of("reconcile.mismatch"), [])
        self.overrides["on_stop"] = "cancel_orders"
        daemon = self.again({"daemon.ready": 1})
        self.assertGreaterEqual(self.status()["trading"]["orders"]["open"], kept)
        self.stop(daemon)
        self.assertEqual(self.exchange.account_status()["open_orders"], 0)


if __name__ == "__main__":
    unittest.main()
