#include "settings/nearest.h"

#include <algorithm>
#include <vector>

namespace vigil::settings {

unsigned edit_distance(std::string_view a, std::string_view b) {
    // Optimal string alignment: three rows of the usual table, one more back for swapped neighbours.
    std::vector<unsigned> two_back(b.size() + 1);
    std::vector<unsigned> one_back(b.size() + 1);
    std::vector<unsigned> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) one_back[j] = static_cast<unsigned>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = static_cast<unsigned>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const unsigned changed = one_back[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            row[j] = std::min({one_back[j] + 1, row[j - 1] + 1, changed});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], two_back[j - 2] + 1);
        }
        std::swap(two_back, one_back);
        std::swap(one_back, row);
    }
    return one_back[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> words) {
    constexpr std::size_t long_word = 64;  // nobody means a key by it, and the table stays small
    if (word.size() > long_word) return {};
    std::string_view best;
    unsigned best_distance = 0;
    for (const std::string_view candidate : words) {
        const unsigned distance = edit_distance(word, candidate);
        if (best.empty() || distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    const auto near_enough = static_cast<unsigned>(std::max<std::size_t>(2, word.size() / 3));
    return best_distance <= near_enough && best_distance < word.size() ? best : std::string_view{};
}

}  // namespace vigil::settings
