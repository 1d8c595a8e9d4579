"""Killed at any point and started again: the service reconciles and goes on, nothing doubled, nothing forgotten.

The exchange's own words (how often each client order id was accepted, balances, fills; read from its operator's port)
are compared with the service's journal and summary.
"""

import signal
import sys
import unittest

import session_support
import vigil_session

SEED = "7"


class Restart(session_support.AccountedTest):
    def setUp(self):
        super().setUp()
        self.exchange = self.start_exchange("--seed", SEED, "--speed", "1")
        self.overrides = vigil_session.overrides(self.exchange, self.make_vault(self.exchange))

    def accepted(self) -> int:
        return len(self.exchange.account_status()["accepted_by_client_order_id"])

    def test_killed_in_mid_session_three_times(self):
        for _ in range(3):
            daemon = self.start_daemon(self.overrides)
            self.await_events(daemon, {"daemon.ready": 1}, session_support.READY_S)
            before = self.accepted()
            vigil_session.wait_until(lambda: self.accepted() >= before + 2,
                                     session_support.PROGRESS_S, "two more orders at the exchange", daemon.child)
            daemon.child.process.send_signal(signal.SIGKILL)
            self.assertEqual(daemon.child.wait(5), -signal.SIGKILL)
            self.assertFalse((self.state / "summary.json").exists())
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"daemon.ready": 1, "order.filled": 1})
        self.stop_and_compare(daemon)

    def test_killed_at_each_step_of_the_start(self):
        """The start is killed right after the first, the second ... step that it reports, until it gets through."""
        steps = 1
        while True:
            daemon = self.start_daemon(self.overrides)
            seen = []

            def reached(daemon=daemon, seen=seen, steps=steps):
                seen.extend(event["event"] for event in daemon.events.read())
                return seen.count("daemon.step_done") >= steps or "daemon.ready" in seen

            vigil_session.wait_until(reached, session_support.READY_S, f"{steps} steps of the start", daemon.child)
            if "daemon.ready" in seen and seen.count("daemon.step_done") < steps:
                break
            daemon.child.process.send_signal(signal.SIGKILL)
            self.assertEqual(daemon.child.wait(5), -signal.SIGKILL)
            steps += 1
            self.assertLess(steps, 30)
        self.assertGreater(steps, 3, "a start has more steps than that")
        vigil_session.wait_until(self.accepted, session_support.PROGRESS_S, "an order", daemon.child)
        self.stop_and_compare(daemon)

    def test_an_orderly_stop_and_a_second_start_keep_what_was_earned(self):
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"order.filled": 1})
        self.assertEqual(daemon.child.stop(), 0, daemon.child.tail())
        self.assertTrue(daemon.summary()["reconciled"])
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"daemon.ready": 1}, session_support.READY_S)
        self.stop_and_compare(daemon)

    def test_a_second_instance_on_the_same_state_is_refused(self):
        first = self.start_daemon(self.overrides)
        self.await_events(first, {"daemon.ready": 1}, session_support.READY_S)
        second = self.start_daemon(self.overrides)
        self.assertEqual(second.child.wait(session_support.READY_S), 75, second.child.tail())
        self.assertIsNone(first.child.returncode())
        vigil_session.wait_until(self.accepted, session_support.PROGRESS_S, "an order", first.child)
        self.stop_and_compare(first)


if __name__ == "__main__":
    print(f"market seed {SEED}", file=sys.stderr)
    unittest.main()
