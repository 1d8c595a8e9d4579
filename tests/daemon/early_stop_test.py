"""SIGTERM before the service is ready: it ends promptly, in order, with status 0."""

import shutil
import signal
import socket
import time
import unittest

import session_support
import vigil_session

# The wait for the clock alone takes up to 15 s, a time request up to 3 s.
PROMPT_S = 2.5


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


if __name__ == "__main__":
    unittest.main()
