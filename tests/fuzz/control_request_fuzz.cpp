// Lines of the control socket: requests at the service's end, answers at the operator's.
#include "base/check.h"
#include "control/answer.h"
#include "control/request.h"
#include "fuzz/target.h"

namespace vigil::fuzz {

// The first byte says whether the rest is a request or an answer.
std::vector<std::string> seeds() {
    using namespace control;
    return {
        "q" + to_line({"alice", Status{}}),
        "q" + to_line({"bob", Halt{"the \"market\" \\ is mad"}}),
        "q" + to_line({"carol", Kill{"now", base::milliseconds{500}}}),
        "q" + to_line({"dora", Resume{"fine again", "reduce"}}),
        R"(q{"v":1,"operator":"a\u00e9\ud83d\ude00","command":"halt","reason":"\u0000"})",
        "q[[[[[[[[[[{}]]]]]]]]]]",
        "q{\"v\":1e99,\"operator\":\"\xff\xfe\",\"command\":null}",
        "a" + answer_line(R"({"a":[1,"x",null]})"),
        "a" + answer_line(base::Error{base::ErrorKind::denied, "no"}),
    };
}

void run(std::string_view input) {
    if (input.empty()) return;
    const bool is_request = input.front() == 'q';
    input.remove_prefix(1);
    if (!is_request) {
        const auto answer = control::parse_answer(input);
        if (answer)
            base::check(control::parse_answer(control::answer_line(*answer)) == *answer, "one meaning");
        return;
    }
    const auto request = control::parse_request(input);
    if (!request) {
        base::check(!request.error().message.empty(), "a refusal says why");
        return;
    }
    base::check(request->operator_name.size() <= control::name_max, "names are bounded");
    base::check(request->operator_name.find('\n') == std::string::npos, "and on one line");
    // What was understood means the same when it is written down again.
    const std::string line = control::to_line(*request);
    const auto again = control::parse_request(line);
    base::check(again.has_value() && control::to_line(*again) == line, "a request has one meaning");
}

}  // namespace vigil::fuzz
