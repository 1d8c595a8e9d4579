#include "control/snapshot.h"

#include <nlohmann/json.hpp>

namespace vigil::control {

namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json of(const LadderView& ladder) {
    return {{"level", ladder.level},
            {"by", ladder.by},
            {"reason", ladder.reason},
            {"since", ladder.since},
            {"cancels_all", ladder.cancels_all}};
}

Json of(const OrderView& order) {
    return {{"client_order_id", order.client_order_id},
            {"symbol", order.symbol},
            {"strategy", order.strategy},
            {"state", order.state}};
}

Json of(const LimitView& limit) {
    return {{"name", limit.name},
            {"scope", limit.scope},
            {"used", limit.used},
            {"limit", limit.limit},
            {"reached", limit.is_reached}};
}

Json of(const StrategyView& each) {
    return {
        {"name", each.name},     {"kind", each.kind},           {"symbol", each.symbol},
        {"state", each.state},   {"inventory", each.inventory}, {"average_cost", or_null(each.average_cost)},
        {"quote", each.quote},   {"realized", each.realised},   {"unrealized", or_null(each.unrealised)},
        {"orders", each.orders}, {"fills", each.fills},         {"open_orders", each.open_orders}};
}

template <class T>
Json list_of(const std::vector<T>& all) {
    Json list = Json::array();
    for (const T& each : all) list.push_back(of(each));
    return list;
}

Json of(const TradingView& trading) {
    return {{"ladder", of(trading.ladder)},
            {"placements", {{"allowed", trading.obstacle.empty()}, {"obstacle", trading.obstacle}}},
            {"connections",
             {{"market", trading.market_connected},
              {"orders", trading.orders_connected},
              {"user_data", trading.user_data_connected}}},
            {"journal_well", trading.journal_well},
            {"balances_agree", trading.balances_agree},
            {"orders",
             {{"open", trading.open_orders},
              {"waiting", trading.waiting},
              {"unknown", list_of(trading.unknown)}}},
            {"limits", list_of(trading.limits)},
            {"strategies", list_of(trading.strategies)}};
}

}  // namespace

std::string to_json(const Snapshot& snapshot) {
    const Json object{{"version", snapshot.version},
                      {"environment", snapshot.environment},
                      {"phase", snapshot.phase},
                      {"process", snapshot.process},
                      {"started", snapshot.started},
                      {"uptime_s", snapshot.uptime_s},
                      {"config_hash", snapshot.config_hash},
                      {"state_folder", snapshot.state_folder},
                      {"journal", snapshot.journal},
                      {"key", snapshot.key},
                      {"clock",
                       {{"state", snapshot.clock.state},
                        {"offset_us", or_null(snapshot.clock.offset_us)},
                        {"uncertainty_us", or_null(snapshot.clock.uncertainty_us)}}},
                      {"late_threads", snapshot.late_threads},
                      {"trading", snapshot.trading ? of(*snapshot.trading) : Json(nullptr)},
                      {"trading_missing", snapshot.trading_missing}};
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vigil::control
