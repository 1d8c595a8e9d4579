#include "exchange/core.h"

#include "base/check.h"
#include "exchange/core_impl.h"

namespace vigil::exchange {

using base::ExchangeTime;
using domain::Amount;
using domain::Asset;
using domain::Symbol;

ExchangeCore::Impl::Impl(CoreOptions options, CoreSink& sink)
    : options_{options}, sink_{sink}, random_{options.seed}, now_{options.start} {}

SymbolState* ExchangeCore::Impl::find(const Symbol& name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() || !at->second->listed ? nullptr : at->second;
}

AccountState& ExchangeCore::Impl::account(AccountId id) const {
    base::check(id.value < accounts_.size(), "an account id comes from add_account");
    return *accounts_[id.value];
}

void ExchangeCore::Impl::add_symbol(SymbolSpec spec) {
    for (const Asset& asset : {spec.rules.base, spec.rules.quote}) {
        flows_.try_emplace(asset);
        for (const auto& account : accounts_) account->ledger.know(asset);
    }
    if (SymbolState* known = find(spec.rules.symbol)) {
        base::check(!known->has_orders(), "a symbol with orders is not replaced");
        known->spec = std::move(spec);
        return;
    }
    auto state = std::make_unique<SymbolState>(std::move(spec), options_);
    by_name_.emplace(state->spec.rules.symbol, state.get());
    symbols_.push_back(std::move(state));
}

AccountId ExchangeCore::Impl::add_account(AccountOptions options) {
    const AccountId id{static_cast<std::uint32_t>(accounts_.size())};
    auto account = std::make_unique<AccountState>(options_.closed_orders_max);
    if (options.uid == 0) options.uid = 100'000'001 + static_cast<std::int64_t>(id.value);
    for (const auto& [asset, flow] : flows_) account->ledger.know(asset);
    for (const domain::Balance& balance : options.balances) {
        flows_[balance.asset].deposited += balance.free + balance.locked;
        for (const auto& other : accounts_) other->ledger.know(balance.asset);
        account->ledger.credit(balance.asset, balance.free + balance.locked);
    }
    (void)account->ledger.take_touched();  // an opening balance is no event
    account->updated = now_;
    account->options = std::move(options);
    accounts_.push_back(std::move(account));
    return id;
}

Outcome<void> ExchangeCore::Impl::set_status(const Symbol& name, domain::SymbolStatus status) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    symbol->spec.rules.status = status;
    return {};
}

