"""One trading session on a simulated exchange, from building the programs to the closing table.

Called by deploy/demo, which installs what is missing first. Exit status: 0 for a sound session (reconciled, balances equal
to the exchange's, no anomaly of severity error or critical), 1 for an unsound one, 2 for wrong arguments, 69 when
something could not be started, 130 and 143 after Ctrl-C and SIGTERM. Whatever happens, nothing is left running.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import demo_display
import vigil_session

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFRESH_S = 0.1
READY_DEADLINE_S = 60


class Interrupted(BaseException):
    """A signal asked for the end; not an Exception, so that no handler takes it for a failure."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


def interrupt(number, _frame):
    raise Interrupted(number)


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def existing_file(text: str) -> pathlib.Path:
    path = pathlib.Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path.resolve()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="deploy/demo", description="Installs, builds and runs one trading session on a simulated exchange.")
    parser.add_argument("--replay", metavar="FILE", type=existing_file,
                        help="recorded market: capture .jsonl(.gz), trades, aggTrades or klines CSV; without it "
                             "the market is generated")
    parser.add_argument("--seconds", type=positive, default=60, help="length of the session (default %(default)s)")
    parser.add_argument("--speed", type=positive, default=1,
                        help="market time per wall time (default %(default)s); the exchange's clock stays at wall speed")
    parser.add_argument("--seed", type=int, default=1, help="of the generated market (default %(default)s)")
    parser.add_argument("--summary", metavar="FILE", type=pathlib.Path, help="writes the result as JSON")
    parser.add_argument("--keep", action="store_true", help="leaves the state folder (journal, logs) in place")
    parser.add_argument("--config", metavar="FILE", type=existing_file, default=ROOT / "config/demo/vigild.yaml",
                        help="configuration of the session (default config/demo/vigild.yaml)")
    parser.add_argument("--bin-dir", metavar="DIR", type=pathlib.Path,
                        help="programs that are built already; nothing is installed or built")
    parser.add_argument("--no-install", action="store_true", help="does not call apt")
    arguments = parser.parse_args()
    if arguments.summary:
        arguments.summary = arguments.summary.resolve()
        if not arguments.summary.parent.is_dir():
            parser.error(f"there is no folder {arguments.summary.parent}")
    return arguments


def build(display: demo_display.Display, folder: pathlib.Path) -> pathlib.Path:
    """Builds the three programs in build/release; their output is shown when it fails."""
    display.step("building the programs (a first build takes minutes)")
    commands = [["cmake", "--preset", "release", "-S", ROOT],
                ["cmake", "--build", ROOT / "build/release", "--target", "vigil_programs"]]
    for command in commands:
        child = vigil_session.Child("build", command, folder / "build.log", cwd=ROOT)
        progress = ""
        try:
            while child.returncode() is None:
                latest = child.tail(1)
                if display.terminal and latest.startswith("[") and latest != progress:
                    progress = latest
                    display.note(latest)
                time.sleep(REFRESH_S)
        finally:
            child.kill()
        if child.returncode() != 0:
            raise vigil_session.SessionError(f"the build failed:\n{child.tail(60)}")
    display.clear_bar()
    return ROOT / "build/release/bin"


class Counts:
    """What the progress line tells, counted from the events."""

    def __init__(self):
        self.by_event = {}

    def add(self, event: dict):
        name = event.get("event", "")
        self.by_event[name] = self.by_event.get(name, 0) + 1

    def text(self) -> str:
        of = self.by_event.get
        return (f"{of('order.placed', 0)} orders, {of('order.filled', 0)} fills, {of('order.cancelled', 0)} cancelled, "
                f"{of('order.rejected', 0)} rejected")


