#!/usr/bin/env python3
"""Kills the real service with SIGKILL, again and again, on one state folder, while the simulated exchange goes on.

    tests/daemon/kill_campaign.py [--kills N] [--seed S] [--seconds N] [--bin FOLDER] [--keep FOLDER]

Killed at each line that it logs while it starts, at lines of a busy session, and at those of an orderly stop; some at once,
some after a drawn part of a millisecond or more, because a line is written after what it tells. Faults of the exchange
(lost, late and doubled answers and reports) come and go. After each kill, and once in a while at rest, the invariants of
kill_books.py are asked. The seed draws what is done; when a process is hit is up to the machine, so a run is not repeated
exactly.

Status 0 when nothing was violated, 1 otherwise; then --keep (or a temporary folder) holds journal and logs.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy"))
import kill_books  # pylint: disable=wrong-import-position
import kill_session  # pylint: disable=wrong-import-position
import session_support  # pylint: disable=wrong-import-position
import vigil_session  # pylint: disable=wrong-import-position
from kill_books import Violation  # pylint: disable=wrong-import-position

READY_S = 30           # a start that is not ready by then is a violation
BUSY_S = 3             # a busy session that has not said enough by then is killed all the same
STARTS_AN_ADDRESS = 3  # the exchange counts weight by address: as many as fit into the minute's budget
ADDRESSES = [f"127.0.0.{number}" for number in range(2, 32)]
REST_EVERY = 60        # kills between two looks at rest
FOREIGN_EVERY = 15
SHORT_STARTS = 10
KINDS = {"first": "while the journal was made", "start": "at lines of the start", "busy": "at lines of a busy session",
         "stop": "at lines of an orderly stop"}
MARKS = ("order.placed", "order.accepted", "order.filled", "order.cancel_requested", "order.cancelled", "order.unknown")

# Told when something is wrong; no fault of FAULTS is a reason for one of them, nor for a severe event.
FORBIDDEN = {"account.changed_outside", "order.trade_unaccounted", "order.unaccounted", "reconcile.mismatch",
             "governor.rate_limited", "governor.banned", "log.dropped", "strategy.refused", "risk.ladder_changed"}
SEVERE = {"error", "critical"}
# Answers that are no fault of ours: an order that never came to be, one that was gone already, a LIMIT_MAKER order overtaken.
OVERTAKEN = ("immediately match", "WOULD_MATCH_IMMEDIATELY")  # by the answer, by the report
EXPECTED_CODES = {"-2013", "-2011", "-2010"} | kill_session.INJECTED_CODES


@dataclasses.dataclass
class Plan:
    """How one session is ended."""
    kind: str             # of KINDS
    line: int = 1         # kill when so many lines are there
    mark: str = ""        # or so many of this event; "daemon.step_done/clock" is one step's
    delay_s: float = 0
    fault: dict = dataclasses.field(default_factory=dict)
    debug: bool = False   # with the lines of level debug too


class Campaign:
    """One exchange, one state folder, and as many services as it takes."""

    def __init__(self, bin_dir: pathlib.Path, folder: pathlib.Path, seed: int):
        self.bin_dir, self.folder = bin_dir, folder
        self.draw = random.Random(seed)
        self.violations: list = []
        self.tells = True
        self.kills = collections.Counter()  # by kind
        self.killed_at = collections.Counter()  # by kind and mark
        self.start_marks: dict = {}         # every kind of line that a start was seen to have, in order
        self.marks_tried = collections.Counter()
        self.told = collections.Counter()   # events
        self.ready_s: list = []
        self.starts = 0
        self.head = ""
        self.fault: dict = {}
        self.before: kill_books.Then | None = None

        self.exchange = kill_session.Exchange(bin_dir, folder / "exchange", "--seed", seed, "--speed", "10", "--symbols",
                                              ",".join(kill_session.SYMBOLS), key_type="ed25519+hmac")
        self.exchange.admin("/key", method="POST", members={"account": self.exchange.LABEL, "addresses": ADDRESSES})
        self.account = session_support.Account(self.exchange)
        vault = vigil_session.Vault(bin_dir, folder / "vault", self.exchange.account)
        self.state = folder / "state"
        (folder / "strategies").mkdir()
        self.follow_the_market()
        self.overrides = vigil_session.overrides(self.exchange, vault) | {
            "strategies": folder / "strategies", "exchange.recv_window": "2s", "risk.max_order_notional": 9000,
            "risk.max_position": 30000, "risk.max_open_orders": kill_session.OPEN_ORDERS,
            "risk.max_open_orders_total": kill_session.OPEN_ORDERS_TOTAL, "risk.daily_loss": 20000, "log.format": "json",
            "governor.share": "80%"}
        self.journal = kill_books.JournalBook(self.state)
        self.books = kill_books.ExchangeBook(self.exchange, self.account, kill_session.SYMBOLS)
        for _ in range(3):
            self.another_foreign_order()

    def close(self):
        self.exchange.child.kill()

    # ---- the service -------------------------------------------------------------------------------------

    def start(self, debug: bool = False) -> tuple:
        """A service and its lines."""
        address = ADDRESSES[self.starts // STARTS_AN_ADDRESS % len(ADDRESSES)]
        self.starts += 1
        log = self.folder / f"vigild-{self.starts % 5}.log"  # of the latest ones
        log.unlink(missing_ok=True)
        lines = kill_session.Lines(log)
        extra = {"exchange.bind_address": address, "log.level": "debug" if debug else "info"}
        daemon = vigil_session.Daemon(self.bin_dir, session_support.DEMO_CONFIG, self.state, self.overrides | extra, log,
                                      sink=lines.sink)
        lines.begin()
        return daemon, lines

    def await_ready(self, lines: kill_session.Lines) -> bool:
        """Whether it got so far."""
        began = time.monotonic()
        number = 0
        try:
            while (line := lines.next(began + READY_S)) is not None:
                number += 1
                if b'"event":"daemon.ready"' in line:
                    self.ready_s.append(time.monotonic() - began)
                    return True
        except TimeoutError:
            self.violated("ready", f"not ready within {READY_S} s, after {number} lines")
        return False

    def await_end_of(self, plan: Plan, daemon: vigil_session.Daemon, lines: kill_session.Lines) -> bool:
        """Waits until the plan's line is there. Whether it was."""
        until = time.monotonic() + READY_S
        if plan.kind in ("busy", "stop"):
            if not self.await_ready(lines):
                return False
            until = time.monotonic() + BUSY_S
        if plan.kind == "stop":
            daemon.child.send(signal.SIGTERM)
        number, (event, _, step) = 0, plan.mark.partition("/")
        signs = [f'"event":"{event}"'.encode()] * bool(event) + [f'"step":"{step}"'.encode()] * bool(step)
        try:
            while (line := lines.next(until)) is not None:
                number += all(sign in line for sign in signs)
                if number >= plan.line:
                    self.killed_at[plan.kind, plan.mark] += 1
                    return True
                if plan.kind in ("first", "start") and b'"event":"daemon.ready"' in line:
                    return True  # this start does not have that line
        except TimeoutError:
            if plan.kind == "busy":
                return True  # a quiet one
            self.violated("ready", f"{plan}: only {number} lines within the time")
        return False

    def end(self, daemon: vigil_session.Daemon, lines: kill_session.Lines):
        """It is gone, or is made so: what it has told is looked at."""
        daemon.child.kill()
        is_starting = True
        for event in lines.end():
            name = event["event"]
            if is_starting:
                self.start_marks.setdefault("/".join([name, *filter(None, [event.get("fields", {}).get("step")])]))
                is_starting = name != "daemon.ready"
            self.told[name] += 1
            if name in FORBIDDEN or event["severity"] in SEVERE:
                self.violated("events", f"{name}: {event['message']}")
            if name == "order.rejected" and not any(words in event["message"] for words in OVERTAKEN):
                self.violated("events", event["message"])

    # ---- the invariants ----------------------------------------------------------------------------------

    def violated(self, rule: str, text: str):
        self.violations.append(Violation(rule, text))
        if self.tells:
            print(f"VIOLATED after kill {self.kills.total()} ({rule}): {text}", file=sys.stderr, flush=True)

    def tool(self, *words) -> subprocess.CompletedProcess:
        return subprocess.run([str(word) for word in (self.bin_dir / "vigilctl", "journal", *words)], capture_output=True,
                              text=True, timeout=60, check=False)

    def verify(self):
        """The tool's word on the journal: the head noted before is still in it, and it does not contradict itself."""
        if not self.journal.path.exists():
            return
        result = self.tool("verify", self.state, *(["--head", self.head] if self.head else []))
        if result.returncode == 0:
            self.head = result.stdout.split()[-1]
            replayed = self.tool("replay", self.state)
            if replayed.returncode != 0:
                self.violated("replay", replayed.stderr.strip() + "\n" + replayed.stdout)
        elif self.head or "not a journal" not in result.stderr:  # one that was killed while it was made is none yet
            self.violated("verify", result.stderr.strip())

    def judge(self):
        """The service is dead: all that can be said of journal and exchange now."""
        self.verify()
        self.journal.read_on()
        self.books.look()
        for rule, text in kill_books.at_any_moment(self.journal, self.books, self.limits):
            self.violated(rule, text)
        unexpected = {code: count for code, count in self.books.errors.items() if code not in EXPECTED_CODES}
        if unexpected:
            self.violated("errors", f"the exchange has refused requests: {unexpected}")

    # ---- what is done ------------------------------------------------------------------------------------

    def set_fault(self, fault: dict):
        if self.fault:
            self.exchange.admin("/faults", method="DELETE")
        self.fault = fault
        if fault:
            self.exchange.fault(**fault)

    def follow_the_market(self):
        """The strategies' files, for the prices of now: a market that has left the grids would leave them with nothing to do."""
        chosen = kill_session.strategies({symbol: self.account.price(symbol) for symbol in kill_session.SYMBOLS})
        self.limits = kill_session.limits(chosen)
        for each in chosen:
            (self.folder / "strategies" / f"{each['name']}.yaml").write_text(json.dumps(each), encoding="utf-8")

    def another_foreign_order(self):
        self.set_fault(kill_session.NO_FAULT)
        name = f"somebody-else-{len(self.books.foreign)}"
        self.account.place(name)
        self.books.keep_foreign(name)

    def kill(self, plan: Plan):
        """One session from its start to its violent end, and what is to be said of it."""
        if plan.kind == "first" and self.kills["first"] % 2 == 0 and self.state.exists():
            shutil.rmtree(self.state)  # nothing was ever traded in it
            self.journal, self.head = kill_books.JournalBook(self.state), ""
        self.set_fault(plan.fault)
        daemon, lines = self.start(plan.debug)
        got_there = self.await_end_of(plan, daemon, lines)
        if got_there and plan.delay_s:
            time.sleep(plan.delay_s)
        daemon.child.process.send_signal(signal.SIGKILL)
        status = daemon.child.wait(5)
        self.end(daemon, lines)
        if status != -signal.SIGKILL and not (plan.kind == "stop" and status == 0):
            self.violated("ready", f"{plan}: it ended itself with status {status}: {daemon.child.tail(3)}")
        self.kills[plan.kind] += 1
        sound = self.journal.sound
        self.judge()
        # By the journal: the log may be ahead of it, and then it is the next start's to find all of it again.
        if self.journal.sound > sound and self.before is not None:
            for rule, text in kill_books.known_again(self.before, self.journal):
                self.violated(rule, text)
        self.before = kill_books.then(self.journal, self.books)

    def rest(self):
        """The market stands still, the service stops in order: both sides must be equal."""
        self.set_fault(kill_session.NO_FAULT)
        daemon, lines = self.start()
        if self.await_ready(lines):
            self.exchange.pause_market()
            daemon.child.send(signal.SIGTERM)
            try:
                lines.drain(time.monotonic() + vigil_session.STOP_DEADLINE_S)
                if (status := daemon.child.wait(vigil_session.STOP_DEADLINE_S)) != 0:
                    self.violated("summary", f"an orderly stop ended with status {status}")
            except TimeoutError:
                self.violated("summary", f"an orderly stop has not ended within {vigil_session.STOP_DEADLINE_S} s")
        self.end(daemon, lines)
        self.judge()
        if (self.state / "summary.json").exists():
            exported = self.tool("export", self.state, "--format", "jsonl", "--trades").stdout.splitlines()
            trades = [json.loads(line) for line in exported]
            summary = daemon.summary()
            (self.state / "summary.json").unlink()
            for rule, text in kill_books.at_rest(
                    self.journal, self.books, summary,
                    {(each["symbol"], each["trade_id"]): kill_books.trade_of(each, kill_books.JOURNAL_NAMES) for each in trades},
                    kill_session.OPENING):
                self.violated(rule, text)
        else:
            self.violated("summary", "an orderly stop left no summary")
        self.before = kill_books.then(self.journal, self.books)
        self.follow_the_market()
        self.exchange.resume_market()

    def look_at_a_start(self):
        """An undisturbed one, that is killed when it is ready: what lines it has."""
        daemon, lines = self.start(debug=True)
        self.await_ready(lines)
        self.end(daemon, lines)
        self.judge()
        self.before = kill_books.then(self.journal, self.books)

    def next_start_mark(self) -> str:
        """The one that was tried the least."""
        mark = min(self.start_marks, key=self.marks_tried.__getitem__)
        self.marks_tried[mark] += 1
        return mark

    def delay_s(self) -> float:
        return self.draw.choice((0, 0, self.draw.uniform(0, 0.002), self.draw.uniform(0, 0.03)))

    def plan(self, number: int) -> Plan:
        """Of a long campaign: every line of the start in turn, and between these a session or a stop."""
        fault = self.draw.choice(kill_session.FAULTS)
        kind = ("start", "busy", "busy", "start", "stop", "start", "busy", "start", "busy", "busy")[number % 10]
        if kind == "start":
            mark = self.next_start_mark()
            times = self.draw.randint(1, 30) if mark == "order.lookup" else 1
            return Plan(kind, times, mark, self.delay_s(), fault, True)
        if kind == "stop":
            return Plan(kind, self.draw.randint(1, 12), "", self.delay_s(), fault)
        debug = self.draw.random() < 0.3
        if self.draw.random() < 0.5:
            return Plan(kind, self.draw.randint(1, 5), self.draw.choice(MARKS), self.delay_s(), fault, debug)
        return Plan(kind, int(2 ** self.draw.uniform(0, 8)), "", self.delay_s(), fault, debug)

    def run(self, kills: int, seconds: float):
        until = time.monotonic() + seconds
        for _ in range(max(2, kills // 25) // 2 * 2):
            self.kill(Plan("first", self.draw.randint(1, 5), "", self.delay_s()))
        self.look_at_a_start()
        number = 0
        while self.kills.total() < kills and time.monotonic() < until:
            self.kill(self.plan(number))
            number += 1
            if number % FOREIGN_EVERY == 0:
                self.another_foreign_order()
            if number % REST_EVERY == 0:
                self.rest()
                print(f"{self.kills.total()} kills, {len(self.books.own())} orders, {len(self.books.trades)} trades, "
                      f"{len(self.violations)} violations", file=sys.stderr, flush=True)
        self.rest()

    def run_short(self):
        """For every day: lines from all over the start, and some of busy sessions."""
        for plan in (Plan("first", 3), Plan("first", 2), Plan("busy", 30)):
            self.kill(plan)
        self.look_at_a_start()
        marks = list(self.start_marks)
        for number in range(SHORT_STARTS):
            mark = marks[number * (len(marks) - 1) // (SHORT_STARTS - 1)]
            self.kill(Plan("start", 1, mark, self.delay_s(), debug=True))
        for mark in ("order.placed", "order.accepted", "order.filled"):
            self.kill(Plan("busy", 2, mark))
        self.kill(Plan("busy", 40, "", 0.001, {"kind": "delay", "route": "order.place", "delay_ms": 30, "count": -1}))
        self.kill(Plan("stop", 3))
        self.rest()

    def table(self) -> str:
        self.ready_s.sort()
        ready = f"{self.ready_s[len(self.ready_s) // 2]:.2f} s, at most {self.ready_s[-1]:.2f} s" if self.ready_s else "never"
        own = self.books.own()
        cancelled = sum(order["status"] == "CANCELED" for order in own.values())
        reached = sum(self.killed_at["start", mark] > 0 for mark in self.start_marks)
        rows = (("kills", self.kills.total()), *((what, self.kills[kind]) for kind, what in KINDS.items()),
                ("kinds of line of a start, and those killed at", f"{len(self.start_marks)}, {reached}"),
                ("starts until ready, median", ready),
                ("orders at the exchange", len(own)), ("of them cancelled", cancelled), ("own trades", len(self.books.trades)),
                ("outcomes unknown, told", self.told["order.unknown"]), ("journal records", self.journal.sequence),
                ("reconciliations, sound", self.journal.sound), ("foreign orders", len(self.books.foreign)),
                ("refused by the exchange", json.dumps(self.books.errors)), ("violations", len(self.violations)))
        return "\n".join(f"| {name} | {value} |" for name, value in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--seconds", type=float, default=3600, help="no further kill after so many")
    parser.add_argument("--bin", type=pathlib.Path, default=session_support.BIN_DIR, help="where the programs are")
    parser.add_argument("--keep", type=pathlib.Path, help="a new folder, which is kept whatever the result")
    arguments = parser.parse_args()
    folder = arguments.keep or pathlib.Path(tempfile.mkdtemp(prefix="vigil-kills-"))
    folder.mkdir(mode=0o700, exist_ok=arguments.keep is None)
    print(f"seed {arguments.seed}, in {folder}", file=sys.stderr, flush=True)
    began = time.monotonic()
    campaign = Campaign(arguments.bin.resolve(), folder, arguments.seed)
    try:
        campaign.run(arguments.kills, arguments.seconds)
    except BaseException as error:
        campaign.violated("campaign", repr(error))
        raise
    finally:
        campaign.close()
        print(campaign.table())
        print(f"| seconds | {time.monotonic() - began:.0f} |")
        if not campaign.violations and arguments.keep is None:
            shutil.rmtree(folder)
    return 1 if campaign.violations else 0


if __name__ == "__main__":
    sys.exit(main())
