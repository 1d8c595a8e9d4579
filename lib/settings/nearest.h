// "Did you mean": the nearest of some words.
#pragma once

#include <span>
#include <string_view>

namespace vigil::settings {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
[[nodiscard]] unsigned edit_distance(std::string_view a, std::string_view b);

/// The word with the least distance, if that is near enough to have been meant; otherwise an empty view.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

}  // namespace vigil::settings
