"""A service whose key can be changed while it trades: an exchange that knows two keys of the account, a configuration whose label
can be rewritten."""

import pathlib
import shutil
import signal

import session_support
import vigil_session


def secret_of(key: dict) -> str:
    return key.get("secret") or pathlib.Path(key["private_key_path"]).read_text(encoding="utf-8")


class KeyChangeTest(session_support.AccountedTest):
    """self.daemon signs with self.label; self.second is the other key, which the vault has as "second"."""

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
