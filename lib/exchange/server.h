// The simulated exchange as one object: core, request layer, REST, WebSocket API, market streams and the
// admin port on one event loop.
//
//     auto server = ExchangeServer::make(loop, clock, options);   // accounts with fresh keys
//     install_market((*server)->core(), market, (*server)->now());
//     (*server)->listen();                                        // from here on it serves
//     write_ready_file(path, (*server)->ready_information());
//     loop.run();
//
// Owner: whoever owns the loop, which must outlive it. Everything on the loop's thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "credentials/key_type.h"
#include "domain/account.h"
#include "exchange/account_setting.h"
#include "exchange/account_spec.h"
#include "exchange/admin_fault_request.h"
#include "exchange/core.h"
#include "exchange/rate_limit.h"
#include "exchange/ready_file.h"
#include "exchange/ws_streams.h"
#include "net/event_loop.h"

namespace vigil::exchange {

/// One account and its keys, made at start.
struct AccountRequest {
    std::string label;
    credentials::KeyType key_type{credentials::KeyType::hmac_sha256};
    std::vector<domain::Balance> balances;
    std::vector<credentials::KeyType> more_keys{};
};

/// "label:key-type:BTC=2,USDT=100000" (`--account`); key types hmac, ed25519, rsa; several for several keys,
/// as in "label:hmac+rsa:BTC=2".
[[nodiscard]] base::Result<AccountRequest> parse_account(std::string_view text);
/// One account for each type of key, HMAC first, with the same balances.
[[nodiscard]] std::vector<AccountRequest> default_accounts();

class VirtualClock;

struct ExchangeServerOptions {
    std::string address{"127.0.0.1"};  ///< numeric; REST, streams and WebSocket API
    std::uint16_t port{0};             ///< 0: a free one
    std::uint16_t admin_port{0};       ///< on 127.0.0.1, plain HTTP
    CoreOptions core;                  ///< `start` is set by make()
    RateLimitOptions limits;
    KeepAliveOptions api_keep_alive;
    StreamOptions streams;
    std::vector<AccountRequest> accounts = default_accounts();
    CommissionSchedule commission;
    std::vector<AccountSetting> account_settings;    ///< in this order, after the above
    domain::Rate market_speed{domain::Rate::of(1)};  ///< market time per wall time, for faults' windows
    std::vector<FaultRequest> faults;                ///< ordered at the start
    /// The `clock` given to make(), when it is one that POST /clock/advance moves; outlives the server.
    VirtualClock* virtual_clock{nullptr};
    std::optional<std::filesystem::path> state_folder;  ///< keep and take up the state there
    base::nanoseconds state_interval = std::chrono::seconds{1};
};

class ExchangeServer {
  public:
    /// Makes the keys and the accounts; nothing listens yet.
    [[nodiscard]] static base::Result<std::unique_ptr<ExchangeServer>> make(net::EventLoop& loop,
                                                                            const base::Clock& clock,
                                                                            ExchangeServerOptions options);
    ~ExchangeServer();
    ExchangeServer(const ExchangeServer&) = delete;
    ExchangeServer& operator=(const ExchangeServer&) = delete;

    [[nodiscard]] ExchangeCore& core();
    /// The core's time.
    [[nodiscard]] base::ExchangeTime now() const;

    /// Takes up the state that make() has found, once the symbols are there; without one, does nothing.
    /// Feeds that were not there then begin anew, which is a notice. @returns corrupt or not_found as
    /// ExchangeCore::restore does
    [[nodiscard]] base::Result<void> restore();
    /// Writes the state now, if there is a folder for it. Durable when it returns.
    [[nodiscard]] base::Result<void> save();
    /// Makes a certificate for 127.0.0.1, ::1 and localhost, and listens; the market runs from here on.
    [[nodiscard]] base::Result<void> listen();
    /// After listen(). Borrows the keys from this object.
    [[nodiscard]] ReadyInformation ready_information() const;

    /// Called when POST /shutdown arrives, and when a feed ends or fails (with a line for a person).
    void on_shutdown(std::function<void()> callback);
    void on_notice(std::function<void(std::string_view)> callback);

    /// Sends serverShutdown and closes every WebSocket politely; no new market events from here on. The
    /// caller runs the loop a little longer, then destroys this object.
    void begin_shutdown();
    /// Whether anybody is still connected.
    [[nodiscard]] bool idle() const;

  private:
    class Impl;
    explicit ExchangeServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace vigil::exchange
