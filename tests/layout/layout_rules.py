"""The rules of docs/architecture.md and of the coding style that a program can check.

Architecture.read() takes the two tables from the page, so that the page cannot fall behind the code; check_tree()
returns the violations of a source tree as text lines "path:line: what is wrong". Nothing here prints or exits.
"""

import dataclasses
import pathlib
import re

SOURCE_SUFFIXES = {".h", ".cpp"}
MAX_LINES = 600
# Where an amount of money, a price or a quantity lives: floating point needs a reason (floating_point.allow).
EXACT_FOLDERS = ("domain", "orders", "risk", "journal", "exchange")
# Headers that cost a translation unit seconds. One that includes them is private to its folder.
HEAVY = ("boost/", "cpprest/", "pplx/", "spdlog/", "yaml-cpp/", "openssl/", "sqlite3.h")
# What a pure room must not reach for: threads, input and output, clocks, the environment.
IMPURE_HEADERS = {
    "thread", "mutex", "shared_mutex", "condition_variable", "future", "iostream", "fstream", "filesystem",
    "cstdio", "stdio.h", "unistd.h", "fcntl.h", "ctime", "time.h", "csignal", "signal.h"}
IMPURE_CALLS = re.compile(r"\b(?:system|steady|high_resolution)_clock\s*::\s*now\b|\bgetenv\s*\(|\bstd::random_device\b")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
NAMES = re.compile(r"`([^`]+)`")


@dataclasses.dataclass
class Architecture:
    may_include: dict  # folder -> set of folders, or of patterns such as "*options.h"
    libraries: list    # (header prefix, set of folders)
    pure: set          # folders

    @staticmethod
    def read(page: pathlib.Path) -> "Architecture":
        text = page.read_text(encoding="utf-8")
        folders = {}
        for row in _table(text, "| folder |"):
            granted = set() if row[2] == "none" else set(NAMES.findall(row[2]))
            if not granted and row[2] != "none":
                raise ValueError(f"{page}: the row of {row[0]} grants neither folders nor 'none'")
            folders[NAMES.findall(row[0])[0]] = granted
        libraries = []
        for row in _table(text, "| library |"):
            users = set(NAMES.findall(row[2]))
            libraries += [(prefix, users) for prefix in NAMES.findall(row[1])]
        pure = re.search(r"The \*\*pure rooms\*\* \(([^)]*)\)", text)
        if not folders or not libraries or not pure:
            raise ValueError(f"{page}: a table or the list of pure rooms is missing")
        return Architecture(folders, libraries, set(NAMES.findall(pure.group(1))))


def _table(text: str, head: str) -> list:
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith(head)), None)
    if start is None:
        return []
    rows = []
    for line in lines[start + 2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def code_only(text: str, strings: bool = False) -> str:
    """The text with comments (and string literals, unless strings is true) blanked out; line numbers stay."""
    pattern = re.compile(
        r'R"(?P<raw>[^(\s]{0,16})\(.*?\)(?P=raw)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)

    def blank(match):
        if strings and match.group(0)[0] not in "/":
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))

    # 1'000 is a number, not the start of a character.
    return pattern.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text))


