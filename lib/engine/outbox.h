// Everything that one input made the engine want to do and to tell. The shell empties it after each input, in
// order.
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
    void clear() {
        commands.clear();
        records.clear();
    }
};

}  // namespace vigil::engine
