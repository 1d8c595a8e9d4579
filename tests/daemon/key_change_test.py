"""Another key while the service trades: added, taken at a reload, the one before revoked and retired; no order is lost or doubled."""

import signal
import subprocess
import unittest

import key_change_support
import session_support
import vigil_session


class KeyChange(key_change_support.KeyChangeTest):
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

    def expect_no_room(self, why: str):
        self.add("third", self.second)  # another generation, which is to be remembered before it is used
        before = (self.state / "vaults").read_bytes()
        self.refuse("third", f"writing {self.state}/vaults: {why}")
        self.assertEqual((self.state / "vaults").read_bytes(), before)
        self.await_orders(1)

    def test_a_generation_that_cannot_be_remembered_is_not_used(self):
        self.begin("ed25519+hmac")
        full = self.state / "vaults.new"
        full.mkdir()
        self.expect_no_room("open: Is a directory")
        full.rmdir()
        full.touch()
        if subprocess.run(["mount", "--bind", "/dev/full", full], capture_output=True, check=False).returncode == 0:
            unmount = ["umount", "-l", full]
            self.addCleanup(subprocess.run, unmount, capture_output=True, check=False)
            self.vault.command("remove", "third")
            self.expect_no_room("write: No space left on device")
            subprocess.run(unmount, check=True)
        self.daemon.child.send(signal.SIGHUP)
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


if __name__ == "__main__":
    unittest.main()
