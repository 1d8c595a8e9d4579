// The table of the benches: what was measured beside its gate and its aim. A row says "missed" when the gate
// is not reached, whatever the reason.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vigil::bench {

struct Row {
    std::string what;
    double measured{0};
    std::string unit;             ///< "us", "ns", "" for counts
    std::optional<double> ratio;  ///< to the reference that `of` names
    std::string of;
    std::optional<double> gate;  ///< at most; on the ratio when `judged_by_ratio`
    std::optional<double> aim;
    bool judged_by_ratio{false};
};

/// "aim", "gate", "missed"; "-" without a gate.
[[nodiscard]] std::string verdict(const Row& row);

/// Prints the rows in columns on standard output.
void print_table(const std::string& title, const std::vector<Row>& rows);

/// The machine in one line: processor, cores, load.
[[nodiscard]] std::string machine();

}  // namespace vigil::bench
