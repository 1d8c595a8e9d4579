// The table of a status.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/snapshot.h"
#include "log/escape.h"

namespace vigil::control {

namespace {

using Json = nlohmann::ordered_json;

/// A value as text for a terminal.
std::string shown(const Json& value) {
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_null()) return "-";
    std::string escaped;
    log::escape_controls(value.is_string() ? value.get<std::string>() : value.dump(), escaped);
    return escaped;
}

/// A member; "?" where it is not there.
std::string text(const Json& object, const char* name) {
    return object.is_object() && object.contains(name) ? shown(object[name]) : "?";
}

const Json& member(const Json& object, const char* name) {
    static const Json none;
    return object.is_object() && object.contains(name) ? object[name] : none;
}

void line(std::string& out, std::string_view name, std::string_view value) {
    constexpr std::size_t width = 15;
    std::string head{"  "};
    head += name;
    head.resize(std::max(width + 2, head.size() + 2), ' ');
    out += head;
    out += value;
    out += '\n';
}

/// Columns, each as wide as its widest cell; `left` of them to the left, the others to the right.
void columns(std::string& out, const std::vector<std::vector<std::string>>& rows, std::size_t left) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i) widths.push_back(0);
            widths[i] = std::max(widths[i], row[i].size());
        }
    for (const auto& row : rows) {
        std::string written{"  "};
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string room(widths[i] - row[i].size(), ' ');
            written += i < left ? row[i] + room + "  " : room + row[i] + "  ";
        }
        written.erase(written.find_last_not_of(' ') + 1);
        out += written + "\n";
    }
}

std::string up_or_down(const Json& connections, const char* name) {
    const std::string known = text(connections, name);
    return known == "yes" ? "up" : known == "no" ? "down" : known;
}

void trading_lines(std::string& out, const Json& trading) {
    const Json& ladder = member(trading, "ladder");
    std::string level = text(ladder, "level");
    std::transform(level.begin(), level.end(), level.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (text(ladder, "cancels_all") == "yes") level += ", own orders are being cancelled (kill)";
    line(out, "ladder", level);
    if (!text(ladder, "by").empty())
        line(out, "",
             "since " + text(ladder, "since") + " by " + text(ladder, "by") + ": " + text(ladder, "reason"));
    const Json& placements = member(trading, "placements");
    line(out, "placements",
         text(placements, "allowed") == "yes" ? "allowed" : "held: " + text(placements, "obstacle"));
    const Json& connections = member(trading, "connections");
    line(out, "connections",
         "market " + up_or_down(connections, "market") + ", orders " + up_or_down(connections, "orders") +
             ", user data " + up_or_down(connections, "user_data"));
    const Json& orders = member(trading, "orders");
    const Json& unknown = member(orders, "unknown");
    line(out, "orders",
         text(orders, "open") + " open, " + std::to_string(unknown.size()) + " unknown, " +
             text(orders, "waiting") + " waiting for the governor");
    for (const Json& each : unknown)
        line(out, "  unknown",
             text(each, "client_order_id") + " " + text(each, "symbol") + " of " + text(each, "strategy"));
    line(out, "balances",
         text(trading, "balances_agree") == "yes" ? "equal to the exchange's"
                                                  : "differ from the exchange's, or not known");
}

void trading_tables(std::string& out, const Json& trading) {
    std::vector<std::vector<std::string>> rows{{"strategy", "kind", "symbol", "state", "inventory", "average",
                                                "realized", "unrealized", "orders", "fills", "open"}};
    for (const Json& each : member(trading, "strategies"))
        rows.push_back({text(each, "name"), text(each, "kind"), text(each, "symbol"), text(each, "state"),
                        text(each, "inventory"), text(each, "average_cost"), text(each, "realized"),
                        text(each, "unrealized"), text(each, "orders"), text(each, "fills"),
                        text(each, "open_orders")});
    out += '\n';
    columns(out, rows, 4);
    rows = {{"limit", "of", "used", "limit", ""}};
    for (const Json& each : member(trading, "limits"))
        rows.push_back({text(each, "name"), text(each, "scope"), text(each, "used"), text(each, "limit"),
                        text(each, "reached") == "yes" ? "reached" : ""});
    out += '\n';
    columns(out, rows, 2);
}

}  // namespace

base::Result<std::string> to_table(std::string_view json) {
    const Json status = Json::parse(json.begin(), json.end(), nullptr, false);
    if (!status.is_object())
        return base::fail(base::ErrorKind::corrupt, "the service's status is not understood");
    std::string out = "vigild " + text(status, "version") + " (" + text(status, "environment") +
                      "), process " + text(status, "process") + ": " + text(status, "phase") + "\n";
    line(out, "started", text(status, "started") + ", " + text(status, "uptime_s") + " s ago");
    line(out, "configuration", text(status, "config_hash"));
    const Json& trading = member(status, "trading");
    if (trading.is_object())
        trading_lines(out, trading);
    else
        line(out, "trading", "not known: " + text(status, "trading_missing"));
    const Json& clock = member(status, "clock");
    line(out, "clock",
         text(clock, "state") + ", offset " + text(clock, "offset_us") + " us, known to within " +
             text(clock, "uncertainty_us") + " us");
    line(out, "journal",
         text(status, "journal") + (text(trading, "journal_well") == "no" ? ": CANNOT BE WRITTEN" : ""));
    line(out, "key", text(status, "key"));
    for (const Json& each : member(status, "late_threads")) line(out, "stalled", shown(each));
    if (trading.is_object()) trading_tables(out, trading);
    return out;
}

}  // namespace vigil::control
