"""Killed during a ban and started again: not one byte reaches the exchange before the ban is over, whatever the wall clock says.

The service talks to the exchange through relays that note when anything arrives. They and the service read the same
monotonic clock.
"""

import signal
import socket
import threading
import time
import unittest
import urllib.parse

import session_support
import vigil_session

BAN_S = 14
CRAFTED_BAN_S = 4
YEAR_US = 365 * 24 * 3600 * 1_000_000


class Relay:
    """Passes TCP on to one port of the exchange. Every connection that comes in is noted before anything else happens."""

    def __init__(self, port: int):
        self.target = port
        self.arrivals_ns = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.arrivals_ns.append(time.monotonic_ns())
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self.lock:
                self.sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass_on(source: socket.socket, sink: socket.socket):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
        with self.lock:
            for each in self.sockets:
                each.close()


class Ban(session_support.SessionTest):
    def setUp(self):
        super().setUp()
        self.exchange = self.start_exchange("--seed", "11", "--speed", "1")
        self.relays = {}
        self.overrides = vigil_session.overrides(self.exchange, self.make_vault(self.exchange))
        for key in ("exchange.rest_url", "exchange.stream_url", "exchange.ws_api_url"):
            self.overrides[key] = self.relayed(self.overrides[key])

    def relayed(self, url: str) -> str:
        parts = urllib.parse.urlsplit(url)
        if parts.port not in self.relays:
            self.relays[parts.port] = Relay(parts.port)
            self.addCleanup(self.relays[parts.port].close)
        return parts._replace(netloc=f"127.0.0.1:{self.relays[parts.port].port}").geturl()

    def first_arrival_ns(self) -> int:
        return min((relay.arrivals_ns[0] for relay in self.relays.values() if relay.arrivals_ns), default=0)

    def ban_file(self) -> dict:
        lines = (self.state / "ban").read_text(encoding="utf-8").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def write_ban_file(self, ban: dict):
        path = self.state / "ban"
        path.write_text("".join(f"{name} {value}\n" for name, value in ban.items()), encoding="utf-8")
        path.chmod(0o600)

    def ban_address(self, seconds: int):
        self.exchange.fault(kind="ban", seconds=seconds)

    def expect_silence_until(self, deadline_ns: int):
        """Starts the service, and looks when the exchange heard of it first."""
        for relay in self.relays.values():
            relay.arrivals_ns.clear()
        daemon = self.start_daemon(self.overrides)
        counts = self.await_events(daemon, {"daemon.ready": 1}, session_support.READY_S)
        self.assertEqual(counts.get("governor.ban_restored"), 1)
        first = self.first_arrival_ns()
        self.assertGreaterEqual(first, deadline_ns, f"{(deadline_ns - first) / 1e9} s too early")
        self.assertLess(first, deadline_ns + 5_000_000_000, "and then it goes on")
        self.assertFalse((self.state / "ban").exists(), "a ban that is over is forgotten")
        self.assertEqual(daemon.child.stop(), 0, daemon.child.tail())

    def test_a_ban_is_kept_over_kills_and_whatever_the_wall_clock_says(self):
        daemon = self.start_daemon(self.overrides)
        self.await_events(daemon, {"daemon.ready": 1}, session_support.READY_S)
        self.assertFalse((self.state / "ban").exists())
        self.ban_address(BAN_S)
        banned_ns = time.monotonic_ns()
        self.await_events(daemon, {"governor.banned": 1}, BAN_S)
        daemon.child.process.send_signal(signal.SIGKILL)
        self.assertEqual(daemon.child.wait(5), -signal.SIGKILL)
        ban = self.ban_file()
        self.assertEqual(ban["status"], "418")
        deadline_ns = int(ban["until_ns"])
        self.assertGreaterEqual(deadline_ns, banned_ns + (BAN_S - 1) * 1_000_000_000)

        # Killed once more while it waits; and by now the wall clock has been set back by a year.
        for name in ("wall_until_us", "wall_imposed_us"):
            ban[name] = str(int(ban[name]) + YEAR_US)
        self.write_ban_file(ban)
        for relay in self.relays.values():
            relay.arrivals_ns.clear()
        waiting = self.start_daemon(self.overrides)
        self.await_events(waiting, {"governor.ban_restored": 1}, session_support.READY_S)
        waiting.child.process.send_signal(signal.SIGKILL)
        self.assertEqual(waiting.child.wait(5), -signal.SIGKILL)
        self.assertEqual(self.first_arrival_ns(), 0)
        self.expect_silence_until(deadline_ns)

        # After a boot the monotonic clock began anew. The wall clock is behind the moment when the ban was made, so
        # the whole ban counts again.
        ban["boot_id"] = "00000000-0000-4000-8000-000000000000"
        ban["wall_imposed_us"] = str(int(time.time() * 1e6) + YEAR_US)
        ban["wall_until_us"] = str(int(ban["wall_imposed_us"]) + CRAFTED_BAN_S * 1_000_000)
        self.write_ban_file(ban)
        self.expect_silence_until(time.monotonic_ns() + CRAFTED_BAN_S * 1_000_000_000)


if __name__ == "__main__":
    unittest.main()
