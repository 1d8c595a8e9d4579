// Hostile and broken YAML: a clear error with its place, and nothing else.
#include "settings/document.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace vigil::settings {
namespace {

std::string problems_of(const std::string& text) {
    Problems problems;
    static_cast<void>(parse_yaml(text, "f.yaml", problems));
    std::string all;
    for (const Problem& problem : problems) all += problem.str() + "\n";
    return all;
}

TEST(Document, KeepsPlacesAndExactText) {
    Problems problems;
    const Node root = parse_yaml("a:\n  price: 61400.50\n  list: [1, \"two\"]\n", "f.yaml", problems);
    ASSERT_TRUE(problems.empty());
    const Node* const price = root.find("a")->find("price");
    ASSERT_NE(price, nullptr);
    EXPECT_EQ(price->text, "61400.50");
    EXPECT_FALSE(price->quoted);
    EXPECT_EQ(price->place.str(), "f.yaml:2:10");
    const Node* const list = root.find("a")->find("list");
    ASSERT_EQ(list->items.size(), 2U);
    EXPECT_TRUE(list->items[1].quoted);
    EXPECT_EQ(root.find("b"), nullptr);
}

TEST(Document, AnEmptyTextIsNothing) {
    for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
        Problems problems;
        EXPECT_EQ(parse_yaml(text, "f.yaml", problems).kind, Node::Kind::null) << text;
        EXPECT_TRUE(problems.empty()) << text;
    }
}

TEST(Document, DuplicateKeysAreNamedWithTheFirst) {
    EXPECT_EQ(problems_of("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n"),
              "f.yaml:5:3: \"c\" is given twice, first at line 3\n"
              "f.yaml:6:1: \"a\" is given twice, first at line 1\n");
    EXPECT_EQ(problems_of("a: 1\n\"a\": 2\n"), "f.yaml:2:1: \"a\" is given twice, first at line 1\n");
}

TEST(Document, AnchorsAliasesAndTagsAreRefused) {
    EXPECT_EQ(problems_of("a: &x 1\n"), "f.yaml:1:4: anchors and aliases are not used in a configuration\n");
    EXPECT_NE(problems_of("a: &x [1]\nb: *x\n").find("anchors and aliases"), std::string::npos);
    EXPECT_NE(problems_of("a: !!python/object x\n").find("tags"), std::string::npos);
    // The "billion laughs": refused at the first anchor, before anything grows.
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 20; ++i) {
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 9; ++k) bomb += "*a" + std::to_string(i - 1) + ",";
        bomb += "]\n";
    }
    EXPECT_NE(problems_of(bomb).find("f.yaml:1:"), std::string::npos);
}

TEST(Document, DepthIsBounded) {
    EXPECT_EQ(problems_of(std::string(16, '[') + std::string(16, ']')), "");
    EXPECT_NE(problems_of(std::string(17, '[') + std::string(17, ']')).find("nested deeper than 16"),
              std::string::npos);
    EXPECT_NE(problems_of(std::string(200'000, '[')).find("nested deeper"), std::string::npos);
    EXPECT_NE(problems_of(std::string(200'000, '{')), "");
}

TEST(Document, OddTextIsRefused) {
    EXPECT_NE(problems_of("a: 1\nb: [unclosed\n").find("f.yaml:"), std::string::npos);
    EXPECT_NE(problems_of("a: 1\n---\nb: 2\n").find("second document"), std::string::npos);
    EXPECT_EQ(problems_of("? [a, b]\n: 1\n"), "f.yaml:1:3: a key must be a plain word\n");
    EXPECT_NE(problems_of("a:\n\t- 1\n"), "");
    // Byte 4 is the end of the file to yaml-cpp: what follows would silently not count.
    EXPECT_EQ(problems_of(std::string{"a: 1\n\x04\nlive: true\n"}),
              "f.yaml:2:1: a control character stands here: this is no text file in UTF-8\n");
    EXPECT_NE(problems_of(std::string{"\xff\xfe"
                                      "a\0:\0",
                                      6}),
              "");
}

TEST(Document, NoTextBringsItDown) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const std::string letters = "ab:-[]{}#&*!|>'\"%@`,? \n\t\\0159.~<=";
    for (int round = 0; round < 3'000; ++round) {
        std::string text(random() % 60, ' ');
        for (char& c : text) c = letters[random() % letters.size()];
        Problems problems;
        static_cast<void>(parse_yaml(text, "f.yaml", problems));
        for (const Problem& problem : problems) {
            EXPECT_FALSE(problem.message.empty()) << text;
            EXPECT_GE(problem.place.line, 1) << text;
        }
    }
}

TEST(Override, ReplacesAddsAndRemoves) {
    Problems problems;
    Node root = parse_yaml("a:\n  b: 1\n  c: 2\n", "f.yaml", problems);
    apply_override(root, "a.b=x=y", problems);
    apply_override(root, "a.c=", problems);
    apply_override(root, "d.e.f=7", problems);
    apply_override(root, "not.there=", problems);
    ASSERT_TRUE(problems.empty()) << problems.front().str();
    EXPECT_EQ(root.find("a")->find("b")->text, "x=y");
    EXPECT_EQ(root.find("a")->find("b")->place.str(), "command line, --set a.b");
    EXPECT_EQ(root.find("a")->find("c"), nullptr);
    EXPECT_EQ(root.find("d")->find("e")->find("f")->text, "7");
    Node empty;
    apply_override(empty, "x.y=1", problems);
    EXPECT_EQ(empty.find("x")->find("y")->text, "1");
}

TEST(Override, IsNotDeeperThanAFile) {
    std::string path = "a";
    for (std::size_t depth = 1; depth < depth_max; ++depth) path += ".a";
    Node root;
    Problems problems;
    apply_override(root, path + "=1", problems);
    EXPECT_TRUE(problems.empty());
    apply_override(root, path + ".a=1", problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems.front().str().find("nested deeper than 16 levels"), std::string::npos);
}

TEST(Override, SaysWhatIsWrong) {
    const auto message = [](const std::string& text) {
        Problems problems;
        Node root = parse_yaml("a:\n  b: 1\n  l: [1]\n", "f.yaml", problems);
        apply_override(root, text, problems);
        return problems.empty() ? std::string{"accepted"} : problems.front().str();
    };
    EXPECT_EQ(message("nonsense"), "command line, --set nonsense: write it as key.path=value");
    EXPECT_EQ(message("=5"), "command line, --set =5: write it as key.path=value");
    EXPECT_EQ(message("a..b=5"), "command line, --set a..b: the key path has an empty part");
    EXPECT_EQ(message("a.=5"), "command line, --set a.: the key path has an empty part");
    EXPECT_EQ(message("a.b.c=5"),
              "command line, --set a.b.c: there are no keys below this one: it is a single value or a list");
    EXPECT_NE(message("a.l.c=5").find("no keys below"), std::string::npos);
}

}  // namespace
}  // namespace vigil::settings
