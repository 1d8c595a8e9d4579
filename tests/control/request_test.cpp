#include "control/request.h"

#include <gtest/gtest.h>

#include "control/answer.h"

namespace vigil::control {
namespace {

TEST(Request, EachCommandSurvivesItsText) {
    for (const Request& request :
         {Request{"alice", Status{}}, Request{"bob", Halt{"the \"market\" \\ is mad"}},
          Request{"carol", Kill{"now", base::milliseconds{500}}},
          Request{"d\xc3\xa9", Resume{"fine", "reduce"}}}) {
        const std::string line = to_line(request);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        const auto parsed = parse_request(line);
        ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
        EXPECT_EQ(parsed->operator_name, request.operator_name);
        EXPECT_EQ(name_of(*parsed), name_of(request));
        EXPECT_EQ(to_line(*parsed), line);
    }
}

TEST(Request, WhatIsWrongIsNamedAndNothingIsDone) {
    const struct {
        const char* line;
        const char* says;
    } cases[] = {
        {"", "one JSON object"},
        {"status", "one JSON object"},
        {"[1,2]", "one JSON object"},
        {R"({"v":1,"operator":"a","command":"status")", "one JSON object"},
        {R"({"operator":"a","command":"status"})", "v must be 1"},
        {R"({"v":2,"operator":"a","command":"status"})", "different versions"},
        {R"({"v":1.0,"operator":"a","command":"status"})", "whole number"},
        {R"({"v":18446744073709551615,"operator":"a","command":"status"})", "whole number"},
        {R"({"v":1,"command":"status"})", "operator is missing"},
        {R"({"v":1,"operator":" ","command":"status"})", "operator is blank"},
        {R"({"v":1,"operator":7,"command":"status"})", "operator must be a text"},
        {R"({"v":1,"operator":"a\u0000b","command":"status"})", "control characters"},
        {R"({"v":1,"operator":"a\nb","command":"status"})", "control characters"},
        {R"({"v":1,"operator":"a","command":"trade"})", "must be status, halt, kill or resume"},
        {R"({"v":1,"operator":"a","command":"status","also":1})", "unknown to this command"},
        {R"({"v":1,"operator":"a","command":"halt"})", "reason is missing"},
        {R"({"v":1,"operator":"a","command":"halt","reason":""})", "reason is blank"},
        {R"({"v":1,"operator":"a","command":"kill","reason":"r","wait_ms":-1})", "whole number from 0"},
        {R"({"v":1,"operator":"a","command":"kill","reason":"r","wait_ms":120001})", "whole number from 0"},
        {R"({"v":1,"operator":"a","command":"resume","reason":"r"})", "level is missing"},
    };
    for (const auto& each : cases) {
        const auto parsed = parse_request(each.line);
        ASSERT_FALSE(parsed.has_value()) << each.line;
        EXPECT_EQ(parsed.error().kind, base::ErrorKind::invalid);
        EXPECT_NE(parsed.error().message.find(each.says), std::string::npos) << parsed.error().message;
    }
    const std::string long_reason(reason_max + 1, 'x');
    EXPECT_FALSE(parse_request(to_line({"a", Halt{long_reason}})).has_value());
    EXPECT_TRUE(parse_request(to_line({"a", Halt{long_reason.substr(1)}})).has_value());
    EXPECT_FALSE(parse_request(std::string(request_max, '[')).has_value());
    EXPECT_FALSE(parse_request(std::string(request_max - 1, '[')).has_value());
}

TEST(Answer, ResultAndErrorSurviveTheirText) {
    const auto result = parse_answer(answer_line(R"({"a":[1,"x"]})"));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(*result, R"({"a":[1,"x"]})");
    const auto refused = parse_answer(answer_line(base::Error{base::ErrorKind::denied, "no \"way\"\n"}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error(), (base::Error{base::ErrorKind::denied, "no \"way\"\n"}));
    for (const char* line : {"", "{}", R"({"ok":true})", R"({"ok":false})", R"({"ok":1,"result":2})",
                             R"({"ok":false,"error":{"kind":1,"message":"m"}})"}) {
        const auto broken = parse_answer(line);
        ASSERT_FALSE(broken.has_value()) << line;
        EXPECT_EQ(broken.error().kind, base::ErrorKind::corrupt);
    }
}

}  // namespace
}  // namespace vigil::control
