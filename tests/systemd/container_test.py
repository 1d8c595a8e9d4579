"""The Dockerfile, built without a Docker engine, and a session of the programs inside the image.

The base image is a minimal Debian made from this machine's mirror (machine_image.py); buildah keeps its layers in the same
cache. Skipped (77) where buildah is missing; see docs/development.md.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

import machine_image
import vigil_session

BASE = "docker.io/library/debian:bookworm-slim"
IMAGE = "localhost/vigil-test"
BUILD_DEADLINE_S = 3000
SESSION_S = 60


class Store:
    """buildah with storage of its own, so that the machine's images are neither used nor touched."""

    def __init__(self):
        self.run_root = tempfile.TemporaryDirectory(prefix="vigil-buildah-")
        self.options = ["buildah", "--root", str(machine_image.cache() / "containers"), "--runroot", self.run_root.name]

    def command(self, *words) -> list:
        return [*self.options, *(str(word) for word in words)]

    def run(self, *words, deadline_s: float = 120) -> str:
        result = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=deadline_s, check=False)
        if result.returncode != 0:
            raise AssertionError(f"buildah {' '.join(map(str, words))}: {result.stdout[-6000:]}")
        return result.stdout

    def has(self, image: str) -> bool:
        return subprocess.run(self.command("inspect", "--type", "image", image), capture_output=True, check=False,
                              timeout=60).returncode == 0

    def make_base(self):
        if self.has(BASE):
            return
        tree = machine_image.tree("base", ["ca-certificates"])
        with tempfile.TemporaryDirectory(prefix="vigil-base-") as folder:
            archive = pathlib.Path(folder) / "base.tar"
            subprocess.run(["tar", "--one-file-system", "-C", tree, "-cf", archive, "."], check=True, timeout=300)
            container = self.run("from", "scratch").strip().splitlines()[-1]
            self.run("add", container, archive, "/", deadline_s=300)
            self.run("commit", "--rm", container, BASE, deadline_s=300)


class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.run_root.cleanup)
        cls.store.make_base()
        cls.store.run("bud", "--isolation", "chroot", "--network", "host", "--pull-never", "--layers", "-t", IMAGE,
                      machine_image.ROOT, deadline_s=BUILD_DEADLINE_S)
        cls.name = cls.store.run("from", "--pull-never", IMAGE).strip().splitlines()[-1]
        cls.addClassCleanup(cls.store.run, "rm", cls.name)
        cls.root = pathlib.Path(cls.store.run("mount", cls.name).strip().splitlines()[-1])
        cls.addClassCleanup(cls.store.run, "umount", cls.name)

    def inside(self, *command) -> list:
        return self.store.command("run", "--isolation", "chroot", f"--volume={self.session}:/session", self.name, "--", *command)

    def background(self, name: str, *command) -> vigil_session.Child:
        child = vigil_session.Child(name, self.inside(*command), self.folder / f"{name}.log")
        self.addCleanup(child.kill)
        return child

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="vigil-container-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.folder.chmod(0o711)
        # Bind-mounted, and the image's user's own; the image's volume would be another one in each run.
        self.session = self.folder / "session"
        self.session.mkdir(mode=0o700)
        passwd = (self.root / "etc/passwd").read_text(encoding="utf-8")
        user = next(line.split(":") for line in passwd.splitlines() if line.startswith("vigil:"))
        os.chown(self.session, int(user[2]), int(user[3]))

    def test_the_programs_find_their_libraries(self):
        for program in ("vigild", "vigilctl", "vigil-exchange"):
            self.assertIn("Usage", self.store.run("run", "--isolation", "chroot", self.name, "--", program, "--help"))

    def test_the_image_runs_as_its_own_user_and_says_what_it_lacks(self):
        self.assertIn("uid=", self.store.run("run", "--isolation", "chroot", self.name, "--", "id"))
        self.assertNotIn("uid=0", self.store.run("run", "--isolation", "chroot", self.name, "--", "id"))
        config = json.loads(self.store.run("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]
        self.assertEqual(config["User"], "vigil")
        self.assertEqual(config["Cmd"][0], "vigild")
        self.assertEqual(self.background("unconfigured", *config["Cmd"]).wait(30), 66)

    def test_a_session_in_the_image_trades_and_stops_in_order(self):
        place, here = "/session", self.session
        exchange = self.background("exchange", "vigil-exchange", "--ready-file", f"{place}/ready.json", "--seconds", "300",
                                   "--speed", "10", "--symbols", "BTCUSDT", "--maker-fee", "0.0001", "--taker-fee", "0.0001",
                                   "--account", "demo:ed25519:USDT=20000,BTC=0.1")

        def read_ready():
            path = here / "ready.json"
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

        ready = vigil_session.wait_until(read_ready, SESSION_S, "the exchange listens", exchange)
        account, = ready["accounts"]
        key = ["--machine-key", f"{place}/machine.key"]
        self.assertEqual(subprocess.run(self.inside("vigilctl", "vault", "create", f"{place}/keys.vault", *key,
                                                    "--no-passphrase"), timeout=60, check=False).returncode, 0)
        secret = (here / pathlib.PurePath(account["private_key_path"]).relative_to(place)).read_text(encoding="utf-8")
        subprocess.run(self.inside("vigilctl", "vault", "add", f"{place}/keys.vault", "demo", *key, "--type", "ed25519",
                                   "--environment", "simulator", "--api-key", account["api_key"]),
                       input=secret, text=True, timeout=60, check=True)
        overrides = {"exchange.rest_url": ready["rest"], "exchange.stream_url": ready["stream"],
                     "exchange.ws_api_url": ready["ws_api"], "exchange.ca_file": ready["ca"],
                     "credentials.vault": f"{place}/keys.vault", "credentials.machine_key_file": f"{place}/machine.key"}
        sets = [word for name, value in overrides.items() for word in ("--set", f"{name}={value}")]
        daemon = self.background("vigild", "sh", "-c", 'echo $$ >"$0" && exec "$@"', f"{place}/pid", "vigild", "--config",
                                 "/usr/share/vigil/config/demo/vigild.yaml", "--state", f"{place}/state", *sets)
        events = vigil_session.JsonLines(here / "state/events.jsonl")
        seen = []

        def filled():
            seen.extend(event["event"] for event in events.read())
            return "order.filled" in seen

        vigil_session.wait_until(filled, SESSION_S, "a fill", daemon)
        subprocess.run(self.inside("sh", "-c", f"kill -TERM $(cat {place}/pid)"), timeout=30, check=True)
        self.assertEqual(daemon.wait(SESSION_S), 0, daemon.tail())
        summary = json.loads((here / "state/summary.json").read_text(encoding="utf-8"))
        self.assertEqual((summary["reconciled"], summary["balances_agree"], summary["open_orders"]), (True, True, 0))
        exchange.send(signal.SIGTERM)


if __name__ == "__main__":
    try:
        machine_image.need("buildah", "mmdebstrap", "tar")
    except machine_image.Unavailable as missing:
        print(missing)
        sys.exit(77)
    unittest.main(failfast=True)
