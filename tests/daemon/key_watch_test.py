"""The key's permissions, expiry and age: at start, and again and again while the service runs."""

import pathlib
import unittest

import session_support
import vigil_session

DAY_MS = 86_400_000


class KeyWatch(session_support.SessionTest):
    def setUp(self):
        super().setUp()
        self.exchange = self.start_exchange("--seed", "7")
        self.vault = self.make_vault(self.exchange)
        self.overrides = vigil_session.overrides(self.exchange, self.vault) | {"credentials.check_interval": "1s"}

    def key(self, **members):
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL) | members)

    def in_days(self, days: float) -> int:
        return self.exchange.admin("/status")["server_time"] + int(days * DAY_MS)

    def placed(self) -> int:
        return len(self.exchange.account_status()["accepted_by_client_order_id"])

    def looks(self) -> int:
        return self.exchange.admin("/status")["requests"].get("apiRestrictions", {}).get("rest", 0)

    def wait(self, condition, what: str, daemon):
        return vigil_session.wait_until(condition, session_support.PROGRESS_S, what, daemon.child)

    def refused_start(self, reason: str, status: int = 77, **overrides):
        placed = self.placed()
        daemon = self.start_daemon(self.overrides | overrides)
        self.assertEqual(daemon.child.wait(session_support.READY_S), status, daemon.child.tail())
        failed = [event for event in daemon.events.read() if event["event"] == "daemon.start_failed"]
        self.assertIn(reason, failed[0]["fields"]["reason"])
        self.assertEqual(self.placed(), placed)

    def ready(self, wanted: dict, **overrides) -> vigil_session.Daemon:
        daemon = self.start_daemon(self.overrides | overrides)
        self.await_events(daemon, {"daemon.ready": 1} | wanted, session_support.READY_S)
        return daemon

    def test_a_key_that_may_withdraw_ends_placements_and_not_cancels_until_it_is_mended(self):
        daemon = self.ready({"credentials.permission_granted": 2})
        self.wait(lambda: self.placed() > 0, "the first orders", daemon)
        self.key(enableWithdrawals=True, ipRestrict=False)
        seen = self.await_events(daemon, {"credentials.permission_refused": 1, "strategy.paused": 1})
        held, looks = self.placed(), self.looks()
        self.wait(lambda: self.looks() >= looks + 3, "further looks", daemon)
        self.assertEqual(self.placed(), held, "no placements while the key is not fit")
        later = self.await_events(daemon, {})
        self.assertEqual(seen["credentials.permission_refused"] + later.get("credentials.permission_refused", 0), 1,
                         "one event, not one for each look")
        self.key(enableWithdrawals=False, ipRestrict=True)
        self.await_events(daemon, {"credentials.permission_granted": 1, "strategy.resumed": 1})
        self.wait(lambda: self.placed() > held, "orders go on", daemon)
        self.key(enableSpotAndMarginTrading=False)
        self.await_events(daemon, {"credentials.permission_refused": 1})
        self.key(enableSpotAndMarginTrading=True, enableWithdrawals=True)  # another reason is told again
        self.await_events(daemon, {"credentials.permission_refused": 1})
        self.assertEqual(daemon.child.stop(), 0)
        self.assertEqual(self.exchange.account_status()["open_orders"], 0, "what was open is cancelled all the same")

    def test_a_look_without_an_answer_is_told_once_and_trading_goes_on(self):
        daemon = self.ready({})
        self.exchange.fault(kind="error_before", route="apiRestrictions", status=503, count=-1)
        self.await_events(daemon, {"credentials.permission_unknown": 1})
        self.exchange.admin("/faults", method="DELETE")
        seen = self.await_events(daemon, {"credentials.permission_granted": 1})
        self.assertNotIn("credentials.permission_unknown", seen)
        self.assertNotIn("credentials.permission_refused", seen)

    def test_a_start_is_refused_for_each_permission_that_is_wrong(self):
        for wrong, reason in ((dict(enableWithdrawals=True), "withdrawals are enabled: disable them"),
                              (dict(ipRestrict=False), "access is open to every address: restrict it to this machine's"),
                              (dict(enableSpotAndMarginTrading=False), "spot trading is not enabled: enable it")):
            with self.subTest(wrong):
                self.key(**wrong)
                self.refused_start(reason)
                self.key(**{name: not value for name, value in wrong.items()})
        self.ready({"credentials.permission_granted": 1}).child.kill()

    def test_expiry(self):
        self.key(tradingAuthorityExpirationTime=self.in_days(2.5))
        self.refused_start("ends in 2 days, which is less than credentials.min_validity (3d): renew it")
        daemon = self.ready({"credentials.key_expires": 1}, **{"credentials.min_validity": "1d"})
        self.key(tradingAuthorityExpirationTime=self.in_days(0.5))
        self.await_events(daemon, {"credentials.permission_refused": 1})

    def test_age(self):
        self.key(createTime=self.in_days(-100))
        self.ready({"credentials.key_old": 2}).child.kill()
        self.refused_start("it is 100 days old, and credentials.refuse_after is 95d: replace it",
                           **{"credentials.refuse_after": "95d"})
        self.ready({}, **{"credentials.rotate_after": "101d", "credentials.refuse_after": "101d"})

    def test_a_key_of_a_main_account_is_warned_of(self):
        self.key(enableInternalTransfer=True)
        self.ready({"credentials.main_account": 1})

    def test_without_sapi_it_goes_on_outside_production_only(self):
        account = self.exchange.account
        secret = pathlib.Path(account["private_key_path"]).read_text(encoding="utf-8")
        for environment in ("testnet", "production"):
            self.vault.add(environment, account["key_type"], account["api_key"], secret, environment=environment)
        daemon = self.ready({"credentials.permission_unavailable": 1},
                            **{"exchange.environment": "testnet", "credentials.label": "testnet"})
        daemon.child.kill()
        self.assertEqual(self.looks(), 0, "not asked")
        self.exchange.fault(kind="error_before", route="apiRestrictions", status=404, html=True, count=-1)
        other = self.start_daemon(self.overrides | {"exchange.environment": "production", "exchange.live": "true",
                                                    "credentials.label": "production"})
        self.assertNotEqual(other.child.wait(session_support.READY_S), 0)
        self.assertEqual([event["fields"]["step"] for event in other.events.read() if event["event"] == "daemon.start_failed"],
                         ["permissions"])


if __name__ == "__main__":
    unittest.main()
