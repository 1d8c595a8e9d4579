// The one line that a strategy's save() gives: "grid 1 phase=running quantity=0.001". A word, a version, then
// names and values without blanks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "domain/decimal.h"
#include "domain/strategy_state.h"

namespace vigil::strategy {

/// Written in place: saving takes nothing from the heap.
class SavedState {
  public:
    SavedState(std::string_view kind, int version);

    void put(std::string_view name, std::string_view value);
    void put(std::string_view name, std::int64_t value);
    template <class Tag>
    void put(std::string_view name, domain::Fixed<Tag> value) {
        std::array<char, domain::decimal_text_max> text;
        put(name, std::string_view{text.data(), domain::format_decimal(value.raw(), true, text.data())});
    }
    /// A line that does not fit is a bug: each strategy's longest one does.
    [[nodiscard]] domain::StrategyState text() const;

  private:
    void append(std::string_view text);

    std::array<char, domain::StrategyState::capacity> bytes_;  ///< the first size_ are set
    std::size_t size_{0};
};

class SavedStateReader {
  public:
    /// Kind corrupt when the line is not of this kind, or of a version above `newest`.
    [[nodiscard]] static base::Result<SavedStateReader> parse(std::string_view line, std::string_view kind,
                                                              int newest);

    /// Nothing when it is absent.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    /// Nothing when it is absent or no whole number.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;

  private:
    std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace vigil::strategy
