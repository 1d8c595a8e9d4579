// Everything that one input made the engine want to do and to tell. The shell empties it after each input, in
// order, with `hand_over`.
#pragma once

#include <initializer_list>
#include <vector>

#include "engine/command.h"
#include "log/record.h"

namespace vigil::engine {

struct Outbox {
    std::vector<Command> commands;
    std::vector<log::Record> records;

    void tell(log::Event event, std::initializer_list<log::Field> fields,
              log::SourceLine where = log::SourceLine::current()) {
        records.emplace_back(event, fields, where);
    }
    [[nodiscard]] bool empty() const { return commands.empty() && records.empty(); }
    /// Everything goes to `batch`, in exchange for its memory: two outboxes that take turns allocate nothing
    /// in steady state. What is still in `batch` is dropped.
    void hand_over(Outbox& batch) {
        batch.commands.clear();
        batch.records.clear();
        commands.swap(batch.commands);
        records.swap(batch.records);
    }
};

}  // namespace vigil::engine
