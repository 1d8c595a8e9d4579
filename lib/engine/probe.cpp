// The order of a preflight.
#include "engine/engine.h"
#include "engine/parts.h"

namespace vigil::engine {

const domain::StrategyName& probe_strategy() {
    // A name that no configuration file can hold.
    static const domain::StrategyName name = *domain::StrategyName::from("?preflight");
    return name;
}

base::Result<domain::ClientOrderId> Engine::place_probe(const domain::NewOrder& order, const Now& now) {
    base::check(!parts_->house.trading, "a preflight does not trade");
    auto id = parts_->corridor.place_probe(order, now);
    pump(now);
    return id;
}

void Engine::cancel_probe(const domain::ClientOrderId& id, const Now& now) {
    static const domain::Reason reason = *domain::Reason::from("preflight");
    if (const orders::OrderRecord* record = parts_->house.ledger.find(id))
        parts_->corridor.cancel(*record, domain::Lane::cancel, reason, now);
    pump(now);
}

std::vector<SymbolState> Engine::symbols() const {
    std::vector<SymbolState> all;
    for (const SymbolDesk& desk : parts_->house.symbols)
        all.push_back({desk.rules, desk.view.book().synchronised() ? desk.view.mid() : std::nullopt});
    return all;
}

std::vector<governor::Usage> Engine::limits() const {
    std::vector<governor::Usage> all;
    const governor::Governor& governor = parts_->house.governor;
    for (std::size_t index = 0; index < governor.limit_count(); ++index) all.push_back(governor.usage(index));
    return all;
}

}  // namespace vigil::engine