class Session:
    """The exchange, the vault and the service of one run. stop() may be called at any point, and again."""

    def __init__(self, arguments: argparse.Namespace, bin_dir: pathlib.Path, folder: pathlib.Path,
                 display: demo_display.Display):
        self.arguments, self.bin_dir, self.folder, self.display = arguments, bin_dir, folder, display
        self.exchange = None
        self.daemon = None
        self.counts = Counts()

    def start(self):
        arguments = self.arguments
        market = ["--seed", arguments.seed] if arguments.replay is None else ["--replay", arguments.replay]
        source = arguments.replay.name if arguments.replay else f"generated, seed {arguments.seed}"
        self.display.step(f"starting the simulated exchange: market {source}, speed {arguments.speed:g}")
        self.exchange = vigil_session.Exchange(self.bin_dir, self.folder / "exchange", *market,
                                               "--speed", f"{arguments.speed:g}")
        self.display.line(f"   REST {self.exchange.ready['rest']}")
        self.display.step("creating a throw-away vault")
        vault = vigil_session.Vault(self.bin_dir, self.folder / "vault", self.exchange.account)
        self.display.step("starting the service")
        self.daemon = vigil_session.Daemon(self.bin_dir, arguments.config, self.folder / "state",
                                           vigil_session.overrides(self.exchange, vault), self.folder / "vigild.log")

    def follow(self):
        """Shows what happens from the start of the service until the time is over."""
        self._follow_until(lambda: self.counts.by_event.get("daemon.ready"), READY_DEADLINE_S)
        if not self.counts.by_event.get("daemon.ready"):
            raise vigil_session.SessionError(f"the service was not ready within {READY_DEADLINE_S} s")
        self._follow_until(lambda: False, self.arguments.seconds, progress=True)

    def _follow_until(self, condition, seconds: float, progress: bool = False):
        begun = time.monotonic()
        while not condition() and time.monotonic() - begun < seconds:
            self._show_events()
            if progress:
                self.display.progress(time.monotonic() - begun, self.counts.text())
            for child in (self.daemon.child, self.exchange.child):
                if child.returncode() is not None:
                    self._show_events()
                    raise vigil_session.SessionError(
                        f"{child.name} ended early, with status {child.returncode()}\n{child.tail()}")
            time.sleep(REFRESH_S)

    def _show_events(self):
        for event in self.daemon.events.read():
            self.counts.add(event)
            self.display.event(event)

    def finish(self) -> tuple:
        """Stops the market, then the service, and compares. The exchange's word comes last, when nothing moves."""
        self.display.clear_bar()
        self.display.step("stopping")
        memory_mib = self.daemon.child.memory_mib()
        self.exchange.pause_market()
        status = self.daemon.child.stop()
        self._show_events()
        summary = self.daemon.summary()
        return summary, judge(summary, status, self.exchange.account_status(), memory_mib, self.folder / "state")

    def stop(self):
        for child in (self.daemon and self.daemon.child, self.exchange and self.exchange.child):
            if child:
                try:
                    child.stop(deadline_s=5)
                except vigil_session.SessionError as error:
                    self.display.line(str(error))


def judge(summary: dict, status: int, account: dict, memory_mib: float, state: pathlib.Path) -> dict:
    """The result of a session, as --summary writes it; `unsound` says why it is not sound. account is the exchange's word."""
    anomalies = summary["anomalies"]
    differing = vigil_session.differing_balances(summary["balances"], account["balances"])
    unsound = [f"balance {line}" for line in differing]
    accepted = account["accepted_by_client_order_id"]
    unsound += [f"order {order} was accepted {count} times" for order, count in accepted.items() if count != 1]
    if not summary["reconciled"]:
        unsound.append("the ledger was not reconciled with the exchange")
    unsound += [f"{anomalies[severity]} anomalies of severity {severity}"
                for severity in ("error", "critical") if anomalies[severity]]
    if status != 0:
        unsound.append(f"the service ended with status {status}")
    return {
        "orders": summary["orders"], "fills": summary["fills"], "orders_at_exchange": len(accepted),
        "fills_at_exchange": account["fills"], "sound": not unsound, "unsound": unsound,
        "balances_match": not differing, "reconciled": summary["reconciled"], "anomalies": anomalies,
        "findings": summary["findings"],
        "rss_mib": round(max(memory_mib, float(summary["rss_mib"])), 1),
        "weight_peak": summary["weight_peak"], "weight_budget": summary["weight_budget"],
        "offset_us": summary["offset_us"], "uncertainty_us": summary["uncertainty_us"],
        "state_folder": str(state), "journal": summary["journal"], "events": summary["events"],
        "fees": summary["fees"], "strategies": summary["strategies"]}


def run(arguments: argparse.Namespace, folder: pathlib.Path, display: demo_display.Display) -> int:
    bin_dir = arguments.bin_dir.resolve() if arguments.bin_dir else build(display, folder)
    session = Session(arguments, bin_dir, folder, display)
    try:
        session.start()
        session.follow()
        summary, result = session.finish()
    finally:
        display.clear_bar()
        # A second Ctrl-C must not cut the stopping short: it is bounded by deadlines.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        session.stop()
    demo_display.show_summary(display, result, summary, arguments.keep)
    if arguments.summary:
        arguments.summary.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    display.line("The session was sound." if result["sound"] else "The session was NOT sound.")
    return 0 if result["sound"] else 1


def main() -> int:
    arguments = parse_arguments()
    display = demo_display.Display(arguments.seconds)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-demo-"))
    try:
        return run(arguments, folder, display)
    except vigil_session.SessionError as error:
        display.clear_bar()
        print(f"deploy/demo: {error}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    except Interrupted as interrupted:
        display.clear_bar()
        display.line(f"interrupted by {signal.Signals(interrupted.number).name}; everything is stopped")
        return 128 + interrupted.number
    finally:
        if arguments.keep:
            display.line(f"Left in place: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