def includes(text: str) -> list:
    """(line number, quoted path or None, angled path or None) of each include."""
    found = []
    for number, line in enumerate(code_only(text, strings=True).splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append((number, match.group(1), match.group(2)))
    return found


def _granted(architecture: Architecture, folder: str, target: str) -> bool:
    to_folder, _, name = target.partition("/")
    if to_folder in (folder, "base"):
        return True
    for grant in architecture.may_include[folder]:
        if grant == to_folder or (grant.startswith("*") and name.endswith(grant[1:])):
            return True
    return False


def _check_includes(root, architecture, path, text, heavy_headers, problems):
    relative = path.relative_to(root)
    top = relative.parts[0]
    folder = relative.parts[1] if top == "lib" else top
    for number, quoted, angled in includes(text):
        where = f"{relative}:{number}"
        target = quoted or angled
        for prefix, users in architecture.libraries:
            if target.startswith(prefix) and folder not in users and top != "tests":
                allowed = ", ".join(sorted(users))
                problems.append(f"{where}: {folder} may not include {prefix} (allowed: {allowed})")
        if top == "lib" and folder in architecture.pure and angled and (
                angled in IMPURE_HEADERS or angled.startswith("sys/")):
            problems.append(f"{where}: {folder} is a pure room and may not include <{angled}>")
        if top != "lib" or not quoted:
            continue
        to_folder = quoted.partition("/")[0]
        if "/" not in quoted:
            problems.append(f'{where}: write "folder/file.h", not "{quoted}"')
        elif to_folder not in architecture.may_include:
            problems.append(f"{where}: {to_folder} is not a folder of docs/architecture.md")
        elif not _granted(architecture, folder, quoted):
            problems.append(f"{where}: {folder} may not include {to_folder}")
        elif to_folder != folder and quoted in heavy_headers:
            problems.append(f"{where}: {quoted} pulls in {heavy_headers[quoted]} and is private to {to_folder}")


def _heavy_headers(root: pathlib.Path) -> dict:
    """Headers of lib/ that reach a heavy library, directly or through other headers -> that library's header."""
    direct, edges = {}, {}
    for path in root.glob("lib/*/*.h"):
        name = str(path.relative_to(root / "lib"))
        edges[name] = []
        for _, quoted, angled in includes(path.read_text(encoding="utf-8")):
            target = quoted or angled
            if target.startswith(HEAVY):
                direct[name] = target
            elif quoted:
                edges[name].append(quoted)
    heavy, changed = dict(direct), True
    while changed:
        changed = False
        for name, targets in edges.items():
            through = next((heavy[target] for target in targets if target in heavy), None)
            if through and name not in heavy:
                heavy[name], changed = through, True
    return heavy


def _check_header(relative, text, problems):
    if "#pragma once" not in text:
        problems.append(f"{relative}:1: no #pragma once")
    lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip() != "#pragma once"]
    if not lines or not lines[0].startswith(("//", "/*")):
        problems.append(f"{relative}:1: a header begins with a comment that says what it is for")
    for number, line in enumerate(code_only(text).splitlines(), 1):
        if re.search(r"\busing\s+namespace\b", line):
            problems.append(f"{relative}:{number}: using namespace in a header")


def _read_allow_list(path: pathlib.Path, problems) -> dict:
    allowed = {}
    if path.exists():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, _, reason = line.partition(":")
            if len(reason.split()) < 3:
                problems.append(f"{path.name}:{number}: '{name}' is allowed without a reason")
            allowed[name.strip()] = number
    return allowed


def _check_exactness(root, problems):
    allow_path = root / "tests/layout/floating_point.allow"
    allowed = _read_allow_list(allow_path, problems)
    needed = set()
    for folder in EXACT_FOLDERS:
        for path in _sources(root / "lib" / folder):
            relative = str(path.relative_to(root))
            for number, line in enumerate(code_only(path.read_text(encoding="utf-8")).splitlines(), 1):
                if re.search(r"\b(?:double|float)\b", line):
                    needed.add(relative)
                    if relative not in allowed:
                        problems.append(f"{relative}:{number}: floating point in {folder}, where amounts are exact")
    for name, number in allowed.items():
        if name not in needed:
            problems.append(f"{allow_path.name}:{number}: '{name}' needs no exception any more")


def _sources(folder: pathlib.Path) -> list:
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCE_SUFFIXES)


def check_tree(root: pathlib.Path) -> list:
    """All violations of the tree at root, each one line."""
    problems = []
    architecture = Architecture.read(root / "docs/architecture.md")
    for folder in sorted((root / "lib").iterdir()):
        if folder.is_dir() and folder.name not in architecture.may_include:
            problems.append(f"lib/{folder.name}:0: has no row in docs/architecture.md")
    heavy_headers = _heavy_headers(root)
    for top in ("lib", "daemon", "tests"):
        for path in _sources(root / top):
            relative = path.relative_to(root)
            text = path.read_text(encoding="utf-8")
            if top == "lib" and relative.parts[1] not in architecture.may_include:
                continue
            _check_includes(root, architecture, path, text, heavy_headers, problems)
            if path.suffix == ".h":
                _check_header(relative, text, problems)
            if top == "lib" and relative.parts[1] in architecture.pure:
                for number, line in enumerate(code_only(text).splitlines(), 1):
                    match = IMPURE_CALLS.search(line)
                    if match:
                        problems.append(f"{relative}:{number}: {relative.parts[1]} is a pure room: {match.group(0)}")
    for top in ("lib", "daemon", "tests", "deploy", "cmake"):
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and path.suffix in SOURCE_SUFFIXES | {".py", ".cmake", ""}:
                count = path.read_bytes().count(b"\n")
                if count > MAX_LINES:
                    problems.append(f"{path.relative_to(root)}:{count}: {count} lines, the limit is {MAX_LINES}")
    for cmake in sorted((root / "tests").glob("*/CMakeLists.txt")):
        if re.search(r"^vigil_test\(", cmake.read_text(encoding="utf-8"), re.M) and not list(cmake.parent.glob("*_test.cpp")):
            problems.append(f"{cmake.relative_to(root)}:1: declares a test, and there is no *_test.cpp")
    _check_exactness(root, problems)
    return problems
