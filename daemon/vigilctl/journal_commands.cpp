#include "vigilctl/journal_commands.h"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "credentials/sha256.h"
#include "engine/explanation.h"
#include "engine/journal_replay.h"
#include "journal/describe.h"
#include "journal/journal.h"
#include "journal/own_trades.h"
#include "journal/record_codec.h"
#include "log/escape.h"
#include "log/format.h"

namespace vigil::vigilctl {

namespace {

using base::ErrorKind;

base::Result<std::unique_ptr<journal::Journal>> open(const std::filesystem::path& state) {
    return journal::Journal::open_read_only({.state_folder = state}, credentials::sha256);
}

std::optional<journal::Digest> from_hex(std::string_view text) {
    journal::Digest digest{};
    if (text.size() != digest.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
        const auto value = static_cast<unsigned>(is_digit ? c - '0' : c - 'a' + 10);
        digest[i / 2] = digest[i / 2] << 4U | static_cast<std::byte>(value);
    }
    return digest;
}

/// Of the exchange's clock, which the orders' own times are; of this machine's while that was unknown.
std::string time_of(const journal::Stamp& stamp) {
    const bool is_known = stamp.exchange != base::ExchangeTime{};
    return log::rfc3339(is_known ? base::WallTime{stamp.exchange.time_since_epoch()} : stamp.wall);
}

void print_csv(std::initializer_list<std::string_view> fields) {
    bool is_first = true;
    for (const std::string_view field : fields) {
        if (!std::exchange(is_first, false)) std::cout << ',';
        if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
            std::cout << field;
            continue;
        }
        std::cout << '"';
        for (const char c : field) std::cout << (c == '"' ? "\"\"" : std::string_view{&c, 1});
        std::cout << '"';
    }
    std::cout << '\n';
}

/// Members of which each is text, or already JSON.
class JsonLine {
  public:
    JsonLine& text(std::string_view name, std::string_view value) {
        begin(name);
        log::append_json_string(value, line_);
        return *this;
    }
    JsonLine& raw(std::string_view name, std::string_view json) {
        begin(name);
        line_ += json;
        return *this;
    }
    void print() { std::cout << line_ << "}\n"; }

  private:
    void begin(std::string_view name) {
        line_ += line_.empty() ? '{' : ',';
        log::append_json_string(name, line_);
        line_ += ':';
    }
    std::string line_;
};

std::string line_of(const journal::StoredRecord& stored) {
    std::string line = time_of(stored.stamp) + "  " + std::to_string(stored.sequence) + "  ";
    line += journal::kind_of(stored.record);
    const domain::ClientOrderId id = journal::order_of(stored.record);
    if (!id.empty()) {
        line += "  ";
        log::escape_controls(id.view(), line);
    }
    line += "  ";
    log::escape_controls(journal::describe(stored.record), line);
    return line;
}

void print_trade(const journal::OwnTrade& trade, bool is_csv) {
    const domain::Fill& fill = trade.fill;
    const std::string time = log::rfc3339(base::WallTime{fill.time.time_since_epoch()});
    const std::string id = std::to_string(fill.trade_id.value);
    const std::string order_id = std::to_string(fill.order_id.value);
    const std::string_view role = fill.is_maker ? "maker" : "taker";
    if (is_csv)
        return print_csv({time, trade.symbol.view(), domain::to_string(fill.side), fill.price.str(),
                          fill.quantity.str(), fill.quote_quantity.str(), fill.commission.str(),
                          fill.commission_asset.view(), role, id, order_id, trade.client_order_id.view(),
                          trade.strategy});
    JsonLine{}
        .text("time", time)
        .text("symbol", trade.symbol.view())
        .text("side", domain::to_string(fill.side))
        .text("price", fill.price.str())
        .text("quantity", fill.quantity.str())
        .text("quote_quantity", fill.quote_quantity.str())
        .text("commission", fill.commission.str())
        .text("commission_asset", fill.commission_asset.view())
        .text("role", role)
        .raw("trade_id", id)
        .raw("order_id", order_id)
        .text("client_order_id", trade.client_order_id.view())
        .text("strategy", trade.strategy)
        .print();
}

void print_record(const journal::StoredRecord& stored, bool is_csv) {
    const std::string time = time_of(stored.stamp);
    const std::string sequence = std::to_string(stored.sequence);
    const domain::ClientOrderId id = journal::order_of(stored.record);
    const std::string body = journal::encode(stored.record);
    if (is_csv) return print_csv({sequence, time, journal::kind_of(stored.record), id.view(), body});
    JsonLine{}
        .raw("sequence", sequence)
        .text("time", time)
        .text("kind", journal::kind_of(stored.record))
        .text("client_order_id", id.view())
        .raw("body", body)
        .print();
}

/// What was printed may not have arrived (a full disk, a pipe that was closed).
ExitCode printed() {
    std::cout.flush();
    return std::cout.good() ? ExitCode::ok : ExitCode::io_error;
}

}  // namespace

