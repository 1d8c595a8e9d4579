// The one line that a strategy's save() gives: "grid 1 phase=running quantity=0.001". A word, a version, then
// names and values without blanks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace vigil::strategy {

class SavedState {
  public:
    SavedState(std::string_view kind, int version) : text_{kind} { text_ += " " + std::to_string(version); }

    void put(std::string_view name, std::string_view value) {
        text_ += " ";
        text_ += name;
        text_ += "=";
        text_ += value;
    }
    void put(std::string_view name, std::int64_t value) { put(name, std::to_string(value)); }
    [[nodiscard]] std::string str() && { return std::move(text_); }

  private:
    std::string text_;
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
