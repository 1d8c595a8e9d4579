// What the account endpoints and the user data stream say of balances, commissions and the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::domain {

struct Balance {
    Asset asset;
    Amount free;
    Amount locked;

    friend bool operator==(const Balance&, const Balance&) = default;
};

/// `GET /api/v3/account`.
struct AccountSnapshot {
    std::vector<Balance> balances;
    Rate maker_commission;
    Rate taker_commission;
    bool can_trade{false};
    std::int64_t uid{0};
    base::ExchangeTime updated;
};

/// `outboundAccountPosition`: the balances that one change touched.
struct AccountPosition {
    std::vector<Balance> balances;
    base::ExchangeTime event_time;
    base::ExchangeTime updated;
};

/// `balanceUpdate`: a deposit, withdrawal or transfer.
struct BalanceUpdate {
    Asset asset;
    Amount delta;
    base::ExchangeTime event_time;
    base::ExchangeTime cleared;
};

/// `GET /sapi/v1/account/apiRestrictions`.
struct KeyPermissions {
    bool reading{false};
    bool spot_trading{false};
    bool withdrawals{false};
    bool internal_transfer{false};
    bool universal_transfer{false};
    bool margin{false};
    bool futures{false};
    bool ip_restricted{false};
    std::optional<base::ExchangeTime> created;
    std::optional<base::ExchangeTime> trading_expires;
};

}  // namespace vigil::domain
