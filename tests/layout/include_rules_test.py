"""Checks the source tree against docs/architecture.md and the rules of style (see layout_rules.py).

    include_rules_test.py ROOT
"""

import pathlib
import sys

import layout_rules


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    problems = layout_rules.check_tree(root)
    for problem in problems:
        print(problem)
    count = len(list((root / "lib").rglob("*.h"))) + len(list((root / "lib").rglob("*.cpp")))
    if count == 0:
        print(f"{root}/lib holds no sources: nothing was checked")
        return 1
    print(f"{count} sources of lib/ checked, {len(problems)} violations")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
