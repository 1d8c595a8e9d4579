"""What must be true of a service that was killed: its journal on one side, its exchange on the other, and each of the
invariants as a function that says what is wrong. kill_campaign.py kills, and asks here.

The journal's rows are read and folded here anew, with nothing of the service's own code. The exchange's word is its
operator's port (orders, balances, how often each client order id was accepted) and signed reads (trades).
"""

import contextlib
import dataclasses
import decimal
import json
import pathlib
import re
import sqlite3
import typing

import session_support
import vigil_session

FINAL = {"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"}
# v<instance>-<strategy>-<slot>-<counter>
OWN_ID = re.compile(r"v[0-9a-z]{4}-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+")
ORDERS_LISTED = 100_000
TRADES_A_PAGE = 1000


class Violation(typing.NamedTuple):
    rule: str
    text: str


class Trade(typing.NamedTuple):
    """What both sides tell of a trade of ours. Amounts are exact."""
    order_id: int
    side: str
    price: decimal.Decimal
    quantity: decimal.Decimal
    quote_quantity: decimal.Decimal
    commission: decimal.Decimal
    commission_asset: str
    is_maker: bool


def trade_of(fill: dict, names: tuple) -> Trade:
    order_id, quote_quantity, commission_asset = names
    side = fill["side"] if "side" in fill else "BUY" if fill["isBuyer"] else "SELL"
    maker = fill["maker"] if "maker" in fill else fill["isMaker"] if "isMaker" in fill else fill["role"] == "maker"
    return Trade(fill[order_id], side, decimal.Decimal(fill["price"]),
                 decimal.Decimal(fill["quantity"] if "quantity" in fill else fill["qty"]),
                 decimal.Decimal(fill[quote_quantity]), decimal.Decimal(fill["commission"]), fill[commission_asset], maker)


JOURNAL_NAMES = ("order_id", "quote_quantity", "commission_asset")
EXCHANGE_NAMES = ("orderId", "quoteQty", "commissionAsset")


@dataclasses.dataclass
class Decided:
    """An order as the journal tells it."""
    strategy: str
    symbol: str
    decided_us: int  # of the exchange's time
    word: str = ""  # the first definite one: "accepted", "rejected", "never sent", "absent"
    status: str = ""
    executed: decimal.Decimal = decimal.Decimal(0)

    def told(self, status: str, executed: str):
        """By the exchange, of an order of its own or of one that it refuses (an order that was not taken has a report too)."""
        self.word = self.word if self.word == "absent" else "rejected" if status == "REJECTED" else "accepted"
        if self.status not in FINAL:
            self.status = status
        self.executed = max(self.executed, decimal.Decimal(executed))


