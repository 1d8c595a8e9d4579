"""What the tests of whole processes share: the programs, recorded data, a session with an exchange, a vault and the service.

Needs deploy/ on PYTHONPATH (vigil_session) and VIGIL_BIN_DIR; ctest sets both.
"""

import contextlib
import decimal
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import sqlite3
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import vigil_session

ROOT = pathlib.Path(os.environ.get("VIGIL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BIN_DIR = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", ROOT / "build/release/bin"))
DATA = pathlib.Path(os.environ.get("VIGIL_TEST_DATA", ROOT.parent / "shared/data"))
CAPTURE = DATA / "ws/BTCUSDT-spot-20240808T2354.jsonl.gz"
DEMO_CONFIG = ROOT / "config/demo/vigild.yaml"
READY_S = 30
PROGRESS_S = 60


def processes_naming(text: str) -> list:
    """Command lines of the running processes that mention text, this one excepted."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                continue
            if text in line:
                found.append(line)
    return found


class Account:
    """The one account of an exchange, by signed REST requests with its HMAC key."""

    def __init__(self, exchange: vigil_session.Exchange):
        self.ready = exchange.ready
        account = exchange.account
        self.key = next(key for key in [account, *account.get("more_keys", [])] if key["key_type"] == "hmac")
        self.context = ssl.create_default_context(cafile=self.ready["ca"])

    def send(self, verb: str, path: str, **parameters):
        query = urllib.parse.urlencode({**parameters, "timestamp": int(time.time() * 1000), "recvWindow": 60000})
        signature = hmac.new(self.key["secret"].encode(), query.encode(), hashlib.sha256).hexdigest()
        return self._ask(verb, f"{path}?{query}&signature={signature}", {"X-MBX-APIKEY": self.key["api_key"]})

    def _ask(self, verb: str, target: str, headers: dict):
        request = urllib.request.Request(self.ready["rest"] + target, method=verb, headers=headers)
        with urllib.request.urlopen(request, context=self.context, timeout=READY_S) as answer:
            return json.load(answer)

    def price(self, symbol: str) -> decimal.Decimal:
        return decimal.Decimal(self._ask("GET", f"/api/v3/ticker/price?symbol={symbol}", {})["price"])

    def place(self, name: str, symbol: str = "BTCUSDT", price: str = "20000") -> int:
        """A purchase of 0.001 far below the market."""
        return self.send("POST", "/api/v3/order", symbol=symbol, side="BUY", type="LIMIT", timeInForce="GTC",
                         quantity="0.001", price=price, newClientOrderId=name)["orderId"]

    def order_ids(self, symbol: str = "BTCUSDT") -> list:
        """The client order ids of all orders."""
        return [order["clientOrderId"] for order in self.send("GET", "/api/v3/allOrders", symbol=symbol, limit=1000)]


class SessionTest(unittest.TestCase):
    """A folder for each test; whatever it started is gone afterwards."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.state = self.folder / "state"
        self.starts = 0

    def start_exchange(self, *arguments) -> vigil_session.Exchange:
        exchange = vigil_session.Exchange(BIN_DIR, self.folder / "exchange", *arguments)
        self.addCleanup(exchange.child.kill)
        return exchange

    def make_vault(self, exchange: vigil_session.Exchange) -> vigil_session.Vault:
        return vigil_session.Vault(BIN_DIR, self.folder / "vault", exchange.account)

    def start_daemon(self, overrides: dict, config: pathlib.Path = DEMO_CONFIG, within: tuple = (),
                     stdin: int = subprocess.DEVNULL) -> vigil_session.Daemon:
        self.starts += 1
        daemon = vigil_session.Daemon(BIN_DIR, config, self.state, overrides, self.folder / f"vigild-{self.starts}.log", within,
                                      stdin)
        self.addCleanup(daemon.child.kill)
        return daemon

    def await_events(self, daemon: vigil_session.Daemon, wanted: dict, deadline_s: float = PROGRESS_S) -> dict:
        """Waits until the service has logged each event of wanted that often; returns what it has logged since the last call."""
        counts = {}

        def enough():
            for event in daemon.events.read():
                counts[event["event"]] = counts.get(event["event"], 0) + 1
            return all(counts.get(name, 0) >= number for name, number in wanted.items())

        vigil_session.wait_until(enough, deadline_s, f"the events {wanted}", daemon.child)
        return counts


class AccountedTest(SessionTest):
    """A session with one exchange (self.exchange) at whose end both sides must tell the same."""

    def journaled_order_ids(self) -> set:
        path = self.state / "journal.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT DISTINCT client_order_id FROM records WHERE client_order_id <> ''").fetchall()
        return {row[0] for row in rows}

    def expect_accounted(self, summary: dict, errors: int = 0):
        """The market stands still and the service is gone: now both sides must tell the same. `errors`: of its anomalies."""
        account = self.exchange.account_status()
        accepted = account["accepted_by_client_order_id"]
        self.assertGreater(len(accepted), 0)
        self.assertEqual({order: count for order, count in accepted.items() if count != 1}, {}, "an order was doubled")
        self.assertLessEqual(set(accepted), self.journaled_order_ids(), "an order that the journal does not know")
        self.assertEqual(summary["open_orders"], account["open_orders"])
        self.assertEqual(summary["unknown_orders"], 0)
        self.assertTrue(summary["reconciled"])
        self.assertEqual(vigil_session.differing_balances(summary["balances"], account["balances"]), [])
        self.assertEqual((summary["anomalies"]["error"], summary["anomalies"]["critical"]), (errors, 0))

    def stop_and_compare(self, daemon: vigil_session.Daemon, errors: int = 0) -> dict:
        self.exchange.pause_market()
        self.assertEqual(daemon.child.stop(), 0, daemon.child.tail())
        summary = daemon.summary()
        self.expect_accounted(summary, errors)
        return summary
