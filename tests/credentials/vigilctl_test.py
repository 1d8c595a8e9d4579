"""`vigilctl vault` and `vigilctl config check` as an operator runs them: through pipes, and at a terminal."""

import contextlib
import fcntl
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import unittest

import terminal

VIGILCTL = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", "build/dev/bin")).resolve() / "vigilctl"
CONFIG = pathlib.Path(os.environ.get("VIGIL_SOURCE_DIR", ".")).resolve() / "config"
PASSPHRASE = "a passphrase of this test"
SECRET = "canarySECRETcanarySECRETcanarySECRETcanarySECRETcanarySECRET1234"
API_KEY = "ApiKeyOfThisTestApiKeyOfThisTestApiKeyOfThisTest"
DEADLINE_S = 30


class VigilctlAtTerminal(terminal.Terminal):
    def __init__(self, *arguments, within: tuple = ()):
        super().__init__()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*within, VIGILCTL, *arguments], stdin=self.fd, stdout=self.fd, stderr=self.fd, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def end(self) -> int:
        code = self.process.wait(DEADLINE_S)
        self.drain()
        return code

    def close(self):
        self.process.kill()
        self.process.wait()
        super().close()


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

    def terminal(self, *arguments, within: tuple = ()) -> VigilctlAtTerminal:
        at = VigilctlAtTerminal(*map(str, arguments), within=within)
        self.addCleanup(at.close)
        return at

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

    def test_a_generated_key_from_upload_to_removal(self):
        self.make_vault()
        key = ["--machine-key", self.key]
        pem = self.run_it("vault", "generate", self.vault, "TradingBot-Prod", *key, "--environment", "production").stdout
        public = self.folder / "public.pem"
        public.write_text(pem, encoding="utf-8")
        text = subprocess.run(["openssl", "pkey", "-pubin", "-in", public, "-noout", "-text"], capture_output=True, text=True,
                              check=True).stdout
        self.assertIn("ED25519", text)
        self.assertEqual(self.run_it("vault", "export-public", self.vault, "TradingBot-Prod", *key).stdout, pem)
        self.assertIn("no API key", self.run_it("vault", "list", self.vault, *key).stdout)
        self.run_it("vault", "activate", self.vault, "TradingBot-Prod", *key, "--api-key", API_KEY)
        self.assertIn("already", self.run_it("vault", "activate", self.vault, "TradingBot-Prod", *key, "--api-key", API_KEY,
                                             status=os.EX_DATAERR).stderr)
        self.assertIn("in use", self.run_it("vault", "list", self.vault, *key).stdout)
        self.run_it("vault", "retire", self.vault, "TradingBot-Prod", *key)
        self.assertIn("retired", self.run_it("vault", "show", self.vault, "TradingBot-Prod", *key).stdout)
        self.run_it("vault", "export-public", self.vault, "TradingBot-Prod", *key, status=os.EX_DATAERR)
        self.assertIn("sound, generation 4, 1 key;", self.run_it("vault", "verify", self.vault, *key).stdout)
        self.run_it("vault", "remove", self.vault, "TradingBot-Prod", *key)

    def test_new_keys_to_the_vault(self):
        self.assertIn("cannot be recovered", self.run_it("vault", "create", self.vault, "--machine-key", self.key,
                                                         stdin=PASSPHRASE + "\n").stdout)
        other, backup = self.folder / "other.key", self.folder / "backup.vault"
        self.run_it("vault", "add", self.vault, "main", "--machine-key", self.key, "--api-key", API_KEY, stdin=SECRET)
        self.run_it("vault", "backup", self.vault, backup, "--machine-key", self.key)
        self.assertEqual((backup.read_bytes(), backup.stat().st_mode & 0o7777), (self.vault.read_bytes(), 0o600))
        # The passphrase that is known opens it when the machine key is lost.
        self.run_it("vault", "rotate", self.vault, "--new-machine-key", other, stdin=PASSPHRASE + "\n")
        self.assertEqual(other.stat().st_mode & 0o7777, 0o400)
        self.run_it("vault", "list", self.vault, "--machine-key", self.key, status=os.EX_NOPERM)
        self.run_it("vault", "list", backup, "--machine-key", other, status=os.EX_NOPERM)
        new = "another passphrase of this test"
        self.run_it("vault", "passwd", self.vault, stdin=f"{PASSPHRASE}\n{new}\n")
        self.run_it("vault", "verify", self.vault, stdin=PASSPHRASE + "\n", status=os.EX_NOPERM)
        self.assertIn("already", self.run_it("vault", "rotate", self.vault, "--machine-key", other, "--new-machine-key", other,
                                             status=os.EX_CANTCREAT).stderr)
        before = self.vault.read_bytes()
        self.run_it("vault", "rekey", self.vault, stdin=new + "\n", status=os.EX_DATAERR)
        self.run_it("vault", "rekey", self.vault, "--machine-key", other, stdin=PASSPHRASE + "\n", status=os.EX_NOPERM)
        self.assertEqual(self.vault.read_bytes(), before)
        self.run_it("vault", "rekey", self.vault, "--machine-key", other, stdin=new + "\n")
        sound = self.run_it("vault", "verify", self.vault, stdin=new + "\n").stdout
        self.assertIn("generation 5, 1 key; opens with machine key or passphrase", sound)

    def test_what_is_no_vault_has_one_line_and_stays_as_it_was(self):
        self.make_vault()
        link, folder, empty, large = (self.folder / name for name in ("link", "folder", "empty", "large"))
        link.symlink_to(self.vault)
        folder.mkdir()
        for path, content in ((empty, b""), (large, bytes(200_000))):
            path.write_bytes(content)
            path.chmod(0o600)
        foreign = self.folder / "foreign"
        cases = [(link, os.EX_NOPERM, "symbolic link"), (folder, os.EX_DATAERR, "not a regular file"),
                 (pathlib.Path("/dev/null"), os.EX_DATAERR, "not a regular file"), (empty, os.EX_DATAERR, "not a Vigil vault"),
                 (large, os.EX_DATAERR, "200000 bytes")]
        if os.geteuid() == 0:
            foreign.write_bytes(self.vault.read_bytes())
            foreign.chmod(0o600)
            os.chown(foreign, 65534, 65534)
            cases.append((foreign, os.EX_NOPERM, "owned by user 65534"))
        key = ["--machine-key", self.key]
        for path, status, words in cases:
            for command in (["list", path], ["add", path, "x", "--api-key", API_KEY], ["rekey", path],
                            ["rotate", path, "--new-machine-key", self.folder / "new.key"],
                            ["backup", path, self.folder / "copy"]):
                with self.subTest(command=command):
                    error = self.run_it("vault", *command, *key, stdin=SECRET, status=status).stderr
                    self.assertEqual(len(error.splitlines()), 1, error)
                    self.assertIn(words, error)
        self.assertFalse(pathlib.Path("/dev/null.lock").exists())
        self.assertTrue(link.is_symlink())
        left = {path.name for path in self.folder.iterdir()} - {"empty.lock", "large.lock"}
        self.assertEqual(left, {"machine.key", "keys.vault", "keys.vault.lock", "link", "folder", "empty", "large"} |
                         ({"foreign"} if foreign.exists() else set()))

    def test_text_that_is_not_utf_8(self):
        self.make_vault()
        before = self.vault.read_bytes()
        add = [str(VIGILCTL), "vault", "add", str(self.vault), "--machine-key", str(self.key), "--api-key", API_KEY]
        bad = b"\xff\xfe"
        for words, stdin, named in (([bad], SECRET.encode(), b"label"), ([b"x", b"--note", bad], SECRET.encode(), b"note"),
                                    ([b"x"], bad, b"secret"), ([b"x", b"--type", b"ed25519"], bad, b"PEM")):
            result = subprocess.run([*map(os.fsencode, add), *words], input=stdin, capture_output=True, timeout=DEADLINE_S,
                                    check=False)
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (os.EX_DATAERR, 1), result.stderr)
            self.assertIn(named, result.stderr)
        key = [b"--machine-key", os.fsencode(self.key)]
        vault = os.fsencode(self.vault)
        for words, status, named in (([b"add", vault, b"x", *key, b"--api-key", bad], os.EX_DATAERR, b"API key"),
                                     ([b"generate", vault, bad, *key], os.EX_DATAERR, b"label"),
                                     ([b"activate", vault, bad, *key, b"--api-key", bad], os.EX_NOINPUT, b"label"),
                                     ([b"show", vault, bad, *key], os.EX_NOINPUT, b"label"),
                                     ([b"retire", vault, bad, *key], os.EX_NOINPUT, b"label"),
                                     ([b"remove", vault, bad, *key], os.EX_NOINPUT, b"label")):
            result = subprocess.run([VIGILCTL, b"vault", *words], input=SECRET.encode(), capture_output=True, timeout=DEADLINE_S,
                                    check=False)
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (status, 1), (words, result.stderr))
            self.assertIn(named, result.stderr)
            self.assertTrue(result.stderr.isascii(), "what is not text does not reach the terminal")
        self.assertEqual(self.vault.read_bytes(), before)
        result = subprocess.run([VIGILCTL, "vault", "create", self.folder / "v2"], input=b"long enough but \xff\n",
                                capture_output=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(result.returncode, os.EX_DATAERR)
        self.assertIn(b"UTF-8", result.stderr)
        self.assertEqual(self.vault.read_bytes(), before)

    def test_a_configuration_does_not_draw_on_the_terminal(self):
        broken = self.folder / "vigild.yaml"
        broken.write_bytes(b"exchange: {environment: \"\xc2\x9b31m\xe2\x80\xae\"}\nstrategies: []\n")
        error = self.run_it("config", "check", broken, status=os.EX_CONFIG).stderr
        self.assertTrue(error.isascii(), error)

    def test_texts_that_are_wrong_empty_or_oversized(self):
        self.make_vault()
        before = self.vault.read_bytes()
        large = 200_000
        cases = [("x", API_KEY, "", "secret"), ("x", API_KEY, "\n\n", "secret"), ("x", API_KEY, "s" * 5000, "5000 bytes"),
                 ("x", API_KEY, "s" * large, "longer than"), ("x", API_KEY, SECRET[:32] + " " + SECRET[32:], "without spaces"),
                 ("", API_KEY, SECRET, "label"), ("l" * 33, API_KEY, SECRET, "label"), ("l" * 100_000, API_KEY, SECRET, "label"),
                 ("x", "", SECRET, "API key"), ("x", "k" * 5000, SECRET, "API key"), ("x", "two words", SECRET, "API key")]
        for label, api_key, secret, words in cases:
            with self.subTest(label=label[:8], api_key=api_key[:8], secret_bytes=len(secret)):
                result = subprocess.run([VIGILCTL, "vault", "add", self.vault, label, "--machine-key", self.key, "--api-key", api_key],
                                        input=secret, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
                self.assertIn(result.returncode, (os.EX_DATAERR, os.EX_NOINPUT), result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(words, result.stderr)
        for passphrase, status in (("", os.EX_NOINPUT), ("short", os.EX_NOPERM), ("p" * large, os.EX_DATAERR), ("\0" * 20, os.EX_NOPERM)):
            with self.subTest(passphrase_bytes=len(passphrase)):
                error = self.run_it("vault", "list", self.vault, stdin=passphrase, status=status).stderr
                self.assertEqual(len(error.splitlines()), 1, error)
        self.assertEqual(self.vault.read_bytes(), before)

    def test_a_full_disk_leaves_the_old_vault(self):
        self.make_vault()
        self.run_it("vault", "add", self.vault, "main", "--machine-key", self.key, "--api-key", API_KEY, stdin=SECRET)
        before, files = self.vault.read_bytes(), sorted(self.folder.iterdir())
        commands = (["rotate", self.vault, "--new-machine-key", self.folder / "new.key"], ["rekey", self.vault],
                    ["add", self.vault, "x", "--api-key", API_KEY], ["remove", self.vault, "main"],
                    ["backup", self.vault, self.folder / "copy"])
        for command in commands:
            with self.subTest(command=command):
                # No file may grow beyond a machine key: the vault's next generation ends in the middle.
                result = subprocess.run([VIGILCTL, "vault", *command, "--machine-key", self.key], input=SECRET,
                                        capture_output=True, text=True, timeout=DEADLINE_S, check=False,
                                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)))
                self.assertEqual((result.returncode, len(result.stderr.splitlines())), (os.EX_IOERR, 1), result.stderr)
                self.assertIn("too large", result.stderr)
                self.assertEqual(self.vault.read_bytes(), before)
                self.assertEqual(sorted(self.folder.iterdir()), files)
        self.run_it("vault", "verify", self.vault, "--machine-key", self.key)

    def test_a_file_system_without_room(self):
        small = self.folder / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "none", small], capture_output=True,
                                 check=False)
        if mounted.returncode:
            self.skipTest("no file system may be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=True)
        self.vault = small / "keys.vault"
        self.make_vault()
        before = self.vault.read_bytes()
        with open(small / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(4096))
        new_key = self.folder / "new.key"
        # The new machine key lies where there is room, and goes again: it opens nothing.
        for command in (["add", self.vault, "x", "--api-key", API_KEY], ["rotate", self.vault, "--new-machine-key", new_key],
                        ["rekey", self.vault], ["rotate", self.vault, "--new-machine-key", small / "new.key"]):
            with self.subTest(command=command):
                error = self.run_it("vault", *command, "--machine-key", self.key, stdin=SECRET, status=os.EX_TEMPFAIL).stderr
                self.assertIn("No space left", error)
                self.assertEqual(len(error.splitlines()), 1, error)
                self.assertEqual(self.vault.read_bytes(), before)
                self.assertFalse(new_key.exists())
                self.assertEqual({path.name for path in small.iterdir()}, {"keys.vault", "keys.vault.lock", "filler"})
        (small / "filler").unlink()
        self.run_it("vault", "verify", self.vault, "--machine-key", self.key)

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
        at = self.terminal("vault", "create", self.vault)
        at.read_until("New passphrase: ")
        self.assertIn("cannot be recovered", at.screen)  # before it is typed
        self.assertFalse(at.echoes())
        at.type(PASSPHRASE + "\n")
        at.read_until("again: ")
        at.type(PASSPHRASE + "\n")
        self.assertEqual(at.end(), 0, at.screen)
        self.assertNotIn(PASSPHRASE, at.screen)
        self.assertTrue(at.echoes())

        at = self.terminal("vault", "add", self.vault, "main", "--api-key", API_KEY)
        at.read_until("Passphrase: ")
        at.type(PASSPHRASE + "\n")
        at.read_until("Secret key: ")
        self.assertFalse(at.echoes())
        at.type(SECRET + "\n")
        self.assertEqual(at.end(), 0, at.screen)
        self.assertNotIn(SECRET, at.screen)
        self.run_it("vault", "show", self.vault, "main", stdin=PASSPHRASE + "\n")

    def test_a_pem_is_pasted_at_a_terminal(self):
        self.make_vault()
        pem = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, text=True, check=True)
        at = self.terminal("vault", "add", self.vault, "ed", "--machine-key", self.key, "--type", "ed25519",
                                 "--api-key", API_KEY)
        at.read_until("Private key (PEM):")
        at.type(pem.stdout)
        self.assertEqual(at.end(), 0, at.screen)
        self.assertNotIn(pem.stdout.splitlines()[1], at.screen)

    def test_passphrases_that_differ_and_ctrl_c(self):
        at = self.terminal("vault", "create", self.vault)
        at.read_until("New passphrase: ")
        at.type(PASSPHRASE + "\n")
        at.read_until("again: ")
        at.type(PASSPHRASE + "x\n")
        self.assertEqual(at.end(), os.EX_DATAERR)
        self.assertIn("differ", at.screen)

        at = self.terminal("vault", "create", self.vault)
        at.read_until("New passphrase: ")
        at.type("abc\x03")
        self.assertNotEqual(at.end(), 0)
        self.assertIn("interrupted", at.screen)
        self.assertTrue(at.echoes())
        self.assertFalse(self.vault.exists())

    def test_a_signal_at_the_question_leaves_the_terminal_as_it_was(self):
        self.run_it("vault", "create", self.vault, stdin=PASSPHRASE + "\n")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            at = self.terminal("vault", "list", self.vault)
            before = at.modes()
            at.read_until("Passphrase: ")
            at.type("half a passphrase")
            at.process.send_signal(number)
            self.assertEqual(at.end(), -number, "ended by the signal itself")
            self.assertEqual(at.modes(), before)

    def test_nobody_is_asked_in_the_background(self):
        self.run_it("vault", "create", self.vault, stdin=PASSPHRASE + "\n")
        at = self.terminal("vault", "list", self.vault, within=("bash", "-c", 'set -m; "$@" & wait $!', "-"))
        self.assertEqual(at.end(), os.EX_CONFIG, at.screen)
        self.assertIn("in the background", at.screen)
        self.assertTrue(at.echoes())

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
