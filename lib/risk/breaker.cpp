#include "risk/breaker.h"

#include <algorithm>

#include "base/check.h"
#include "domain/overtaken.h"

namespace vigil::risk {

Breakers::Breakers(int rejections_to_break, base::milliseconds probe_every)
    : rejections_to_break_{rejections_to_break}, probe_every_{probe_every} {
    base::check(rejections_to_break_ >= 1 && probe_every_.count() > 0,
                "a breaker opens, and probes at intervals");
}

const Breakers::Entry* Breakers::find(const domain::Symbol& symbol) const {
    for (const Entry& entry : entries_)
        if (entry.symbol == symbol) return &entry;
    return nullptr;
}

bool Breakers::on_rejection(const domain::Symbol& symbol, int code, std::string_view message,
                            base::MonotonicTime now) {
    if (domain::is_overtaken(code, message)) return false;
    auto entry = std::find_if(entries_.begin(), entries_.end(),
                              [&symbol](const Entry& each) { return each.symbol == symbol; });
    if (entry == entries_.end()) entry = entries_.insert(entries_.end(), Entry{symbol, {}, std::nullopt, {}});
    auto kind = std::find_if(entry->kinds.begin(), entry->kinds.end(), [code, message](const Kind& each) {
        return each.code == code && each.message == message;
    });
    if (kind == entry->kinds.end()) {
        if (entry->kinds.size() == kinds_max) {
            // The breaker keeps the rejection that opened it.
            const bool keep_first = entry->broken_by && *entry->broken_by == 0;
            entry->kinds.erase(entry->kinds.begin() + (keep_first ? 1 : 0));
            if (entry->broken_by && !keep_first) --*entry->broken_by;
        }
        kind = entry->kinds.insert(entry->kinds.end(), Kind{code, std::string{message}, 0});
    }
    ++kind->count;
    if (entry->broken_by || kind->count < rejections_to_break_) return false;
    entry->broken_by = static_cast<std::size_t>(kind - entry->kinds.begin());
    entry->next_probe = now + probe_every_;
    return true;
}

bool Breakers::on_accepted(const domain::Symbol& symbol) {
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [&symbol](const Entry& each) { return each.symbol == symbol; });
    if (entry == entries_.end()) return false;
    const bool was_open = entry->broken_by.has_value();
    entry->kinds.clear();
    entry->broken_by.reset();
    return was_open;
}

std::optional<Breakers::Open> Breakers::refuses(const domain::Symbol& symbol, base::MonotonicTime now) const {
    const Entry* entry = find(symbol);
    if (entry == nullptr || !entry->broken_by || now >= entry->next_probe) return std::nullopt;
    const Kind& kind = entry->kinds[*entry->broken_by];
    return Open{kind.count, kind.code, kind.message, entry->next_probe};
}

void Breakers::on_passed(const domain::Symbol& symbol, base::MonotonicTime now) {
    for (Entry& entry : entries_)
        if (entry.symbol == symbol && entry.broken_by) entry.next_probe = now + probe_every_;
}

bool Breakers::is_open(const domain::Symbol& symbol) const {
    const Entry* entry = find(symbol);
    return entry != nullptr && entry->broken_by.has_value();
}

}  // namespace vigil::risk
