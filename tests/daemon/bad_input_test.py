"""What an operator may get wrong: one clear line each, the right exit status, and nothing half-done."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

import session_support
import vigil_session

REFUSED_S = 30


def complaints(text: str) -> list:
    """What a person has to read: lines that are no log records, and records of severity error or critical.
    daemon.start_failed says once more, with the exit status, what an event with a remedy of its own has said before it."""
    found = []
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            found.append(line)
            continue
        if record["event"] == "daemon.start_failed" and found:
            continue
        if record["severity"] in ("error", "critical"):
            found.append(record["message"])
    return found


class BadInput(session_support.SessionTest):
    def config_copy(self) -> pathlib.Path:
        """A private copy of config/demo, to be broken."""
        copy = self.folder / "config"
        shutil.copytree(session_support.DEMO_CONFIG.parent, copy)
        return copy / session_support.DEMO_CONFIG.name

    def expect_refusal(self, overrides: dict, status: int, *words: str, config=session_support.DEMO_CONFIG):
        daemon = self.start_daemon(overrides, config)
        self.assertEqual(daemon.child.wait(REFUSED_S), status, daemon.child.tail())
        lines = complaints(daemon.child.output.read_text(encoding="utf-8"))
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertFalse((self.state / "summary.json").exists())

    def session(self) -> tuple:
        exchange = self.start_exchange()
        vault = self.make_vault(exchange)
        return exchange, vault, vigil_session.overrides(exchange, vault)

    def expect_untouched(self, exchange: vigil_session.Exchange):
        account = exchange.account_status()
        self.assertEqual((account["accepted_by_client_order_id"], account["open_orders"]), ({}, 0))

    def test_yaml_that_cannot_be_read(self):
        config = self.config_copy()
        config.write_text(config.read_text(encoding="utf-8") + "\nrisk: [unclosed\n", encoding="utf-8")
        self.expect_refusal({}, os.EX_CONFIG, config.name + ":", config=config)
        self.assertFalse(self.state.exists())

    def test_unknown_key_names_the_nearest_right_one(self):
        config = self.config_copy()
        text = config.read_text(encoding="utf-8")
        self.assertIn("\nexchange:", "\n" + text)
        config.write_text(("\n" + text).replace("\nexchange:", "\nexchagne:", 1), encoding="utf-8")
        daemon = self.start_daemon({}, config)
        self.assertEqual(daemon.child.wait(REFUSED_S), os.EX_CONFIG)
        output = daemon.child.output.read_text(encoding="utf-8")
        self.assertIn("exchagne", output)
        self.assertRegex(output, r"vigild\.yaml:\d+:\d+")
        self.assertFalse(self.state.exists())

    def test_configuration_that_does_not_exist(self):
        self.expect_refusal({}, os.EX_NOINPUT, "nowhere.yaml", config=self.folder / "nowhere.yaml")
        self.assertFalse(self.state.exists())

    def test_wrong_passphrase(self):
        exchange, vault, overrides = self.session()
        wrong = self.folder / "passphrase"
        wrong.touch(mode=0o600)
        wrong.write_text("not the passphrase of this vault\n", encoding="utf-8")
        overrides |= {"credentials.machine_key_file": "", "credentials.passphrase_file": wrong}
        self.expect_refusal(overrides, os.EX_NOPERM, str(vault.path))
        self.expect_untouched(exchange)

    def test_passphrase_whose_file_is_wrong(self):
        _, vault, overrides = self.session()
        # Names that redaction looks for; the reason is told all the same.
        for name, words in (("vault-passphrase", "has mode 0644"), ("passphrase_file", "No such file or directory")):
            path = self.folder / name
            if "mode" in words:
                path.write_text("a passphrase long enough\n", encoding="utf-8")
                path.chmod(0o644)
            self.expect_refusal(overrides | {"credentials.machine_key_file": "", "credentials.passphrase_file": path},
                                os.EX_NOPERM if "mode" in words else os.EX_NOINPUT, str(vault.path), f"{path}: {words}")

    def test_wrong_machine_key(self):
        exchange, vault, overrides = self.session()
        vault.machine_key.chmod(0o600)
        vault.machine_key.write_bytes(os.urandom(32))
        self.expect_refusal(overrides, os.EX_NOPERM, str(vault.path))
        self.expect_untouched(exchange)

    def test_vault_that_others_may_read(self):
        exchange, vault, overrides = self.session()
        vault.path.chmod(0o644)
        self.expect_refusal(overrides, os.EX_NOPERM, str(vault.path), "0644")
        self.expect_untouched(exchange)

    def test_damaged_vault(self):
        exchange, vault, overrides = self.session()
        data = bytearray(vault.path.read_bytes())
        data[len(data) // 2] ^= 1
        vault.path.write_bytes(data)
        self.expect_refusal(overrides, os.EX_DATAERR, str(vault.path))
        self.expect_untouched(exchange)

    def odd_files(self, name: int, good: bytes, largest: int) -> list:
        """Paths that are not what they should be: (path, words of the complaint)."""
        folder = self.folder / f"odd{name}"
        folder.mkdir()
        real, link, empty, large, noise = (folder / kind for kind in ("real", "link", "empty", "large", "noise"))
        for path, content in ((real, good), (empty, b""), (large, bytes(largest + 1)), (noise, b"\xff\xfe" * 100)):
            path.write_bytes(content)
            path.chmod(0o600)
        link.symlink_to(real)
        odd = [(link, "symbolic link"), (folder, "not a regular file"), (pathlib.Path("/dev/zero"), "not a regular file"),
               (empty, ""), (large, ""), (noise, ""), (folder / "nowhere", "nowhere")]
        if os.geteuid() == 0:
            foreign = folder / "foreign"
            shutil.copy(real, foreign)
            foreign.chmod(0o600)
            os.chown(foreign, 65534, 65534)
            odd.append((foreign, "owned by user 65534"))
        return odd

    def test_vault_and_credential_that_are_not_what_they_should_be(self):
        exchange, vault, overrides = self.session()
        passphrase = b"a passphrase long enough\n"
        cases = [("credentials.vault", vault.path.read_bytes(), 100_000, {}),
                 ("credentials.machine_key_file", vault.machine_key.read_bytes(), 32, {}),
                 ("credentials.passphrase_file", passphrase, 100_000, {"credentials.machine_key_file": ""})]
        for key, good, largest, without in cases:
            for path, words in self.odd_files(len(key), good, largest):
                with self.subTest(key, path=path):
                    daemon = self.start_daemon(overrides | without | {key: path})
                    self.assertIn(daemon.child.wait(REFUSED_S), (os.EX_DATAERR, os.EX_NOINPUT, os.EX_NOPERM, os.EX_CONFIG))
                    lines = complaints(daemon.child.output.read_text(encoding="utf-8"))
                    self.assertEqual(len(lines), 1, lines)
                    # Any line may be a passphrase, so that one is found not to open the vault.
                    is_tried = "passphrase" in key and path.name == "noise"
                    self.assertIn("does not open with a passphrase" if is_tried else str(path), lines[0])
                    self.assertIn(words, lines[0])
        self.expect_untouched(exchange)

    def test_label_that_is_none(self):
        exchange, _, overrides = self.session()
        for label, status in (("", os.EX_CONFIG), ("x" * 5000, os.EX_NOINPUT), ("two words", os.EX_NOINPUT)):
            with self.subTest(label=label[:10]):
                self.expect_refusal(overrides | {"credentials.label": label}, status, "label")
        config = self.config_copy()
        config.write_bytes(config.read_bytes().replace(b"label: demo", b"label: \xff\xfe"))
        del overrides["credentials.label"]
        self.expect_refusal(overrides, os.EX_NOINPUT, 'label "\\xff\\xfe"', config=config)
        self.expect_untouched(exchange)

    def test_older_vault_that_was_put_back(self):
        exchange, vault, overrides = self.session()
        older = vault.path.read_bytes()
        vigil_session.run("vigilctl vault remove", [session_support.BIN_DIR / "vigilctl", "vault", "remove", vault.path,
                                                    vault.label, "--machine-key", vault.machine_key])
        # The newest one has no such key any more: it is opened, remembered, and the start ends there.
        self.expect_refusal(overrides, os.EX_NOINPUT, str(vault.path), "no key with label")
        seen = self.state / "vaults"
        self.assertEqual(seen.stat().st_mode & 0o7777, 0o600)
        vault.path.write_bytes(older)
        self.expect_refusal(overrides, os.EX_NOPERM, str(vault.path), "older copy", "generation 2", "generation 3")
        # A damaged record is no leave to forget; deleting it is the operator's word.
        seen.write_bytes(seen.read_bytes()[:-1])
        self.expect_refusal(overrides, os.EX_DATAERR, str(seen), "damaged")
        self.expect_untouched(exchange)
        seen.unlink()
        daemon = self.start_daemon(overrides)
        self.await_events(daemon, {"credentials.vault_opened": 1})
        self.assertEqual(daemon.child.stop(), 0)

    def test_vault_whose_generation_cannot_be_remembered(self):
        exchange, vault, overrides = self.session()
        self.state.mkdir(mode=0o700)
        full = self.state / "vaults.new"
        full.touch()
        if subprocess.run(["mount", "--bind", "/dev/full", full], capture_output=True, check=False).returncode:
            self.skipTest("nothing may be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", full], check=True)
        self.expect_refusal(overrides, os.EX_TEMPFAIL, str(vault.path), "No space left on device")
        self.assertFalse((self.state / "vaults").exists())
        self.expect_untouched(exchange)

    def test_exchange_that_cannot_be_reached(self):
        exchange, _, overrides = self.session()
        # The exchange takes its authority's certificate away when it ends: a copy, so that only it itself is missing.
        overrides["exchange.ca_file"] = shutil.copy(exchange.ready["ca"], self.folder / "ca.pem")
        exchange.child.stop()
        self.expect_refusal(overrides, os.EX_UNAVAILABLE, "127.0.0.1")

    def test_exchange_whose_certificate_is_not_trusted(self):
        exchange, _, overrides = self.session()
        overrides["exchange.ca_file"] = "/etc/ssl/certs/ca-certificates.crt"
        self.expect_refusal(overrides, os.EX_UNAVAILABLE, "certificate")
        self.expect_untouched(exchange)

    def test_symbol_that_does_not_exist(self):
        exchange, _, overrides = self.session()
        config = self.config_copy()
        changed = 0
        for path in config.parent.rglob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            changed += text.count("symbol: BTCUSDT")
            path.write_text(text.replace("symbol: BTCUSDT", "symbol: BTCNOSUCH", 1), encoding="utf-8")
        self.assertGreater(changed, 0)
        self.expect_refusal(overrides, os.EX_CONFIG, "BTCNOSUCH", config=config)
        self.expect_untouched(exchange)

    def test_production_without_live(self):
        self.expect_refusal({"exchange.environment": "production"}, os.EX_CONFIG, "live")
        self.assertFalse(self.state.exists())


if __name__ == "__main__":
    unittest.main()
