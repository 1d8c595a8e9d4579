"""vigilctl journal: what a session has written is whole, can be read while it runs, and shows where it was altered."""

import csv
import decimal
import io
import json
import re
import sqlite3
import subprocess
import unittest

import session_support
import vigil_session

EX_USAGE, EX_DATAERR, EX_NOINPUT = 64, 65, 66


class JournalTool(session_support.SessionTest):
    def tool(self, *words, status: int = 0, group: tuple = ("journal",)) -> str:
        command = [str(word) for word in (session_support.BIN_DIR / "vigilctl", *group, *words)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertEqual(result.stderr == "", status == 0, result.stderr)
        return result.stdout if status == 0 else result.stderr

    def session(self) -> vigil_session.Exchange:
        exchange = self.start_exchange("--seed", "3")
        daemon = self.start_daemon(vigil_session.overrides(exchange, self.make_vault(exchange)))
        self.await_events(daemon, {"daemon.ready": 1, "order.filled": 3})
        self.assertRegex(self.tool("verify", self.state), r"^\d+ records, whole; head [0-9a-f]{64}\n$")
        self.assertEqual(daemon.child.stop(), 0)
        self.fills = daemon.summary()["fills"]
        return exchange

    def alter(self, sql: str):
        with sqlite3.connect(self.state / "journal.sqlite") as database:
            for trigger in ("records_keep", "records_stay"):
                database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            database.execute(sql)
        database.close()

    def test_a_session(self):
        exchange = self.session()
        lines = self.tool("show", self.state, "--last", "7").splitlines()
        self.assertEqual(len(lines), 7)
        self.assertRegex(lines[-1], r"^20\d\d-\S+Z  \d+  session_stopped  in order: ")
        placed = self.tool("show", self.state, "--kind", "intent").splitlines()[0].split("  ")
        order = self.tool("show", self.state, "--order", placed[3]).splitlines()
        self.assertEqual([line.split("  ")[3] for line in order], [placed[3]] * len(order))
        self.assertGreaterEqual(len(order), 2)

        replayed = self.tool("replay", self.state).splitlines()
        told = re.fullmatch(r"\d+ records of 1 sessions, (\d+) orders; (\d+) statements and (\d+) decisions compared, 0 differ", replayed[-1])
        self.assertIsNotNone(told, replayed[-1])
        self.assertGreaterEqual(int(told[1]), 3)
        self.assertGreaterEqual(int(told[2]), 2)  # one a minute, and one at the end
        self.assertGreaterEqual(int(told[3]), int(told[1]))
        self.assertTrue(any(line.startswith("holding ") for line in replayed), replayed)
        story = self.tool(self.state, placed[3], group=("explain",))
        for part in ("session ", "saw ", "held ", "means ", "checks ", "waited ", "on the wire ", "result "):
            self.assertIn(part, story)
        self.assertIn("no such order", self.tool(self.state, "web_1", group=("explain",), status=EX_NOINPUT))

        records = [json.loads(line) for line in self.tool("export", self.state, "--format", "jsonl").splitlines()]
        self.assertEqual([record["sequence"] for record in records], list(range(1, len(records) + 1)))
        rows = list(csv.DictReader(io.StringIO(self.tool("export", self.state, "--format", "csv"))))
        self.assertEqual([json.loads(row["body"]) for row in rows], [record["body"] for record in records])

        trades = [json.loads(line) for line in self.tool("export", self.state, "--format", "jsonl", "--trades").splitlines()]
        self.assertEqual(len(trades), self.fills)
        self.assertEqual(len(trades), exchange.account_status()["fills"])
        self.assertLessEqual({trade["strategy"] for trade in trades}, {"demo-grid", "demo-dca", "demo-trend", "grid", "dca", "trend"})
        rows = list(csv.DictReader(io.StringIO(self.tool("export", self.state, "--format", "csv", "--trades"))))
        self.assertEqual([row["trade_id"] for row in rows], [str(trade["trade_id"]) for trade in trades])
        for trade in trades:
            self.assertEqual(decimal.Decimal(trade["price"]) * decimal.Decimal(trade["quantity"]),
                             decimal.Decimal(trade["quote_quantity"]))

        head = self.tool("verify", self.state).split()[-1]
        self.alter("DELETE FROM records WHERE sequence > 20")
        self.tool("verify", self.state)
        self.assertIn("shortened", self.tool("verify", self.state, "--head", head, status=EX_DATAERR))
        self.alter("UPDATE records SET body = replace(body, '\"', '''') WHERE sequence = 12")
        self.assertIn("record 12", self.tool("verify", self.state, status=EX_DATAERR))

    def test_what_cannot_be_read(self):
        self.assertIn("journal.sqlite", self.tool("verify", self.folder / "nowhere", status=EX_NOINPUT))
        self.tool("verify", self.folder, "--head", "12", status=EX_USAGE)
        (self.folder / "journal.sqlite").write_bytes(b"")
        (self.folder / "journal.sqlite").chmod(0o600)
        self.assertIn("not a journal", self.tool("show", self.folder, status=EX_DATAERR))


if __name__ == "__main__":
    unittest.main()
