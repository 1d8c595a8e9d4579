"""How the demo looks: readable lines above one progress line on a terminal, plain lines elsewhere; the closing table."""

import decimal
import os
import shutil
import sys

# Events of severity info that a watcher wants to see; notice and above are always shown.
SHOWN = {
    "daemon.step_done", "clock.synchronised", "governor.budgets_loaded", "market.rules_loaded",
    "market.stream_connected", "market.book_synchronised", "exchange.session_connected",
    "exchange.user_data_subscribed", "order.placed", "order.cancelled", "order.resolved"}
QUIET = {"debug", "info"}
BOLD, GREEN, YELLOW, RED, PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"
COLOUR = {"warning": YELLOW, "error": RED, "critical": RED}
PLAIN_PROGRESS_EVERY_S = 10


class Display:
    def __init__(self, seconds: float, out=sys.stdout):
        self.out = out
        self.seconds = seconds
        self.terminal = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.coloured = self.terminal and "NO_COLOR" not in os.environ
        self.bar_shown = False
        self.next_plain_s = PLAIN_PROGRESS_EVERY_S

    def colour(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self.coloured and colour else text

    def line(self, text: str = ""):
        self.clear_bar()
        print(text, file=self.out, flush=True)

    def step(self, text: str):
        self.line(self.colour(f"== {text}", BOLD))

    def event(self, event: dict):
        severity, name = event.get("severity", ""), event.get("event", "")
        if severity in QUIET and name not in SHOWN:
            return
        colour = COLOUR.get(severity, GREEN if name == "order.filled" else "")
        mark = f"{severity.upper()} " if severity in COLOUR else ""
        clock = event.get("time", "")[11:19]
        self.line(self.colour(f"{clock}  {mark}{event.get('message', name)}", colour))

    def progress(self, elapsed_s: float, counts: str):
        done = min(1.0, elapsed_s / self.seconds) if self.seconds > 0 else 1.0
        if self.terminal:
            width = 24
            filled = int(done * width)
            text = f"[{'#' * filled}{'.' * (width - filled)}] {min(elapsed_s, self.seconds):3.0f}/{self.seconds:.0f} s  {counts}"
            self.note(text)
        elif elapsed_s >= self.next_plain_s:
            self.next_plain_s += PLAIN_PROGRESS_EVERY_S
            self.line(f"-- {elapsed_s:.0f} of {self.seconds:.0f} s: {counts}")

    def note(self, text: str):
        """Shows text on the last line until something else is shown. For terminals only."""
        columns = shutil.get_terminal_size().columns
        print(f"\r\x1b[K{text[:columns - 1]}", end="", file=self.out, flush=True)
        self.bar_shown = True

    def clear_bar(self):
        if self.bar_shown:
            print("\r\x1b[K", end="", file=self.out)
            self.bar_shown = False

    def table(self, rows: list, numbers_from: int):
        """Columns as wide as their widest cell; from column numbers_from on flush right."""
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for number, row in enumerate(rows):
            cells = [cell.ljust(width) if i < numbers_from else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(row, widths))]
            text = "  " + "  ".join(cells).rstrip()
            self.line(self.colour(text, BOLD) if number == 0 else text)


def amount(value, places: int = 8) -> str:
    """An exact decimal without needless zeros, never with an exponent; a dash for nothing; anything else as it is."""
    if value is None:
        return "-"
    try:
        number = decimal.Decimal(str(value))
    except decimal.InvalidOperation:
        return str(value)
    text = f"{number:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def amounts(by_asset: dict) -> str:
    return ", ".join(f"{amount(value)} {asset}" for asset, value in sorted(by_asset.items())) or "none"


def counts_by_kind(counts: dict) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "none"


def show_summary(display: Display, result: dict, summary: dict, kept: bool):
    """The closing table: result is what the demo found out itself, summary what the service wrote."""
    fate = "" if kept else "  (removed with the session; --keep leaves it)"
    rows = [["strategy", "kind", "symbol", "orders", "fills", "realized", "unrealized", "fees"]]
    for strategy in summary.get("strategies", []):
        fees = strategy["fees"]
        rows.append([strategy["name"], strategy["kind"], strategy["symbol"], str(strategy["orders"]),
                     str(strategy["fills"]), amount(strategy["realized"]), amount(strategy["unrealized"]),
                     amounts(fees) if isinstance(fees, dict) else amount(fees)])
    rows.append(["all", "", "", str(result["orders"]), str(result["fills"]), "", "", amounts(summary.get("fees", {}))])
    display.line()
    display.table(rows, 3)
    display.line()
    anomalies = result["anomalies"]
    facts = [
        ("request weight", f"{result['weight_peak']} in the busiest minute, of a budget of {result['weight_budget']}"),
        ("exchange clock", f"offset {result['offset_us']} us, known to within {result['uncertainty_us']} us"),
        ("anomalies", f"{anomalies['warning']} warnings, {anomalies['error']} errors, {anomalies['critical']} critical"),
        ("findings", counts_by_kind(result["findings"])),
        ("reconciled", "yes" if result["reconciled"] else "NO"),
        ("balances", "equal to the exchange's to the last digit" if result["balances_match"] else "DIFFER"),
        ("memory", f"{result['rss_mib']:.1f} MiB at most"),
        ("journal", result["journal"] + fate),
        ("log", result["events"] + fate),
    ]
    for name, text in facts:
        display.line(f"  {name:<16}{text}")
    for reason in result["unsound"]:
        display.line(display.colour(f"  UNSOUND: {reason}", RED))
    display.line()