Outcome<void> ExchangeCore::Impl::change_symbol(SymbolSpec spec) {
    SymbolState* symbol = find(spec.rules.symbol);
    if (symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    symbol->spec = std::move(spec);
    return {};
}

Outcome<void> ExchangeCore::Impl::set_listed(const Symbol& name, bool listed) {
    const auto at = by_name_.find(name);
    if (at == by_name_.end()) return refuse(-1121, "Invalid symbol.");
    SymbolState& symbol = *at->second;
    if (!listed) {
        for (const auto& store : symbol.stores) {
            if (!store) continue;
            for (const auto& [id, order] : store->open()) {
                if (order->on_book) symbol.book.remove(*order);
                if (order->is_waiting_stop) symbol.stops.remove(*order);
                expire(symbol, *order, ExpiryReason::exchange_canceled);
            }
        }
        finish(symbol);
    }
    symbol.listed = listed;
    return {};
}

Outcome<void> ExchangeCore::Impl::deposit(AccountId id, const Asset& asset, Amount delta) {
    AccountState& account = this->account(id);
    const auto free = account.ledger.free(asset).checked_add(delta);
    if (!free || free->is_negative() || !flows_[asset].deposited.checked_add(delta))
        return refuse(-2010, "Account has insufficient balance for requested action.");
    flows_[asset].deposited += delta;
    if (delta.is_negative())
        account.ledger.debit(asset, -delta);
    else
        account.ledger.credit(asset, delta);
    touched_accounts_.push_back(id);
    sink_.on_balance_update(id, domain::BalanceUpdate{asset, delta, now_, now_});
    tell_positions();
    return {};
}

Outcome<void> ExchangeCore::Impl::external_lock(AccountId id, const Asset& asset, Amount delta) {
    AccountState& account = this->account(id);
    const auto known = account.external_locks.find(asset);
    const Amount locked = known == account.external_locks.end() ? Amount{} : known->second;
    const auto after = locked.checked_add(delta);
    if (!after || after->is_negative() || delta > account.ledger.free(asset))
        return refuse(-2010, "Account has insufficient balance for requested action.");
    account.external_locks[asset] = *after;
    if (delta.is_negative()) {
        account.ledger.unlock(asset, -delta);
    } else {
        account.ledger.lock(asset, delta);
    }
    touched_accounts_.push_back(id);
    sink_.on_external_lock(id, ExternalLockUpdate{asset, delta, now_, now_});
    tell_positions();
    return {};
}

std::vector<AssetTotals> ExchangeCore::Impl::totals() const {
    std::map<Asset, AssetTotals> totals;
    for (const auto& [asset, flow] : flows_)
        totals[asset] = AssetTotals{asset, flow.deposited, {}, flow.fees, flow.outside};
    for (const auto& account : accounts_) {
        for (const auto& [asset, balance] : account->ledger.all()) {
            totals[asset].asset = asset;
            totals[asset].accounts += balance.free + balance.locked;
        }
    }
    std::vector<AssetTotals> list;
    for (auto& [asset, total] : totals) list.push_back(total);
    return list;
}

// --- The interface ----------------------------------------------------------------------------------------

ExchangeCore::ExchangeCore(CoreOptions options, CoreSink& sink)
    : impl_{std::make_unique<Impl>(std::move(options), sink)} {}
ExchangeCore::~ExchangeCore() = default;

void ExchangeCore::add_symbol(SymbolSpec spec) {
    impl_->add_symbol(std::move(spec));
}
AccountId ExchangeCore::add_account(AccountOptions options) {
    return impl_->add_account(std::move(options));
}
void ExchangeCore::attach(std::unique_ptr<Feed> feed, domain::Rate speed, ExchangeTime now) {
    impl_->advance(now);
    impl_->attach(std::move(feed), speed, now);
}
void ExchangeCore::advance(ExchangeTime now) {
    impl_->advance(now);
}
std::optional<ExchangeTime> ExchangeCore::next_due() {
    return impl_->next_due();
}
ExchangeTime ExchangeCore::now() const {
    return impl_->now();
}
bool ExchangeCore::feeds_running() const {
    return impl_->feeds_running();
}

Outcome<Placement> ExchangeCore::place(AccountId account, const OrderRequest& request, ExchangeTime now) {
    impl_->advance(now);
    return impl_->place(account, request);
}
Outcome<CommissionSchedule> ExchangeCore::test(AccountId account, const OrderRequest& request,
                                               ExchangeTime now) {
    impl_->advance(now);
    return impl_->test(account, request);
}
Outcome<CancelledItem> ExchangeCore::cancel(AccountId account, const Symbol& symbol, const OrderKey& key,
                                            std::optional<domain::ClientOrderId> cancel_id,
                                            CancelRestriction restriction, ExchangeTime now) {
    impl_->advance(now);
    return impl_->cancel(account, symbol, key, std::move(cancel_id), restriction);
}
Outcome<std::vector<CancelledItem>> ExchangeCore::cancel_all(AccountId account, const Symbol& symbol,
                                                             ExchangeTime now) {
    impl_->advance(now);
    return impl_->cancel_all(account, symbol);
}
Outcome<Amendment> ExchangeCore::amend(AccountId account, const Symbol& symbol, const OrderKey& key,
                                       std::optional<domain::ClientOrderId> new_id,
                                       domain::Quantity new_quantity, ExchangeTime now) {
    impl_->advance(now);
    return impl_->amend(account, symbol, key, std::move(new_id), new_quantity);
}
Outcome<ListPlacement> ExchangeCore::place_list(AccountId account, const OrderListRequest& request,
                                                ExchangeTime now) {
    impl_->advance(now);
    return impl_->place_list(account, request);
}
Outcome<ListCancellation> ExchangeCore::cancel_list(AccountId account, const Symbol& symbol,
                                                    const ListKey& key,
                                                    std::optional<domain::ClientOrderId> cancel_id,
                                                    ExchangeTime now) {
    impl_->advance(now);
    return impl_->cancel_list(account, symbol, key, std::move(cancel_id));
}
Outcome<void> ExchangeCore::set_status(const Symbol& symbol, domain::SymbolStatus status) {
    return impl_->set_status(symbol, status);
}
Outcome<void> ExchangeCore::change_symbol(SymbolSpec spec) {
    return impl_->change_symbol(std::move(spec));
}
Outcome<void> ExchangeCore::set_listed(const Symbol& symbol, bool listed, ExchangeTime now) {
    impl_->advance(now);
    return impl_->set_listed(symbol, listed);
}
Outcome<void> ExchangeCore::deposit(AccountId account, const Asset& asset, Amount delta, ExchangeTime now) {
    impl_->advance(now);
    return impl_->deposit(account, asset, delta);
}
Outcome<void> ExchangeCore::external_lock(AccountId account, const Asset& asset, Amount delta,
                                          ExchangeTime now) {
    impl_->advance(now);
    return impl_->external_lock(account, asset, delta);
}
std::vector<AssetTotals> ExchangeCore::totals() const {
    return impl_->totals();
}
std::size_t ExchangeCore::account_count() const {
    return impl_->account_count();
}

}  // namespace vigil::exchange
