"""How often the key that it signs with stands in the memory of a running service: once, where no dump and no swap reaches it.

Reads /proc/PID/mem, which only root may do of a service that is not dumpable; skipped otherwise.
"""

import base64
import pathlib
import re
import unittest

import key_change_support
import session_support
import vigil_session

CHUNK_BYTES = 1 << 20


def is_readable(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/mem", "rb"):
            return True
    except OSError:
        return False


def copies(pid: int, wanted: bytes) -> tuple:
    """How often wanted stands in the writable memory of a process: in locked mappings that are left out of dumps, elsewhere."""
    guarded = elsewhere = 0
    ranges = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line)
        if head:
            ranges.append([int(head[1], 16), int(head[2], 16), head[3], set()])
        elif line.startswith("VmFlags:"):
            ranges[-1][3] = set(line.split()[1:])
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, access, flags in ranges:
            if not access.startswith("rw"):
                continue
            content = b""
            for at in range(begin, end, CHUNK_BYTES):
                try:
                    memory.seek(at)
                    content += memory.read(min(CHUNK_BYTES, end - at))
                except (OSError, ValueError):
                    content += b"\0"  # a page that cannot be read breaks what stands before and after it
            if {"lo", "dd"} <= flags:
                guarded += content.count(wanted)
            else:
                elsewhere += content.count(wanted)
    return guarded, elsewhere


class Memory(key_change_support.KeyChangeTest):
    def trading_daemon(self, key_type: str) -> tuple:
        exchange = vigil_session.Exchange(session_support.BIN_DIR, self.folder / "exchange", key_type=key_type)
        self.addCleanup(exchange.child.kill)
        vault = self.make_vault(exchange)
        daemon = self.start_daemon(vigil_session.overrides(exchange, vault))
        # Ready: it has signed its questions to the account.
        self.await_events(daemon, {"daemon.ready": 1})
        self.expect_readable(daemon, exchange.account)
        return exchange.account, vault, daemon

    def expect_readable(self, daemon: vigil_session.Daemon, account: dict):
        if not is_readable(daemon.child.pid):
            self.skipTest("its memory may not be read here")
        # The search finds what is there: the public half, which is no secret.
        self.assertGreater(sum(copies(daemon.child.pid, account["api_key"].encode())), 0)

    def test_an_hmac_secret(self):
        account, vault, daemon = self.trading_daemon("hmac")
        self.assertEqual(copies(daemon.child.pid, account["secret"].encode()), (1, 0))
        self.assertEqual(copies(daemon.child.pid, vault.machine_key.read_bytes()), (0, 0))
        self.assertEqual(daemon.child.stop(), 0)

    def test_an_ed25519_key(self):
        account, _, daemon = self.trading_daemon("ed25519")
        text = pathlib.Path(account["private_key_path"]).read_bytes().splitlines()[1]
        self.assertEqual(copies(daemon.child.pid, text), (0, 0))
        self.assertEqual(copies(daemon.child.pid, base64.b64decode(text)[-32:]), (1, 0))
        self.assertEqual(daemon.child.stop(), 0)

    def test_each_key_stands_once_while_one_takes_the_place_of_the_other(self):
        self.begin("hmac+hmac")
        pid = self.daemon.child.pid
        self.expect_readable(self.daemon, self.exchange.account)
        first, second = (key["secret"].encode() for key in (self.exchange.account, self.second))
        unused = b"U" * 64
        self.add("unused", self.second, secret=unused.decode())

        def expect(of_first: int, of_second: int):
            self.assertEqual(copies(pid, first), (of_first, 0))
            self.assertEqual(copies(pid, second), (of_second, 0))
            for absent in (unused, self.vault.machine_key.read_bytes()):
                self.assertEqual(copies(pid, absent), (0, 0))

        expect(1, 0)
        self.refuse("unused", "-1022")  # it was there, and signed a question
        expect(1, 0)
        self.await_orders(1)
        late = self.exchange.fault(kind="delay", route="order.place", delay_ms=3000, count=-1)
        self.await_orders(1)
        self.reload("second")
        self.await_events(self.daemon, {"credentials.key_changed": 1})
        expect(1, 1)  # an answer to what the first has signed is still to come
        self.exchange.admin(f"/faults?id={late['id']}", method="DELETE")
        self.await_events(self.daemon, {"credentials.key_released": 1})
        expect(0, 1)
        self.exchange.pause_market()
        self.assertEqual(self.daemon.child.stop(), 0, self.daemon.child.tail())


if __name__ == "__main__":
    unittest.main()
