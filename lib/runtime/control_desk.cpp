#include "runtime/control_desk.h"

#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "control/answer.h"
#include "log/format.h"
#include "runtime/ask.h"
#include "runtime/crash_loop.h"
#include "runtime/session.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;
using ControlJson = nlohmann::ordered_json;

/// What a round through the trading loop may take before the answer says that it did not come.
constexpr base::milliseconds control_patience{2'000};
constexpr base::milliseconds progress_every{50};
constexpr base::seconds refusals_told_every{60};
/// The user of whom a user namespace says nothing (PrivateUsers=yes in the unit).
constexpr uid_t overflow_user = 65'534;

/// A question on its way through the trading loop.
template <class T>
class Posted {
  public:
    /// Runs `call()` there, whenever the loop comes round.
    template <class Call>
    Posted(net::EventLoop& loop, Call call) {
        is_taken_ = loop.post([box = box_, call = std::move(call)]() mutable { box->put(call()); });
    }
    [[nodiscard]] bool is_taken() const { return is_taken_; }
    [[nodiscard]] std::optional<T> take() { return box_->take(base::milliseconds{0}); }

  private:
    std::shared_ptr<Mailbox<T>> box_{std::make_shared<Mailbox<T>>()};
    bool is_taken_{false};
};

control::Pending at_once(std::string line) {
    return [line = std::move(line)] { return std::optional{line}; };
}
control::Pending at_once(ErrorKind kind, std::string message) {
    return at_once(control::answer_line(base::Error{kind, std::move(message)}));
}

std::string dumped(const ControlJson& json) {
    return json.dump(-1, ' ', false, ControlJson::error_handler_t::replace);
}

std::string wall_of(base::ExchangeTime time) {
    return log::rfc3339(base::WallTime{time.time_since_epoch()});
}

control::LadderView view_of(const risk::LadderState& ladder) {
    return {std::string{risk::to_string(ladder.level)}, ladder.by, ladder.reason,
            ladder.by.empty() ? "" : wall_of(ladder.since), ladder.cancels_all};
}

control::OrderView view_of(const engine::OrderStanding& order) {
    return {order.id.str(), order.symbol.str(), order.strategy, std::string{orders::to_string(order.state)}};
}

control::StrategyView view_of(const engine::StrategyReport& each) {
    const auto text = [](const auto& value) {
        return value ? std::optional{value->str()} : std::optional<std::string>{};
    };
    return {each.name.str(),
            each.kind,
            each.symbol.str(),
            each.state,
            each.inventory.str(),
            text(each.average_cost),
            each.quote.str(),
            each.realised.str(),
            text(each.unrealised),
            each.orders,
            each.fills,
            each.open_orders};
}

control::TradingView view_of(const engine::Standing& standing) {
    control::TradingView view;
    view.ladder = view_of(standing.ladder);
    view.obstacle = standing.obstacle;
    view.market_connected = standing.market_connected;
    view.orders_connected = standing.orders_connected;
    view.user_data_connected = standing.user_data_connected;
    view.journal_well = standing.journal_well;
    view.balances_agree = standing.report.balances_agree;
    view.open_orders = standing.report.open_orders;
    view.waiting = standing.waiting;
    for (const auto& each : standing.unknown) view.unknown.push_back(view_of(each));
    for (const governor::Usage& each : standing.limits)
        view.limits.push_back({std::string{domain::to_string(each.limit.type)},
                               std::to_string(each.limit.window.count()) + " s", std::to_string(each.used),
                               std::to_string(each.budget), each.used >= each.budget});
    for (const engine::RuleStanding& each : standing.rules)
        view.limits.push_back({std::string{each.rule}, each.scope, each.used, each.limit, each.is_reached});
    for (const engine::StrategyReport& each : standing.report.strategies)
        view.strategies.push_back(view_of(each));
    return view;
}

/// What a command did to the ladder, and which record of the journal says so.
struct Moved {
    std::optional<base::Error> error;
    risk::LadderState ladder;
    bool has_changed{false};
    journal::Ticket ticket{0};
};

ControlJson ladder_json(const risk::LadderState& state) {
    const control::LadderView view = view_of(state);
    return {{"level", view.level}, {"by", view.by}, {"reason", view.reason}, {"since", view.since}};
}

ControlJson progress_json(const engine::KillProgress& progress) {
    ControlJson remaining = ControlJson::array();
    for (const engine::OrderStanding& each : progress.remaining) {
        const control::OrderView view = view_of(each);
        remaining.push_back({{"client_order_id", view.client_order_id},
                             {"symbol", view.symbol},
                             {"strategy", view.strategy},
                             {"state", view.state}});
    }
    return {{"orders", progress.orders}, {"cancelled", progress.cancelled},
            {"filled", progress.filled}, {"ended", progress.ended},
            {"remaining", remaining},    {"waits_for", progress.waits_for}};
}

/// Moves the ladder on the trading loop and answers when the journal has it.
class Move {
  public:
    Move(Session& session, std::function<Moved()> call)
        : session_{session},
          until_{session.clock.monotonic() + control_patience},
          posted_{session.loop, std::move(call)} {}

    std::optional<std::string> operator()() {
        if (!posted_.is_taken())
            return control::answer_line(
                base::Error{ErrorKind::exhausted, "the trading loop takes no more work"});
        const bool is_late = session_.clock.monotonic() >= until_;
        if (!moved_) moved_ = posted_.take();
        if (!moved_) {
            if (!is_late) return std::nullopt;
            return control::answer_line(
                base::Error{ErrorKind::timeout,
                            "the trading loop does not answer; the command waits there and is carried out "
                            "when it does: see status"});
        }
        if (moved_->error) return control::answer_line(*moved_->error);
        const bool is_durable = session_.trading->durable_through() >= moved_->ticket;
        if (!is_durable && !is_late) return std::nullopt;
        return control::answer_line(dumped({{"ladder", ladder_json(moved_->ladder)},
                                            {"changed", moved_->has_changed},
                                            {"durable", is_durable}}));
    }

    [[nodiscard]] bool has_moved() const { return moved_ && !moved_->error; }

  private:
    Session& session_;
    base::MonotonicTime until_;
    Posted<Moved> posted_;
    std::optional<Moved> moved_;
};

/// Kills, and watches the cancels until none is left or the time is over.
class Killing {
  public:
    Killing(Session& session, const std::string& by, const control::Kill& command)
        : session_{session},
          began_{session.clock.monotonic()},
          until_{began_ + std::max(command.wait, control_patience)},
          wait_until_{began_ + command.wait} {
        ask([&session, by, reason = command.reason] {
            session.engine->kill(by, reason, session.trading->now());
            session.trading->flush();
        });
    }

    std::optional<std::string> operator()() {
        const base::MonotonicTime now = session_.clock.monotonic();
        if (auto came = posted_->take()) {
            last_ = std::move(came);
            next_ = now + progress_every;
            posted_.reset();
            const bool is_durable = session_.trading->durable_through() >= last_->second;
            if ((last_->first.remaining.empty() && is_durable) || now >= wait_until_) return line(is_durable);
            posted_ =
                std::make_unique<Posted<Came>>(session_.loop, [&session = session_, ticket = last_->second] {
                    return Came{session.engine->kill_progress(session.trading->now()), ticket};
                });
        }
        if (now < until_) return std::nullopt;
        if (last_) return line(session_.trading->durable_through() >= last_->second);
        return control::answer_line(
            base::Error{ErrorKind::timeout,
                        "the trading loop does not answer; the kill waits there and is carried out when "
                        "it does. Nothing is known of the orders"});
    }

  private:
    using Came = std::pair<engine::KillProgress, journal::Ticket>;

    void ask(std::function<void()> first) {
        posted_ =
            std::make_unique<Posted<Came>>(session_.loop, [&session = session_, first = std::move(first)] {
                first();
                return Came{session.engine->kill_progress(session.trading->now()),
                            session.trading->last_ticket()};
            });
    }
    [[nodiscard]] std::string line(bool is_durable) const {
        ControlJson json = progress_json(last_->first);
        json["durable"] = is_durable;
        json["took_ms"] = std::chrono::ceil<base::milliseconds>(session_.clock.monotonic() - began_).count();
        return control::answer_line(dumped(json));
    }

    Session& session_;
    base::MonotonicTime began_;
    base::MonotonicTime until_;
    base::MonotonicTime wait_until_;
    base::MonotonicTime next_;
    std::unique_ptr<Posted<Came>> posted_;
    std::optional<Came> last_;
};

base::Result<std::optional<gid_t>> group_of(const std::string& name) {
    if (name.empty()) return std::optional<gid_t>{};
    // Before any other thread: it may ask a directory over the network.
    errno = 0;
    const group* const found = ::getgrnam(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (found == nullptr) return base::fail(ErrorKind::not_found, "control.group: there is no group " + name);
    return std::optional<gid_t>{found->gr_gid};
}

std::filesystem::path socket_path(const Session& session) {
    if (!session.settings.control.socket.empty()) return session.settings.control.socket;
    const char* const runtime = std::getenv("RUNTIME_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    if (runtime == nullptr || *runtime == '\0') return session.state->file("control");
    const std::string folders{runtime};
    return std::filesystem::path{folders.substr(0, folders.find(':'))} / "control";
}

}  // namespace

ControlDesk::ControlDesk(Session& session) : session_{session} {}

base::Result<std::unique_ptr<ControlDesk>> ControlDesk::open(Session& session) {
    const auto group = group_of(session.settings.control.group);
    if (!group) return base::fail(group.error());
    std::unique_ptr<ControlDesk> desk{new ControlDesk{session}};
    control::ServerOptions options;
    options.path = socket_path(session);
    options.group = *group;
    auto server = control::Server::open(
        std::move(options), session.clock,
        {[&it = *desk](const control::Request& request, const control::Peer& peer) {
             return it.take(request, peer);
         },
         [&it = *desk](const control::Peer& peer, std::string_view why) { it.tell_refused(peer, why); }});
    if (!server) return base::fail(std::move(server.error()));
    desk->server_ = std::move(*server);
    session.logger->emit(Event::control_listening, {field("path", desk->server_->path().string()),
                                                    field("group", session.settings.control.group)});
    return desk;
}

bool ControlDesk::has_loop() const {
    return session_.trading && session_.trading_thread.joinable();
}

control::Pending ControlDesk::take(const control::Request& request, const control::Peer& peer) {
    if (std::holds_alternative<control::Status>(request.command)) return status();
    const std::string by =
        peer.user == overflow_user
            ? "operator " + request.operator_name + " (of a user the service cannot see)"
            : "operator uid " + std::to_string(peer.user) + " (" + request.operator_name + ")";
    const auto reason_of = [](const auto& command) -> const std::string& {
        static const std::string none;
        if constexpr (requires { command.reason; })
            return command.reason;
        else
            return none;
    };
    session_.logger->emit(Event::control_commanded,
                          {field("command", control::name_of(request)), field("by", by),
                           field("reason", std::visit(reason_of, request.command))});
    if (!has_loop())
        return at_once(
            ErrorKind::unavailable,
            "the service is " + session_.phase + "; its ladder can be moved once the journal has been read");
    if (const auto* command = std::get_if<control::Halt>(&request.command)) return halt(by, command->reason);
    if (const auto* command = std::get_if<control::Kill>(&request.command)) return kill(by, *command);
    return resume(by, std::get<control::Resume>(request.command));
}

control::Pending ControlDesk::status() const {
    control::Snapshot snapshot = snapshot_of(session_);
    if (!has_loop()) {
        snapshot.trading_missing = "the trading loop does not run";
        return at_once(control::answer_line(to_json(snapshot)));
    }
    auto posted = std::make_shared<Posted<control::TradingView>>(session_.loop, [&session = session_] {
        return view_of(session.engine->standing(session.trading->now()));
    });
    return [posted, snapshot = std::move(snapshot), &clock = session_.clock,
            until = session_.clock.monotonic() + control_patience]() mutable -> std::optional<std::string> {
        snapshot.trading = posted->take();
        if (!snapshot.trading && posted->is_taken() && clock.monotonic() < until) return std::nullopt;
        if (!snapshot.trading)
            snapshot.trading_missing =
                "the trading loop did not answer within " + std::to_string(control_patience.count()) + " ms";
        return control::answer_line(to_json(snapshot));
    };
}

control::Pending ControlDesk::halt(const std::string& by, const std::string& reason) {
    auto move = std::make_shared<Move>(session_, [&session = session_, by, reason] {
        Moved moved;
        moved.has_changed =
            session.engine->raise_ladder(risk::Level::halt, by, reason, session.trading->now());
        session.trading->flush();
        moved.ladder = session.engine->ladder();
        moved.ticket = session.trading->last_ticket();
        return moved;
    });
    return [move] { return (*move)(); };
}

control::Pending ControlDesk::resume(const std::string& by, const control::Resume& command) {
    const auto level = risk::parse_level(command.level);
    if (!level) return at_once(ErrorKind::invalid, "level must be normal, reduce or cancel_only");
    auto move = std::make_shared<Move>(session_, [&session = session_, by, reason = command.reason,
                                                  level = *level] {
        Moved moved;
        if (auto lowered = session.engine->lower_ladder(level, by, reason, session.trading->now()); !lowered)
            moved.error = std::move(lowered.error());
        session.trading->flush();
        moved.has_changed = !moved.error;
        moved.ladder = session.engine->ladder();
        moved.ticket = session.trading->last_ticket();
        return moved;
    });
    return [move, &session = session_, is_noted = false]() mutable {
        auto line = (*move)();
        // Somebody has looked: what crashed before is not held against the next start.
        if (move->has_moved() && !std::exchange(is_noted, true))
            if (const auto noted = forget_earlier_starts(*session.state, session.made_wall); !noted)
                session.logger->emit(Event::log_sink_failed,
                                     {field("sink", "starts"), field("reason", noted.error().message)});
        return line;
    };
}

control::Pending ControlDesk::kill(const std::string& by, const control::Kill& command) {
    auto killing = std::make_shared<Killing>(session_, by, command);
    return [killing] { return (*killing)(); };
}

void ControlDesk::tell_refused(const control::Peer& peer, std::string_view why) {
    ++refusals_;
    const base::MonotonicTime now = session_.clock.monotonic();
    if (refusal_told_ && now - *refusal_told_ < refusals_told_every) return;
    refusal_told_ = now;
    session_.logger->emit(Event::control_refused, {field("user", std::int64_t{peer.user}),
                                                   field("process", std::int64_t{peer.process}),
                                                   field("reason", why), field("refusals", refusals_)});
    refusals_ = 0;
}

}  // namespace vigil::runtime
