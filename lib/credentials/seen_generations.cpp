#include "credentials/seen_generations.h"

#include <algorithm>
#include <charconv>

#include "credentials/text_codes.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

namespace {

constexpr std::size_t id_digits = 2 * VaultId{}.size();

}  // namespace

base::Result<SeenGenerations> SeenGenerations::parse(std::string_view text) {
    const auto damaged = fail(ErrorKind::corrupt, "the record of vault generations is damaged");
    SeenGenerations all;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos || end < id_digits + 2 || text[id_digits] != ' ') return damaged;
        const auto id = hex_decoded(text.substr(0, id_digits));
        Seen seen{};
        const char* const last = text.data() + end;
        const auto [stop, failure] = std::from_chars(text.data() + id_digits + 1, last, seen.generation);
        if (!id || failure != std::errc{} || stop != last || seen.generation == 0) return damaged;
        std::copy(id->begin(), id->end(), seen.id.begin());
        if (all.highest(seen.id) != 0 || all.seen_.size() == vaults_max) return damaged;
        all.seen_.push_back(seen);
        text.remove_prefix(end + 1);
    }
    if (all.seen_.empty()) return damaged;
    return all;
}

std::uint64_t SeenGenerations::highest(const VaultId& id) const {
    const auto at = std::find_if(seen_.begin(), seen_.end(), [&](const Seen& seen) { return seen.id == id; });
    return at == seen_.end() ? 0 : at->generation;
}

SeenGenerations::Verdict SeenGenerations::see(const VaultId& id, std::uint64_t generation) {
    const std::uint64_t before = highest(id);
    if (generation < before) return Verdict::older;
    if (generation == before && seen_.back().id == id) return Verdict::known;
    std::erase_if(seen_, [&](const Seen& seen) { return seen.id == id; });
    if (seen_.size() == vaults_max) seen_.erase(seen_.begin());
    seen_.push_back({id, generation});
    return Verdict::newer;
}

std::string SeenGenerations::text() const {
    std::string text;
    for (const Seen& seen : seen_) {
        append_hex(text, seen.id);
        text += ' ';
        text += std::to_string(seen.generation);
        text += '\n';
    }
    return text;
}

}  // namespace vigil::credentials
