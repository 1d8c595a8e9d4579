"""Every C++ source is formatted as .clang-format says. Skipped (77) where clang-format 14 is not installed.

    format_test.py ROOT
"""

import pathlib
import shutil
import subprocess
import sys


def clang_format() -> str:
    """clang-format 14: other versions format some lines in another way."""
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and " 14." in subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout:
            return path
    return ""


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    tool = clang_format()
    if not tool:
        print("clang-format 14 is not installed (deploy/install-build-deps test)")
        return 77
    files = sorted(path for top in ("lib", "daemon", "tests") for path in (root / top).rglob("*")
                   if path.suffix in (".h", ".cpp"))
    if not files:
        print(f"no sources under {root}")
        return 1
    result = subprocess.run([tool, "--dry-run", "-Werror", "--style=file", *map(str, files)], cwd=root,
                            capture_output=True, text=True, check=False)
    badly = sorted({line.partition(":")[0] for line in result.stderr.splitlines() if ": error:" in line})
    print(f"{len(files)} sources checked, {len(badly)} to format")
    for name in badly:
        print(f"  clang-format -i {pathlib.Path(name).relative_to(root)}")
    if result.returncode != 0 and not badly:
        print(result.stderr)
    return 0 if result.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
