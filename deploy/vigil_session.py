"""Starts and stops the real programs around a session: the simulated exchange, a throw-away vault, the service.

Used by deploy/demo.py and by tests/daemon. Every wait has a deadline; every child is ended by its own id, and is killed
by the kernel when this process dies before it could do so. Start children from the main thread only: the kernel
ties them to the thread that started them.
"""

import ctypes
import decimal
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

PR_SET_PDEATHSIG = 1
POLL_S = 0.02
START_DEADLINE_S = 30
STOP_DEADLINE_S = 20
_libc = ctypes.CDLL(None, use_errno=True)


class SessionError(Exception):
    """Something that the reader can act upon; its text is one clear sentence."""


def wait_until(condition, deadline_s: float, what: str, child: "Child | None" = None):
    """Polls condition until it gives something true, and returns that. Raises when the deadline passes, or when
    child ends before."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if child is not None and child.returncode() is not None:
            value = condition()
            if value:
                return value
            raise SessionError(f"{child.name} ended with status {child.returncode()} before {what}\n{child.tail()}")
        if time.monotonic() > end:
            raise SessionError(f"{what}: not within {deadline_s:g} s")
        time.sleep(POLL_S)


def _tied_to_parent():
    """In the child, before exec: die with the parent, whatever kills it."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Child:
    """A process in a process group of its own, its output in a file; or, with `sink`, in that file descriptor, and it is
    whoever reads there that fills the file."""

    def __init__(self, name: str, command: list, output: pathlib.Path, cwd: pathlib.Path | None = None,
                 env: dict | None = None, stdin: int = subprocess.DEVNULL, sink: int | None = None):
        self.name = name
        self.output = output
        with open(output, "ab") as file:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [str(word) for word in command], stdin=stdin, stdout=file if sink is None else sink,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_tied_to_parent, cwd=cwd, env=env)

    @property
    def pid(self) -> int:
        return self.process.pid

    def returncode(self) -> int | None:
        return self.process.poll()

    def tail(self, lines: int = 15) -> str:
        text = self.output.read_text(encoding="utf-8", errors="replace") if self.output.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def send(self, number: signal.Signals):
        if self.returncode() is None:
            self.process.send_signal(number)

    def wait(self, deadline_s: float) -> int:
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise SessionError(f"{self.name} did not end within {deadline_s:g} s\n{self.tail()}") from None

    def stop(self, deadline_s: float = STOP_DEADLINE_S) -> int:
        """SIGTERM, and its exit status. Raises when it has to be killed."""
        self.send(signal.SIGTERM)
        try:
            return self.wait(deadline_s)
        finally:
            self.kill()

    def kill(self):
        """SIGKILL to whatever is left of its group; never raises."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        if self.process.poll() is None:
            self.process.wait()

    def memory_mib(self) -> float:
        """The highest resident memory so far; 0 when it is gone."""
        try:
            status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return 0.0
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0


class JsonLines:
    """Follows a growing file of JSON lines: read() gives the whole lines that are new since the last call."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.offset = 0
        self.malformed = 0

    def skip(self):
        """Passes over what is there already."""
        self.offset = self.path.stat().st_size if self.path.exists() else 0

    def read(self) -> list:
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data.rfind(b"\n") + 1
        self.offset += whole
        events = []
        for line in data[:whole].splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                self.malformed += 1
        return events


