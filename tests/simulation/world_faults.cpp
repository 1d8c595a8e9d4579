// Faults that last (connections, clock, disk, a halted symbol), what others do on the account, and the
// journal's writer on virtual time.
#include <algorithm>
#include <utility>

#include "simulation/world.h"

namespace vigil::simulation {

void World::connection(domain::Connection which, bool up) {
    const auto place = static_cast<std::size_t>(which);
    if (!engine_ || connected_[place] == up) return;
    connected_[place] = up;
    if (which == domain::Connection::user_data) {
        ++user_data_epoch_;
        last_event_at_ = time_;
    }
    if (which == domain::Connection::orders && !up) {
        // Every request on it is without an answer for good, whether it arrived or not.
        std::vector<std::uint64_t> keys;
        for (const auto& [key, pending] : pending_)
            if (pending.over_session) keys.push_back(key);
        for (const std::uint64_t key : keys) give_up(key, "connection lost");
    }
    engine_->on_connection(
        which, up ? domain::ConnectionState::connected : domain::ConnectionState::disconnected, now());
}

void World::outage(domain::Connection which) {
    down_until_[static_cast<std::size_t>(which)] = time_ + base::milliseconds{between(10, 4'000)};
}

void World::begin_what_lasts() {
    if (inject(Fault::orders_down)) {
        outage(domain::Connection::orders);
        // Both live on one connection; the subscription alone may be lost too.
        outage(domain::Connection::user_data);
    }
    if (inject(Fault::user_data_down)) outage(domain::Connection::user_data);
    if (inject(Fault::market_down)) outage(domain::Connection::market);
    if (inject(Fault::clock_uncertain)) {
        clock_unknown_until_ = time_ + base::milliseconds{between(50, 4'000)};
        clock_error_ = base::microseconds{between(-3'000, 3'000)};
    }
    if (inject(Fault::journal_failed)) {
        const bool for_good = random_() % 8 == 0;
        disk_full_until_ =
            for_good ? base::ExchangeTime::max() : time_ + base::milliseconds{between(50, 4'000)};
        disk_.fail_with(for_good ? base::Error{base::ErrorKind::io, "fsync failed"}
                                 : base::Error{base::ErrorKind::exhausted, "no space left on device"});
    }
    if (inject(Fault::foreign_order) || inject(Fault::balance_change)) trade_by_hand();
    if (inject(Fault::symbol_status)) {
        const domain::Symbol& symbol = options_.symbols[random_() % options_.symbols.size()];
        if (core_.set_status(symbol, domain::SymbolStatus::halt))
            halted_until_[symbol] = time_ + base::milliseconds{between(100, 5'000)};
    }

    for (auto at = halted_until_.begin(); at != halted_until_.end();) {
        if (time_ < at->second) {
            ++at;
            continue;
        }
        static_cast<void>(core_.set_status(at->first, domain::SymbolStatus::trading));
        at = halted_until_.erase(at);
    }
    if (disk_.is_failing() && time_ >= disk_full_until_) disk_.fail_with(std::nullopt);
    if (!engine_ || !clock_known_) return;
    for (const auto which :
         {domain::Connection::market, domain::Connection::orders, domain::Connection::user_data})
        connection(which, time_ >= down_until_[static_cast<std::size_t>(which)]);
    empty_outbox();
}

void World::trade_by_hand() {
    ++outside_changes_;
    const domain::Symbol& symbol = options_.symbols[random_() % options_.symbols.size()];
    const exchange::SymbolSpec* spec = core_.symbol(symbol);
    if (random_() % 2 == 0) {
        const auto delta = domain::Amount::from_raw(between(-5'000'000, 50'000'000));
        static_cast<void>(
            core_.deposit(account_, random_() % 2 == 0 ? spec->rules.quote : spec->rules.base, delta, time_));
        return;
    }
    exchange::OrderRequest request;
    request.symbol = symbol;
    request.side = random_() % 2 == 0 ? domain::Side::buy : domain::Side::sell;
    request.type = domain::OrderType::market;
    request.quote_quantity = domain::Amount::of(between(20, 60));
    request.client_order_id = *domain::ClientOrderId::from("by-hand-" + std::to_string(order_));
    static_cast<void>(core_.place(account_, request, time_));
}

void World::begin_writing() {
    if (is_writing_) return;
    is_writing_ = true;
    group_ = std::exchange(queue_, {});
    const auto late =
        inject(Fault::journal_late) ? base::milliseconds{between(20, 3'000)} : base::milliseconds{0};
    // The group is on the disk first, and told on the trading thread a moment later.
    to_engine(base::microseconds{between(50, 1'500)} + late, [this] { finish_writing(); });
}

void World::finish_writing() {
    auto told = writer_->write(std::exchange(group_, {}), now().monotonic.time_since_epoch(), false);
    if (options_.mutant == Mutant::early_acknowledge)
        schedule(base::milliseconds{20}, [this] { disk_.sync(); });
    is_writing_ = false;
    if (told) report(std::move(*told));
    if (engine_ && !queue_.empty() && !is_writing_) begin_writing();
}

void World::report(journal::JournalReport report) {
    const std::uint64_t incarnation = incarnation_;
    while (!blocks_.empty() && blocks_.front().ticket <= report.durable_through) {
        engine_->on_block_journaled(blocks_.front().block, true);
        blocks_.pop_front();
    }
    journal_told_bad_ = report.error.has_value();
    engine_->on_journal_state(!report.error, report.error ? report.error->message : "", now());
    for (const domain::Permitted& failed : report.failed)
        engine_->on_journal_failed(failed.intent(), report.error ? report.error->message : "not written",
                                   now());
    for (const domain::Journaled& journaled : report.journaled) {
        if (!engine_->may_send(journaled.intent(), now()) && options_.mutant != Mutant::unasked_send) {
            engine_->on_journal_failed(journaled.intent(),
                                       "expired or forbidden while it was being journaled", now());
            continue;
        }
        engine_->on_sent(journaled.intent(), now());
        send(journaled);
        if (inject(Fault::crash)) return kill();
        if (incarnation != incarnation_) return;
    }
}

}  // namespace vigil::simulation
