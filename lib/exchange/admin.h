// The operator's port: plain HTTP with JSON bodies, on 127.0.0.1 only. What the exchange did, and orders to
// do wrong. docs/simulated-exchange.md describes every route; nothing of it exists on the real exchange.
//
//     GET    /status                     everything at a glance
//     GET    /faults  POST /faults  DELETE /faults[?id=N]
//     POST   /balance                    {"account","asset","delta"}
//     POST   /symbol                     {"symbol","status"}
//     POST   /key                        {"account","enableWithdrawals":true,...}
//     POST   /pause   POST /resume       the market stands still, requests are answered
//     POST   /clock/advance              {"ms"}: a virtual clock goes on
//     POST   /shutdown
//
// Owned by ExchangeServer; loop thread only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "exchange/fault_plan.h"
#include "exchange/server_accounts.h"
#include "exchange/server_state.h"
#include "exchange/ws_api.h"
#include "exchange/ws_streams.h"
#include "net/http_message.h"
#include "net/server.h"

namespace vigil::exchange {

/// What the admin port may see and touch; all of it outlives the port.
struct AdminTargets {
    ServerState& state;
    WsApi& api;
    WsStreams& streams;
    const std::vector<OpenedAccount>& accounts;
    const std::vector<std::string>& notices;
    FaultPlan& faults;
    /// Lets a virtual clock go on; unset when there is none.
    std::function<void(base::nanoseconds)> advance;
    std::function<void()> keys_changed;
    std::function<void()> shutdown;
};

class Admin {
  public:
    explicit Admin(AdminTargets targets);

    void handle(const net::ServerRequest& request, net::Responder responder);

  private:
    [[nodiscard]] net::HttpResponse answer(const net::ServerRequest& request);
    [[nodiscard]] base::Result<std::string> post(std::string_view path, const std::string& body);
    [[nodiscard]] base::Result<std::string> post_fault(const std::string& body);
    /// @param locks the delta is locked within the account, instead of coming from outside
    [[nodiscard]] base::Result<std::string> post_balance(const std::string& body, bool locks);
    [[nodiscard]] base::Result<std::string> post_symbol(const std::string& body);
    [[nodiscard]] base::Result<std::string> post_key(const std::string& body);
    [[nodiscard]] base::Result<std::string> post_clock(const std::string& body);
    [[nodiscard]] std::string faults_json() const;

    AdminTargets targets_;
    base::MonotonicTime started_;
};

/// GET /status. `orders_max`: how many orders of each account and symbol are listed.
[[nodiscard]] std::string status_json(const AdminTargets& targets, base::MonotonicTime started,
                                      std::size_t orders_max);

}  // namespace vigil::exchange
