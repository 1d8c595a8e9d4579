#include "exchange/account_ledger.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::exchange {

using domain::Amount;
using domain::Asset;
using domain::Balance;

Balance AccountLedger::balance(const Asset& asset) const {
    const auto at = balances_.find(asset);
    return at == balances_.end() ? Balance{asset, {}, {}} : at->second;
}

Balance& AccountLedger::entry(const Asset& asset) {
    const auto [at, added] = balances_.try_emplace(asset, Balance{asset, {}, {}});
    return at->second;
}

Balance& AccountLedger::touch(const Asset& asset) {
    if (std::find(touched_.begin(), touched_.end(), asset) == touched_.end()) touched_.push_back(asset);
    return entry(asset);
}

void AccountLedger::know(const Asset& asset) {
    entry(asset);
}

void AccountLedger::credit(const Asset& asset, Amount amount) {
    base::check(!amount.is_negative(), "a credit is not negative");
    touch(asset).free += amount;
}

void AccountLedger::debit(const Asset& asset, Amount amount) {
    Balance& balance = touch(asset);
    base::check(!amount.is_negative() && amount <= balance.free, "a debit is covered by the free balance");
    balance.free -= amount;
}

void AccountLedger::lock(const Asset& asset, Amount amount) {
    debit(asset, amount);
    entry(asset).locked += amount;
}

void AccountLedger::unlock(const Asset& asset, Amount amount) {
    debit_locked(asset, amount);
    entry(asset).free += amount;
}

void AccountLedger::debit_locked(const Asset& asset, Amount amount) {
    Balance& balance = touch(asset);
    base::check(!amount.is_negative() && amount <= balance.locked,
                "a debit is covered by the locked balance");
    balance.locked -= amount;
}

std::vector<Asset> AccountLedger::take_touched() {
    std::vector<Asset> touched;
    touched.swap(touched_);
    return touched;
}

}  // namespace vigil::exchange
