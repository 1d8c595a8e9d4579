// Faults that the operator of the simulated exchange orders over the admin port: what goes wrong, on which
// request, how often. Asked by the dispatcher before and after each method, and by the user data stream
// before each event. Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

struct MethodSpec;

enum class FaultKind : std::uint8_t {
    drop_before,         ///< the request is thrown away; nothing happens, nothing is answered
    drop_after,          ///< the request takes effect; its answer is thrown away
    error_before,        ///< the request is answered with `status` and `code`, without effect
    error_after,         ///< the request takes effect, and is answered with `status` and `code`
    delay,               ///< the answer is `delay` late
    silent_user_stream,  ///< user data events are thrown away
};

[[nodiscard]] std::string_view to_string(FaultKind kind) noexcept;

struct Fault {
    std::int64_t id{0};
    FaultKind kind{FaultKind::drop_after};
    std::string route{"*"};     ///< "order.place", "POST /api/v3/order", "/api/v3/order" or "*"
    std::int64_t remaining{1};  ///< how often it still strikes; negative: until it is cleared
    std::int64_t struck{0};
    std::int64_t skip{0};  ///< matching requests that are let through first
    base::milliseconds delay{0};
    int status{503};
    int code{-1000};
    std::string message;    ///< empty: the documented text of `code`, or a plain page for a 5xx
    bool html{false};       ///< answer with an HTML page instead of JSON (REST)
    bool disconnect{true};  ///< drop_*: cut the connection; false: stay silent on it
};

class FaultTable {
  public:
    static constexpr std::size_t count_max = 256;

    /// @returns its id; exhausted when there are count_max already
    [[nodiscard]] base::Result<std::int64_t> add(Fault fault);
    /// False when there is none of that id.
    bool remove(std::int64_t id);
    void clear();
    [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

    /// What strikes `method` now, for the phase before (drop_before, error_before, delay) or after acceptance
    /// (drop_after, error_after). The strike is counted. Cheap when there are no faults.
    [[nodiscard]] std::optional<Fault> strike(const MethodSpec& method, bool accepted);
    /// Whether a user data event is to be thrown away; counted.
    [[nodiscard]] bool swallow_user_event();

  private:
    [[nodiscard]] static bool matches(const Fault& fault, const MethodSpec& method);
    [[nodiscard]] static bool take(Fault& fault);

    std::vector<Fault> faults_;
    std::int64_t next_id_{1};
};

}  // namespace vigil::exchange
