// A target under libFuzzer. `--write-seeds=FOLDER` writes the seeds there, one file each, and ends.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "fuzz/target.h"

namespace {

void write_seeds(const std::filesystem::path& folder) {
    int number = 0;
    for (const std::string& seed : vigil::fuzz::seeds()) {
        std::ofstream file{folder / ("seed-" + std::to_string(number++)), std::ios::binary};
        file << seed;
        if (!file) {
            std::fprintf(stderr, "cannot write into %s\n", folder.c_str());
            std::exit(1);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    constexpr std::string_view option = "--write-seeds=";
    for (int i = 1; i < *argc; ++i) {
        const std::string_view word{(*argv)[i]};
        if (word.starts_with(option)) {
            write_seeds(std::filesystem::path{word.substr(option.size())});
            std::exit(0);
        }
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vigil::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
