"""One third-party client from the npm registry, as it was published, through a whole session with vigil-exchange.

    clients_test.py ccxt

The client's script (ccxt.cjs) talks to the exchange through the client's public options alone; this test starts the
exchange, runs the script, and asks the exchange what it saw. The clients are installed once, from package-lock.json and
without their install scripts, into the build folder. Without Node.js, or without a registry, it is skipped (77).
"""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import vigil_session

HERE = pathlib.Path(__file__).resolve().parent
BIN_DIR = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", HERE.parents[1] / "build/release/bin"))
CACHE = BIN_DIR.parent / "clients"
PAGE = HERE.parents[1] / "docs/simulated-exchange.md"
STEPS = ["markets", "balance", "place", "see", "amend", "cancel", "trades", "user data", "streams", "everything"]
SCRIPT_DEADLINE_S = 120
INSTALL_DEADLINE_S = 240
SKIPPED = 77
# What npm says when it cannot reach the registry. Anything else that it says is a failure of the test.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH",
               "ERR_SOCKET_TIMEOUT", "network timeout")


class Unavailable(Exception):
    """This machine lacks what the test needs; its text says what."""


def node_options(node: str) -> list:
    """Before version 20, Node.js has the global `crypto` that some clients use behind a switch only."""
    text = vigil_session.run("node --version", [node, "--version"])
    major = int(text.strip().lstrip("v").split(".")[0])
    if major < 18:
        raise Unavailable(f"Node.js {text.strip()} is older than 18")
    return ["--experimental-global-webcrypto"] if major < 20 else []


def install(folder: pathlib.Path):
    """Exactly what the lock file names, each package checked against its digest in there."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=2",
               "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000", "--fetch-timeout=60000"]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S,
                                check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm ci did not end within {INSTALL_DEADLINE_S} s") from None
    if result.returncode != 0:
        if any(word in result.stderr for word in UNREACHABLE):
            raise Unavailable(f"the npm registry cannot be reached:\n{result.stderr}")
        raise vigil_session.SessionError(f"npm ci failed with status {result.returncode}:\n{result.stderr}")


def installed_modules() -> pathlib.Path:
    """The folder with node_modules for this package-lock.json, made by whichever test is first."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = CACHE / digest
        if not folder.exists():
            if shutil.which("npm") is None:
                raise Unavailable("npm is not installed")
            with tempfile.TemporaryDirectory(prefix="install-", dir=CACHE) as temporary:
                making = pathlib.Path(temporary) / "whole"
                making.mkdir()
                install(making)
                making.rename(folder)
    return folder / "node_modules"


class Client(unittest.TestCase):
    name = ""
    node = ""
    modules = pathlib.Path()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        ready = self.folder / "ready.json"
        self.exchange = vigil_session.Child("vigil-exchange", [BIN_DIR / "vigil-exchange", "--ready-file", ready],
                                            self.folder / "exchange.log")
        self.addCleanup(self.exchange.kill)
        vigil_session.wait_until(ready.exists, vigil_session.START_DEADLINE_S, "the exchange listens", self.exchange)
        self.ready_file = ready
        self.ready = json.loads(ready.read_text(encoding="utf-8"))

    def status(self) -> dict:
        with urllib.request.urlopen(self.ready["admin"] + "/status", timeout=10) as answer:
            return json.load(answer)

    def run_script(self, *command) -> vigil_session.Child:
        """Runs a script in the test's folder, beside node_modules, so that it finds the client as any program would."""
        (self.folder / "node_modules").symlink_to(self.modules)
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": self.ready["ca"]}
        script = vigil_session.Child(self.name, [self.node, *node_options(self.node), *command], self.folder / "client.log",
                                     cwd=self.folder, env=environment)
        self.addCleanup(script.kill)
        self.assertEqual(script.wait(SCRIPT_DEADLINE_S), 0, script.tail(60))
        return script

    def test_the_example_of_the_documentation_runs(self):
        examples = re.findall(r"^```js\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
        mine = [text for text in examples if f"from '{self.name}'" in text]
        if self.name == "ccxt":
            self.assertEqual(len(mine), 1)
        elif not mine:
            self.skipTest("the page has no example of this client")
        (self.folder / "example.mjs").write_text(mine[0], encoding="utf-8")
        self.run_script("example.mjs")
        status = self.status()
        self.assertEqual((status["errors"], status["counters"]["orders_accepted"], status["counters"]["cancels_accepted"]),
                         ({}, 1, 1))

    def test_the_client_does_its_whole_session(self):
        for script in HERE.glob("*.cjs"):
            shutil.copy(script, self.folder)
        script = self.run_script(f"{self.name}.cjs", self.ready_file)
        done = [line[len("done "):].split(" (")[0] for line in script.output.read_text(encoding="utf-8").splitlines()
                if line.startswith("done ")]
        self.assertEqual(sorted(done), sorted(STEPS))

        # What the client believes is what the exchange saw.
        status = self.status()
        self.assertEqual(status["errors"], {}, "the client met an error that the real exchange would not give")
        self.assertEqual(status["counters"]["unknown_routes"], 0)
        self.assertGreater(status["counters"]["market_messages"], 0)
        self.assertGreater(status["counters"]["user_events"], 0)
        self.assertEqual(status["counters"]["orders_rejected"], 0)
        placed = sum(status["requests"].get(method, {}).get(way, 0) for method in ("order.place", "order.cancelReplace")
                     for way in ("rest", "websocket"))
        self.assertEqual(placed, status["counters"]["orders_accepted"])
        for account in status["accounts"]:
            self.assertEqual(account["open_orders"], 0, account["label"])
        self.assertEqual(self.exchange.stop(), 0)


def main() -> int:
    Client.name = sys.argv[1]
    try:
        node = shutil.which("node")
        if node is None:
            raise Unavailable("Node.js is not installed (deploy/install-build-deps test)")
        node_options(node)
        Client.node = node
        Client.modules = installed_modules()
    except Unavailable as reason:
        print(f"SKIPPED: {Client.name} was not tried against the simulated exchange: {reason}", flush=True)
        return SKIPPED
    return 0 if unittest.main(argv=sys.argv[:1], exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
