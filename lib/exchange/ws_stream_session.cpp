#include "exchange/ws_stream_session.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace vigil::exchange {

namespace {

using Json = nlohmann::json;

constexpr std::uint16_t policy_violation = 1008;
constexpr std::size_t id_text_max = 36;

/// "Error Messages", web-socket-streams.md.
std::string refused(int code, const std::string& message, const Json* id) {
    Json error{{"code", code}, {"msg", message}};
    if (id != nullptr) error["id"] = *id;
    return error.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string done(const Json& result, const Json& id) {
    // Names come from URLs too, where they need not be UTF-8.
    return Json{{"result", result}, {"id", id}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// 64-bit signed integers, alphanumeric strings of at most 36 characters, null.
bool is_id(const Json& id) {
    if (id.is_null() || id.is_number_integer()) return true;
    if (!id.is_string()) return false;
    const auto& text = id.get_ref<const std::string&>();
    return text.size() <= id_text_max && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
           });
}

// Line and column where reading `text` failed, as the exchange tells them.
std::string place_of(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t last = before.rfind('\n');
    const std::size_t column = last == std::string_view::npos ? before.size() : before.size() - last - 1;
    return "line " + std::to_string(line) + " column " + std::to_string(column);
}

}  // namespace

WsStreams::Session::Session(WsStreams& owner, std::uint64_t id, std::shared_ptr<net::WsPeer> peer,
                            TimeUnit unit, bool combined)
    : owner_{owner},
      id_{id},
      peer_{std::move(peer)},
      unit_{unit},
      combined_{combined},
      keep_alive_{owner.loop_, peer_, owner.options_.keep_alive} {
    peer_->set_handlers({[this](std::string_view text) { on_text(text); },
                         [this](std::string_view) { count_message(); },
                         [this](std::string_view payload) {
                             keep_alive_.on_pong(payload);
                             count_message();
                         },
                         [this](const base::Error&) {
                             peer_gone_ = true;
                             owner_.forget(id_);
                         }});
}

WsStreams::Session::~Session() {
    if (!peer_gone_) peer_->set_handlers({});
    for (const std::string& name : names_) owner_.leave(*this, name);
}

bool WsStreams::Session::count_message() {
    const std::int64_t second =
        std::chrono::floor<base::seconds>(owner_.loop_.turn_time().time_since_epoch()).count();
    if (second != second_) {
        second_ = second;
        messages_ = 0;
    }
    if (++messages_ <= owner_.options_.messages_per_second_max) return true;
    peer_->close(policy_violation, "Too many requests");
    return false;
}

void WsStreams::Session::subscribe(const std::string& name) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
    if (names_.size() >= owner_.options_.streams_max) {
        peer_->close(policy_violation, "Too many streams");
        return;
    }
    names_.push_back(name);
    owner_.join(*this, name);
}

void WsStreams::Session::unsubscribe(const std::string& name) {
    if (std::erase(names_, name) > 0) owner_.leave(*this, name);
}

void WsStreams::Session::on_text(std::string_view text) {
    if (count_message()) peer_->send(answer(text));
}

std::string WsStreams::Session::answer(std::string_view text) {
    Json request;
    try {
        request = Json::parse(text);
    } catch (const Json::parse_error& error) {
        return refused(3, "Invalid JSON: expected value at " + place_of(text, error.byte), nullptr);
    } catch (const Json::out_of_range&) {
        return refused(3, "Invalid JSON: number out of range at " + place_of(text, text.size()), nullptr);
    }
    const std::string end = place_of(text, text.size());
    if (!request.is_object()) return refused(2, "Invalid request: missing field `method` at " + end, nullptr);
    const auto id = request.find("id");
    if (id == request.end() || !is_id(*id))
        return refused(2, "Invalid request: request ID must be an unsigned integer", nullptr);
    const auto method = request.find("method");
    if (method == request.end()) return refused(2, "Invalid request: missing field `method` at " + end, &*id);
    for (const auto& [name, value] : request.items()) {
        if (name != "id" && name != "method" && name != "params")
            return refused(2, "Invalid request: too many parameters", &*id);
    }
    const std::string word = method->is_string() ? method->get<std::string>() : method->dump();
    const Json none = Json::array();
    const auto found = request.find("params");
    const Json& params = found == request.end() ? none : *found;

    if (word == "SUBSCRIBE" || word == "UNSUBSCRIBE") {
        if (!params.is_array() || params.empty() ||
            !std::all_of(params.begin(), params.end(), [](const Json& one) { return one.is_string(); }))
            return refused(2, "Invalid request: params must be an array of stream names", &*id);
        for (const Json& name : params) {
            if (word == "SUBSCRIBE") {
                subscribe(name.get<std::string>());
            } else {
                unsubscribe(name.get<std::string>());
            }
        }
        return done(nullptr, *id);
    }
    if (word == "LIST_SUBSCRIPTIONS") return done(names_, *id);
    if (word == "GET_PROPERTY" || word == "SET_PROPERTY") {
        const bool set = word == "SET_PROPERTY";
        if (!params.is_array() || params.empty() || !params[0].is_string())
            return refused(2, "Invalid request: property name must be a string", &*id);
        if (params.size() > (set ? 2U : 1U)) return refused(2, "Invalid request: too many parameters", &*id);
        if (params[0] != "combined") return refused(0, "Unknown property", &*id);
        if (!set) return done(combined_, *id);
        if (params.size() != 2 || !params[1].is_boolean())
            return refused(1, "Invalid value type: expected Boolean", &*id);
        combined_ = params[1].get<bool>();
        return done(nullptr, *id);
    }
    return refused(2,
                   "Invalid request: unknown variant `" + word +
                       "`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, "
                       "`GET_PROPERTY` at " +
                       end,
                   &*id);
}

}  // namespace vigil::exchange
