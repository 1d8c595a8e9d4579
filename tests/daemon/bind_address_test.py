"""exchange.bind_address: every connection leaves through that address, so that a key which is tied to it works."""

import pathlib
import re
import signal
import socket
import subprocess
import threading
import unittest

import session_support
import vigil_session

ADDRESS = "127.0.0.2"
EX_NOPERM = 77
ESTABLISHED = "01"
TLS_ALERT = b"\x15"


def connections(pid: int) -> set:
    """(local address, remote port) of the established IPv4 connections of a process."""
    inodes = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.update(re.findall(r"^socket:\[(\d+)\]$", str(entry.readlink())))
        except FileNotFoundError:
            continue
    found = set()
    for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == ESTABLISHED and fields[9] in inodes:
            local = bytes.fromhex(fields[1].split(":")[0])[::-1]
            found.add((".".join(map(str, local)), int(fields[2].split(":")[1], 16)))
    return found


class BindAddress(session_support.SessionTest):
    def setUp(self):
        super().setUp()
        self.exchange = self.start_exchange("--seed", "5")
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL, addresses=[ADDRESS]))
        self.overrides = vigil_session.overrides(self.exchange, self.make_vault(self.exchange))

    def test_the_key_is_refused_from_elsewhere(self):
        daemon = self.start_daemon(self.overrides)
        self.assertEqual(daemon.child.wait(session_support.READY_S), EX_NOPERM, daemon.child.tail())
        self.assertEqual(self.exchange.account_status()["accepted_by_client_order_id"], {})

    def test_every_connection_leaves_through_it(self):
        daemon = self.start_daemon(self.overrides | {"exchange.bind_address": ADDRESS})
        self.await_events(daemon, {"daemon.ready": 1, "order.filled": 1})
        seen = connections(daemon.child.pid)
        self.assertEqual({local for local, _ in seen}, {ADDRESS}, seen)
        # REST, market streams and the WebSocket API share a port; there are at least one of each.
        self.assertGreaterEqual(self.exchange.admin("/status")["connections"]["streams"], 1)
        self.assertGreaterEqual(self.exchange.admin("/status")["connections"]["ws_api"], 1)
        daemon.child.send(signal.SIGTERM)
        self.assertEqual(daemon.child.wait(session_support.READY_S), 0, daemon.child.tail())
        self.assertTrue(daemon.summary()["balances_agree"])

    def test_a_second_address_of_the_host_is_not_reached_around_it(self):
        """The first address of the REST host refuses; the client's connection to the second is none of ours to bind."""
        hosts = self.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n127.0.0.9 localhost\n", encoding="ascii")
        if subprocess.run(["unshare", "--mount", "mount", "--bind", hosts, "/etc/hosts"], capture_output=True, check=False).returncode:
            self.skipTest("no mount namespaces here")
        second = socket.create_server(("127.0.0.9", 0))
        self.addCleanup(second.close)
        heard = []

        def listen():
            while True:
                try:
                    client, (address, _) = second.accept()
                except OSError:
                    return
                with client:
                    client.settimeout(5)
                    try:
                        heard.append((address, client.recv(4096)))
                    except OSError:
                        heard.append((address, b""))

        threading.Thread(target=listen, daemon=True).start()
        url = f"https://localhost:{second.getsockname()[1]}"
        daemon = self.start_daemon(self.overrides | {"exchange.bind_address": ADDRESS, "exchange.rest_url": url},
                                   within=("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts))
        vigil_session.wait_until(lambda: len(heard) >= 3, session_support.READY_S, "the second address is tried", daemon.child)
        daemon.child.send(signal.SIGTERM)
        self.assertEqual(daemon.child.wait(session_support.READY_S), 0, daemon.child.tail())
        for address, said in heard:
            self.assertNotEqual(address, ADDRESS)
            self.assertIn(said[:1], (b"", TLS_ALERT), "the handshake is refused before it begins")


if __name__ == "__main__":
    unittest.main()
