// Configuration files: YAML with whatever in it, and overrides of the command line.
#include "base/check.h"
#include "fuzz/memory_file.h"
#include "fuzz/target.h"
#include "settings/document.h"
#include "settings/load.h"

namespace vigil::fuzz {

namespace {

void check_depth(const settings::Node& node, std::size_t depth) {
    base::check(depth <= settings::depth_max + 1, "documents are not deeper than the bound");
    for (const auto& item : node.items) check_depth(item, depth + 1);
    for (const auto& entry : node.entries) check_depth(entry.value, depth + 1);
}

}  // namespace

// One line of override, then the file.
std::vector<std::string> seeds() {
    return {
        "exchange.environment=simulator\nexchange:\n  environment: testnet\n  rest_url: "
        "https://127.0.0.1:1\nrisk:\n"
        "  limits: {max_order_value: \"100\"}\n",
        "a.b=1\n# nothing\n",
        "\nkind: grid\nname: one\nsymbol: BTCUSDT\nlevels: 10\nlower: \"50000\"\nupper: \"60000\"\n",
        "x=[1, 2]\n- 1\n- [a, b, {c: d}]\n- |\n  text\n",
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s=deep\n",
        "x=y\na: &x {b: *x}\n",
        "x=y\na: \"\\u0000\\x41\"\nb: !!binary x\n? [complex]\n: key\n",
    };
}

void run(std::string_view input) {
    const auto line_end = input.find('\n');
    const std::string override_text{input.substr(0, line_end)};
    const std::string document{line_end == std::string_view::npos ? "" : input.substr(line_end + 1)};
    settings::Problems problems;
    settings::Node root = settings::parse_yaml(document, "file.yaml", problems);
    check_depth(root, 0);
    if (problems.empty()) {
        settings::apply_override(root, override_text, problems);
        check_depth(root, 0);
    }
    const MemoryFile file{document};
    if (const auto loaded = settings::load(file.path(), {override_text}); !loaded)
        base::check(!loaded.error().empty(), "a refusal says why");
    if (const auto loaded = settings::load_strategy(file.path()); !loaded)
        base::check(!loaded.error().empty(), "a refusal says why");
}

}  // namespace vigil::fuzz
