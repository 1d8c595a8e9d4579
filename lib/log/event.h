// The vocabulary of the log: which events exist, how severe they are, and what a field is.
//
// Nothing in Vigil writes a free line of text. Whoever has something to tell names an Event of the catalogue
// (catalogue.h) and hands over its fields; wording, severity, journal id and remedy live in the catalogue
// alone. This header is light and may be included anywhere; the table itself is wanted by sinks and
// generators only.
//
// To add an event: one enumerator here, one entry at the same place of the table in its area's catalogue file
// with a fresh id (`journalctl --new-id128` or uuidgen), then regenerate docs/events.md and
// systemd/vigil.catalog with `vigil_events_doc`. An id that was ever released is never given to another
// event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vigil::log {

/// Ascending, so that `severity >= Severity::warning` reads as it should. An event of severity warning or
/// above is an anomaly: something an operator would want to know.
enum class Severity : std::uint8_t { debug, info, notice, warning, error, critical };
inline constexpr std::size_t severity_count = 6;

[[nodiscard]] constexpr std::string_view to_string(Severity severity) noexcept {
    switch (severity) {
        case Severity::debug:
            return "debug";
        case Severity::info:
            return "info";
        case Severity::notice:
            return "notice";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
        case Severity::critical:
            return "critical";
    }
    return "unknown";
}

enum class FieldType : std::uint8_t {
    integer,  ///< 64-bit signed
    text,     ///< UTF-8, bounded, redacted before it reaches a sink
    decimal,  ///< exact decimal as text: prices, quantities, money; a string in JSON
    boolean,
    duration,  ///< kept in nanoseconds; the field's name ends in _ns, _us, _ms or _s and sinks write it in
               ///< that unit
};

[[nodiscard]] constexpr std::string_view to_string(FieldType type) noexcept {
    switch (type) {
        case FieldType::integer:
            return "integer";
        case FieldType::text:
            return "text";
        case FieldType::decimal:
            return "decimal";
        case FieldType::boolean:
            return "boolean";
        case FieldType::duration:
            return "duration";
    }
    return "unknown";
}

/// Everything that can be logged. `order_rejected` is `order.rejected` outside; the areas are those of the
/// catalogue.
enum class Event : std::uint16_t {
    // catalogue_system.h
    daemon_starting,
    daemon_step_done,
    daemon_ready,
    daemon_start_failed,
    daemon_stopping,
    daemon_stopped,
    daemon_summary,
    daemon_reload_checked,
    daemon_reload_refused,
    daemon_thread_stalled,
    daemon_crash_loop,
    daemon_orders_kept,
    control_listening,
    control_commanded,
    control_refused,
    config_loaded,
    config_error,
    clock_sampled,
    clock_sample_failed,
    clock_synchronised,
    clock_uncertain,
    clock_unsynchronised,
    clock_stepped,
    clock_wall_stepped,
    credentials_vault_opened,
    credentials_vault_refused,
    credentials_permission_granted,
    credentials_permission_refused,
    credentials_permission_unavailable,
    credentials_permission_unknown,
    credentials_key_old,
    credentials_key_expires,
    credentials_main_account,
    credentials_key_changed,
    credentials_key_released,
    credentials_key_change_refused,
    journal_opened,
    journal_recovered,
    journal_write_failed,
    log_dropped,
    log_sink_failed,
    // catalogue_exchange.h
    governor_budgets_loaded,
    governor_throttled,
    governor_reserve_used,
    governor_weight_drift,
    governor_order_drift,
    governor_limit_changed,
    governor_request_dropped,
    governor_cooled_down,
    governor_limited,
    governor_orders_limited,
    governor_banned,
    governor_ban_restored,
    governor_ban_lifted,
    market_rules_loaded,
    market_rules_changed,
    market_filter_unknown,
    market_symbol_status,
    market_stream_connected,
    market_stream_disconnected,
    market_stream_renewed,
    market_book_synchronised,
    market_book_gap,
    market_stale,
    market_fresh,
    exchange_session_connected,
    exchange_session_lost,
    exchange_session_renewed,
    exchange_user_data_subscribed,
    exchange_user_data_lost,
    exchange_fallback_used,
    exchange_request_failed,
    exchange_answer_malformed,
    exchange_timestamp_refused,
    exchange_signature_refused,
    exchange_dry_run_refused,
    exchange_endpoint_retired,
    // catalogue_trading.h
    order_placed,
    order_accepted,
    order_rejected,
    order_not_sent,
    order_unknown,
    order_lookup,
    order_resolved,
    order_filled,
    order_cancel_requested,
    order_cancelled,
    order_cancel_rejected,
    order_expired,
    order_report_missed,
    order_foreign_seen,
    order_unaccounted,
    order_trade_unaccounted,
    risk_refused,
    risk_ladder_changed,
    risk_killed,
    risk_kill_done,
    risk_daily_loss,
    risk_loss_limit,
    risk_breaker_opened,
    risk_breaker_closed,
    strategy_started,
    strategy_stopped,
    strategy_refused,
    strategy_paused,
    strategy_resumed,
    strategy_decision,
    reconcile_started,
    reconcile_repeated,
    reconcile_done,
    reconcile_mismatch,
    reconcile_failed,
    account_loaded,
    account_changed_outside,
    review_finding,
};
inline constexpr std::size_t event_count = static_cast<std::size_t>(Event::review_finding) + 1;

/// The dotted name, `order.rejected`.
[[nodiscard]] std::string_view name(Event event) noexcept;
[[nodiscard]] Severity severity(Event event) noexcept;

}  // namespace vigil::log
