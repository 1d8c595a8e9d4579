"""SIGTERM before the service is ready: it ends promptly, in order, with status 0."""

import fcntl
import os
import shutil
import signal
import socket
import time
import unittest

import session_support
import vigil_session

# The wait for the clock alone takes up to 15 s, a time request up to 3 s.
PROMPT_S = 2.5
F_SETPIPE_SZ = 1031  # fcntl(2); the module names it from Python 3.10 on


class EarlyStop(session_support.SessionTest):
    def test_while_the_clock_is_waited_for(self):
        exchange = self.start_exchange()
        overrides = vigil_session.overrides(exchange, self.make_vault(exchange))
        # Takes connections and never says a word.
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        overrides["exchange.rest_url"] = f"https://127.0.0.1:{silent.getsockname()[1]}"
        daemon = self.start_daemon(overrides)
        silent.settimeout(session_support.READY_S)
        first, _ = silent.accept()
        self.addCleanup(first.close)
        asked = time.monotonic()
        daemon.child.send(signal.SIGTERM)
        self.assertEqual(daemon.child.wait(session_support.READY_S), 0, daemon.child.tail())
        self.assertLess(time.monotonic() - asked, PROMPT_S)
        names = [event["event"] for event in daemon.events.read()]
        self.assertIn("daemon.stopped", names)
        self.assertNotIn("daemon.start_failed", names)

    def test_while_a_read_is_waited_for(self):
        """Permissions, rules and the reads of reconciliation: each may take 15 s."""
        for route in ("apiRestrictions", "exchangeInfo", "/api/v3/openOrders"):
            with self.subTest(route=route):
                exchange = self.start_exchange()
                exchange.fault(kind="delay", route=route, delay_ms=60_000, count=-1)
                daemon = self.start_daemon(vigil_session.overrides(exchange, self.make_vault(exchange)))

                def struck(exchange=exchange):
                    return any(each["struck"] > 0 for each in exchange.admin("/faults"))

                vigil_session.wait_until(struck, session_support.READY_S, f"a question to {route}", daemon.child)
                asked = time.monotonic()
                daemon.child.send(signal.SIGTERM)
                self.assertEqual(daemon.child.wait(session_support.READY_S), 0, daemon.child.tail())
                self.assertLess(time.monotonic() - asked, PROMPT_S)
                self.assertNotIn("daemon.start_failed", [event["event"] for event in daemon.events.read()])
                exchange.child.stop()
                shutil.rmtree(self.folder)
                self.folder.mkdir()

    def test_when_nobody_reads_its_log(self):
        """Standard error is a pipe that is full soon: it trades all the same, and its end does not wait for a reader."""
        exchange = self.start_exchange("--seed", "3")
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
        daemon = vigil_session.Daemon(session_support.BIN_DIR, session_support.DEMO_CONFIG, self.state,
                                      vigil_session.overrides(exchange, self.make_vault(exchange)), self.folder / "vigild.log",
                                      sink=writer)
        self.addCleanup(daemon.child.kill)
        os.close(writer)
        vigil_session.wait_until(lambda: exchange.account_status()["open_orders"] > 0, session_support.PROGRESS_S, "an order",
                                 daemon.child)
        daemon.child.send(signal.SIGTERM)
        self.assertEqual(daemon.child.wait(session_support.READY_S), 0)
        self.assertEqual(exchange.account_status()["open_orders"], 0)
        self.assertGreater(daemon.summary()["orders"], 0)


if __name__ == "__main__":
    unittest.main()