class JournalBook:
    """The rows of a state folder's journal, folded as far as they have been read."""

    def __init__(self, state: pathlib.Path):
        self.path = state / "journal.sqlite"
        self.sequence = 0
        self.hash = ""
        self.strategies: list = []
        self.orders: dict = {}  # client order id: Decided
        self.trades: dict = {}  # (symbol, trade id): Trade
        self.used_twice: list = []
        self.adopted: list = []
        self.begun_us: dict = {}  # strategy that buys by the clock: the first purchase
        self.gaps: list = []
        self.sound = 0

    def read_on(self):
        try:
            self._read_on()
        except sqlite3.OperationalError:
            if self.sequence:
                raise
            # Killed while the file was made: what was begun in it is undone by whoever may write it, the next service.

    def _read_on(self):
        if not self.path.exists():
            return
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as database:
            if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'records'").fetchone():
                return
            if self.sequence:
                kept = database.execute("SELECT hex(hash) FROM records WHERE sequence = ?", [self.sequence]).fetchone()
                if kept is None or kept[0] != self.hash:
                    self.gaps.append(f"record {self.sequence}, which was durable, is not there any more, or is another")
                    return
            for sequence, exchange_us, kind, order_id, body, row_hash in database.execute(
                    "SELECT sequence, exchange_us, kind, client_order_id, body, hex(hash) FROM records WHERE sequence > ? "
                    "ORDER BY sequence", [self.sequence]):
                if sequence != self.sequence + 1:
                    self.gaps.append(f"record {sequence} follows record {self.sequence}")
                self.sequence, self.hash = sequence, row_hash
                self._take(exchange_us, kind, order_id, json.loads(body))

    def _take(self, exchange_us: int, kind: str, order_id: str, body: dict):
        if kind == "session_started":
            self.strategies = body["strategies"]
        elif kind == "reconcile":
            self.sound += body["sound"]
        elif kind == "intent" and "place" in body:
            if order_id in self.orders:
                self.used_twice.append(order_id)
            waited_us = (body["permitted_ns"] - body["decided_ns"]) // 1000
            self.orders[order_id] = Decided(self.strategies[body["strategy"]], body["place"]["symbol"], exchange_us - waited_us)
        elif kind == "strategy_state" and (begun := re.search(r" start_us=(\d+)", body["text"])):
            self.begun_us[body["strategy"]] = int(begun[1])
        elif kind == "order_view" and body["adopted"]:
            self.adopted.append(order_id)
        if (order := self.orders.get(order_id)) is not None:
            self._take_word(kind, order, body)
        if kind == "outcome" and "accepted" in body:
            self._take_fills(body["symbol"], body["accepted"]["fills"])
        elif kind == "execution" and "fill" in body:
            self._take_fills(body["symbol"], [body["fill"]])
        elif kind == "fills":
            self._take_fills(body["symbol"], body["fills"])

    @staticmethod
    def _take_word(kind: str, order: Decided, body: dict):
        if kind == "outcome" and "accepted" in body:
            order.told(body["accepted"]["order"]["status"], body["accepted"]["order"]["executed"])
        elif kind in ("execution", "order_view"):
            order.told(body["status"], body["executed"])
        elif kind == "outcome" and not body["cancel"] and not order.word:
            order.word = "rejected" if "rejected" in body else "never sent" if "never_sent" in body else ""
        elif kind == "order_not_found":
            order.word = "absent"

    def _take_fills(self, symbol: str, fills: list):
        for fill in fills:
            self.trades.setdefault((symbol, fill["trade_id"]), trade_of(fill, JOURNAL_NAMES))

    def open_questions(self) -> set:
        """Orders of which there is no definite word yet."""
        return {order_id for order_id, order in self.orders.items() if not order.word}


