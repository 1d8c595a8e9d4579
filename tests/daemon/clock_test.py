"""The exchange's clock steps, and timestamps are refused: questions are asked once more, orders are looked up, trading goes on."""

import signal
import unittest

import session_support
import vigil_session

TIMESTAMP = -1021


class Clock(session_support.SessionTest):
    def setUp(self):
        super().setUp()
        self.exchange = self.start_exchange("--seed", "11")
        self.overrides = vigil_session.overrides(self.exchange, self.make_vault(self.exchange))

    def refuse(self, route: str, count: int, skip: int = 0):
        self.exchange.fault(kind="error_before", route=route, code=TIMESTAMP, count=count, skip=skip)

    def refused(self) -> int:
        return self.exchange.admin("/status")["errors"].get(str(TIMESTAMP), 0)

    def asked(self, method: str) -> int:
        return self.exchange.admin("/status")["requests"].get(method, {}).get("received", 0)

    def stop(self, daemon: vigil_session.Daemon):
        daemon.child.send(signal.SIGTERM)
        self.assertEqual(daemon.child.wait(session_support.READY_S), 0, daemon.child.tail())
        summary = daemon.summary()
        self.assertTrue(summary["balances_agree"])
        self.assertEqual(summary["unknown_orders"], 0)
        accepted = self.exchange.account_status()["accepted_by_client_order_id"]
        self.assertEqual({times for times in accepted.values()}, {1}, "no order twice")

    def test_a_start_asks_once_more(self):
        for route in ("apiRestrictions", "/api/v3/openOrders", "/api/v3/account"):
            self.refuse(route, 1)
        daemon = self.start_daemon(self.overrides)
        told = self.await_events(daemon, {"daemon.ready": 1, "order.accepted": 1})
        self.assertEqual(told["exchange.timestamp_refused"], 3)
        self.assertNotIn("exchange.request_failed", told)
        self.stop(daemon)

    def test_a_question_is_asked_once_more_and_no_more(self):
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"daemon.ready": 1, "order.accepted": 1})
        # A reconnect brings about a sweep. Its question after the account is refused once, ...
        self.refuse("/api/v3/account", 1)
        self.exchange.fault(kind="disconnect", streams=False, rest=False)
        told = self.await_events(daemon, {"exchange.timestamp_refused": 1, "clock.synchronised": 1, "order.accepted": 1})
        self.assertNotIn("exchange.request_failed", told)
        # ... and now twice: that is told, and not tried a third time.
        before = self.refused()
        self.refuse("/api/v3/account", 2)
        self.exchange.fault(kind="disconnect", streams=False, rest=False)
        told = self.await_events(daemon, {"exchange.timestamp_refused": 2, "exchange.request_failed": 1})
        self.assertEqual(told["exchange.request_failed"], 1)
        self.assertEqual(self.refused() - before, 2)
        self.stop(daemon)

    def test_an_order_is_looked_up_before_anything_takes_its_place(self):
        self.refuse("order.place", 1, skip=3)
        daemon = self.start_daemon(self.overrides)
        told = self.await_events(daemon, {"exchange.timestamp_refused": 1, "order.unknown": 1, "order.resolved": 1})
        self.assertEqual(told["order.unknown"], 1)
        self.stop(daemon)

    def test_steps_of_the_exchanges_clock(self):
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"daemon.ready": 1, "order.accepted": 1})
        for offset_ms in (3000, -4000):
            self.exchange.admin("/faults", method="DELETE")
            self.exchange.fault(kind="clock", offset_ms=offset_ms)
            told = self.await_events(daemon, {"clock.stepped": 1, "clock.synchronised": 1})
            self.assertEqual(told["clock.stepped"], 1)
            refused = self.refused()
            self.await_events(daemon, {"order.accepted": 2})
            self.assertEqual(self.refused(), refused, "what is signed after the measurement is inside its window")
        self.stop(daemon)


if __name__ == "__main__":
    unittest.main()
