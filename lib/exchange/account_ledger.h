// Balances of one account, and where every unit of every asset is. All movements of money in the core go
// through these two classes; a balance that would become negative is a bug and ends the process.
//
// Part of the core: single-threaded.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "domain/account.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::exchange {

class AccountLedger {
  public:
    [[nodiscard]] domain::Balance balance(const domain::Asset& asset) const;
    [[nodiscard]] domain::Amount free(const domain::Asset& asset) const { return balance(asset).free; }
    /// Alphabetical.
    [[nodiscard]] const std::map<domain::Asset, domain::Balance>& all() const { return balances_; }

    void credit(const domain::Asset& asset, domain::Amount amount);
    void debit(const domain::Asset& asset, domain::Amount amount);
    void lock(const domain::Asset& asset, domain::Amount amount);
    void unlock(const domain::Asset& asset, domain::Amount amount);
    void debit_locked(const domain::Asset& asset, domain::Amount amount);
    /// An asset without balance, so that it is listed.
    void know(const domain::Asset& asset);
    /// The balance as it was before a restart: no movement.
    void set(const domain::Balance& balance) { entry(balance.asset) = balance; }

    /// Assets changed since the last call, in the order in which they changed first.
    [[nodiscard]] std::vector<domain::Asset> take_touched();
    [[nodiscard]] bool touched() const { return !touched_.empty(); }

  private:
    domain::Balance& entry(const domain::Asset& asset);
    domain::Balance& touch(const domain::Asset& asset);

    std::map<domain::Asset, domain::Balance> balances_;
    std::vector<domain::Asset> touched_;
};

/// The counterparts of the accounts: commissions collected, and the outside market.
struct AssetFlow {
    domain::Amount deposited;
    domain::Amount fees;
    domain::Amount outside;
};

}  // namespace vigil::exchange