def run(name: str, command: list, stdin: str = "", deadline_s: float = 60) -> str:
    """Runs a short command to its end with `stdin`, and returns what it printed. Raises when it fails."""
    try:
        result = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True,
                                timeout=deadline_s, check=False)
    except subprocess.TimeoutExpired:
        raise SessionError(f"{name} did not end within {deadline_s:g} s") from None
    if result.returncode != 0:
        raise SessionError(f"{name} failed with status {result.returncode}: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


class Exchange:
    """vigil-exchange on loopback, on free ports, with one account."""

    LABEL = "demo"
    BALANCES = "USDT=20000,BTC=0.1"
    # The grid of config/demo is spaced for the rates of a large account.
    FEE = "0.0001"

    def __init__(self, bin_dir: pathlib.Path, folder: pathlib.Path, *arguments, key_type: str = "ed25519"):
        folder.mkdir(mode=0o700, exist_ok=True)
        self.ready_file = folder / "ready.json"
        command = [bin_dir / "vigil-exchange", "--port", "0", "--ready-file", self.ready_file, "--maker-fee", self.FEE,
                   "--taker-fee", self.FEE, "--account", f"{self.LABEL}:{key_type}:{self.BALANCES}", *arguments]
        self.child = Child("vigil-exchange", command, folder / "exchange.log")
        try:
            self.ready = wait_until(self._read_ready, START_DEADLINE_S, "the exchange listens", self.child)
        except BaseException:
            self.child.kill()
            raise

    def _read_ready(self):
        try:
            return json.loads(self.ready_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    @property
    def account(self) -> dict:
        return next(account for account in self.ready["accounts"] if account["label"] == self.LABEL)

    def admin(self, path: str, method: str = "GET", deadline_s: float = 5, members: dict | None = None) -> dict:
        """The operator's port: plain HTTP on loopback. `members` become the JSON object that is sent along."""
        body = json.dumps(members).encode() if members is not None else b"" if method == "POST" else None
        request = urllib.request.Request(self.ready["admin"].rstrip("/") + path, method=method, data=body)
        with urllib.request.urlopen(request, timeout=deadline_s) as answer:
            if answer.status != 200:
                raise SessionError(f"{path}: status {answer.status}")
            return json.load(answer)

    def fault(self, **members) -> dict:
        """Arms a fault, or does something at once."""
        return self.admin("/faults", method="POST", members=members)

    def account_status(self) -> dict:
        """What the exchange holds of the account: balances, open_orders, fills, accepted_by_client_order_id."""
        return next(account for account in self.admin("/status")["accounts"] if account["label"] == self.LABEL)

    def minute(self) -> int:
        """Of its clock: weights are counted by it."""
        return self.admin("/status")["server_time"] // 60_000

    def pause_market(self):
        """Holds the market still: nothing is filled any more, requests are answered."""
        self.admin("/pause", method="POST")

    def resume_market(self):
        self.admin("/resume", method="POST")


class Vault:
    """A vault of one session, opened by a random machine key, with the exchange's key in it."""

    def __init__(self, bin_dir: pathlib.Path, folder: pathlib.Path, account: dict):
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = folder / "keys.vault"
        self.machine_key = folder / "machine.key"
        self.label = account["label"]
        self.vigilctl = bin_dir / "vigilctl"
        self.command("create", "--no-passphrase")
        secret = account.get("secret") or pathlib.Path(account["private_key_path"]).read_text(encoding="utf-8")
        self.add(self.label, account["key_type"], account["api_key"], secret)

    def add(self, label: str, key_type: str, api_key: str, secret: str, environment: str = "simulator"):
        self.command("add", label, "--type", key_type, "--environment", environment, "--api-key", api_key, stdin=secret)

    def command(self, name: str, *arguments, stdin: str = "") -> str:
        """vigilctl vault NAME, and what it printed."""
        return run(f"vigilctl vault {name}", [self.vigilctl, "vault", name, self.path, "--machine-key", self.machine_key,
                                              *arguments], stdin=stdin)


class Daemon:
    """vigild with its state folder; `within`, a command that runs the one behind it, goes before it."""

    def __init__(self, bin_dir: pathlib.Path, config: pathlib.Path, state: pathlib.Path, overrides: dict,
                 output: pathlib.Path, within: tuple = (), stdin: int = subprocess.DEVNULL, sink: int | None = None):
        command = [*within, bin_dir / "vigild", "--config", config, "--state", state]
        for key, value in overrides.items():
            command += ["--set", f"{key}={value}"]
        self.state = state
        # A state folder from an earlier run has events already; only new ones are followed.
        self.events = JsonLines(state / "events.jsonl")
        self.events.skip()
        self.child = Child("vigild", command, output, stdin=stdin, sink=sink)

    def summary(self) -> dict:
        path = self.state / "summary.json"
        if not path.exists():
            raise SessionError(f"vigild left no summary\n{self.child.tail()}")
        return json.loads(path.read_text(encoding="utf-8"))


def overrides(exchange: Exchange, vault: Vault) -> dict:
    """What of a configuration depends on this session: where the exchange and the vault are."""
    ready = exchange.ready
    return {
        "exchange.rest_url": ready["rest"],
        "exchange.stream_url": ready["stream"],
        "exchange.ws_api_url": ready["ws_api"],
        "exchange.ca_file": ready["ca"],
        "credentials.vault": vault.path,
        "credentials.machine_key_file": vault.machine_key,
        "credentials.label": vault.label,
    }


def differing_balances(ledger: dict, exchange: dict) -> list:
    """Assets whose free or locked amount is not the same number in both, as readable lines. An asset that one side
    does not list counts as zero there."""
    lines = []
    zero = {"free": "0", "locked": "0"}
    for asset in sorted(set(ledger) | set(exchange)):
        ours, theirs = ledger.get(asset, zero), exchange.get(asset, zero)
        for part in ("free", "locked"):
            if decimal.Decimal(ours[part]) != decimal.Decimal(theirs[part]):
                lines.append(f"{asset} {part}: ledger {ours[part]}, exchange {theirs[part]}")
    return lines
