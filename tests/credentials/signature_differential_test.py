"""Signed requests against a second opinion: the canonical form written once more in Python, the signature by the openssl
command line.

10,000 random parameter sets with HMAC, both transports each, which openssl signs in one go. Ed25519 and RSA it verifies
one file a process, so those are fewer. The seed is printed; SIGNATURE_SEED repeats a run.
"""

import base64
import os
import pathlib
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

SIGNER = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", "build/dev/bin")).resolve() / "vigil_sign_requests"
HMAC_SETS = 10_000
VERIFIED_SETS = 50
DEADLINE_S = 60
NAMES = ["symbol", "side", "type", "timeInForce", "quantity", "price", "recvWindow", "timestamp", "newClientOrderId", "apiKey",
         "stopPrice", "icebergQty", "symbols", "returnRateLimits"]
LETTERS = "ABCXYZabcxyz0189" "-_.~" "!*'();:@&=+$,/?#[] %\"<>\\^`{|}" "äß€１２３４５６币安\U0001f680"


def parameter_set(rng: random.Random) -> dict:
    return {name: "".join(rng.choices(LETTERS, k=rng.randint(0, 24))) if rng.random() < 0.7 else str(rng.getrandbits(53))
            for name in rng.sample(NAMES, rng.randint(1, len(NAMES)))}


def rest_form(parameters: dict) -> bytes:
    return "&".join(f"{name}={urllib.parse.quote(parameters[name], safe='')}" for name in sorted(parameters)).encode()


def websocket_form(parameters: dict) -> bytes:
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters)).encode()


class Differential(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("SIGNATURE_SEED", random.SystemRandom().getrandbits(32)))
        print(f"SIGNATURE_SEED={cls.seed}", flush=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-signatures-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.key = self.folder / "key"

    def openssl(self, *arguments) -> str:
        return subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, check=True,
                              timeout=DEADLINE_S).stdout

    def write_key(self, text: str):
        self.key.touch(mode=0o600)
        self.key.write_text(text, encoding="utf-8")

    def signed(self, key_type: str, sets: list) -> list:
        """(REST payload, its signature as text, WebSocket payload, its signature as text) of every set, the payloads checked."""
        lines = "".join(" ".join(f"{name.encode().hex()}={value.encode().hex()}" for name, value in each.items()) + "\n"
                        for each in sets)
        output = subprocess.run([SIGNER, key_type, self.key], input=lines, capture_output=True, text=True, check=True,
                                timeout=DEADLINE_S).stdout
        found = []
        for each, line in zip(sets, output.splitlines(), strict=True):
            rest, payload, signature = (bytes.fromhex(part) for part in line.split())
            signed, _, rest_signature = rest.partition(b"&signature=")
            self.assertEqual(signed, rest_form(each))
            self.assertEqual(payload, websocket_form(each))
            self.assertNotRegex(rest_signature, rb"[^A-Za-z0-9%]")
            found.append((signed, urllib.parse.unquote(rest_signature.decode()), payload, signature.decode()))
        return found

    def test_hmac(self):
        rng = random.Random(self.seed)
        secret = secrets.token_urlsafe(48)
        self.write_key(secret)
        expected = {}
        for number, (rest, rest_signature, payload, signature) in enumerate(
                self.signed("hmac", [parameter_set(rng) for _ in range(HMAC_SETS)])):
            for name, text, hexadecimal in ((f"r{number}", rest, rest_signature), (f"w{number}", payload, signature)):
                (self.folder / name).write_bytes(text)
                expected[name] = hexadecimal
        lines = self.openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"key:{secret}", "-r", *expected).splitlines()
        found = {name.lstrip("*"): digest for digest, name in (line.split() for line in lines)}
        self.assertEqual(len(found), 2 * HMAC_SETS)
        for name, digest in found.items():
            self.assertEqual(digest, expected[name], (self.folder / name).read_bytes())

    def verify(self, key_type: str, generate: list, check: list):
        rng = random.Random(self.seed + 1)
        self.write_key(self.openssl("genpkey", *generate))
        (self.folder / "public").write_text(self.openssl("pkey", "-in", "key", "-pubout"), encoding="utf-8")
        for rest, rest_signature, payload, signature in self.signed(key_type, [parameter_set(rng) for _ in range(VERIFIED_SETS)]):
            for text, encoded in ((rest, rest_signature), (payload, signature)):
                (self.folder / "text").write_bytes(text)
                (self.folder / "signature").write_bytes(base64.b64decode(encoded, validate=True))
                self.assertIn("uccess", self.openssl(*check))
        # The check itself can fail.
        (self.folder / "text").write_bytes(text + b"x")
        with self.assertRaises(subprocess.CalledProcessError):
            self.openssl(*check)

    def test_ed25519(self):
        self.verify("ed25519", ["-algorithm", "ed25519"],
                    ["pkeyutl", "-verify", "-pubin", "-inkey", "public", "-rawin", "-in", "text", "-sigfile", "signature"])

    def test_rsa(self):
        self.verify("rsa", ["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"],
                    ["pkeyutl", "-verify", "-pubin", "-inkey", "public", "-rawin", "-digest", "sha256", "-in", "text",
                     "-sigfile", "signature"])


if __name__ == "__main__":
    if not SIGNER.exists() or not shutil.which("openssl"):
        print(f"{SIGNER} is not built, or there is no openssl command")
        sys.exit(77)
    unittest.main()
