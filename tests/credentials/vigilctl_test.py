"""`vigilctl vault` and `vigilctl config check` as an operator runs them: through pipes, and at a terminal."""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import termios
import time
import unittest

VIGILCTL = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", "build/dev/bin")).resolve() / "vigilctl"
CONFIG = pathlib.Path(os.environ.get("VIGIL_SOURCE_DIR", ".")).resolve() / "config"
PASSPHRASE = "a passphrase of this test"
SECRET = "canarySECRETcanarySECRETcanarySECRETcanarySECRETcanarySECRET1234"
API_KEY = "ApiKeyOfThisTestApiKeyOfThisTestApiKeyOfThisTest"
DEADLINE_S = 30


class Terminal:
    """vigilctl at a terminal of its own."""

    def __init__(self, *arguments):
        self.parent, child = pty.openpty()
        self.screen = ""
        self.child_fd = child
        self.process = subprocess.Popen([VIGILCTL, *arguments], stdin=child, stdout=child, stderr=child,
                                        start_new_session=True)

    def read_until(self, text: str):
        end = time.monotonic() + DEADLINE_S
        while text not in self.screen:
            ready, _, _ = select.select([self.parent], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {text!r} on the screen: {self.screen!r}")
            self.screen += os.read(self.parent, 4096).decode()

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.child_fd)[3] & termios.ECHO)

    def type(self, text: str):
        os.write(self.parent, text.encode())

    def end(self) -> int:
        code = self.process.wait(DEADLINE_S)
        while select.select([self.parent], [], [], 0)[0]:
            self.screen += os.read(self.parent, 4096).decode()
        return code

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.parent)
        os.close(self.child_fd)


