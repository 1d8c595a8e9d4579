// Everything that an operator can set, as the daemon uses it: read from vigild.yaml and the strategies' files
// by settings/load.h. Plain values; the defaults here are the ones in force when a key is absent. Strategies
// and limits are the options structs of their own folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "risk/options.h"
#include "settings/place.h"
#include "strategy/options.h"

namespace vigil::settings {

enum class Environment : std::uint8_t { simulator, testnet, demo, production };
/// As in the file: "simulator" ...
[[nodiscard]] std::string_view to_string(Environment environment) noexcept;

/// `exchange:`. URLs that are not given are the environment's own.
struct ExchangeSettings {
    Environment environment{Environment::simulator};
    bool live{false};                       ///< true exactly in production: nobody goes live by accident
    std::string rest_url;                   ///< "https://host[:port]", without the /api
    std::string stream_url;                 ///< "wss://host[:port]", without /ws or /stream
    std::string ws_api_url;                 ///< "wss://host[:port]/ws-api/v3"
    std::filesystem::path ca_file;          ///< PEM; empty: the system's authorities
    base::milliseconds recv_window{5'000};  ///< 1 ms to 60 s (rest-api.md, "Timing security")
    std::string bind_address;               ///< local IP address to connect from; empty: the kernel chooses
};

/// How the vault is opened at start.
enum class UnlockWith : std::uint8_t {
    machine_key_file,        ///< a file of 32 bytes, mode 0400 or 0600
    machine_key_credential,  ///< the same, as a systemd credential
    passphrase_file,  ///< the recovery passphrase in a file, mode 0400 or 0600; costs 256 MiB and a second
    passphrase_credential,
    passphrase_prompt,  ///< typed at the terminal of standard input, at the start
};

/// `credentials:`.
struct CredentialSettings {
    std::filesystem::path vault;
    std::string label;  ///< of the key in the vault
    UnlockWith unlock_with{UnlockWith::machine_key_file};
    std::filesystem::path unlock_file;  ///< for *_file
    std::string unlock_credential;      ///< for *_credential: a name under $CREDENTIALS_DIRECTORY
    base::seconds check_interval{std::chrono::days{1}};  ///< permissions and age are looked at so often
    /// A key whose permission to trade ends sooner is not fit.
    base::seconds min_validity{std::chrono::days{3}};
    base::seconds rotate_after{std::chrono::days{90}};  ///< from this age on it is told
    std::optional<base::seconds> refuse_after;          ///< from this age on it is not fit
};

enum class LogLevel : std::uint8_t { debug, info, notice, warning, error };
enum class LogFormat : std::uint8_t { automatic, journald, json, console };

/// `log:`.
struct LogSettings {
    LogLevel level{LogLevel::info};
    LogFormat format{LogFormat::automatic};
};

/// `control:`. The socket over which an operator asks and commands.
struct ControlSettings {
    std::filesystem::path socket;  ///< empty: in RUNTIME_DIRECTORY (systemd), else in the state folder
    std::string group;             ///< whose members may use it besides root and the service's user
};

/// `risk.crash_loop_*`. So many starts within that time of which none ended in order, and the next begins in
/// CANCEL_ONLY.
struct CrashLoopSettings {
    int starts{3};              ///< 0: never
    base::seconds within{600};  ///< by the wall clock
};

/// `governor:`. Shares of what the exchange publishes.
struct GovernorSettings {
    int share_percent{50};    ///< 1 to 100; other programs on the same address use the rest
    int reserve_percent{10};  ///< on top, for cancels only; together at most 100
};

/// `clock:`.
struct ClockSettings {
    base::milliseconds interval{30'000};  ///< between measurements when all is well
    int burst{5};                         ///< samples after start or a step, 3 to 20
    base::milliseconds max_uncertainty{
        250};  ///< wider: nothing is signed; a twentieth of recv_window unless set
};

/// `journal:`.
struct JournalSettings {
    base::milliseconds busy_timeout{1'000};  ///< how long somebody else's lock on the file is waited for
    int group_max{512};                      ///< records made durable in one transaction
};

/// `reconcile:`.
struct ReconcileSettings {
    base::milliseconds sweep_interval{
        30'000};  ///< orders, trades and balances are compared with the exchange
};

/// One strategy and where it is written, for what can only be said later (an unknown symbol).
struct StrategySettings {
    strategy::StrategyOptions options;
    Place name_place;
    Place symbol_place;
    Place amount_place;  ///< of investment, amount or size
};

/// A file as it was read, byte for byte, so that the configuration in force can be told by its hash.
struct SourceFile {
    std::filesystem::path path;
    std::string bytes;
};

struct Settings {
    ExchangeSettings exchange;
    CredentialSettings credentials;
    std::filesystem::path state_dir{"/var/lib/vigil"};
    LogSettings log;
    risk::Options risk;
    domain::Asset quote_asset;  ///< what risk.daily_loss is counted in; may be empty without it
    CrashLoopSettings crash_loop;
    bool cancels_on_stop{true};  ///< `on_stop`: own open orders are cancelled, or stay
    ControlSettings control;
    GovernorSettings governor;
    ClockSettings clock;
    JournalSettings journal;
    ReconcileSettings reconcile;
    std::vector<StrategySettings> strategies;  ///< disabled ones too, by file name

    std::vector<SourceFile> sources;     ///< vigild.yaml, then the strategies' files
    std::vector<std::string> overrides;  ///< "key.path=value" in the order given
};

}  // namespace vigil::settings
