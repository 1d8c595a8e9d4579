#include "runtime/preflight.h"

#include <algorithm>
#include <array>
#include <utility>

#include "log/sink.h"
#include "runtime/preflight_checks.h"
#include "runtime/start_steps.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;

constexpr std::string_view see_network =
    "look at the network, the URLs under exchange: and exchange.ca_file; the exchange may be down";

/// What to do when a check has failed; the kind of the error tells more than the name of the check.
std::string_view remedy_for(std::string_view check, ErrorKind kind) {
    struct Remedy {
        std::string_view check;
        std::string_view text;
    };
    static constexpr std::array remedies{
        Remedy{"vault",
               "compare credentials: with vigilctl vault list; the file has mode 0600 and is the newest"},
        Remedy{"journal",
               "do not delete the state folder; restore journal.sqlite, or report what is wrong with it"},
        Remedy{"threads", "correct the URLs under exchange:, exchange.ca_file and exchange.bind_address"},
        Remedy{"ban", "wait until the ban is over; nothing may be sent before"},
        Remedy{"permissions", "at the exchange, edit the restrictions of this key as said above"},
        Remedy{"rules", "correct the symbols of the strategies"},
        Remedy{"connections", "allow outgoing WebSockets to exchange.stream_url and exchange.ws_api_url"},
        Remedy{"dry-run order",
               "see what the exchange says of the symbol: status, filters, number of open orders"},
        Remedy{"counts",
               "the exchange, or something between, does not tell its counts: do not trade blindly"},
        Remedy{"old timestamp", "something between alters or answers requests: look for a proxy"},
        Remedy{"broken signature", "something between alters or answers requests: look for a proxy"},
        Remedy{"unknown key", "something between alters or answers requests: look for a proxy"},
        Remedy{"shared budget",
               "requests leave through different addresses: set exchange.bind_address, or take proxies away"},
        Remedy{"ping", "allow outgoing WebSockets to exchange.stream_url and exchange.ws_api_url"},
        Remedy{"reconciliation", "look at the orders named above at the exchange, then try again"},
        Remedy{"live order",
               "look at the order at the exchange; events.jsonl in the state folder has every step"},
    };
    if (kind == ErrorKind::exhausted && check == "state folder")
        return "stop the service first (systemctl stop vigild): it does the short form of this at each start";
    if (kind == ErrorKind::denied && check != "vault" && check != "permissions" && check != "state folder")
        return "run vigilctl diagnose signature: the exchange does not accept this key, this address, or "
               "what it signs";
    if (kind == ErrorKind::stale)
        return "look at this machine's clock and at the delay of its connection: exchange time is not known "
               "well enough";
    if ((kind == ErrorKind::unavailable || kind == ErrorKind::timeout) && check != "ban" &&
        check != "live order" && check != "reconciliation")
        return see_network;
    const auto found = std::find_if(remedies.begin(), remedies.end(),
                                    [check](const Remedy& each) { return each.check == check; });
    return found != remedies.end() ? found->text : "see events.jsonl in the state folder";
}

class Preflight {
  public:
    Preflight(Session& session, const PreflightOptions& options, PreflightReport& report)
        : session_{session}, options_{options}, report_{report} {}

    /// Runs `check`, unless one of those that it needs did not pass.
    void run(std::string_view name, std::initializer_list<std::string_view> needs,
             const std::function<CheckResult()>& check) {
        Check& entry = report_.checks.emplace_back();
        entry.name = name;
        if (options_.interrupted()) {
            entry.detail = "interrupted";
            return;
        }
        for (const std::string_view need : needs) {
            if (is_done(need)) continue;
            entry.detail = "needs: " + std::string{need};
            return;
        }
        CheckResult seen = check();
        if (!seen) {
            entry.outcome = CheckOutcome::failed;
            entry.detail = seen.error().message;
            entry.kind = seen.error().kind;
            entry.remedy = remedy_for(name, seen.error().kind);
            return;
        }
        entry.outcome = seen->remedy.empty() ? CheckOutcome::passed : CheckOutcome::warning;
        entry.detail = std::move(seen->detail);
        entry.remedy = std::move(seen->remedy);
    }

    /// A step of the start, with what `tell` has to say once it is done.
    void step(std::string_view name, std::initializer_list<std::string_view> needs,
              const std::function<CheckResult()>& tell) {
        run(name, needs, [&]() -> CheckResult {
            const auto steps = start_steps(session_);
            const auto found = std::find_if(steps.begin(), steps.end(),
                                            [name](const NamedStep& each) { return each.name == name; });
            base::check(found != steps.end(), "the preflight takes steps that a start has");
            if (auto done = found->take(); !done) return base::fail(std::move(done.error()));
            return tell();
        });
    }

