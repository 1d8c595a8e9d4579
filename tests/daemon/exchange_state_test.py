"""vigil-exchange --state: killed at any moment, it takes up the last durable state, whole."""

import pathlib
import random
import subprocess
import tempfile
import time
import unittest

import session_support
import vigil_session

ROUNDS = 6
DURABLE_S = 20


class State(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="vigil-exchange-state-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.state = self.folder / "state"

    def start(self, number: int) -> vigil_session.Exchange:
        exchange = vigil_session.Exchange(session_support.BIN_DIR, self.folder / f"run{number}", "--state", self.state,
                                          "--state-seconds", "0.02", key_type="hmac")
        self.addCleanup(exchange.child.kill)
        return exchange

    def test_killed_at_any_moment_the_last_durable_state_is_whole(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print("seed", seed)
        draw = random.Random(seed)
        placed, keys = [], set()
        for number in range(ROUNDS):
            exchange = self.start(number)
            client = session_support.Account(exchange)
            keys.add(client.key["api_key"])
            kept = client.order_ids()
            self.assertEqual(kept, placed[:len(kept)], "the orders kept are the first ones placed, without a hole")
            self.assertGreaterEqual(len(kept), len(placed) - self.not_durable if number else 0)
            placed = kept
            status = exchange.account_status()
            self.assertEqual(status["open_orders"], len(kept))
            locked = f"{20 * len(kept):d}.00000000"
            self.assertEqual(status["balances"]["USDT"]["locked"], locked if kept else "0.00000000")
            durable = len(placed)
            for i in range(8):
                before = self.state_file().stat().st_mtime_ns if self.state_file().exists() else 0
                placed.append(f"r{number}-{i}")
                client.place(placed[-1])
                if i == 3:
                    vigil_session.wait_until(
                        lambda before=before: self.state_file().exists()
                        and self.state_file().stat().st_mtime_ns > before, DURABLE_S, "the state is written",
                        exchange.child)
                    durable = len(placed) - 1
            time_to_kill = time.monotonic() + draw.random() * 0.05
            while time.monotonic() < time_to_kill:
                client.order_ids()
            self.not_durable = len(placed) - durable
            exchange.child.kill()
        self.assertEqual(len(keys), 1, "the key is the same all along")

    def state_file(self) -> pathlib.Path:
        return self.state / "state"

    def test_asked_to_end_it_loses_nothing(self):
        exchange = self.start(0)
        client = session_support.Account(exchange)
        for name in ("one", "two", "three"):
            client.place(name)
        market_buy = client.send("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
        paths = ("account", "openOrders", "allOrders", "myTrades", "openOrderList")
        queries = {"allOrders": {"symbol": "BTCUSDT"}, "myTrades": {"symbol": "BTCUSDT"}}
        before = [client.send("GET", f"/api/v3/{path}", **queries.get(path, {})) for path in paths]
        self.assertEqual(exchange.child.stop(), 0)
        client = session_support.Account(self.start(1))
        after = [client.send("GET", f"/api/v3/{path}", **queries.get(path, {})) for path in paths]
        self.assertEqual(after, before)
        self.assertGreater(client.place("four"), market_buy["orderId"])

    def test_what_it_cannot_use_is_refused_and_left_alone(self):
        exchange = self.start(0)
        session_support.Account(exchange).place("one")
        self.assertEqual(exchange.child.stop(), 0)
        whole = self.state_file().read_bytes()
        heading, json_text = whole.split(b"\n", 1)
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for bad, why in ((whole[:-10], "the state is damaged (its length is not what it was)"),
                         (bytes(flipped), "the state is damaged (its checksum does not fit)"),
                         (b"", "the state is damaged (no heading)"),
                         (b"Dear diary,\n", "the state is damaged (no heading)"),
                         (json_text, "the state is damaged (no heading)"),
                         (heading.replace(b" 1 ", b" 7 ") + b"\n" + json_text, "a state of version 7")):
            with self.subTest(why):
                self.state_file().write_bytes(bad)
                result = subprocess.run([session_support.BIN_DIR / "vigil-exchange", "--state", self.state],
                                        capture_output=True, text=True, timeout=DURABLE_S, check=False)
                self.assertEqual(result.returncode, 65, result.stderr)
                self.assertIn(why, result.stderr)
                self.assertIn(str(self.state_file()), result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1)
                self.assertEqual(self.state_file().read_bytes(), bad, "it is left as it was")


if __name__ == "__main__":
    unittest.main()
