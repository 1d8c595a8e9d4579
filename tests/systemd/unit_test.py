"""systemd's own judgement of the unit, the system user and the folders. Skipped (77) where systemd's tools are missing.

    unit_test.py ROOT

The programs' installed paths are replaced by those of the build (VIGIL_BIN_DIR), or by /bin/true where a program is
not built, because `systemd-analyze verify` wants them to exist.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop()).resolve() if len(sys.argv) > 1 else pathlib.Path(".")
EXPOSURE_MAX_TENTHS = 11
DEADLINE_S = 30


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


class Unit(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-unit-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.text = (ROOT / "systemd/vigild.service").read_text(encoding="utf-8")

    def write(self, text: str) -> str:
        built = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", ".")) / "vigild"
        program = built if built.exists() else pathlib.Path("/bin/true")
        text = text.replace("/usr/bin/vigild", str(program)).replace("file:///usr/share/doc/vigil/operating.md", "man:sh(1)")
        path = self.folder / "vigild.service"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_every_line_is_understood(self):
        result = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", self.write(self.text))
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_an_unknown_setting_would_be_noticed(self):
        result = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                     self.write(self.text.replace("PrivateDevices=", "PrivateDevises=")))
        self.assertIn("PrivateDevises", result.stdout + result.stderr)

    def test_exposure_stays_under_the_gate(self):
        result = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX_TENTHS}",
                     self.write(self.text))
        self.assertEqual(result.returncode, 0, result.stdout[-400:])

    def test_the_gate_notices_a_lost_protection(self):
        result = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX_TENTHS}",
                     self.write(self.text.replace("CapabilityBoundingSet=\n", "")))
        self.assertNotEqual(result.returncode, 0)

    def test_faults_that_a_restart_cannot_mend_are_not_restarted(self):
        codes = re.search(r"^RestartPreventExitStatus=(.*)$", self.text, re.M).group(1).split()
        for code in (os.EX_USAGE, os.EX_DATAERR, os.EX_NOINPUT, os.EX_NOPERM, os.EX_CONFIG, 243):
            self.assertIn(str(code), codes)
        for code in (os.EX_UNAVAILABLE, os.EX_TEMPFAIL):
            self.assertNotIn(str(code), codes)

    def test_a_passphrase_can_be_turned_into_a_key(self):
        """scrypt takes 128 * r * N bytes (RFC 7914), N and r as docs/vault.md says; and the rest of the service needs some."""
        log2_n = re.search(r"scrypt: log2 N, .*\((\d+) when made by", (ROOT / "docs/vault.md").read_text(encoding="utf-8"))
        need_mib = 128 * 8 * 2 ** int(log2_n.group(1)) // 2 ** 20 + 48
        for name in ("MemoryHigh", "MemoryMax"):
            self.assertGreaterEqual(int(re.search(rf"(?m)^{name}=(\d+)M$", self.text).group(1)), need_mib, name)

    def test_user_and_folders_are_understood(self):
        root = self.folder / "root"
        (root / "etc").mkdir(parents=True)
        users = run("systemd-sysusers", f"--root={root}", str(ROOT / "systemd/vigil.sysusers"))
        self.assertEqual(users.returncode, 0, users.stderr)
        self.assertRegex((root / "etc/passwd").read_text(encoding="utf-8"), r"(?m)^vigil:.*:/usr/sbin/nologin$")
        folders = run("systemd-tmpfiles", "--create", f"--root={root}", str(ROOT / "systemd/vigil.tmpfiles"))
        if os.geteuid() == 0:  # giving a folder to another user takes root
            self.assertEqual(folders.returncode, 0, folders.stderr)
            self.assertEqual((root / "etc/vigil").stat().st_mode & 0o7777, 0o750)

    def test_message_catalog_is_understood(self):
        catalog = ROOT / "systemd/vigil.catalog"
        if not catalog.exists():
            self.skipTest("there is no message catalog")
        installed = self.folder / "root/usr/lib/systemd/catalog"
        installed.mkdir(parents=True)
        shutil.copy(catalog, installed)
        result = run("journalctl", f"--root={self.folder / 'root'}", "--update-catalog")
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    for tool in ("systemd-analyze", "systemd-sysusers", "systemd-tmpfiles", "journalctl"):
        if shutil.which(tool) is None:
            print(f"{tool} is not installed")
            sys.exit(77)
    unittest.main()
