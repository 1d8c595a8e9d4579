// Balances as the exchange states them, beside what they ought to be.
//
// Expected = the opening statement + own fills + announced deposits and withdrawals, exact. A statement of
// the exchange holds as of its `updated` time; own changes after that time are kept apart until a later
// statement covers them. So statement and expectation can be compared at any moment, whatever comes first,
// the fill or the balance. A difference means: changed from outside, or a fill is missing.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/account.h"
#include "domain/order.h"
#include "orders/position.h"

namespace vigil::orders {

struct BalanceDifference {
    domain::Asset asset;
    domain::Amount expected;  ///< free + locked, as of the exchange's statement
    domain::Amount stated;    ///< free + locked

    friend bool operator==(const BalanceDifference&, const BalanceDifference&) = default;
};

class Balances {
  public:
    /// Takes the statement as the new opening: differences up to now are accepted. Own changes later than its
    /// `updated` stay counted. False, and nothing changes, when a newer statement of some asset is here
    /// already: what that one contained can no longer be told apart, and would be lost.
    [[nodiscard]] bool open(const domain::AccountSnapshot& snapshot);
    /// A later full statement; an asset that it does not name is at zero. Before any opening it opens, if it
    /// can.
    void on_account(const domain::AccountSnapshot& snapshot);
    void on_account_position(const domain::AccountPosition& position);
    void on_balance_update(const domain::BalanceUpdate& update);
    /// One own fill that was not counted before, of believable size (see after_fill).
    void on_fill(const domain::Fill& fill, const SymbolAssets& assets);

    [[nodiscard]] bool is_open() const { return opened_.has_value(); }
    /// As the exchange last stated it; nothing when it never named the asset.
    [[nodiscard]] std::optional<domain::Balance> stated(const domain::Asset& asset) const;
    /// Expected free + locked now, changes after the last statement included.
    [[nodiscard]] domain::Amount expected_now(const domain::Asset& asset) const;
    /// Sorted by asset. Worth an alarm only while no order is Unknown and no fill is missing, and when it
    /// lasts: between two changes within the same millisecond it can show for a moment.
    [[nodiscard]] std::vector<BalanceDifference> differences() const;
    /// Every asset ever named, sorted.
    [[nodiscard]] std::vector<domain::Balance> all_stated() const;

  private:
    struct Change {
        base::ExchangeTime time;
        domain::Amount delta;
    };
    struct Entry {
        domain::Asset asset;
        domain::Amount free;
        domain::Amount locked;
        bool is_stated{false};
        base::ExchangeTime updated;  ///< of the statement
        domain::Amount expected;     ///< as of `updated`
        std::vector<Change> later;   ///< own changes after `updated`
    };
    Entry& entry(const domain::Asset& asset);
    [[nodiscard]] const Entry* find(const domain::Asset& asset) const;
    void state(const domain::Balance& balance, base::ExchangeTime updated, bool is_opening);
    void change(const domain::Asset& asset, base::ExchangeTime time, domain::Amount delta);

    std::vector<Entry> entries_;  ///< sorted by asset; an account trades few
    std::optional<base::ExchangeTime> opened_;
};

}  // namespace vigil::orders
