"""Somebody else on the same address uses up the limits: told, orders are dropped and not sent late, cancels use their reserve."""

import signal
import unittest

import session_support
import vigil_session


class Limits(session_support.SessionTest):
    def test_others_use_the_address(self):
        exchange = self.start_exchange("--seed", "13")
        daemon = self.start_daemon(vigil_session.overrides(exchange, self.make_vault(exchange)))
        self.await_events(daemon, {"daemon.ready": 1, "order.accepted": 2})
        # Of 6000; half of them is the share, and a tenth the reserve of the cancels. Used up anew in each minute that begins.
        wanted = {"governor.weight_drift", "governor.request_dropped", "order.not_sent"}
        told, begun = set(), 0

        def crowded():
            nonlocal begun
            if exchange.minute() != begun:
                exchange.fault(kind="foreign_weight", weight=3200)
                begun = exchange.minute()
            told.update(event["event"] for event in daemon.events.read())
            return wanted <= told

        vigil_session.wait_until(crowded, session_support.PROGRESS_S, f"the events {wanted}", daemon.child)
        self.assertNotIn("governor.limited", told)
        crowded()
        daemon.child.send(signal.SIGTERM)
        told = self.await_events(daemon, {"daemon.stopped": 1})
        self.assertEqual(daemon.child.wait(session_support.READY_S), 0, daemon.child.tail())
        if exchange.minute() == begun:  # otherwise the cancels may have gone in a new minute
            self.assertGreaterEqual(told.get("governor.reserve_used", 0), 1)
        summary = daemon.summary()
        self.assertEqual(summary["open_orders"], 0, "cancels went all the same")
        self.assertGreaterEqual(summary["waits"]["order"]["dropped"], 1)
        self.assertGreaterEqual(summary["waits"]["order"]["granted"], 2)
        self.assertEqual(exchange.admin("/status")["errors"].get("-1003", 0), 0, "never told to slow down")


if __name__ == "__main__":
    unittest.main()
