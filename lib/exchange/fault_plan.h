// What the operator has ordered and is not a matter of one request: things to do now or when their time
// comes, and to undo when it is over. Armed faults go on to the FaultTable.
//
// Owned by ExchangeServer, which calls tick() many times a second. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "exchange/admin_fault_request.h"
#include "exchange/server_accounts.h"
#include "exchange/server_state.h"
#include "exchange/symbol_spec.h"
#include "exchange/ws_api.h"
#include "exchange/ws_streams.h"
#include "net/server.h"

namespace vigil::exchange {

/// What faults may touch; all of it outlives the plan.
struct FaultTargets {
    ServerState& state;
    WsApi& api;
    WsStreams& streams;
    const std::vector<OpenedAccount>& accounts;
    std::function<net::Server*()> public_server;
    /// Shows new connections another certificate; nothing: the right one.
    std::function<base::Result<void>(std::optional<CertificateFault>)> show_certificate;
    /// Tells a person that something whose time had come could not be done.
    std::function<void(std::string)> notice;
};

class FaultPlan {
  public:
    static constexpr std::size_t count_max = 256;

    /// Something that waits for its time, or lasts.
    struct Entry {
        std::int64_t id{0};
        FaultRequest request;
        bool begun{false};
        std::optional<SymbolSpec> before;  ///< what the symbol was
    };

    explicit FaultPlan(FaultTargets targets) : targets_{std::move(targets)} {}

    /// Arms it, does it, or keeps it until its time.
    /// @returns its id; nothing when it is done and over. exhausted, not_found, rejected or invalid when it
    /// cannot be.
    [[nodiscard]] base::Result<std::optional<std::int64_t>> submit(FaultRequest request);
    /// Begins and ends what is due.
    void tick();
    /// Ends one, armed or kept here, and undoes what it did. False when there is none of that id.
    bool remove(std::int64_t id);
    /// Ends all, and bans, mutes and clock errors of whatever origin.
    void clear();
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  private:
    [[nodiscard]] base::Result<void> begin(Entry& entry);
    [[nodiscard]] base::Result<void> begin_on_symbol(Entry& entry);
    [[nodiscard]] base::Result<void> begin_on_account(const FaultRequest& request);
    void end(const Entry& entry);

    FaultTargets targets_;
    std::vector<Entry> entries_;
};

}  // namespace vigil::exchange