  private:
    [[nodiscard]] bool is_done(std::string_view name) const {
        const auto found = std::find_if(report_.checks.begin(), report_.checks.end(),
                                        [name](const Check& each) { return each.name == name; });
        return found != report_.checks.end() &&
               (found->outcome == CheckOutcome::passed || found->outcome == CheckOutcome::warning);
    }

    Session& session_;
    const PreflightOptions& options_;
    PreflightReport& report_;
};

void check_all(Session& session, const PreflightOptions& options, PreflightReport& report) {
    Preflight preflight{session, options, report};
    preflight.step("vault", {}, [&]() -> CheckResult {
        return Seen{"key " + session.key->label + ", " +
                    std::string{credentials::to_string(session.key->type)}};
    });
    preflight.step("journal", {"vault"}, [&]() -> CheckResult {
        return Seen{std::to_string(session.journal->last_sequence()) + " records, whole"};
    });
    preflight.step("threads", {"journal"},
                   []() -> CheckResult { return Seen{"URLs and certificates loaded"}; });
    preflight.run("ban", {"threads"}, [&]() -> CheckResult {
        const auto until = banned_until(session);
        if (!until) return base::fail(until.error());
        if (!until->has_value()) return Seen{"none is known"};
        const auto left = std::chrono::ceil<base::seconds>(**until - session.clock.monotonic());
        return base::fail(ErrorKind::exhausted,
                          "this address is banned, or was told to slow down, for another " +
                              std::to_string(left.count()) + " s");
    });
    preflight.step("clock", {"ban"}, [&] { return check_clock(session); });
    preflight.run("account", {"clock"}, [&] { return check_account(session); });
    preflight.run("permissions", {"account"}, [&]() -> CheckResult {
        auto found = check_permissions(session);
        if (!found) return base::fail(std::move(found.error()));
        return Seen{found->granted, found->advice()};
    });
    preflight.step("rules", {"clock"}, [&]() -> CheckResult {
        return Seen{"read for " + std::to_string(session.engine->subscriptions().size()) + " symbols"};
    });
    preflight.run("dry-run order", {"account", "rules"}, [&] { return check_dry_run(session); });
    preflight.run("old timestamp", {"account", "rules"},
                  [&] { return check_refusal(session, binance::Spoilt::timestamp); });
    preflight.run("broken signature", {"account", "rules"},
                  [&] { return check_refusal(session, binance::Spoilt::signature); });
    preflight.run("unknown key", {"account", "rules"},
                  [&] { return check_refusal(session, binance::Spoilt::api_key); });
    preflight.run("shared budget", {"account", "rules"}, [&] { return check_shared_budget(session); });
    preflight.run("counts", {"account", "rules"}, [&] { return check_counts(session); });
    preflight.step("connections", {"account", "rules"}, []() -> CheckResult {
        return Seen{"market streams, order session and user data are up"};
    });
    preflight.run("ping", {"rules"}, [&] { return check_pings(session); });
    preflight.step("reconciliation", {"connections"}, [&]() -> CheckResult {
        return Seen{"orders, trades and balances agree with the exchange"};
    });
    if (options.live_order)
        preflight.run("live order", {"permissions", "dry-run order", "reconciliation"},
                      [&] { return check_live_order(session); });
}

}  // namespace

base::Result<void> begin_rehearsal(Session& session, settings::Settings settings,
                                   const PreflightOptions& options) {
    session.settings = std::move(settings);
    session.version = options.version;
    session.is_rehearsal = true;
    session.interrupted = options.interrupted;
    auto state = StateFolder::open(options.state.value_or(session.settings.state_dir));
    if (!state) return base::fail(std::move(state.error()));
    session.state = std::move(*state);
    std::vector<std::unique_ptr<log::Sink>> sinks;
    auto file = log::make_file_sink(session.state->file("events.jsonl").string());
    if (!file) return base::fail(std::move(file.error()));
    sinks.push_back(std::move(*file));
    session.logger =
        std::make_unique<log::AsyncLogger>(std::move(sinks), session.clock, log::AsyncLogger::Options{});
    return {};
}

void end_rehearsal(Session& session, std::string_view reason) {
    session.stop(reason);
    static_cast<void>(session.logger->stop(log_patience));  // what could not be written by then is lost
}

PreflightReport run_preflight(settings::Settings settings, const PreflightOptions& options) {
    PreflightReport report;
    Session session;
    const auto ready = begin_rehearsal(session, std::move(settings), options);
    report.environment = session.environment() + ", " + session.settings.exchange.rest_url;
    if (!ready) {
        const ErrorKind kind = ready.error().kind;
        report.checks.push_back({"state folder", CheckOutcome::failed, ready.error().message,
                                 std::string{remedy_for("state folder", kind)}, kind});
        return report;
    }
    check_all(session, options, report);
    end_rehearsal(session, "preflight");
    return report;
}

}  // namespace vigil::runtime
