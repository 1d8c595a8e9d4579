"""vigilctl preflight against the real exchange: everything passes, and each check can fail, with its remedy and its code."""

import json
import subprocess
import unittest

import session_support
import vigil_session

NAMES = ["vault", "journal", "threads", "ban", "clock", "account", "permissions", "rules", "dry-run order", "old timestamp",
         "broken signature", "unknown key", "shared budget", "counts", "connections", "ping", "reconciliation"]


class Preflight(session_support.SessionTest):
    def setUp(self):
        super().setUp()
        self.exchange = self.start_exchange("--seed", "3")
        self.overrides = vigil_session.overrides(self.exchange, self.make_vault(self.exchange))

    def preflight(self, *arguments, **overrides):
        command = [session_support.BIN_DIR / "vigilctl", "preflight", "--config", session_support.DEMO_CONFIG,
                   "--state", self.state, *arguments]
        for key, value in (self.overrides | overrides).items():
            command += ["--set", f"{key}={value}"]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=100, check=False)

    def checks(self, *arguments, status: int = 0, **overrides) -> dict:
        result = self.preflight("--json", *arguments, **overrides)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        document = json.loads(result.stdout)
        self.assertEqual(document["passed"], status == 0)
        self.assertEqual(document["exit_status"], status)
        return {check["name"]: check for check in document["checks"]}

    def expect(self, checks: dict, name: str, outcome: str, detail: str, remedy: str = ""):
        check = checks[name]
        self.assertEqual(check["outcome"], outcome, check)
        self.assertIn(detail, check["detail"])
        self.assertIn(remedy, check["remedy"])
        self.assertEqual(check["remedy"] == "", outcome in ("passed", "skipped"), check)

    def accepted(self) -> dict:
        return self.exchange.account_status()["accepted_by_client_order_id"]

    def test_all_is_well(self):
        result = self.preflight()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(result.stderr, "")
        lines = result.stdout.splitlines()
        self.assertEqual(lines[-1], "ready", result.stdout)
        for name, line in zip(NAMES, lines[1:]):
            self.assertRegex(line, f"^passed +{name} ")
        self.assertEqual(self.accepted(), {}, "a preflight places no order")
        errors = self.exchange.admin("/status")["errors"]
        self.assertEqual({code: errors.get(code) for code in ("-1021", "-1022", "-2015")},
                         {"-1021": 1, "-1022": 1, "-2015": 1}, errors)

    def test_an_order_that_cannot_fill_is_placed_and_cancelled(self):
        checks = self.checks("--live-order")
        self.expect(checks, "live order", "passed", "placed, cancelled, nothing filled")
        account = self.exchange.account_status()
        self.assertEqual(list(account["accepted_by_client_order_id"].values()), [1])
        self.assertEqual(account["open_orders"], 0)
        self.assertEqual(account["fills"], 0)

    def test_lost_answers_of_the_live_order_are_looked_up(self):
        self.exchange.fault(kind="silent_user_stream")
        self.exchange.fault(kind="drop_after", route="order.place")
        self.exchange.fault(kind="drop_after", route="order.cancel")
        checks = self.checks("--live-order")
        self.expect(checks, "live order", "passed", "looked up by its client order id")
        account = self.exchange.account_status()
        self.assertEqual(list(account["accepted_by_client_order_id"].values()), [1])
        self.assertEqual(account["open_orders"], 0)

    def test_a_live_order_that_the_account_cannot_pay(self):
        self.exchange.admin("/balance", method="POST", members=dict(account=self.exchange.LABEL, asset="USDT", delta="-19999"))
        checks = self.checks("--live-order", status=69)
        self.expect(checks, "live order", "failed", "risk gate", "look at the order")
        self.assertEqual(self.accepted(), {})

    def test_the_service_runs(self):
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"daemon.ready": 1}, session_support.READY_S)
        self.expect(self.checks(status=75), "state folder", "failed", "", "stop the service first")
        self.assertIsNone(daemon.child.returncode())

    def test_a_key_that_may_do_too_much(self):
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL, enableWithdrawals=True, ipRestrict=False))
        checks = self.checks(status=77)
        self.expect(checks, "permissions", "failed", "withdrawals are enabled: disable them", "edit the restrictions")
        self.expect(checks, "dry-run order", "passed", "order/test took BUY")

    def test_a_key_that_the_exchange_no_longer_knows(self):
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL, revoked=True))
        checks = self.checks(status=77)
        self.expect(checks, "account", "failed", "-2015", "vigilctl diagnose signature")
        self.expect(checks, "dry-run order", "skipped", "needs: account")

    def test_an_address_that_is_not_allowed(self):
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL, ipRestrict=True, addresses=["127.0.0.2"]))
        checks = self.checks(status=77)
        self.expect(checks, "account", "failed", "does not allow it from this machine's address", "this address")
        self.checks(**{"exchange.bind_address": "127.0.0.2"})

    def test_answers_that_are_wrong(self):
        """One run with several faults that do not touch each other."""
        for route, code in (("order.test", -1013), ("account.rateLimits.orders", -1100), ("openOrders.status", -1100)):
            self.exchange.fault(kind="error_before", route=route, code=code)
        # The first good request after the one that is spoilt: not survived.
        self.exchange.fault(kind="error_before", route="openOrders.status", code=-1100, skip=1)
        self.exchange.fault(kind="drop_before", route="ping", count=-1)
        self.exchange.fault(kind="error_before", route="myTrades", code=-1000, count=-1)
        checks = self.checks(status=69)
        self.expect(checks, "dry-run order", "failed", "-1013", "status, filters")
        self.expect(checks, "old timestamp", "failed", "-1100", "proxy")
        self.expect(checks, "broken signature", "failed", "afterwards answered 400 (-1100", "proxy")
        self.expect(checks, "unknown key", "passed", "-2015")
        self.expect(checks, "counts", "failed", "-1100", "do not trade blindly")
        self.expect(checks, "shared budget", "failed", "WebSocket API", "look at the network")
        self.expect(checks, "ping", "failed", "WebSocket API", "look at the network")
        self.expect(checks, "connections", "passed", "user data")
        self.expect(checks, "reconciliation", "failed", "myTrades", "look at the orders")

    def test_others_use_the_same_budget(self):
        checks = {}
        for _ in range(3):
            begun = self.exchange.minute()
            self.exchange.fault(kind="foreign_weight", weight=500)
            checks = self.checks()
            if self.exchange.minute() == begun:
                break  # otherwise the exchange may have begun to count anew between the two
        self.expect(checks, "counts", "warning", "own count", "somebody else uses this address's budget")
        self.expect(checks, "shared budget", "passed", "spent at once")

    def test_user_data_that_cannot_be_subscribed(self):
        self.exchange.fault(kind="error_before", route="userDataStream.subscribe", code=-1100, count=-1)
        checks = self.checks(status=69)
        self.expect(checks, "connections", "failed", "user data", "look at the network")
        self.expect(checks, "reconciliation", "skipped", "needs: connections")

    def test_a_ban_is_met_once_and_then_waited_for(self):
        self.exchange.fault(kind="ban", seconds=100)
        self.expect(self.checks(status=69), "clock", "failed", "418", "look at the network")
        requests = self.exchange.admin("/status")["requests"]
        self.expect(self.checks(status=75), "ban", "failed", "for another", "wait until the ban is over")
        self.assertEqual(self.exchange.admin("/status")["requests"], requests, "nothing is sent during a ban")

    def test_what_is_found_before_the_exchange_is_asked(self):
        checks = self.checks(status=66, **{"credentials.label": "other"})
        self.expect(checks, "vault", "failed", "other", "vigilctl vault list")
        self.expect(checks, "clock", "skipped", "needs: ban")
        checks = self.checks(status=66, **{"exchange.ca_file": self.folder / "no.pem"})
        self.expect(checks, "threads", "failed", "no.pem", "exchange.ca_file")
        (self.state / "journal.sqlite").write_bytes(b"no database, though long enough to look like one" * 100)
        self.expect(self.checks(status=65), "journal", "failed", "journal", "do not delete")

    def test_a_symbol_that_is_gone(self):
        self.exchange.fault(kind="delist", symbol="BTCUSDT")
        self.expect(self.checks(status=78), "rules", "failed", "does not know symbol BTCUSDT", "correct the symbols")

    def test_arguments(self):
        self.assertEqual(self.preflight("--config", "nowhere.yaml").returncode, 64)
        command = [str(session_support.BIN_DIR / "vigilctl"), "preflight", "--config", str(self.folder / "nowhere.yaml")]
        self.assertEqual(subprocess.run(command, capture_output=True, timeout=30, check=False).returncode, 66)


if __name__ == "__main__":
    unittest.main()
