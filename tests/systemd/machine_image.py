"""Small Debian trees for the tests that need a machine or a container of their own.

A tree is made once by mmdebstrap from the mirrors that this machine's apt uses, and kept in
${XDG_CACHE_HOME:-~/.cache}/vigil; delete the folder to have it made anew. Raises Unavailable where that cannot be done.
"""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

RELEASE = "bookworm"
# A tree takes a minute on an idle machine, and many on a busy one.
MAKE_DEADLINE_S = 1500
ROOT = pathlib.Path(os.environ.get("VIGIL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))


class Unavailable(Exception):
    """Something that the machine lacks; not a failure of what is tested."""


def need(*programs: str):
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise Unavailable(f"not installed: {' '.join(missing)} (deploy/install-build-deps system)")
    if os.geteuid() != 0:
        raise Unavailable("needs root")


def cache() -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "vigil"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def apt_sources() -> list:
    """The Debian mirrors of this machine's apt, as lines of a sources.list."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|deb $(REPO_URI) $(CODENAME) $(COMPONENT)",
         "Created-By: Packages"], capture_output=True, text=True, timeout=60, check=True).stdout
    lines = []
    for target in targets.splitlines():
        origin, _, line = target.partition("|")
        if origin == "Debian" and line.split()[2].startswith(RELEASE) and line not in lines:
            lines.append(line)
    if not lines:
        raise Unavailable(f"this machine's apt knows no mirror of Debian {RELEASE} (apt-get update?)")
    return lines


def runtime_packages() -> list:
    """The libraries that the programs need, as the Dockerfile installs them."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(r"--no-install-recommends\s+([a-z0-9.+\- ]+)", text)
    if not found:
        raise AssertionError("the Dockerfile does not install its libraries as it used to")
    return found.group(1).split()


def tree(name: str, packages: list) -> pathlib.Path:
    """A minimal Debian with packages; made when it is not in the cache. Not to be written to."""
    need("mmdebstrap", "apt-get")
    key = hashlib.sha256("\n".join(sorted(packages)).encode()).hexdigest()[:12]
    folder = cache() / f"{name}-{RELEASE}-{key}"
    with open(cache() / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        command = ["mmdebstrap", "--quiet", "--variant=minbase", "--aptopt=Acquire::Retries \"3\""]
        if packages:
            command.append(f"--include={','.join(packages)}")
        result = subprocess.run([*command, RELEASE, str(unfinished), *apt_sources()], capture_output=True, text=True,
                                timeout=MAKE_DEADLINE_S, check=False)
        if result.returncode != 0:
            raise AssertionError(f"mmdebstrap failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        unfinished.rename(folder)
    return folder
