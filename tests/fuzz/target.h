// What one fuzz target is: a place where hostile bytes come in, some inputs to begin with, and a function
// that takes an input there. Each target is one *_fuzz.cpp that defines the two functions below. It is linked
// twice: with libFuzzer (preset `fuzz`, libfuzzer_main.cpp), and everywhere else with corpus_main.cpp, which
// runs the seeds and some thousand mutations of them as a unit test. A target that finds something wrong
// aborts (base::check); the sanitizers do the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigil::fuzz {

/// Well-formed inputs, and some that are nearly so; made anew in every run.
[[nodiscard]] std::vector<std::string> seeds();

/// Takes `input`, whatever it is. What comes out must be what the room promises of hostile input.
void run(std::string_view input);

}  // namespace vigil::fuzz