class ExchangeBook:
    """What the exchange says; look() brings it up to date."""

    def __init__(self, exchange: vigil_session.Exchange, account: session_support.Account, symbols: tuple):
        self.exchange, self.account, self.symbols = exchange, account, symbols
        self.orders: dict = {}     # client order id: the order
        self.accepted: dict = {}   # client order id: how often
        self.trades: dict = {}     # (symbol, trade id): Trade
        self.balances: dict = {}
        self.errors: dict = {}
        self.arrivals = 0          # requests to place an order that have arrived from the service, whatever became of them
        self.foreign: dict = {}    # client order id: the order as it was placed
        self.next_trade = dict.fromkeys(symbols, 0)

    def look(self):
        status = self.exchange.admin(f"/status?orders={ORDERS_LISTED}", deadline_s=30)
        account = next(each for each in status["accounts"] if each["label"] == self.exchange.LABEL)
        self.orders = {order["clientOrderId"]: order for order in account["orders"]}
        self.accepted = account["accepted_by_client_order_id"]
        self.balances = account["balances"]
        self.errors = status["errors"]
        place = status["requests"].get("order.place", {"rest": 0, "websocket": 0})
        self.arrivals = place["rest"] + place["websocket"] - len(self.foreign)
        for symbol in self.symbols:
            while True:
                page = self.account.send("GET", "/api/v3/myTrades", symbol=symbol, fromId=self.next_trade[symbol],
                                         limit=TRADES_A_PAGE)
                for trade in page:
                    self.trades[symbol, trade["id"]] = trade_of(trade, EXCHANGE_NAMES)
                    self.next_trade[symbol] = trade["id"] + 1
                if len(page) < TRADES_A_PAGE:
                    break

    def own(self) -> dict:
        return {order_id: order for order_id, order in self.orders.items() if OWN_ID.fullmatch(order_id)}

    def open_own(self) -> dict:
        return {order_id: order for order_id, order in self.own().items() if order["status"] not in FINAL}

    def keep_foreign(self, order_id: str):
        self.foreign[order_id] = self.account.send("GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId=order_id)


@dataclasses.dataclass
class Limits:
    """What the settings allow."""
    open_orders: int              # of one symbol
    open_orders_total: int
    budgets: dict                 # strategy: quote asset
    every_us: dict                # strategy that buys by the clock: time between purchases


def _differing(journal: JournalBook, exchange: ExchangeBook) -> list:
    wrong = []
    for order_id, ours in journal.orders.items():
        theirs = exchange.orders.get(order_id)
        if theirs is None:
            if ours.word == "accepted":
                wrong.append(Violation("lost", f"{order_id} is {ours.status} by the journal; the exchange does not know it"))
            continue
        executed = decimal.Decimal(theirs["executedQty"])
        if ours.word in ("absent", "rejected", "never sent"):
            wrong.append(Violation("lost", f"{order_id} is {ours.word} by the journal; at the exchange it is {theirs['status']}"))
        elif ours.status in FINAL and (ours.status != theirs["status"] or ours.executed != executed):
            wrong.append(Violation("lost", f"{order_id} has ended {ours.status} with {ours.executed} by the journal; at the "
                                           f"exchange it is {theirs['status']} with {executed}"))
        elif ours.executed > executed:
            wrong.append(Violation("lost", f"{order_id} has {ours.executed} executed by the journal, {executed} at the exchange"))
    return wrong


def at_any_moment(journal: JournalBook, exchange: ExchangeBook, limits: Limits) -> list:
    """What holds whenever the service is dead, whatever was under way: nothing is at the exchange that was not decided
    and written down before, nothing twice, and whatever the journal holds for certain is so."""
    wrong = [Violation("append only", gap) for gap in journal.gaps]
    wrong += [Violation("doubled", f"the journal has two intents to place {order_id}") for order_id in journal.used_twice]
    wrong += [Violation("doubled", f"{order_id} was accepted {times} times")
              for order_id, times in exchange.accepted.items() if times != 1]
    wrong += [Violation("intent", f"{order_id} is at the exchange, and the journal has no intent")
              for order_id in exchange.own() if order_id not in journal.orders]
    wrong += [Violation("intent", f"{order_id} was adopted: the journal had forgotten it") for order_id in journal.adopted]
    if exchange.arrivals > len(journal.orders):
        wrong.append(Violation("intent", f"{exchange.arrivals} requests to place an order, {len(journal.orders)} intents"))
    wrong += _differing(journal, exchange)
    for key, trade in journal.trades.items():
        if exchange.trades.get(key) != trade:
            wrong.append(Violation("trades", f"{key}: {trade} by the journal, {exchange.trades.get(key)} at the exchange"))
    for order_id, before in exchange.foreign.items():
        now = exchange.orders.get(order_id, {})
        changed = [name for name in ("orderId", "status", "price", "origQty", "executedQty") if now.get(name) != before[name]]
        if changed:
            wrong.append(Violation("foreign", f"{order_id}: " + ", ".join(
                f"{name} was {before[name]}, is {now.get(name)}" for name in changed)))
    return wrong + within_limits(journal, exchange, limits)


def within_limits(journal: JournalBook, exchange: ExchangeBook, limits: Limits) -> list:
    """By what is at the exchange: one order a slot, orders and money within the settings."""
    wrong = []
    slots, of_symbol, used = {}, {}, {}
    for order_id, order in exchange.open_own().items():
        slots.setdefault(OWN_ID.fullmatch(order_id).groups(), []).append(order_id)
        of_symbol[order["symbol"]] = of_symbol.get(order["symbol"], 0) + 1
    wrong += [Violation("limits", f"{len(ids)} orders in one slot: {ids}") for ids in slots.values() if len(ids) > 1]
    wrong += [Violation("limits", f"{count} orders are open on {symbol}, at most {limits.open_orders} may be")
              for symbol, count in of_symbol.items() if count > limits.open_orders]
    if sum(of_symbol.values()) > limits.open_orders_total:
        wrong.append(Violation("limits", f"{sum(of_symbol.values())} orders are open, at most {limits.open_orders_total} may be"))
    for order_id, order in exchange.own().items():
        if (decided := journal.orders.get(order_id)) is None:
            continue
        paid = decimal.Decimal(order["cummulativeQuoteQty"])
        spent, committed = used.get(decided.strategy, (decimal.Decimal(0), decimal.Decimal(0)))
        if order["side"] == "SELL":
            spent -= paid
        else:
            spent += paid
            if order["status"] not in FINAL:
                left = decimal.Decimal(order["origQty"]) - decimal.Decimal(order["executedQty"])
                committed += left * decimal.Decimal(order["price"])
        used[decided.strategy] = (spent, committed)
    for strategy, (spent, committed) in used.items():
        if max(spent, decimal.Decimal(0)) + committed > limits.budgets[strategy]:
            wrong.append(Violation("limits", f"{strategy} has spent {spent} and committed {committed}, its budget is "
                                             f"{limits.budgets[strategy]}"))
    return wrong + one_purchase_a_period(journal, exchange, limits)


def one_purchase_a_period(journal: JournalBook, exchange: ExchangeBook, limits: Limits) -> list:
    """What is bought by the clock is bought once each time, also when the clock strikes while the service is killed."""
    bought: dict = {}
    for order_id, order in exchange.own().items():
        decided = journal.orders.get(order_id)
        if decided is not None and decided.strategy in limits.every_us and decimal.Decimal(order["executedQty"]) > 0:
            period = (decided.decided_us - journal.begun_us[decided.strategy]) // limits.every_us[decided.strategy]
            bought.setdefault((decided.strategy, period), []).append(order_id)
    return [Violation("limits", f"{strategy} has bought more than once in its period {period}: {ids}")
            for (strategy, period), ids in bought.items() if len(ids) > 1]


@dataclasses.dataclass
class Then:
    """What was there when the service was killed: the next one that gets ready must know all of it."""
    own: set
    trades: dict
    questions: set


def then(journal: JournalBook, exchange: ExchangeBook) -> Then:
    return Then(set(exchange.own()), dict(exchange.trades), journal.open_questions())


def known_again(before: Then, journal: JournalBook) -> list:
    """After a start that got through its reconciliation: nothing of what was there before it is unknown."""
    wrong = [Violation("unknown", f"{order_id} is at the exchange; after a reconciliation the journal has no word of it")
             for order_id in before.own if order_id in journal.orders and journal.orders[order_id].word != "accepted"]
    wrong += [Violation("unknown", f"there is no word of {order_id}, after a reconciliation")
              for order_id in before.questions & journal.open_questions()]
    return wrong + [Violation("trades", f"{key}: {trade}: after a reconciliation the journal does not have it")
                    for key, trade in before.trades.items() if key not in journal.trades]


def at_rest(journal: JournalBook, exchange: ExchangeBook, summary: dict, exported: dict, opening: dict) -> list:
    """The market stands still and the service has stopped in order: both sides tell the same, to the last digit.
    `exported` are the trades that the tool gives out, `opening` the totals that the account began with."""
    wrong = known_again(then(journal, exchange), journal)
    if exported != exchange.trades:
        wrong += [Violation("trades", f"{key}: {exported.get(key)} exported, {exchange.trades.get(key)} at the exchange")
                  for key in sorted(set(exported) | set(exchange.trades)) if exported.get(key) != exchange.trades.get(key)]
    if exported != journal.trades:
        wrong.append(Violation("trades", "the tool's trades are not those of the journal's rows"))
    if exchange.open_own():
        wrong.append(Violation("lost", f"still open after the stop: {sorted(exchange.open_own())}"))
    totals = dict(opening)
    for (symbol, _), trade in exported.items():
        base = symbol.removesuffix("USDT")
        sign = 1 if trade.side == "BUY" else -1
        for asset, amount in ((base, sign * trade.quantity), ("USDT", -sign * trade.quote_quantity),
                              (trade.commission_asset, -trade.commission)):
            totals[asset] = totals.get(asset, decimal.Decimal(0)) + amount
    stated = {asset: decimal.Decimal(each["free"]) + decimal.Decimal(each["locked"])
              for asset, each in exchange.balances.items()}
    for asset in sorted(set(totals) | set(stated)):
        if totals.get(asset, 0) != stated.get(asset, 0):
            wrong.append(Violation("balances", f"{asset}: {totals.get(asset)} by the trades, {stated.get(asset)} at the exchange"))
    wrong += [Violation("balances", line)
              for line in vigil_session.differing_balances(summary["balances"], exchange.balances)]
    told = {name: summary[name] for name in ("reconciled", "balances_agree", "unknown_orders", "open_orders")}
    if told != {"reconciled": True, "balances_agree": True, "unknown_orders": 0, "open_orders": 0}:
        wrong.append(Violation("summary", f"{told}"))
    return wrong
