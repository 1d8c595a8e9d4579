// One fault as it is ordered, read: to arm, or to do (now, or when its time comes). The body of POST /faults
// and each entry of a fault script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/time.h"
#include "domain/names.h"
#include "domain/symbol_rules.h"
#include "exchange/admin_faults.h"
#include "exchange/fault_members.h"
#include "exchange/order_record.h"

namespace vigil::exchange {

enum class FaultAction : std::uint8_t {
    arm,                 ///< `fault` waits for its request or message
    disconnect,          ///< drop the connections
    mute,                ///< send nothing more on the WebSockets, pongs included
    ban,                 ///< 418 for an address
    foreign_weight,      ///< request weight used by somebody else behind the address
    clock,               ///< set the shown clock off
    refuse_connections,  ///< new connections are closed at once
    announce_shutdown,   ///< serverShutdown to every WebSocket
    certificate,         ///< new connections are shown another certificate
    symbol_status,       ///< HALT, BREAK ...
    filter,              ///< one filter of a symbol is another one
    delist,              ///< the symbol is gone
    balance,             ///< a deposit or withdrawal from outside
    foreign_order,       ///< somebody else places an order in the account
    foreign_cancel       ///< somebody else cancels all orders of a symbol in the account
};

enum class CertificateFault : std::uint8_t { expired, wrong_name };

struct FaultRequest {
    FaultAction action{FaultAction::arm};
    std::string kind;    ///< as it was written
    FaultWindow window;  ///< of an action; an armed fault has its own copy
    Fault fault;
    bool streams{true};
    bool api{true};
    bool rest{false};
    bool reset{false};
    bool new_connections{false};  ///< mute these too
    std::string address{"127.0.0.1"};
    base::seconds length{120};
    std::int64_t weight{0};
    base::microseconds offset{0};
    std::int64_t drift_ppm{0};
    CertificateFault certificate{CertificateFault::expired};
    domain::Symbol symbol;
    domain::SymbolStatus status{domain::SymbolStatus::halt};
    std::string filter;  ///< JSON
    std::string account;
    domain::Asset asset;
    domain::Amount delta;
    OrderRequest order;
};

/// @returns what is wrong, with the member's name
[[nodiscard]] tl::expected<FaultRequest, FaultProblem> parse_fault(const std::string& json);

/// Whether the action lasts until its end (and may have one).
[[nodiscard]] bool lasts(FaultAction action);

}  // namespace vigil::exchange
