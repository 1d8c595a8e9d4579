#!/usr/bin/env python3
"""What the service as a whole costs: the time from its start to READY=1 against an exchange on loopback, and its use of
the processor and of memory while the market is quiet. Prints a table beside the gates; fails only when something
could not be measured.

    tests/bench/daemon_bench.py [--bin-dir DIR] [--starts N] [--seconds S]
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy"))
import vigil_session  # noqa: E402 pylint: disable=wrong-import-position,import-error

READY_DEADLINE_S = 60
SETTLE_S = 3


def processor_s(pid: int) -> float:
    """Processor time of all threads so far."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = text[text.rindex(")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise vigil_session.SessionError("the service is gone")


class Service:
    """vigild, and the moment at which it said READY=1 as systemd would hear it."""

    def __init__(self, bin_dir: pathlib.Path, folder: pathlib.Path, settings: dict):
        folder.mkdir(mode=0o700)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(str(folder / "notify"))
        command = [bin_dir / "vigild", "--config", ROOT / "config/demo/vigild.yaml", "--state", folder / "state"]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        begun = time.monotonic()
        self.child = vigil_session.Child("vigild", command, folder / "vigild.log",
                                         env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})
        try:
            self.ready_s = self._await_ready(listener, begun)
        except BaseException:
            self.child.kill()
            raise
        # Nobody reads on: the service must not wait for us.
        listener.close()

    def _await_ready(self, listener: socket.socket, begun: float) -> float:
        while time.monotonic() - begun < READY_DEADLINE_S:
            listener.settimeout(0.5)
            try:
                lines = listener.recv(4096).decode(errors="replace").splitlines()
            except TimeoutError:
                if self.child.returncode() is not None:
                    raise vigil_session.SessionError(f"vigild ended early\n{self.child.tail()}") from None
                continue
            if "READY=1" in lines:
                return time.monotonic() - begun
        raise vigil_session.SessionError(f"no READY=1 within {READY_DEADLINE_S} s\n{self.child.tail()}")


def verdict(value: float, gate: float, aim: float) -> str:
    return "aim" if value <= aim else "gate" if value <= gate else "missed"


def row(what: str, value: float, unit: str, gate: float | None = None, aim: float | None = None):
    bounds = f"{gate:>8g} {aim:>8g}  {verdict(value, gate, aim)}" if gate is not None and aim is not None else ""
    print(f"  {what:<58} {value:>8.3f} {unit:<4} {bounds}")


def measure(arguments: argparse.Namespace, folder: pathlib.Path):
    exchange = vigil_session.Exchange(arguments.bin_dir, folder / "exchange", "--seed", "1")
    service = None
    try:
        vault = vigil_session.Vault(arguments.bin_dir, folder / "vault", exchange.account)
        settings = vigil_session.overrides(exchange, vault)
        ready_s = []
        for number in range(arguments.starts):
            if service is not None:
                service.child.stop()
            service = Service(arguments.bin_dir, folder / f"service-{number}", settings)
            ready_s.append(service.ready_s)
        # Held still, the market's streams fall silent; what is left is the service's own.
        exchange.pause_market()
        time.sleep(SETTLE_S)
        before_s, begun = processor_s(service.child.pid), time.monotonic()
        time.sleep(arguments.seconds)
        used = 100 * (processor_s(service.child.pid) - before_s) / (time.monotonic() - begun)
        resident = resident_mib(service.child.pid)
        service.child.stop()
    finally:
        if service is not None:
            service.child.kill()
        exchange.child.kill()
    load = os.getloadavg()[0]
    print(f"The service: {os.cpu_count()} cores, load {load:.1f}, {arguments.starts} starts, {arguments.seconds:g} s of quiet")
    print(f"  {'what':<58} {'measured':>13} {'gate':>8} {'aim':>8}  reached")
    row("start to READY=1, fastest", min(ready_s), "s", 1.5, 0.7)
    row("  and the median", statistics.median(ready_s), "s")
    row("processor in a quiet market, of a core", used, "%", 0.5, 0.2)
    row("resident memory then", resident, "MiB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin-dir", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-bench-"))
    try:
        measure(arguments, folder)
    except vigil_session.SessionError as error:
        print(f"daemon_bench: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
