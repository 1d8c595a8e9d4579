"""The campaign of kill_campaign.py in small: nothing is violated. And then: each invariant can be violated, and is seen to be.

What is tampered with is the journal (an older state folder is put back, records are taken out or altered) and the account
(an order doubled, money taken away, a stranger's order cancelled), after the campaign has left both in order.
"""

import contextlib
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import unittest

import kill_books
import kill_campaign
import session_support

SEED = 11


def rules(violations: list) -> set:
    return {rule for rule, _ in violations}


class Kills(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-kills-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.campaign = kill_campaign.Campaign(session_support.BIN_DIR, self.folder, SEED)
        self.addCleanup(self.campaign.close)

    def test_nothing_is_violated_and_everything_could_be(self):
        campaign = self.campaign
        campaign.run_short()
        print(campaign.table(), file=sys.stderr)
        self.assertEqual(campaign.violations, [])
        self.assertGreater(len(campaign.books.own()), 30)
        self.assertGreater(len(campaign.books.trades), 5)
        campaign.tells = False
        with self.subTest("a journal that lacks something"):
            self.tampered_journals()
        with self.subTest("an account that something was done to"):
            self.tampered_account()
        with self.subTest("an older state folder, and a service that starts on it"):
            self.older_state()

    # ---- the journal -------------------------------------------------------------------------------------

    def altered(self, sql: str) -> kill_books.JournalBook:
        """The journal of a copy of the state folder that this was done to."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.campaign.state, copy)
        with contextlib.closing(sqlite3.connect(copy / "journal.sqlite")) as database, database:
            for trigger in ("records_keep", "records_stay"):
                database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            self.assertGreater(database.execute(sql).rowcount, 0, sql)
        verified = self.campaign.tool("verify", copy, "--head", self.campaign.head)
        self.assertNotEqual(verified.returncode, 0, "the tool does not see it")
        book = kill_books.JournalBook(copy)
        book.read_on()
        return book

    def tampered_journals(self):
        books, limits = self.campaign.books, self.campaign.limits
        known = kill_books.then(self.campaign.journal, books)
        # The last decided may never have got there.
        last = max(books.own().items(), key=lambda item: item[1]["orderId"])[0]
        for sql, rule in (
                ("DELETE FROM records WHERE sequence >= (SELECT min(sequence) FROM records WHERE kind = 'intent' "
                 f"AND client_order_id = '{last}')", "intent"),
                (f"DELETE FROM records WHERE client_order_id = '{last}'", "intent"),
                ("UPDATE records SET body = replace(body, '\"commission\":\"0.0', '\"commission\":\"0.1')", "trades"),
                ("UPDATE records SET body = replace(body, '\"CANCELED\"', '\"FILLED\"')", "lost"),
                ("UPDATE records SET client_order_id = 'v0000-0-0-1' WHERE kind = 'intent' AND body LIKE '%\"place\"%'",
                 "doubled")):
            with self.subTest(sql):
                self.assertIn(rule, rules(kill_books.at_any_moment(self.altered(sql), books, limits)))
        for sql, rule in (("DELETE FROM records WHERE body LIKE '%\"trade_id\"%'", "trades"),
                          ("DELETE FROM records WHERE kind IN ('outcome', 'execution', 'order_view')", "unknown")):
            with self.subTest(sql):
                self.assertIn(rule, rules(kill_books.known_again(known, self.altered(sql))))
        with self.subTest("the last record is gone"):
            book = self.altered("DELETE FROM records WHERE sequence = (SELECT max(sequence) FROM records)")
            book.sequence, book.hash = self.campaign.journal.sequence, self.campaign.journal.hash
            book.read_on()
            self.assertIn("append only", rules(kill_books.at_any_moment(book, books, limits)))

    # ---- the account -------------------------------------------------------------------------------------

    def tampered_account(self):
        campaign = self.campaign
        closed = next(order_id for order_id, order in campaign.books.own().items() if order["status"] == "CANCELED")
        campaign.account.place(closed)
        stranger = next(iter(campaign.books.foreign))
        campaign.account.send("DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId=stranger)
        campaign.judge()
        self.assertLessEqual({"doubled", "foreign", "lost"}, rules(campaign.violations))
        campaign.violations.clear()
        # One that was never decided, in a slot that is taken.
        campaign.account.place(closed.rpartition("-")[0] + "-1")
        campaign.judge()
        self.assertLessEqual({"limits", "intent"}, rules(campaign.violations))
        campaign.violations.clear()
        campaign.account.send("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
        campaign.exchange.admin("/balance", method="POST",
                                members={"account": campaign.exchange.LABEL, "asset": "USDT", "delta": "-12.5"})
        campaign.rest()
        self.assertLessEqual({"balances", "events"}, rules(campaign.violations))
        self.assertIn("account.changed_outside", "".join(text for _, text in campaign.violations))
        campaign.violations.clear()

    # ---- both --------------------------------------------------------------------------------------------

    def older_state(self):
        """Put back under the service, which then meets orders that it has no record of."""
        campaign = self.campaign
        older = self.folder / "older"
        shutil.copytree(campaign.state, older)
        campaign.kill(kill_campaign.Plan("busy", 3, "order.accepted"))
        shutil.rmtree(campaign.state)
        older.rename(campaign.state)
        campaign.violations.clear()
        campaign.kill(kill_campaign.Plan("busy", 1, "order.placed"))
        # What else shows depends on whether an order that the older state does not know was open or done by then.
        self.assertLessEqual({"verify", "append only"}, rules(campaign.violations))
        self.assertGreaterEqual(len(rules(campaign.violations)), 3)


if __name__ == "__main__":
    unittest.main()
