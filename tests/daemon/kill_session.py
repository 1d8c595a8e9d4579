"""The session that kill_campaign.py kills: its exchange, its strategies, what goes wrong at the exchange, and its output as
it comes."""

import collections
import decimal
import json
import os
import pathlib
import select
import time

import kill_books
import vigil_session

SYMBOLS = ("BTCUSDT", "ETHUSDT")
OPENING = {"USDT": decimal.Decimal(40000), "BTC": decimal.Decimal(1), "ETH": decimal.Decimal(10)}
OPEN_ORDERS, OPEN_ORDERS_TOTAL = 60, 100  # of one symbol, of all

NO_FAULT: dict = {}
FAULTS = (
    NO_FAULT, NO_FAULT, NO_FAULT,
    {"kind": "delay", "route": "order.place", "delay_ms": 30, "count": -1},
    {"kind": "delay", "route": "order.cancel", "delay_ms": 30, "count": -1},
    {"kind": "delay", "route": "*", "delay_ms": 10, "count": -1, "probability": "0.5"},
    {"kind": "delay", "on": "user_events", "delay_ms": 40, "count": -1},
    {"kind": "missing", "event": "executionReport", "count": -1, "probability": "0.2"},
    {"kind": "duplicate", "event": "executionReport", "count": -1, "probability": "0.5"},
    {"kind": "reorder", "event": "executionReport", "delay_ms": 20, "count": -1, "probability": "0.3"},
    {"kind": "drop_after", "route": "order.place", "disconnect": False, "count": 3, "skip": 2},
    {"kind": "drop_after", "route": "order.place", "count": 1, "skip": 3},
    {"kind": "drop_before", "route": "order.place", "count": 1, "skip": 3},
    {"kind": "error_after", "route": "order.place", "code": -1007, "count": 2, "skip": 1},
    {"kind": "error_before", "route": "order.place", "status": 503, "count": 2, "skip": 1},
)
INJECTED_CODES = {"-1007", "-1000"}  # a 503 is counted as -1000


class Exchange(vigil_session.Exchange):
    BALANCES = ",".join(f"{asset}={amount}" for asset, amount in OPENING.items())


def strategies(prices: dict) -> list:
    """Orders all the time: two grids that rest in the book, purchases at the market and in the book (those give way, by
    cancels), and a trend of seconds."""
    def grid(symbol: str, levels: int, way: decimal.Decimal) -> dict:
        cents = decimal.Decimal("0.01")
        return {"name": f"grid-{symbol[:3].lower()}", "kind": "grid", "symbol": symbol, "levels": levels,
                "spacing": "arithmetic", "investment": 8000, "lower": str((prices[symbol] * (1 - way)).quantize(cents)),
                "upper": str((prices[symbol] * (1 + way)).quantize(cents))}

    way = decimal.Decimal("0.006")
    return [grid("BTCUSDT", 31, way), grid("ETHUSDT", 25, way),
            {"name": "dca-eth", "kind": "dca", "symbol": "ETHUSDT", "every": "1s", "amount": 6, "total_budget": 4000},
            {"name": "dca-near", "kind": "dca", "symbol": "BTCUSDT", "every": "1s", "amount": 6, "total_budget": 4000,
             "order": "limit", "limit_offset": "0.002%"},
            {"name": "dca-market", "kind": "dca", "symbol": "BTCUSDT", "every": "1s", "amount": 6, "total_budget": 4000},
            {"name": "dca-limit", "kind": "dca", "symbol": "ETHUSDT", "every": "1s", "amount": 6, "total_budget": 4000,
             "order": "limit", "limit_offset": "0.02%"},
            {"name": "trend", "kind": "trend", "symbol": "ETHUSDT", "fast": 2, "slow": 4, "interval": "1s", "size": 100,
             "cool_down": "1s", "max_position": 200}]


def limits(chosen: list) -> kill_books.Limits:
    """What these strategies may do, by their settings."""
    def budget_of(strategy: dict) -> decimal.Decimal:
        if strategy["kind"] == "trend":
            # Its entries are market orders, which may cost a little more than they were meant to (engine/start.cpp).
            return strategy["max_position"] * decimal.Decimal("1.01")
        return decimal.Decimal(strategy["investment" if strategy["kind"] == "grid" else "total_budget"])

    return kill_books.Limits(OPEN_ORDERS, OPEN_ORDERS_TOTAL, {each["name"]: budget_of(each) for each in chosen},
                             {each["name"]: 1_000_000 for each in chosen if each.get("every") == "1s"})


class Lines:
    """A process's output as it comes, line by line; a copy goes to `copy`."""

    def __init__(self, copy: pathlib.Path):
        self.copy = open(copy, "ab")  # pylint: disable=consider-using-with
        self.reader, self.sink = os.pipe()
        self.waiting, self.rest, self.all = collections.deque(), b"", []

    def begin(self):
        """The process has its end."""
        os.close(self.sink)

    def next(self, until: float) -> bytes | None:
        """The next line, or None when no more come. Raises TimeoutError."""
        while not self.waiting:
            if not select.select([self.reader], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError
            if not self._take():
                return None
        return self.waiting.popleft()

    def drain(self, until: float):
        """Reads until no more come: who does not read lets the process wait. Raises TimeoutError."""
        while self.next(until) is not None:
            pass

    def end(self) -> list:
        """The process is gone: whatever else it has said, and all events of it."""
        while self._take():
            pass
        os.close(self.reader)
        self.copy.close()
        events = []
        for line in self.all:
            try:
                events.append(json.loads(line))
            except ValueError:
                events.append({"event": "no event", "severity": "error", "message": line.decode(errors="replace")})
        return events

    def _take(self) -> bool:
        data = os.read(self.reader, 1 << 16)
        self.copy.write(data)
        *whole, self.rest = (self.rest + data).split(b"\n")
        self.waiting.extend(whole)
        self.all.extend(whole)
        return bool(data)
