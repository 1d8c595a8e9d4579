#include "orders/statement.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace vigil::orders {

namespace {

std::string line_of(std::string_view kind, std::initializer_list<std::string_view> words) {
    std::string line{kind};
    for (const std::string_view word : words) {
        line += ' ';
        line += word;
    }
    return line;
}

std::string line_of(const HoldingView& holding, std::string_view strategy) {
    const Position& p = holding.position;
    std::string line =
        line_of("holding", {strategy, holding.assets.symbol.view(), p.inventory.str(), p.cost.str(),
                            p.realised.str(), p.spent.str(), p.received.str(), p.fees_quote.str(),
                            p.fees_base.str(), std::to_string(p.fill_count)});
    for (const AssetAmount& fee : holding.other_fees) {
        line += ' ';
        line += line_of(fee.asset.view(), {fee.amount.str()});
    }
    return line;
}

std::string line_of(const OrderRecord& order) {
    return line_of(
        "order", {order.id().view(), to_string(order.state), order.executed.str(), order.executed_quote.str(),
                  order.filled.str(), order.filled_quote.str(), std::to_string(order.fills.size())});
}

/// The line that begins at `text`, which is left at the next one.
std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

}  // namespace

std::string statement(const Ledger& ledger, std::span<const domain::StrategyName> names) {
    std::vector<std::string> lines;
    for (const HoldingView& each : ledger.holdings()) {
        if (each.position.fill_count == 0) continue;
        const std::size_t index = each.strategy.value;
        lines.push_back(line_of(each, index < names.size() ? names[index].view() : "?"));
    }
    for (const domain::Balance& each : ledger.balances().all_stated()) {
        const domain::Amount expected = ledger.balances().expected_now(each.asset);
        if (!expected.is_zero()) lines.push_back(line_of("balance", {each.asset.view(), expected.str()}));
    }
    for (const OrderRecord* each : ledger.live()) lines.push_back(line_of(*each));
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) {
        text += line;
        text += '\n';
    }
    return text;
}

std::optional<StatementDifference> difference(std::string_view first, std::string_view second) {
    while (!first.empty() || !second.empty()) {
        std::string_view rest_of_first = first;
        std::string_view rest_of_second = second;
        const std::string_view a = take_line(rest_of_first);
        const std::string_view b = take_line(rest_of_second);
        if (a == b) {
            first = rest_of_first;
            second = rest_of_second;
            continue;
        }
        // About the same thing when kind and name agree; else the smaller line is alone.
        const auto subject = [](std::string_view line) {
            std::size_t end = line.find(' ');
            if (line.substr(0, end) == "holding" && end != std::string_view::npos)
                end = line.find(' ', end + 1);
            if (end != std::string_view::npos) end = line.find(' ', end + 1);
            return line.substr(0, end);
        };
        if (a.empty() || b.empty() || subject(a) == subject(b)) return StatementDifference{a, b};
        return a < b ? StatementDifference{a, {}} : StatementDifference{{}, b};
    }
    return std::nullopt;
}

}  // namespace vigil::orders