class Vigilctl(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigilctl-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.vault = self.folder / "keys.vault"
        self.key = self.folder / "machine.key"

    def run_it(self, *arguments, stdin="", status=0) -> subprocess.CompletedProcess:
        result = subprocess.run([VIGILCTL, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                                timeout=DEADLINE_S, check=False, cwd=self.folder)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        if status:
            self.assertEqual(result.stdout, "")
        return result

    def make_vault(self):
        self.run_it("vault", "create", self.vault, "--machine-key", self.key, "--no-passphrase")

    def terminal(self, *arguments) -> Terminal:
        terminal = Terminal(*map(str, arguments))
        self.addCleanup(terminal.close)
        return terminal

    def test_vault_through_pipes(self):
        self.run_it("vault", "create", self.vault, stdin=PASSPHRASE + "\n")
        self.assertEqual(self.vault.stat().st_mode & 0o7777, 0o600)
        self.run_it("vault", "add", self.vault, "main", "--api-key", API_KEY, "--note", "first",
                    stdin=f"{PASSPHRASE}\n{SECRET}\n")
        self.assertNotIn(SECRET.encode(), self.vault.read_bytes())
        shown = self.run_it("vault", "show", self.vault, "main", stdin=PASSPHRASE + "\n").stdout
        for word in ("main", "simulator", "hmac", "ApiK...Test", "first"):
            self.assertIn(word, shown)
        self.assertNotIn(API_KEY, shown)
        listed = self.run_it("vault", "list", self.vault, stdin=PASSPHRASE + "\n").stdout
        self.assertEqual(len(listed.splitlines()), 2)
        self.assertNotIn(API_KEY, listed)

    def test_machine_key(self):
        self.make_vault()
        self.assertEqual(self.key.stat().st_mode & 0o7777, 0o400)
        self.assertEqual(self.key.stat().st_size, 32)
        pem = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, text=True, check=True)
        self.run_it("vault", "add", self.vault, "ed", "--machine-key", self.key, "--type", "ed25519", "--api-key", API_KEY,
                    "--environment", "testnet", stdin=pem.stdout)
        self.assertIn("testnet", self.run_it("vault", "show", self.vault, "ed", "--machine-key", self.key).stdout)
        self.run_it("vault", "remove", self.vault, "ed", "--machine-key", self.key)
        self.run_it("vault", "show", self.vault, "ed", "--machine-key", self.key, status=os.EX_NOINPUT)

    def test_what_can_go_wrong_has_one_line_and_a_code(self):
        self.make_vault()
        before = self.vault.read_bytes()
        other = self.folder / "other.key"
        other.write_bytes(bytes(32))
        other.chmod(0o400)
        add = ["--machine-key", self.key, "--api-key", API_KEY]
        cases = [
            (["vault", "show", self.folder / "nowhere", "x"], os.EX_NOINPUT, "there is no such vault"),
            (["vault", "show", self.vault, "x", "--machine-key", self.folder / "none"], os.EX_NOINPUT, "none"),
            (["vault", "show", self.vault, "x", "--machine-key", other], os.EX_NOPERM, "does not open this vault"),
            (["vault", "list", self.vault], os.EX_NOINPUT, "standard input ended"),
            (["vault", "create", self.vault], os.EX_CANTCREAT, "exists already"),
            (["vault", "create", self.folder / "v2", "--machine-key", self.key], os.EX_CANTCREAT, "exists already"),
            (["vault", "add", self.vault, "Bad Label", *add], os.EX_DATAERR, "label"),
            (["vault", "add", self.vault, "x", *add, "--type", "rsa"], os.EX_DATAERR, "PEM"),
        ]
        for arguments, status, words in cases:
            with self.subTest(arguments=arguments):
                error = self.run_it(*arguments, stdin="" if status == os.EX_NOINPUT else SECRET, status=status).stderr
                self.assertEqual(len(error.splitlines()), 1, error)
                self.assertIn(words, error)
        self.vault.chmod(0o644)
        error = self.run_it("vault", "list", self.vault, "--machine-key", self.key, status=os.EX_NOPERM).stderr
        self.assertIn("0644", error)
        self.assertEqual(self.vault.read_bytes(), before)
        self.vault.chmod(0o600)
        self.vault.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        self.run_it("vault", "list", self.vault, "--machine-key", self.key, status=os.EX_DATAERR)

    def test_a_failed_creation_leaves_nothing(self):
        self.run_it("vault", "create", self.vault, "--machine-key", self.key, stdin="short\n", status=os.EX_DATAERR)
        self.assertEqual(list(self.folder.iterdir()), [])
        self.run_it("vault", "create", self.folder / "missing/v", "--machine-key", self.key, stdin=PASSPHRASE + "\n",
                    status=os.EX_NOINPUT)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_wrong_usage(self):
        for arguments in ([], ["vault"], ["vault", "create"], ["vault", "add", "v", "l"], ["nonsense"], ["config", "check"],
                          ["vault", "create", "v", "--no-passphrase"],
                          ["vault", "add", "v", "l", "--api-key", "k", "--secret", "s"]):
            with self.subTest(arguments=arguments):
                result = subprocess.run([VIGILCTL, *arguments], capture_output=True, text=True, check=False,
                                                   timeout=DEADLINE_S, cwd=self.folder)
                self.assertEqual(result.returncode, os.EX_USAGE)

    def test_a_terminal_does_not_echo(self):
        terminal = self.terminal("vault", "create", self.vault)
        terminal.read_until("New passphrase: ")
        self.assertFalse(terminal.echoes())
        terminal.type(PASSPHRASE + "\n")
        terminal.read_until("again: ")
        terminal.type(PASSPHRASE + "\n")
        self.assertEqual(terminal.end(), 0, terminal.screen)
        self.assertNotIn(PASSPHRASE, terminal.screen)
        self.assertTrue(terminal.echoes())

        terminal = self.terminal("vault", "add", self.vault, "main", "--api-key", API_KEY)
        terminal.read_until("Passphrase: ")
        terminal.type(PASSPHRASE + "\n")
        terminal.read_until("Secret key: ")
        self.assertFalse(terminal.echoes())
        terminal.type(SECRET + "\n")
        self.assertEqual(terminal.end(), 0, terminal.screen)
        self.assertNotIn(SECRET, terminal.screen)
        self.run_it("vault", "show", self.vault, "main", stdin=PASSPHRASE + "\n")

    def test_a_pem_is_pasted_at_a_terminal(self):
        self.make_vault()
        pem = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, text=True, check=True)
        terminal = self.terminal("vault", "add", self.vault, "ed", "--machine-key", self.key, "--type", "ed25519",
                                 "--api-key", API_KEY)
        terminal.read_until("Private key (PEM):")
        terminal.type(pem.stdout)
        self.assertEqual(terminal.end(), 0, terminal.screen)
        self.assertNotIn(pem.stdout.splitlines()[1], terminal.screen)

    def test_passphrases_that_differ_and_ctrl_c(self):
        terminal = self.terminal("vault", "create", self.vault)
        terminal.read_until("New passphrase: ")
        terminal.type(PASSPHRASE + "\n")
        terminal.read_until("again: ")
        terminal.type(PASSPHRASE + "x\n")
        self.assertEqual(terminal.end(), os.EX_DATAERR)
        self.assertIn("differ", terminal.screen)

        terminal = self.terminal("vault", "create", self.vault)
        terminal.read_until("New passphrase: ")
        terminal.type("abc\x03\n")
        self.assertNotEqual(terminal.end(), 0)
        self.assertIn("interrupted", terminal.screen)
        self.assertTrue(terminal.echoes())
        self.assertFalse(self.vault.exists())

    def test_no_secret_in_arguments_or_environment(self):
        self.make_vault()
        read, write = os.pipe()
        with subprocess.Popen([VIGILCTL, "vault", "add", self.vault, "main", "--machine-key", self.key, "--api-key", API_KEY],
                              stdin=read, stdout=subprocess.DEVNULL) as process:
            os.close(read)
            os.write(write, SECRET[:32].encode())
            for name in ("cmdline", "environ"):
                self.assertNotIn(SECRET[:16].encode(), pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes())
            os.write(write, SECRET[32:].encode())
            os.close(write)
            self.assertEqual(process.wait(DEADLINE_S), 0)

    def test_two_tools_at_once(self):
        self.make_vault()
        first = self.terminal("vault", "add", self.vault, "one", "--machine-key", self.key, "--api-key", API_KEY)
        first.read_until("Secret key: ")
        error = self.run_it("vault", "add", self.vault, "two", "--machine-key", self.key, "--api-key", API_KEY, stdin=SECRET,
                            status=os.EX_TEMPFAIL).stderr
        self.assertIn("another program", error)
        first.type(SECRET + "\n")
        self.assertEqual(first.end(), 0)
        listed = self.run_it("vault", "list", self.vault, "--machine-key", self.key).stdout
        self.assertIn("one", listed)
        self.assertNotIn("two", listed)

    def test_config_check(self):
        good = self.run_it("config", "check", CONFIG / "vigild.yaml", CONFIG / "demo/vigild.yaml",
                           CONFIG / "strategies/grid.yaml").stdout
        self.assertEqual(len(good.splitlines()), 3)
        broken = self.folder / "vigild.yaml"
        broken.write_text((CONFIG / "vigild.yaml").read_text(encoding="utf-8").replace("\nexchange:", "\nexchagne:", 1),
                          encoding="utf-8")
        error = self.run_it("config", "check", broken, status=os.EX_CONFIG).stderr
        self.assertRegex(error, r"vigild\.yaml:\d+:1: unknown key \"exchagne\"; did you mean \"exchange\"\?")
        self.run_it("config", "check", self.folder / "nowhere.yaml", status=os.EX_NOINPUT)
        error = self.run_it("config", "check", CONFIG / "vigild.yaml", "--set", "exchange.environment=production",
                            status=os.EX_CONFIG).stderr
        self.assertIn("live: true", error)


if __name__ == "__main__":
    if not VIGILCTL.exists():
        print(f"{VIGILCTL} is not built")
        sys.exit(77)
    unittest.main()
