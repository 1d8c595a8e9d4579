"""Another key while the service trades: added, taken at a reload, the one before revoked and retired; no order is lost or doubled."""

import pathlib
import shutil
import signal
import unittest

import session_support
import vigil_session


def secret_of(key: dict) -> str:
    return key.get("secret") or pathlib.Path(key["private_key_path"]).read_text(encoding="utf-8")


class KeyChange(session_support.AccountedTest):
    def begin(self, key_types: str, *arguments):
        self.exchange = vigil_session.Exchange(session_support.BIN_DIR, self.folder / "exchange", "--seed", "11", *arguments,
                                               key_type=key_types)
        self.addCleanup(self.exchange.child.kill)
        self.vault = self.make_vault(self.exchange)
        self.second = self.exchange.account["more_keys"][0]
        self.add("second", self.second)
        # The label is the file's business, so that a reload can change it.
        shutil.copytree(session_support.DEMO_CONFIG.parent, self.folder / "config")
        self.config = self.folder / "config" / session_support.DEMO_CONFIG.name
        self.overrides = vigil_session.overrides(self.exchange, self.vault)
        del self.overrides["credentials.label"]
        self.daemon = self.start_daemon(self.overrides, self.config)
        self.await_events(self.daemon, {"daemon.ready": 1}, session_support.READY_S)
        self.label = self.exchange.LABEL

    def add(self, label: str, key: dict, **changes):
        key = key | changes
        self.vault.add(label, key["key_type"], key["api_key"], secret_of(key))

    def reload(self, label: str):
        text = self.config.read_text(encoding="utf-8")
        self.assertIn(f"label: {self.label}\n", text)
        self.config.write_text(text.replace(f"label: {self.label}\n", f"label: {label}\n"), encoding="utf-8")
        self.label = label
        self.daemon.child.send(signal.SIGHUP)

    def placed(self) -> int:
        return len(self.exchange.account_status()["accepted_by_client_order_id"])

    def await_orders(self, more: int):
        before = self.placed()
        vigil_session.wait_until(lambda: self.placed() >= before + more, session_support.PROGRESS_S, f"{more} more orders",
                                 self.daemon.child)

    def revoke(self, key: dict):
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL, api_key=key["api_key"], revoked=True))

    def change_key(self):
        self.await_orders(1)
        # Answers are late: some are still to come, under the key before, when the other one is taken.
        late = self.exchange.fault(kind="delay", route="order.place", delay_ms=1000, count=-1)
        self.await_orders(1)
        self.reload("second")
        self.await_events(self.daemon, {"credentials.key_changed": 1})
        self.exchange.admin(f"/faults?id={late['id']}", method="DELETE")
        self.await_events(self.daemon, {"credentials.key_released": 1})
        self.revoke(self.exchange.account)
        self.vault.command("retire", self.exchange.LABEL)
        self.await_orders(3)
        seen = self.await_events(self.daemon, {})
        self.assertNotIn("exchange.session_lost", seen)
        errors = self.exchange.admin("/status")["errors"]
        self.assertEqual({code: number for code, number in errors.items() if code in ("-1022", "-2014", "-2015")}, {},
                         "the key before was used after it was let go of")
        self.stop_and_compare(self.daemon)

    def test_between_ed25519_keys(self):
        self.begin("ed25519+ed25519")
        self.change_key()

    def test_from_hmac_to_ed25519(self):
        self.begin("hmac+ed25519")
        self.change_key()

    def test_what_is_not_fit_is_not_taken_and_the_key_before_goes_on(self):
        self.begin("ed25519+hmac", "--account", "other:hmac:USDT=20000")
        other = next(account for account in self.exchange.ready["accounts"] if account["label"] == "other")
        self.add("stranger", other)
        self.add("wrong", self.second, secret="s" * 64)
        self.add("old", self.second)
        self.vault.command("retire", "old")
        restrict = dict(account=self.exchange.LABEL, api_key=self.second["api_key"])
        for label, reason in (("stranger", "belongs to another account"), ("wrong", "-1022"), ("old", "was retired"),
                              ("nobody", "there is no key with label"), ("second", "withdrawals are enabled")):
            self.exchange.admin("/key", method="POST", members=restrict | {"enableWithdrawals": label == "second"})
            self.refuse(label, reason)
        self.exchange.admin("/key", method="POST", members=restrict | {"enableWithdrawals": False})
        self.vault.path.chmod(0o644)
        self.refuse("second", "mode")
        self.vault.path.chmod(0o600)
        self.await_orders(2)
        self.assertEqual(self.exchange.admin("/status")["connections"]["ws_api"], 1, "the connection was left alone")
        self.daemon.child.send(signal.SIGHUP)  # with all of it mended
        self.await_events(self.daemon, {"credentials.key_changed": 1, "credentials.key_released": 1})
        self.await_orders(1)
        self.exchange.pause_market()
        self.assertEqual(self.daemon.child.stop(), 0, self.daemon.child.tail())

    def test_a_stop_does_not_wait_for_a_reload_that_waits(self):
        self.begin("ed25519+hmac")
        self.await_orders(1)
        self.exchange.fault(kind="delay", route="apiRestrictions", delay_ms=20_000, count=-1)

        def asked() -> int:
            return self.exchange.admin("/status")["requests"]["apiRestrictions"]["rest"]

        before = asked()
        self.reload("second")
        vigil_session.wait_until(lambda: asked() > before, session_support.PROGRESS_S, "the new key is tried", self.daemon.child)
        self.daemon.child.send(signal.SIGHUP)  # kept for later, and later is never
        self.exchange.pause_market()
        self.assertEqual(self.daemon.child.stop(), 0, self.daemon.child.tail())
        seen = self.await_events(self.daemon, {"credentials.key_change_refused": 1, "daemon.stopped": 1})
        self.assertNotIn("credentials.key_changed", seen)
        self.assertEqual(set(self.exchange.account_status()["accepted_by_client_order_id"].values()), {1})

    def refuse(self, label: str, reason: str):
        self.reload(label)
        found = []

        def refused():
            found.extend(event for event in self.daemon.events.read() if event["event"] in (
                "credentials.key_change_refused", "credentials.key_changed"))
            return found

        vigil_session.wait_until(refused, session_support.PROGRESS_S, f"key {label} is refused", self.daemon.child)
        self.assertEqual(found[0]["event"], "credentials.key_change_refused", found)
        self.assertIn(reason, found[0]["fields"]["reason"])
        self.assertEqual(found[0]["fields"]["label"], self.exchange.LABEL)


if __name__ == "__main__":
    unittest.main()
