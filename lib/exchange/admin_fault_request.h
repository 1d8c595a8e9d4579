// The body of POST /faults, read: a fault to arm, or something to do at once.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "exchange/admin_faults.h"

namespace vigil::exchange {

enum class FaultAction : std::uint8_t {
    arm,                 ///< `fault` waits for its request
    disconnect,          ///< drop the connections
    mute,                ///< send nothing more on the WebSockets, pongs included
    ban,                 ///< 418 for an address
    foreign_weight,      ///< request weight used by somebody else behind the address
    clock,               ///< set the shown clock off
    refuse_connections,  ///< new connections are closed at once
    announce_shutdown    ///< serverShutdown to every WebSocket
};

struct FaultRequest {
    FaultAction action{FaultAction::arm};
    Fault fault;
    bool streams{true};
    bool api{true};
    bool rest{false};
    bool reset{false};
    std::string address{"127.0.0.1"};
    base::seconds length{120};
    std::int64_t weight{0};
    base::microseconds offset{0};
    std::int64_t drift_ppm{0};
};

/// @returns invalid with the name of the member that is wrong
[[nodiscard]] base::Result<FaultRequest> parse_fault(const std::string& json);

}  // namespace vigil::exchange
