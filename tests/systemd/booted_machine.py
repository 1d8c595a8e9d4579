"""A Debian with a running systemd in a container of systemd-nspawn, thrown away with all its changes.

The tree below it is not written to: changes live in an overlay in memory. It has no network but its own loopback.
"""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

import machine_image

PACKAGES = ["systemd", "systemd-sysv", "dbus"]
BOOT_DEADLINE_S = 60
COMMAND_DEADLINE_S = 60


def wait_for(condition, deadline_s: float, what: str):
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {deadline_s:g} s")
        time.sleep(0.1)


class Machine:
    def __init__(self, read_only: dict):
        """@param read_only folders of this machine that it sees: place in it -> folder here"""
        machine_image.need("systemd-nspawn", "nsenter")
        tree = machine_image.tree("machine", [*PACKAGES, *machine_image.runtime_packages()])
        self.output = tempfile.TemporaryFile()
        command = ["systemd-nspawn", f"--directory={tree}", "--volatile=overlay", "--boot", "--register=no", "--keep-unit",
                   "--private-network", "--console=pipe", "--link-journal=no", "--machine=vigil-test",
                   # What systemd itself needs to set up the sandbox of a unit.
                   "--system-call-filter=@memlock @keyring bpf", "--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN",
                   *(f"--bind-ro={here}:{there}" for there, here in read_only.items())]
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        try:
            self.leader = wait_for(self._find_leader, BOOT_DEADLINE_S, "the machine has a first process")
            wait_for(lambda: self.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"),
                     BOOT_DEADLINE_S, "the machine is up")
        except BaseException:
            self.stop()
            raise

    def _find_leader(self):
        if self.process.poll() is not None:
            self.output.seek(0)
            raise AssertionError(f"systemd-nspawn ended: {self.output.read().decode(errors='replace')[-2000:]}")
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        for child in children.split():
            try:
                status = pathlib.Path(f"/proc/{child}/status").read_text(encoding="utf-8")
            except OSError:
                continue
            for line in status.splitlines():
                if line.startswith("NSpid:") and line.split()[-1] == "1" and len(line.split()) > 2:
                    return int(child)
        return None

    def inside(self, *command: str) -> list:
        return ["nsenter", f"--target={self.leader}", "--all", "--wdns=/", "--", "/usr/bin/env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", *command]

    def run(self, *command, stdin: str = "", check: bool = True, deadline_s: float = COMMAND_DEADLINE_S) -> str:
        """What the command printed, both streams. Raises when it fails and `check` is set."""
        result = subprocess.run(self.inside(*(str(word) for word in command)), input=stdin, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=deadline_s, check=False)
        if check and result.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: status {result.returncode}: {result.stdout}")
        return result.stdout

    def shell(self, script: str, **how) -> str:
        return self.run("sh", "-eu", stdin=script, **how)

    def write(self, path: str, text: str):
        self.run("sh", "-euc", 'cat >"$1"', "sh", path, stdin=text)

    def read(self, path: str) -> str:
        return self.run("cat", path)

    def stop(self):
        """Everything in it ends at once: it is thrown away."""
        try:
            if getattr(self, "leader", None):
                os.kill(self.leader, signal.SIGKILL)
            self.process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()
