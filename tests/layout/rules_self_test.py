"""Plants one violation of each rule in a small tree and expects layout_rules to name it; and nothing else.

    rules_self_test.py ROOT      ROOT is the project, whose docs/architecture.md is used
"""

import pathlib
import shutil
import sys
import tempfile
import unittest

import layout_rules

ROOT = pathlib.Path(sys.argv.pop()).resolve()
CLEAN_HEADER = "// What it is for.\n#pragma once\n#include <string>\n#include \"base/a.h\"\n"


class PlantedViolation(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vigil-layout-"))
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "docs").mkdir()
        shutil.copy(ROOT / "docs/architecture.md", self.root / "docs")
        self.plant("lib/base/a.h", "// What it is for.\n#pragma once\n")
        self.plant("lib/market/book.h", CLEAN_HEADER)
        self.plant("lib/strategy/grid.cpp", '#include "strategy/grid.h"\n\n#include "market/book.h"\n')
        self.plant("lib/strategy/grid.h", CLEAN_HEADER)
        self.plant("lib/risk/loss.cpp", "// a double in a comment\nconst char* text = \"double\";\n")

    def plant(self, name: str, text: str):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def expect(self, *fragments: str):
        problems = layout_rules.check_tree(self.root)
        self.assertEqual(len(problems), len(fragments), problems)
        for problem, fragment in zip(problems, fragments):
            self.assertIn(fragment, problem)

    def test_a_clean_tree_has_no_violation(self):
        self.expect()

    def test_include_that_the_table_does_not_grant(self):
        self.plant("lib/market/book.cpp", '#include "strategy/grid.h"\n')
        self.expect("lib/market/book.cpp:1: market may not include strategy")

    def test_include_hidden_by_spaces_or_after_a_comment(self):
        self.plant("lib/market/book.cpp", '/* x\n*/\n  #  include  "strategy/grid.h"\n')
        self.expect("lib/market/book.cpp:3: market may not include strategy")

    def test_include_in_a_comment_is_none(self):
        self.plant("lib/market/book.cpp", '// #include "strategy/grid.h"\n/*\n#include "strategy/grid.h"\n*/\n')
        self.expect()

    def test_include_without_its_folder(self):
        self.plant("lib/market/book.cpp", '#include "book.h"\n')
        self.expect('write "folder/file.h"')

    def test_include_of_an_unknown_folder(self):
        self.plant("lib/market/book.cpp", '#include "elsewhere/a.h"\n')
        self.expect("elsewhere is not a folder")

    def test_folder_without_a_row(self):
        self.plant("lib/newcomer/a.h", CLEAN_HEADER)
        self.expect("lib/newcomer:0: has no row")

    def test_settings_sees_the_options_headers_of_others_and_no_more(self):
        self.plant("lib/risk/risk_options.h", CLEAN_HEADER)
        self.plant("lib/risk/options.h", CLEAN_HEADER)
        self.plant("lib/risk/gate.h", CLEAN_HEADER)
        self.plant("lib/settings/a.cpp", '#include "risk/risk_options.h"\n#include "risk/options.h"\n#include "risk/gate.h"\n')
        self.expect("lib/settings/a.cpp:3: settings may not include risk")

    def test_library_outside_its_folder(self):
        self.plant("lib/market/book.cpp", "#include <boost/asio.hpp>\n")
        self.expect("market may not include boost/")

    def test_library_of_another_folder_in_a_main(self):
        self.plant("daemon/vigild.cpp", "#include <cpprest/http_client.h>\n#include <CLI/CLI.hpp>\n")
        self.expect("daemon may not include cpprest/")

    def test_heavy_header_is_private_to_its_folder(self):
        self.plant("lib/net/stream.h", CLEAN_HEADER + "#include <boost/beast.hpp>\n")
        self.plant("lib/net/session.h", CLEAN_HEADER + '#include "net/stream.h"\n')
        self.plant("lib/net/session.cpp", '#include "net/session.h"\n')
        self.plant("lib/binance/feed.cpp", '#include "net/session.h"\n')
        self.expect("net/session.h pulls in boost/beast.hpp and is private to net")

    def test_pure_room_with_a_thread(self):
        self.plant("lib/risk/gate.cpp", "#include <thread>\n")
        self.expect("risk is a pure room and may not include <thread>")

    def test_pure_room_that_reads_a_clock(self):
        self.plant("lib/risk/gate.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.expect("risk is a pure room: steady_clock::now")

    def test_floating_point_where_amounts_are_exact(self):
        self.plant("lib/orders/ledger.cpp", "long x = 1'000; double y = 0;\n")
        self.expect("lib/orders/ledger.cpp:1: floating point in orders")

    def test_floating_point_with_a_reason(self):
        self.plant("lib/orders/ledger.cpp", "double y = 0;\n")
        self.plant("tests/layout/floating_point.allow", "lib/orders/ledger.cpp: a ratio for display only\n")
        self.expect()

    def test_exception_without_reason_or_need(self):
        self.plant("tests/layout/floating_point.allow", "lib/orders/ledger.cpp: why\n")
        self.expect("allowed without a reason", "needs no exception any more")

    def test_header_without_pragma_once(self):
        self.plant("lib/market/b.h", "// What it is for.\n")
        self.expect("lib/market/b.h:1: no #pragma once")

    def test_header_without_a_word(self):
        self.plant("lib/market/b.h", "#pragma once\n#include <string>\n")
        self.expect("begins with a comment")

    def test_using_namespace_in_a_header(self):
        self.plant("lib/market/b.h", CLEAN_HEADER + "using namespace std;\n")
        self.expect("lib/market/b.h:5: using namespace")

    def test_long_file(self):
        self.plant("tests/market/book_test.cpp", "\n" * 601)
        self.expect("601 lines, the limit is 600")

    def test_declared_test_without_a_source(self):
        self.plant("tests/risk/CMakeLists.txt", "vigil_test(risk_test LINK vigil_risk)\n")
        self.expect("tests/risk/CMakeLists.txt:1: declares a test")

    def test_page_without_its_table_is_refused(self):
        self.plant("docs/architecture.md", "# Architecture\n")
        with self.assertRaises(ValueError):
            layout_rules.check_tree(self.root)


if __name__ == "__main__":
    unittest.main()
