"""A service that is started by hand asks for the passphrase at its terminal, and nowhere else."""

import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import memory_test
import session_support
import terminal
import vigil_session

PASSPHRASE = "a passphrase of this test"


class PassphrasePrompt(session_support.AccountedTest):
    def begin(self):
        self.exchange = self.start_exchange("--seed", "11")
        self.vault = self.make_vault(self.exchange)
        vigilctl = session_support.BIN_DIR / "vigilctl"
        # The vault of the other tests knows a machine key only: another one beside it.
        self.path = self.folder / "prompted.vault"
        account = self.exchange.account
        secret = pathlib.Path(account["private_key_path"]).read_text(encoding="utf-8")
        vigil_session.run("create", [vigilctl, "vault", "create", self.path], stdin=PASSPHRASE + "\n")
        vigil_session.run("add", [vigilctl, "vault", "add", self.path, account["label"], "--type", account["key_type"],
                                  "--api-key", account["api_key"]], stdin=f"{PASSPHRASE}\n{secret}")
        self.overrides = vigil_session.overrides(self.exchange, self.vault) | {
            "credentials.vault": self.path, "credentials.machine_key_file": "", "credentials.passphrase_prompt": "true"}

    def start_at_terminal(self, config: pathlib.Path = session_support.DEMO_CONFIG) -> tuple:
        at = terminal.Terminal()
        self.addCleanup(at.close)
        before = at.modes()
        daemon = self.start_daemon(self.overrides, config, stdin=at.fd)
        at.read_until(f"Passphrase of {self.path}: ")
        self.assertFalse(at.echoes())
        return at, before, daemon

    def expect_end(self, daemon: vigil_session.Daemon, status: int, event: str, *words: str):
        self.assertEqual(daemon.child.wait(session_support.READY_S), status, daemon.child.tail())
        told = [each for each in daemon.events.read() if each["event"] == event]
        self.assertEqual(len(told), 1, daemon.child.tail())
        for word in words:
            self.assertIn(word, told[0]["fields"]["reason"])

    def expect_untouched(self):
        self.assertEqual(self.exchange.account_status()["accepted_by_client_order_id"], {})

    def test_the_right_one_trades_and_a_reload_goes_on_with_the_key(self):
        self.begin()
        shutil.copytree(session_support.DEMO_CONFIG.parent, self.folder / "config")
        at, before, daemon = self.start_at_terminal(self.folder / "config" / session_support.DEMO_CONFIG.name)
        at.type(PASSPHRASE + "\n")
        self.await_events(daemon, {"daemon.ready": 1, "order.accepted": 1})
        self.assertEqual(at.modes(), before)
        self.assertNotIn(PASSPHRASE, at.drain() + daemon.child.output.read_text(encoding="utf-8"))
        if memory_test.is_readable(daemon.child.pid):
            self.assertEqual(memory_test.copies(daemon.child.pid, PASSPHRASE.encode()), (0, 0), "wiped once it has opened the vault")
        daemon.child.send(signal.SIGHUP)
        found = []

        def refused():
            found.extend(event for event in daemon.events.read() if event["event"] == "credentials.key_change_refused")
            return found

        vigil_session.wait_until(refused, session_support.PROGRESS_S, "the reload is answered", daemon.child)
        self.assertIn("is not kept", found[0]["fields"]["reason"])
        self.assertIn("restart the service", found[0]["fields"]["reason"])
        self.assertEqual(at.drain().count("Passphrase"), 1, "asked at the start, and never again")
        placed = len(self.exchange.account_status()["accepted_by_client_order_id"])
        vigil_session.wait_until(lambda: len(self.exchange.account_status()["accepted_by_client_order_id"]) > placed,
                                 session_support.PROGRESS_S, "the key before goes on", daemon.child)
        self.stop_and_compare(daemon, errors=1)  # the reload

    def test_a_wrong_one(self):
        self.begin()
        at, before, daemon = self.start_at_terminal()
        at.type("not " + PASSPHRASE + "\n")
        self.expect_end(daemon, os.EX_NOPERM, "credentials.vault_refused", "passphrase")
        self.assertEqual(at.modes(), before)
        self.expect_untouched()

    def test_without_a_terminal(self):
        self.begin()
        read, write = os.pipe()
        os.write(write, (PASSPHRASE + "\n").encode())
        os.close(write)
        self.addCleanup(os.close, read)
        for stdin in (subprocess.DEVNULL, read):  # not even when the right one comes through a pipe
            daemon = self.start_daemon(self.overrides, stdin=stdin)
            self.expect_end(daemon, os.EX_CONFIG, "credentials.vault_refused", "standard input is none", "machine_key_credential",
                            "passphrase_credential", "passphrase_file")
        self.expect_untouched()

    def test_what_ends_the_question(self):
        self.begin()
        at, before, daemon = self.start_at_terminal()
        at.type("\x04")
        self.expect_end(daemon, os.EX_NOINPUT, "credentials.vault_refused", "ended before a secret came")
        self.assertEqual(at.modes(), before)
        for end in ("\x03", "half of it\x03", signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(end):
                at, before, daemon = self.start_at_terminal()
                if isinstance(end, str):
                    at.type(end)
                else:
                    daemon.child.send(end)
                self.expect_end(daemon, 0, "daemon.stopped", "stopped while starting")
                self.assertEqual(at.modes(), before)
        self.expect_untouched()

    def test_the_tools_that_need_the_key_ask_too_and_once(self):
        self.begin()
        for words in (["preflight"], ["diagnose", "signature"]):
            with self.subTest(words):
                at = terminal.Terminal()
                self.addCleanup(at.close)
                command = [session_support.BIN_DIR / "vigilctl", *words, "--config", session_support.DEMO_CONFIG, "--state",
                           self.state]
                for key, value in self.overrides.items():
                    command += ["--set", f"{key}={value}"]
                tool = vigil_session.Child("vigilctl", command, self.folder / "vigilctl.log", stdin=at.fd)
                self.addCleanup(tool.kill)
                at.read_until(f"Passphrase of {self.path}: ")
                at.type(PASSPHRASE + "\n")
                self.assertEqual(tool.wait(session_support.PROGRESS_S), 0, tool.tail(30))
                self.assertEqual(at.drain().count("Passphrase"), 1)


if __name__ == "__main__":
    unittest.main()
