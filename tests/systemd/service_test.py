"""The installed service under a real systemd: installed as docs/operating.md says, and trading against vigil-exchange.

Boots a small Debian in a container (booted_machine.py) and drives one story through it, in the order of the methods' names.
Skipped (77) where the container's tools are missing; see docs/development.md.
"""

import json
import os
import pathlib
import re
import secrets
import sys
import unittest

import booted_machine
import machine_image

ROOT = machine_image.ROOT
BIN_DIR = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", ROOT / "build/release/bin"))
CREDENTIAL = "/etc/vigil/vault-machine-key.cred"
VAULT = "/var/lib/vigil/keys.vault"
MACHINE_KEY = "/var/lib/vigil/machine.key"
EXIT_CREDENTIALS = 243
READY_S = 60


def documented_install() -> str:
    """The commands of "1. Install" but for building, which is done; the programs are in /programs, the project in /src."""
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    section = re.search(r"(?ms)^## 1\. Install$.*?^```sh check\n(.*?)^```", text).group(1)
    lines = [line for line in section.splitlines() if not line.startswith(("deploy/install-build-deps", "cmake "))]
    assert len(lines) > 10, section
    return "cd /src\n" + "\n".join(lines).replace("build/release/bin/", "/programs/") + "\n"


class Service(unittest.TestCase):
    machine: booted_machine.Machine
    passphrase: str

    @classmethod
    def setUpClass(cls):
        cls.passphrase = secrets.token_urlsafe(24) + "\n"
        cls.machine = booted_machine.Machine({"/src": ROOT, "/programs": BIN_DIR})
        cls.addClassCleanup(cls.machine.stop)

    def show(self, name: str) -> str:
        return self.machine.run("systemctl", "show", "--value", "-p", name, "vigild").strip()

    def journal(self, *matches: str) -> list:
        lines = self.machine.run("journalctl", "-u", "vigild", "-o", "json", "--no-pager", *matches).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def await_active(self, restarts: int, deadline_s: float = READY_S):
        booted_machine.wait_for(lambda: (self.show("NRestarts"), self.show("ActiveState")) == (str(restarts), "active"),
                                deadline_s, f"active after {restarts} restarts; {self.why()}")

    def why(self) -> str:
        return self.machine.run("journalctl", "-u", "vigild", "-n", "15", "--no-pager", check=False)[-3000:]

    def start(self):
        try:
            self.machine.run("systemctl", "start", "vigild")
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{self.why()}") from None

    def main_pid(self) -> int:
        return int(self.show("MainPID"))

    def test_1_installed_it_is_disabled_and_inactive(self):
        self.machine.shell(documented_install())
        self.assertRegex(self.machine.run("getent", "passwd", "vigil"), r"^vigil:.*:/usr/sbin/nologin\n$")
        self.assertEqual(self.machine.run("systemctl", "is-enabled", "vigild", check=False).strip(), "disabled")
        self.assertEqual(self.machine.run("systemctl", "is-active", "vigild", check=False).strip(), "inactive")
        self.assertEqual(self.machine.run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "vigild*").strip(), "")
        self.assertEqual(self.machine.run("stat", "-c", "%a %U %G", "/etc/vigil").strip(), "750 root vigil")

    def test_2_without_its_credential_it_fails_once(self):
        self.assertIn("failed", self.machine.run("systemctl", "start", "vigild", check=False))
        self.assertEqual((self.show("ExecMainStatus"), self.show("NRestarts")), (str(EXIT_CREDENTIALS), "0"))
        # Longer than RestartSec: it stays as it is.
        self.machine.run("sleep", "5")
        self.assertEqual((self.show("ActiveState"), self.show("NRestarts")), ("failed", "0"))

    def set_up_trading(self):
        """An exchange on the machine's loopback, the vault and the credential as "3. The vault" makes them."""
        machine = self.machine
        machine.run("install", "-d", "-m", "0755", "/srv/exchange")
        machine.run("systemd-run", "--quiet", "--unit=exchange", "--property=WorkingDirectory=/srv/exchange",
                    "vigil-exchange", "--ready-file", "/srv/exchange/ready.json", "--speed", "10", "--symbols", "BTCUSDT",
                    "--maker-fee", "0.0001", "--taker-fee", "0.0001", "--account", "demo:ed25519:USDT=20000,BTC=0.1")
        # Before it is there, what comes is cat's complaint.
        text = booted_machine.wait_for(lambda: re.search(r"\{.*", machine.run("cat", "/srv/exchange/ready.json", check=False),
                                                         re.DOTALL), READY_S, "the exchange listens")
        ready = json.loads(text[0])
        account, = ready["accounts"]
        as_vigil = ["runuser", "-u", "vigil", "--", "vigilctl", "vault"]
        machine.run("install", "-d", "-m", "0700", "-o", "vigil", "-g", "vigil", "/var/lib/vigil")
        machine.run(*as_vigil, "create", VAULT, "--machine-key", MACHINE_KEY, stdin=self.passphrase)
        machine.run(*as_vigil, "add", VAULT, "demo", "--machine-key", MACHINE_KEY, "--type", "ed25519", "--environment",
                    "simulator", "--api-key", account["api_key"], stdin=machine.read(account["private_key_path"]))
        machine.run("systemd-creds", "encrypt", "--name=vault-machine-key", MACHINE_KEY, CREDENTIAL)
        machine.run("shred", "--remove", MACHINE_KEY)
        machine.run("install", "-m", "0644", ready["ca"], "/etc/vigil/exchange-ca.pem")
        config = (ROOT / "config/demo/vigild.yaml").read_text(encoding="utf-8")
        for old, new in ((r"(?m)^  environment: simulator$",
                          f"  environment: simulator\n  rest_url: {ready['rest']}\n  stream_url: {ready['stream']}\n"
                          f"  ws_api_url: {ready['ws_api']}\n  ca_file: /etc/vigil/exchange-ca.pem"),
                         (r"(?m)^  vault: .*$", f"  vault: {VAULT}"),
                         (r"(?m)^  machine_key_file: .*$", "  machine_key_credential: vault-machine-key"),
                         (r"(?m)^state_dir: .*$", "state_dir: /var/lib/vigil")):
            config, changes = re.subn(old, new, config)
            self.assertEqual(changes, 1, old)
        machine.write("/etc/vigil/vigild.yaml", config)
        machine.shell("install -m 0640 -g vigil /src/config/demo/strategies/*.yaml /etc/vigil/strategies/\n"
                      "chgrp vigil /etc/vigil/exchange-ca.pem")

    def test_3_with_it_it_trades(self):
        self.set_up_trading()
        self.machine.run("systemctl", "reset-failed", "vigild")
        self.start()
        self.assertEqual((self.show("ActiveState"), self.show("SubState")), ("active", "running"))
        booted_machine.wait_for(lambda: self.journal("VIGIL_EVENT=order.filled"), READY_S, "a fill")
        booted_machine.wait_for(lambda: re.search(r"\d+ open orders, \d+ fills", self.show("StatusText")), READY_S,
                                "figures in the status")

    def test_4_it_runs_inside_its_sandbox(self):
        status = self.machine.read(f"/proc/{self.main_pid()}/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        self.assertEqual(fields["Seccomp"].strip(), "2")
        self.assertEqual(fields["NoNewPrivs"].strip(), "1")
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(fields[capabilities], 16), 0, capabilities)
        uid = self.machine.run("id", "-u", "vigil").strip()
        self.assertEqual(set(fields["Uid"].split()), {uid})
        self.assertEqual(self.machine.run("systemd-analyze", "verify", "--man=no", "vigild.service"), "")

    def test_4b_an_operator_asks_and_halts(self):
        """Over the socket in its RuntimeDirectory, from outside its user namespace."""
        def level():
            return json.loads(self.machine.run("vigilctl", "status", "--json"))["trading"]["ladder"]["level"]
        self.assertEqual(level(), "normal")
        self.machine.run("vigilctl", "halt", "--reason", "a test")
        self.assertEqual(level(), "halt")
        self.machine.run("vigilctl", "resume", "--reason", "it was a test")
        self.assertEqual(level(), "normal")

    def test_5_its_events_are_journal_fields_with_a_catalog(self):
        ready = self.journal("VIGIL_EVENT=daemon.ready")[-1]
        self.assertRegex(ready["MESSAGE_ID"], r"^[0-9a-f]{32}$")
        self.assertEqual(ready["VIGIL_ENVIRONMENT"], "simulator")
        self.assertEqual(ready["SYSLOG_IDENTIFIER"], "vigild")
        placed = self.journal("VIGIL_EVENT=order.placed", "VIGIL_SYMBOL=BTCUSDT")
        self.assertTrue(placed[0]["VIGIL_CLIENT_ORDER_ID"])
        explained = self.machine.run("journalctl", "-x", "--no-pager", "-u", "vigild", "VIGIL_EVENT=daemon.ready")
        self.assertIn("Subject: Vigil: daemon.ready", explained)
        self.assertIn("file:///usr/share/doc/vigil/events.md", explained)

    def test_6_a_reload_checks_the_configuration(self):
        self.machine.run("systemctl", "kill", "-s", "HUP", "vigild")
        booted_machine.wait_for(lambda: self.journal("VIGIL_EVENT=daemon.reload_checked"), READY_S, "the check")
        self.assertEqual(self.show("ActiveState"), "active")

    def test_7_killed_or_hung_it_comes_back(self):
        killed = self.main_pid()
        self.machine.run("systemctl", "kill", "--kill-whom=main", "-s", "KILL", "vigild")
        self.await_active(1)
        back = self.main_pid()
        self.assertNotEqual(back, killed)
        # A stopped process beats no more: the watchdog's time, the abort, RestartSec and a start.
        self.machine.run("systemctl", "kill", "--kill-whom=main", "-s", "STOP", "vigild")
        self.await_active(2)
        self.assertNotEqual(self.main_pid(), back)
        self.assertIn("Watchdog timeout", self.machine.run("journalctl", "-u", "vigild", "--no-pager"))

    def test_8_stopped_it_leaves_no_order_and_a_summary(self):
        self.machine.run("systemctl", "stop", "vigild")
        self.assertEqual((self.show("ActiveState"), self.show("Result"), self.show("ExecMainStatus")),
                         ("inactive", "success", "0"), self.why())
        summary = json.loads(self.machine.read("/var/lib/vigil/summary.json"))
        self.assertEqual((summary["reconciled"], summary["balances_agree"], summary["open_orders"]), (True, True, 0))
        self.assertEqual(self.journal("VIGIL_EVENT=daemon.stopped")[-1]["VIGIL_EXIT_STATUS"], "0")

    def test_8b_a_passphrase_opens_it_too(self):
        """It takes much more memory than everything else that the service does."""
        machine = self.machine
        machine.write("/etc/vigil/passphrase", self.passphrase)
        machine.run("systemd-creds", "encrypt", "--name=vault-passphrase", "/etc/vigil/passphrase", "/etc/vigil/vault-passphrase.cred")
        machine.run("shred", "--remove", "/etc/vigil/passphrase")
        machine.run("install", "-d", "/etc/systemd/system/vigild.service.d")
        machine.write("/etc/systemd/system/vigild.service.d/passphrase.conf",
                      "[Service]\nLoadCredentialEncrypted=vault-passphrase:/etc/vigil/vault-passphrase.cred\n")
        config = machine.read("/etc/vigil/vigild.yaml")
        machine.write("/etc/vigil/vigild.yaml",
                      config.replace("machine_key_credential: vault-machine-key", "passphrase_credential: vault-passphrase"))
        machine.run("systemctl", "daemon-reload")
        self.start()
        self.assertEqual((self.show("ActiveState"), self.show("NRestarts")), ("active", "0"))
        machine.run("systemctl", "stop", "vigild")
        machine.write("/etc/vigil/vigild.yaml", config)

    def test_9_a_wrong_configuration_is_not_tried_again(self):
        config = self.machine.read("/etc/vigil/vigild.yaml")
        self.machine.write("/etc/vigil/vigild.yaml", config + "\nno_such_key: 1\n")
        self.machine.run("systemctl", "start", "vigild", check=False)
        self.assertEqual(self.show("ExecMainStatus"), str(os.EX_CONFIG))
        self.machine.run("sleep", "5")
        self.assertEqual((self.show("ActiveState"), self.show("NRestarts")), ("failed", "0"))


if __name__ == "__main__":
    try:
        machine_image.need("systemd-nspawn", "nsenter", "mmdebstrap")
    except machine_image.Unavailable as missing:
        print(missing)
        sys.exit(77)
    unittest.main(failfast=True)
