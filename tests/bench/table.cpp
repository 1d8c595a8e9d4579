#include "table.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace vigil::bench {

namespace {

std::string number(double value, int places) {
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.*f", places, value);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string short_number(double value) {
    std::string text = number(value, value < 100 ? 2 : 0);
    if (text.find('.') != std::string::npos) {
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
    }
    return text;
}

}  // namespace

std::string verdict(const Row& row) {
    if (!row.gate) return "-";
    const double value = row.judged_by_ratio ? row.ratio.value() : row.measured;
    if (row.aim && value <= *row.aim) return "aim";
    return value <= *row.gate ? "gate" : "missed";
}

void print_table(const std::string& title, const std::vector<Row>& rows) {
    std::printf("\n%s\n", title.c_str());
    std::printf("  %-58s %12s  %-26s %8s %8s  %s\n", "what", "measured", "ratio", "gate", "aim", "reached");
    for (const Row& row : rows) {
        const std::string measured = short_number(row.measured) + (row.unit.empty() ? "" : " " + row.unit);
        const std::string ratio = row.ratio ? number(*row.ratio, 2) + " x " + row.of : "";
        const std::string mark = row.judged_by_ratio ? " x" : "";
        std::printf("  %-58s %12s  %-26s %8s %8s  %s\n", row.what.c_str(), measured.c_str(), ratio.c_str(),
                    row.gate ? (short_number(*row.gate) + mark).c_str() : "",
                    row.aim ? (short_number(*row.aim) + mark).c_str() : "", verdict(row).c_str());
    }
    std::fflush(stdout);
}

std::string machine() {
    std::string model = "unknown processor";
    std::ifstream cpu{"/proc/cpuinfo"};
    for (std::string line; std::getline(cpu, line);)
        if (line.rfind("model name", 0) == 0) {
            model = line.substr(line.find(':') + 2);
            break;
        }
    std::array<double, 1> load{};
    const bool known = getloadavg(load.data(), 1) == 1;
    return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, load " +
           (known ? number(load[0], 1) : "unknown");
}

}  // namespace vigil::bench
