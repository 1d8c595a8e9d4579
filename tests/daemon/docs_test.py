"""Every command in the documentation is true.

    docs_test.py ROOT

A fenced block of shell commands carries a marker after `sh`:

    ```sh run      it is run, from a scratch copy of config/ with the programs on the PATH; its status must be 0. The
                   blocks of one page run in order, in one folder.
    ```sh check    it needs root, production or a person: its syntax is checked, and that every option and subcommand
                   it gives to one of our programs is in that program's --help.

A block without a marker is refused.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop()).resolve() if len(sys.argv) > 1 else pathlib.Path(".").resolve()
BIN_DIR = pathlib.Path(os.environ.get("VIGIL_BIN_DIR", ROOT / "build/release/bin"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OURS = {"vigild": BIN_DIR / "vigild", "vigilctl": BIN_DIR / "vigilctl", "vigil-exchange": BIN_DIR / "vigil-exchange",
        "deploy/demo": ROOT / "deploy/demo", "tests/run": ROOT / "tests/run", "tests/fuzz/run": ROOT / "tests/fuzz/run",
        "tests/daemon/kill_campaign.py": ROOT / "tests/daemon/kill_campaign.py",
        "deploy/install-build-deps": ROOT / "deploy/install-build-deps"}
DEADLINE_S = 60


def blocks(page: pathlib.Path) -> list:
    """(line number, marker, text) of every shell block of a page."""
    found, start, marker, lines = [], 0, "", []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"\s*```\s*(.*)$", line)
        if fence and not start:
            start, marker, lines = number, fence.group(1).strip(), []
        elif fence:
            if marker.split()[:1] in (["sh"], ["bash"], ["shell"], ["console"]):
                found.append((start, marker.partition(" ")[2], "\n".join(lines) + "\n"))
            start = 0
        elif start:
            lines.append(line)
    return found


def commands_of_ours(text: str) -> list:
    """The commands of a block that call one of our programs, as word lists that begin with its name."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words:
            part, words = _until_operator(words)
            if part[:2] == ["sudo", "-u"]:
                part = part[3:]
            elif part[:1] == ["sudo"]:
                part = part[1:]
            if part and part[0].removeprefix("./") in OURS:
                found.append([part[0].removeprefix("./"), *part[1:]])
    return found


def _until_operator(words: list) -> tuple:
    for i, word in enumerate(words):
        if word in ("|", "||", "&&", ";", "&", "<", ">", ">>", "2>"):
            return words[:i], words[i + 1:]
    return words, []


_help_texts = {}


def help_text(words: tuple) -> str:
    """What a program (and subcommand) says to --help; empty when it refuses."""
    if words not in _help_texts:
        result = subprocess.run([str(OURS[words[0]]), *words[1:], "--help"], capture_output=True, text=True,
                                timeout=DEADLINE_S, check=False)
        _help_texts[words] = result.stdout if result.returncode == 0 else ""
    return _help_texts[words]


def untrue_words(command: list) -> list:
    """What in the command its program does not know."""
    known = (command[0],)
    index = 1
    # Subcommands: words that the --help so far lists at the beginning of a line.
    while index < len(command) and re.match(r"^[a-z][a-z-]*$", command[index]) and re.search(
            rf"^\s+{re.escape(command[index])}\b", help_text(known), re.M):
        known += (command[index],)
        index += 1
    if command[0] == "vigilctl" and len(known) == 1 and index < len(command) and not command[index].startswith("-"):
        return [f"{command[0]} has no subcommand {command[index]}"]
    text = "\n".join(help_text(known[:length]) for length in range(1, len(known) + 1))
    return [f"{' '.join(known)} has no option {word.partition('=')[0]}" for word in command[index:]
            if word.startswith("-") and word != "-" and not re.search(
                rf"(?<![\w-]){re.escape(word.partition('=')[0])}(?![\w-])", text)]


class Documentation(unittest.TestCase):
    def test_every_block_is_marked_and_is_shell(self):
        for page in PAGES:
            for line, marker, text in blocks(page):
                with self.subTest(block=f"{page.name}:{line}"):
                    self.assertIn(marker, ("run", "check"))
                    result = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True,
                                            timeout=DEADLINE_S, check=False)
                    self.assertEqual(result.returncode, 0, result.stderr)

    def test_our_programs_know_what_they_are_given(self):
        seen = 0
        for page in PAGES:
            for line, _, text in blocks(page):
                for command in commands_of_ours(text):
                    seen += 1
                    with self.subTest(block=f"{page.name}:{line}", command=" ".join(command)):
                        self.assertEqual(untrue_words(command), [])
        self.assertGreater(seen, 0)

    def test_what_is_marked_run_runs(self):
        ran = 0
        for page in PAGES:
            with tempfile.TemporaryDirectory(prefix="vigil-docs-") as scratch:
                shutil.copytree(ROOT / "config", pathlib.Path(scratch) / "config")
                for name in ("deploy", "tests", "docs"):
                    (pathlib.Path(scratch) / name).symlink_to(ROOT / name)
                environment = dict(os.environ, PATH=f"{BIN_DIR}:{os.environ['PATH']}")
                for line, marker, text in blocks(page):
                    if marker != "run":
                        continue
                    ran += 1
                    with self.subTest(block=f"{page.name}:{line}"):
                        result = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=scratch, env=environment,
                                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                                timeout=DEADLINE_S, check=False)
                        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertGreater(ran, 0)

    def test_links_between_pages_lead_somewhere(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
                with self.subTest(page=page.name, link=target):
                    self.assertTrue((page.parent / target).exists())

    def test_an_option_that_does_not_exist_is_noticed(self):
        self.assertEqual(untrue_words(["deploy/demo", "--replay", "x", "--no-such-option"]),
                         ["deploy/demo has no option --no-such-option"])
        self.assertEqual(commands_of_ours("sudo -u vigil vigilctl vault show --x | cat\n"),
                         [["vigilctl", "vault", "show", "--x"]])
        self.assertEqual(commands_of_ours("systemctl status vigild\n"), [])


if __name__ == "__main__":
    unittest.main()
