"""deploy/demo as a user runs it, with the programs of this build."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

import session_support
import vigil_session
from session_support import BIN_DIR, CAPTURE, ROOT

RSS_MAX_MIB = 48


class Demo(session_support.SessionTest):
    def setUp(self):
        super().setUp()
        self.result_file = self.folder / "result.json"
        # What the demo leaves behind would be in a temporary folder of this test's own.
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.output = self.folder / "demo.log"

    def start(self, *arguments) -> vigil_session.Child:
        environment = dict(os.environ, TMPDIR=str(self.temporary))
        child = vigil_session.Child("deploy/demo", [ROOT / "deploy/demo", "--bin-dir", BIN_DIR, "--summary",
                                                    self.result_file, *arguments], self.output, env=environment)
        self.addCleanup(child.kill)
        return child

    def expect_nothing_left(self):
        self.assertEqual(session_support.processes_naming(str(self.temporary)), [])
        self.assertEqual(list(self.temporary.iterdir()), [])

    def expect_sound(self, child: vigil_session.Child, seconds: float) -> dict:
        status = child.wait(seconds + 60)
        self.assertEqual(status, 0, child.tail(60))
        result = json.loads(self.result_file.read_text(encoding="utf-8"))
        for key in ("orders", "fills", "sound", "balances_match", "anomalies", "findings", "rss_mib", "weight_peak", "offset_us",
                    "state_folder"):
            self.assertIn(key, result)
        self.assertIs(result["sound"], True, result)
        self.assertIs(result["balances_match"], True)
        self.assertEqual((result["anomalies"]["error"], result["anomalies"]["critical"]), (0, 0))
        self.assertGreater(result["orders"], 0)
        self.assertLessEqual(result["weight_peak"], result["weight_budget"])
        self.assertLess(result["rss_mib"], RSS_MAX_MIB)
        return result

    def test_a_short_session_on_a_generated_market_is_sound(self):
        child = self.start("--seconds", "15")
        result = self.expect_sound(child, 15)
        text = self.output.read_text(encoding="utf-8")
        for strategy in result["strategies"]:
            self.assertIn(strategy["name"], text)
        self.assertIn("The session was sound.", text)
        self.expect_nothing_left()

    def test_what_the_exchange_counted_is_what_the_service_counted(self):
        child = self.start("--seconds", "6", "--keep")
        self.expect_sound(child, 6)
        folder, = self.temporary.iterdir()
        events = vigil_session.JsonLines(folder / "state/events.jsonl").read()
        result = json.loads(self.result_file.read_text(encoding="utf-8"))
        self.assertEqual(len([event for event in events if event["event"] == "order.placed"]), result["orders"])
        found = dict.fromkeys(("rejection rate", "order latency", "clock uncertainty", "connection flapping"), 0)
        for event in events:
            if event["event"] == "review.finding":
                found[event["fields"]["detector"]] += 1
        self.assertEqual(result["findings"], found)
        for name in ("journal", "events"):
            self.assertTrue(pathlib.Path(result[name]).is_file(), result[name])
        self.assertEqual(session_support.processes_naming(str(self.temporary)), [])

    def interrupted(self, number: signal.Signals, status: int):
        child = self.start("--seconds", "600")
        vigil_session.wait_until(lambda: "sent as" in self.output.read_text(encoding="utf-8"),
                                 session_support.PROGRESS_S, "the first order", child)
        child.send(number)
        self.assertEqual(child.wait(30), status, child.tail())
        self.expect_nothing_left()
        self.assertFalse(self.result_file.exists())

    def test_ctrl_c_leaves_nothing_running(self):
        self.interrupted(signal.SIGINT, 130)

    def test_sigterm_leaves_nothing_running(self):
        self.interrupted(signal.SIGTERM, 143)

    def test_even_sigkill_leaves_nothing_running(self):
        child = self.start("--seconds", "600")
        vigil_session.wait_until(lambda: "sent as" in self.output.read_text(encoding="utf-8"),
                                 session_support.PROGRESS_S, "the first order", child)
        child.process.send_signal(signal.SIGKILL)
        child.wait(5)
        vigil_session.wait_until(lambda: not session_support.processes_naming(str(self.temporary)), 5,
                                 "the kernel has ended the children")

    def test_wrong_arguments_are_refused_before_anything_starts(self):
        for arguments, word in ((["--replay", "/nonexistent/file.csv"], "no file"), (["--seconds", "0"], "above 0"),
                                (["--speed", "fast"], "--speed"), (["--no-such-option"], "--no-such-option")):
            with self.subTest(arguments=arguments):
                result = subprocess.run([ROOT / "deploy/demo", "--bin-dir", BIN_DIR, *arguments], capture_output=True,
                                        text=True, timeout=30, check=False)
                self.assertEqual(result.returncode, 2)
                self.assertIn(word, result.stderr)


class RecordedMarket(Demo):
    """Registered by itself, with the label slow."""

    def test_three_strategies_on_the_recorded_capture(self):
        if not CAPTURE.exists():
            self.skipTest(f"no recorded data in {CAPTURE.parent}")
        child = self.start("--replay", CAPTURE, "--speed", "10", "--seconds", "60")
        result = self.expect_sound(child, 60)
        self.assertGreaterEqual(result["orders"], 50)
        self.assertGreaterEqual(result["fills"], 20)
        self.assertEqual({strategy["kind"] for strategy in result["strategies"]}, {"grid", "dca", "trend"})
        for strategy in result["strategies"]:
            self.assertGreater(strategy["orders"], 0, strategy["name"])
        self.expect_nothing_left()


def load_tests(loader, _tests, _pattern):
    """`slow` as the first argument selects the recorded market, otherwise everything else."""
    if SLOW:
        return unittest.TestSuite([RecordedMarket("test_three_strategies_on_the_recorded_capture")])
    return loader.loadTestsFromTestCase(Demo)


if __name__ == "__main__":
    SLOW = sys.argv[1:2] == ["slow"]
    unittest.main(argv=sys.argv[:1])