ExitCode journal_verify(const JournalArguments& arguments) {
    const auto noted = from_hex(arguments.noted);
    if (!arguments.noted.empty() && !noted)
        return report({ErrorKind::invalid, "--head is 64 characters of 0-9 and a-f"}, ExitCode::usage);
    const auto opened = open(arguments.state);
    if (!opened) return report(opened.error());
    const auto verified = (*opened)->verify(noted);
    if (!verified) return report(verified.error());
    std::cout << verified->records << " records, whole; head " << credentials::to_hex(verified->head) << '\n';
    return printed();
}

ExitCode journal_show(const JournalArguments& arguments) {
    const auto opened = open(arguments.state);
    if (!opened) return report(opened.error());
    const bool is_filtered = !arguments.order.empty() || !arguments.kind.empty();
    const auto count = static_cast<std::int64_t>(std::min<std::size_t>(arguments.last, 1'000'000));
    const std::int64_t first =
        is_filtered ? 1 : std::max<std::int64_t>(1, (*opened)->last_sequence() - count + 1);
    std::deque<std::string> lines;
    auto read = (*opened)->read(first, [&](const journal::StoredRecord& stored) -> base::Result<void> {
        if (!arguments.order.empty() && journal::order_of(stored.record).view() != arguments.order) return {};
        if (!arguments.kind.empty() && journal::kind_of(stored.record) != arguments.kind) return {};
        lines.push_back(line_of(stored));
        if (lines.size() > static_cast<std::size_t>(count)) lines.pop_front();
        return {};
    });
    // What could be read is shown all the same: whoever looks for a fault wants to see it.
    for (const std::string& line : lines) std::cout << line << '\n';
    if (!read) return report(read.error());
    if (lines.empty() && is_filtered)
        return report({ErrorKind::not_found, "the journal has no such record"}, ExitCode::no_input);
    return printed();
}

ExitCode journal_export(const JournalArguments& arguments) {
    const auto opened = open(arguments.state);
    if (!opened) return report(opened.error());
    const bool is_csv = arguments.format == "csv";
    journal::OwnTrades trades;
    if (is_csv && arguments.trades)
        print_csv({"time", "symbol", "side", "price", "quantity", "quote_quantity", "commission",
                   "commission_asset", "role", "trade_id", "order_id", "client_order_id", "strategy"});
    else if (is_csv)
        print_csv({"sequence", "time", "kind", "client_order_id", "body"});
    auto read = (*opened)->read(1, [&](const journal::StoredRecord& stored) -> base::Result<void> {
        if (arguments.trades)
            trades.take(stored);
        else
            print_record(stored, is_csv);
        return {};
    });
    if (!read) return report(read.error());
    for (const journal::OwnTrade& trade : trades.all()) print_trade(trade, is_csv);
    return printed();
}

ExitCode journal_replay(const JournalArguments& arguments) {
    const auto opened = open(arguments.state);
    if (!opened) return report(opened.error());
    engine::JournalReplay replay;
    auto read =
        (*opened)->read(1, [&replay](const journal::StoredRecord& stored) { return replay.take(stored); });
    const engine::ReplaySummary& summary = replay.summary();
    for (const engine::ReplayFinding& each : summary.findings) {
        std::string line = "record " + std::to_string(each.sequence) + ": ";
        log::escape_controls(each.what, line);
        std::cout << line << '\n';
    }
    if (!read) return report(read.error());
    std::cout << replay.statement() << summary.records << " records of " << summary.sessions << " sessions, "
              << summary.orders << " orders; " << summary.statements << " statements and "
              << summary.decisions << " decisions compared, " << summary.finding_count << " differ\n";
    const ExitCode code = printed();
    if (summary.finding_count == 0 || code != ExitCode::ok) return code;
    return report({ErrorKind::corrupt, "the journal contradicts itself, first in record " +
                                           std::to_string(summary.findings.front().sequence)});
}

ExitCode explain(const JournalArguments& arguments) {
    const auto opened = open(arguments.state);
    if (!opened) return report(opened.error());
    const auto order = domain::ClientOrderId::from(arguments.order);
    if (!order) return report({ErrorKind::invalid, "no client order id is as long as that"}, ExitCode::usage);
    engine::Explanation explanation{*order};
    auto read = (*opened)->read(
        1, [&explanation](const journal::StoredRecord& stored) { return explanation.take(stored); });
    if (explanation.is_found()) {
        for (const engine::ExplanationLine& each : explanation.lines()) {
            std::string line =
                each.when ? time_of(*each.when) + "  " + std::to_string(each.sequence) + "  " : "";
            log::escape_controls(each.text, line);
            std::cout << line << '\n';
        }
    }
    if (!read) return report(read.error());
    if (!explanation.is_found())
        return report({ErrorKind::not_found, "the journal has no such order"}, ExitCode::no_input);
    return printed();
}

}  // namespace vigil::vigilctl
