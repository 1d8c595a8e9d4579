"""vigilctl diagnose signature, and the start that names it: each cause of a refused signature, made at the real exchange."""

import json
import subprocess
import unittest

import rewriting_proxy
import session_support
import vigil_session


class DiagnoseSignature(session_support.SessionTest):
    def begin(self, made_as: str, **changes) -> vigil_session.Exchange:
        """An exchange with a key of that type, and a vault in which `changes` of it are wrong."""
        self.exchange = vigil_session.Exchange(session_support.BIN_DIR, self.folder / f"exchange-{made_as}", key_type=made_as)
        self.addCleanup(self.exchange.child.kill)
        account = self.exchange.account | changes
        self.vault = vigil_session.Vault(session_support.BIN_DIR, self.folder / f"vault-{made_as}", account)
        self.overrides = vigil_session.overrides(self.exchange, self.vault)
        return self.exchange

    def expect(self, status: int, cause: str, remedy: str = "", **overrides):
        command = [session_support.BIN_DIR / "vigilctl", "diagnose", "signature", "--config", session_support.DEMO_CONFIG,
                   "--state", self.state]
        for key, value in (self.overrides | overrides).items():
            command += ["--set", f"{key}={value}"]
        result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertTrue(result.stdout.startswith(cause + ": "), result.stdout)
        self.assertIn(remedy, result.stdout)

    def other_key(self, key_type: str) -> str:
        """A private key of nobody, in PEM."""
        path = self.folder / "other.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", key_type, "-out", path], check=True, capture_output=True)
        return path.read_text(encoding="utf-8")

    def test_nothing_is_wrong_then_the_clock(self):
        self.begin("ed25519")
        self.expect(0, "signatures are accepted")
        with rewriting_proxy.RewritingProxy(self.folder / "slow", self.exchange, rewrites=False, delay_s=0.5) as proxy:
            through = {"exchange.rest_url": proxy.url, "exchange.ca_file": proxy.ca}
            self.expect(0, "signatures are accepted", **through)
            self.expect(69, "clock", "recv_window", **through,
                        **{"exchange.recv_window": "150ms", "clock.max_uncertainty": "100ms"})
        self.exchange.fault(kind="error_before", route="account.status", code=-1021)
        self.expect(69, "clock", "recv_window")

    def test_something_on_the_way_encodes_anew(self):
        for made_as in ("hmac", "ed25519", "rsa"):
            with self.subTest(made_as), rewriting_proxy.RewritingProxy(self.folder / made_as, self.begin(made_as)) as proxy:
                self.expect(69, "encoding", "a proxy", **{"exchange.rest_url": proxy.url, "exchange.ca_file": proxy.ca})
                self.assertGreater(proxy.rewritten, 0)

    def test_an_answer_about_the_request_proves_nothing_without_a_control(self):
        self.begin("ed25519")
        # Whatever is said of the request: a wrong signature is refused as such, so the right one was believed.
        self.exchange.fault(kind="error_before", route="order.status", code=-1100)
        self.expect(0, "signatures are accepted")
        # An exchange that finds fault with the symbol before it looks at any signature.
        self.exchange.fault(kind="error_before", route="order.status", code=-1100, count=2)
        self.expect(69, "not found out", "whether it looked at the signature cannot be told")

    def test_an_address_that_is_not_allowed(self):
        self.begin("hmac")
        self.exchange.admin("/key", method="POST", members=dict(account=self.exchange.LABEL, ipRestrict=True, addresses=["127.0.0.2"]))
        self.expect(77, "key not accepted", "allows the address that this machine's requests come from")
        self.expect(0, "signatures are accepted", **{"exchange.bind_address": "127.0.0.2"})

    def test_the_secret_of_another_key(self):
        self.begin("hmac", secret="s" * 64)
        self.expect(77, "wrong secret for the key", "put the secret that the exchange showed")
        daemon = self.start_daemon(self.overrides)
        self.assertEqual(daemon.child.wait(session_support.READY_S), 77, daemon.child.tail())
        told = [event for event in daemon.events.read()
                if event["event"] in ("daemon.start_failed", "exchange.signature_refused")]
        self.assertEqual(len(told), 2, told)
        for event in told:
            self.assertIn("vigilctl diagnose signature", json.dumps(event))

    def test_the_private_key_of_another_pair(self):
        self.begin("ed25519", secret=self.other_key("ed25519"))
        self.expect(77, "wrong secret for the key", "vigilctl vault export-public")

    def test_a_secret_with_quotation_marks_and_one_with_blanks(self):
        secret = self.begin("hmac").account["secret"]
        self.vault.add("quoted", "hmac", self.exchange.account["api_key"], f'"{secret}"\n')
        self.expect(77, "white space in the stored secret", "the secret alone", **{"credentials.label": "quoted"})
        with self.assertRaisesRegex(vigil_session.SessionError, "without spaces"):
            self.vault.add("spaced", "hmac", self.exchange.account["api_key"], secret[:32] + " " + secret[32:])
        self.vault.add("trailing", "hmac", self.exchange.account["api_key"], secret + " \r\n")
        self.expect(0, "signatures are accepted", **{"credentials.label": "trailing"})

    def test_a_private_key_that_was_added_as_hmac(self):
        lines = self.other_key("ed25519").splitlines()
        self.begin("ed25519", key_type="hmac", secret="".join(line for line in lines if not line.startswith("-")))
        self.expect(77, "wrong key type", "--type ed25519 or rsa")

    def test_a_key_that_the_exchange_does_not_know_and_one_that_is_retired(self):
        self.begin("hmac", api_key="a" * 64)
        self.expect(77, "key not accepted", "see at the exchange")
        self.vault.command("retire", self.vault.label)
        self.expect(77, "retired key", "credentials.label")

    def test_what_cannot_be_found_out(self):
        self.begin("hmac")
        self.expect(66, "not found out", "mend that first", **{"credentials.label": "other"})
        self.exchange.child.kill()
        self.expect(69, "not found out", "vigilctl preflight")


if __name__ == "__main__":
    unittest.main()
