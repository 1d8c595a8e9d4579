// Faults that the operator of the simulated exchange orders (over the admin port, or in a script): what goes
// wrong, with which requests or messages, when and how often. Asked by the dispatcher before and after each
// method and when its answer is delivered, and by both kinds of WebSocket before each event. Loop thread
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/decimal.h"
#include "exchange/fault_text.h"
#include "exchange/random.h"
#include "exchange/server_clock.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

struct MethodSpec;

enum class FaultKind : std::uint8_t {
    drop_before,   ///< the request is thrown away; nothing happens, nothing is answered
    drop_after,    ///< the request takes effect; its answer is thrown away
    error_before,  ///< the request is answered with `status` and `code`, without effect
    error_after,   ///< the request takes effect, and is answered with `status` and `code`
    delay,         ///< the answer or the message is `delay` late
    slow_bytes,    ///< it trickles out, `chunk_bytes` each `interval`
    truncate,      ///< these four: damaged, see TextDamage
    invalid_json,
    unknown_field,
    unknown_enum,
    missing,    ///< the message is not sent
    duplicate,  ///< it is sent twice
    reorder,    ///< it is sent behind the next one, `delay` later at the latest
};

[[nodiscard]] std::string_view to_string(FaultKind kind) noexcept;
/// Of the four kinds that damage a text; nothing for the others.
[[nodiscard]] std::optional<TextDamage> damage_of(FaultKind kind) noexcept;

/// What a fault strikes.
enum class FaultScope : std::uint8_t { answers, user_events, market_events };
[[nodiscard]] std::string_view to_string(FaultScope scope) noexcept;

/// When: since the start of the exchange, in wall time or in market time (which stands still in a pause, and
/// runs `--speed` times as fast).
struct FaultWindow {
    base::nanoseconds start{0};
    std::optional<base::nanoseconds> end;
    bool in_market_time{false};
};

struct Fault {
    static constexpr std::uint64_t always_ppm = 1'000'000;

    std::int64_t id{0};
    FaultKind kind{FaultKind::drop_after};
    FaultScope scope{FaultScope::answers};
    /// answers: "order.place", "POST /api/v3/order", "/api/v3/order"; user events: "executionReport"; market
    /// events: "btcusdt@depth@100ms", or what is behind the symbol, or the beginning of that up to an '@'.
    /// "*": all.
    std::string route{"*"};
    std::string symbol;  ///< empty: whatever the symbol
    std::uint64_t chance_ppm{always_ppm};
    FaultWindow window;
    std::int64_t remaining{1};  ///< how often it still strikes; negative: until it is cleared
    std::int64_t struck{0};
    std::int64_t skip{0};  ///< matching requests that are let through first
    base::milliseconds delay{0};
    int status{503};
    int code{-1000};
    std::string message;  ///< empty: the documented text of `code`, or a plain page for a 5xx
    std::optional<base::seconds> retry_after;  ///< 429 and 418
    bool html{false};                          ///< answer with an HTML page instead of JSON (REST)
    bool disconnect{true};  ///< drop_*: cut the connection; false: stay silent on it. truncate: cut after it
    std::size_t chunk_bytes{1};
    base::milliseconds interval{100};
};

/// The three moments of a request.
enum class FaultPhase : std::uint8_t { before, after, delivery };

class FaultTable {
  public:
    static constexpr std::size_t count_max = 256;

    /// `clock` must outlive it.
    explicit FaultTable(const ServerClock& clock) : clock_{clock} {}
    /// @param speed market time per wall time
    void configure(std::uint64_t seed, domain::Rate speed) {
        random_ = Random{seed};
        speed_ = speed;
    }

    /// @returns its id; exhausted when there are count_max already
    [[nodiscard]] base::Result<std::int64_t> add(Fault fault);
    /// A number that no fault has, for what is kept elsewhere under the same series.
    [[nodiscard]] std::int64_t take_id() { return next_id_++; }
    /// False when there is none of that id.
    bool remove(std::int64_t id);
    void clear();
    [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

    /// What strikes `method` now: the one that was armed first. The strike is counted. Valid until the table
    /// changes.
    [[nodiscard]] const Fault* strike(const MethodSpec& method, std::string_view symbol, FaultPhase phase);
    /// The same for an event; `name` and `symbol` as for `route` and `symbol`.
    [[nodiscard]] const Fault* strike_event(FaultScope scope, std::string_view name, std::string_view symbol);
    /// Whether an event of `scope` could be struck at all; cheap.
    [[nodiscard]] bool watches(FaultScope scope) const;

    /// Time since the start, as windows count it.
    [[nodiscard]] base::nanoseconds elapsed(bool in_market_time) const;

  private:
    /// Route, symbol, window, skip, chance and count, in this order.
    [[nodiscard]] bool take(Fault& fault, bool matches, std::string_view symbol);

    const ServerClock& clock_;
    Random random_{1};
    domain::Rate speed_{domain::Rate::of(1)};
    std::vector<Fault> faults_;
    std::int64_t next_id_{1};
};

}  // namespace vigil::exchange
