// `vigilctl journal ...` and `vigilctl explain`: look at the journal of a state folder, also while the
// service runs. They change nothing.
#pragma once

#include <filesystem>
#include <string>

#include "vigilctl/command_result.h"

namespace vigil::vigilctl {

struct JournalArguments {
    std::filesystem::path state;  ///< the service's state folder
    std::string noted;            ///< verify: a head noted earlier, in hex; empty: none
    std::string order;            ///< show, explain: client order id; show: empty is every record
    std::string kind;             ///< show: kind of record; empty: every one
    std::size_t last{40};         ///< show: at most so many, the last ones
    std::string format;           ///< export: "csv" or "jsonl"
    bool trades{false};           ///< export: own trades instead of records
};

/// Every record against the chain of hashes; prints how many there are, and the head.
ExitCode journal_verify(const JournalArguments& arguments);
/// Records, a line each.
ExitCode journal_show(const JournalArguments& arguments);
/// Every record, or every own trade once, on standard output.
ExitCode journal_export(const JournalArguments& arguments);
/// Rebuilds the ledger from the records, compares it with every statement and decision on the way, and prints
/// what it says in the end.
ExitCode journal_replay(const JournalArguments& arguments);
/// `vigilctl explain`: the story of `arguments.order`.
ExitCode explain(const JournalArguments& arguments);

}  // namespace vigil::vigilctl
