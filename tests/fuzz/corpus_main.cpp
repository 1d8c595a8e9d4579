// A target without libFuzzer: runs each seed, and then mutations of them that a random seed decides, in a
// child process, so that the input that ended it can be told.
//
//     fuzz_TARGET [--runs N] [--seed N] [FILE...]    FILEs: run these inputs instead (what a campaign found)
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/target.h"

namespace {

using Inputs = std::vector<std::string>;

constexpr std::size_t input_bytes_max = 4096;
constexpr std::array<std::string_view, 24> tokens{"\"",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ":",
                                                  ",",
                                                  "&",
                                                  "=",
                                                  "%",
                                                  "%00",
                                                  "\\u0000",
                                                  "\n",
                                                  "\r\n",
                                                  "\t",
                                                  "null",
                                                  "-1",
                                                  "1e99",
                                                  "9223372036854775808",
                                                  "0.00000001",
                                                  "\xff\xfe",
                                                  "\xed\xa0\x80",
                                                  "true",
                                                  ".."};

/// The mutation with that number: the same for the same seed, whatever ran before.
std::string mutated(const Inputs& seeds, std::uint64_t seed, std::uint64_t number) {
    std::mt19937_64 random{seed * 0x9e3779b97f4a7c15ULL + number};
    const auto below = [&random](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
    std::string text = seeds[below(seeds.size())];
    for (std::size_t left = 1 + below(6); left > 0; --left) {
        const std::size_t at = below(text.size() + 1);
        switch (below(7)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(random());
                break;
            case 1:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                break;
            case 2:
                text.insert(at, tokens[below(tokens.size())]);
                break;
            case 3:
                text.erase(at, 1 + below(16));
                break;
            case 4:
                text.insert(at, text.substr(below(text.size() + 1), below(32)));
                break;
            case 5: {
                const std::string& other = seeds[below(seeds.size())];
                text = text.substr(0, at) + other.substr(below(other.size() + 1));
                break;
            }
            default:
                text.resize(at);
                break;
        }
    }
    if (text.size() > input_bytes_max) text.resize(input_bytes_max);
    return text;
}

std::uint64_t number_of(const char* word) {
    std::uint64_t value = 0;
    const std::string_view text{word};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        std::fprintf(stderr, "'%s' is not a number\n", word);
        std::exit(64);
    }
    return value;
}

std::string file_of(const char* path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path);
        std::exit(66);
    }
    return {std::istreambuf_iterator<char>{file}, {}};
}

void show(std::string_view input) {
    for (const char byte : input) {
        if (byte >= ' ' && byte <= '~' && byte != '\\') {
            std::fputc(byte, stderr);
        } else {
            std::fprintf(stderr, "\\x%02x", static_cast<unsigned char>(byte));
        }
    }
    std::fputc('\n', stderr);
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t runs = 3000;
    std::uint64_t seed = 20'250'801;
    Inputs inputs;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word{argv[i]};
        if ((word == "--runs" || word == "--seed") && i + 1 < argc) {
            (word == "--runs" ? runs : seed) = number_of(argv[++i]);
        } else {
            inputs.push_back(file_of(argv[i]));
        }
    }
    if (!inputs.empty()) runs = 0;
    if (inputs.empty()) inputs = vigil::fuzz::seeds();
    vigil::base::check(!inputs.empty(), "a target has seeds");
    const auto input_of = [&](std::uint64_t number) {
        return number < inputs.size() ? inputs[number] : mutated(inputs, seed, number);
    };

    void* const page =
        ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    vigil::base::check(page != MAP_FAILED, "a page to share");
    auto* const current = static_cast<volatile std::uint64_t*>(page);
    const std::uint64_t total = inputs.size() + runs;
    const pid_t child = ::fork();
    vigil::base::check(child >= 0, "a child process");
    if (child == 0) {
        for (std::uint64_t number = 0; number < total; ++number) {
            *current = number;
            vigil::fuzz::run(input_of(number));
        }
        std::exit(0);  // a leak found now is one, too
    }
    int status = 0;
    vigil::base::check(::waitpid(child, &status, 0) == child, "the child has ended");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        std::printf("%llu inputs, seed %llu: nothing wrong\n", static_cast<unsigned long long>(total),
                    static_cast<unsigned long long>(seed));
        return 0;
    }
    std::fprintf(stderr, "ended by input %llu of seed %llu:\n", static_cast<unsigned long long>(*current),
                 static_cast<unsigned long long>(seed));
    show(input_of(*current));
    return 1;
}
