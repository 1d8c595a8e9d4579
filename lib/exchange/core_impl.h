// The inside of ExchangeCore, for its own source files only: core.cpp (setting up), core_time.cpp (what is
// due when), core_orders.cpp (placing and cancelling), core_lists.cpp (order lists), core_amend.cpp
// (amending), core_matching.cpp (trades and their money), core_market.cpp (what feeds say), core_queries.cpp.
//
// Every operation (a client's call, a feed's event) ends with finish(): triggered stops are worked off,
// closed orders leave the open ones, and what changed is told once: book ticker, account positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/order_check.h"
#include "exchange/account_ledger.h"
#include "exchange/core.h"
#include "exchange/kline_store.h"
#include "exchange/order_list_store.h"
#include "exchange/order_store.h"
#include "exchange/random.h"
#include "exchange/stop_book.h"
#include "exchange/symbol_book.h"
#include "exchange/take_plan.h"
#include "exchange/trade_tape.h"

namespace vigil::exchange {

/// One account.
struct AccountState {
    explicit AccountState(std::size_t closed_lists_max) : lists{closed_lists_max} {}

    AccountOptions options;
    AccountLedger ledger;
    base::ExchangeTime updated;
    std::int64_t open_orders{0};
    std::int64_t open_algo_orders{0};
    std::int64_t open_iceberg_orders{0};
    OrderListStore lists;
    std::map<domain::Asset, domain::Amount> external_locks;
};

/// One symbol and all that happens on it.
struct SymbolState {
    SymbolState(SymbolSpec given, const CoreOptions& options)
        : spec{std::move(given)},
          tape{options.recent_trades_max},
          klines{options.klines_max},
          next_order_id{options.first_id},
          next_trade_id{options.first_id},
          told_trade_id{options.first_id} {}

    SymbolSpec spec;
    SymbolBook book;
    StopBook stops;
    TradeTape tape;
    KlineStore klines;
    MinuteStatistics statistics;
    std::vector<std::unique_ptr<OrderStore>> stores;  ///< by account; null: never traded here
    std::deque<PreventedRecord> prevented;            ///< the latest, oldest first
    domain::Price last_price;
    std::int64_t next_order_id;
    std::int64_t next_trade_id;
    std::int64_t next_prevented_match_id{0};
    std::int64_t told_trade_id{0};  ///< next_trade_id when the tickers were last told
    domain::BookLevel told_bid;     ///< of the last book ticker
    domain::BookLevel told_ask;
    bool listed{true};
    bool in_depth_batch{false};
    bool in_kline_batch{false};

    [[nodiscard]] bool has_orders() const { return !stores.empty(); }
};

/// A feed and its place in exchange time.
struct AttachedFeed {
    std::unique_ptr<Feed> feed;
    MarketTime first;
    base::ExchangeTime begin;
    domain::Rate speed;
    std::optional<base::ExchangeTime> due;
};

class ExchangeCore::Impl final : public MarketInput {
  public:
    Impl(CoreOptions options, CoreSink& sink);

    // core.cpp
    void add_symbol(SymbolSpec spec);
    AccountId add_account(AccountOptions options);
    Outcome<void> set_status(const domain::Symbol& name, domain::SymbolStatus status);
    Outcome<void> change_symbol(SymbolSpec spec);
    Outcome<void> set_listed(const domain::Symbol& name, bool listed);
    Outcome<void> deposit(AccountId id, const domain::Asset& asset, domain::Amount delta);
    Outcome<void> external_lock(AccountId id, const domain::Asset& asset, domain::Amount delta);
    std::vector<AssetTotals> totals() const;
    /// A listed symbol.
    [[nodiscard]] SymbolState* find(const domain::Symbol& name) const;
    [[nodiscard]] AccountState& account(AccountId id) const;
    [[nodiscard]] const std::vector<std::unique_ptr<SymbolState>>& symbols() const { return symbols_; }
    [[nodiscard]] std::size_t account_count() const { return accounts_.size(); }

    // core_state.cpp
    [[nodiscard]] SavedCore save() const;
    [[nodiscard]] base::Result<std::vector<std::string>> restore(const SavedCore& core,
                                                                 base::ExchangeTime now);

    // core_time.cpp
    void attach(std::unique_ptr<Feed> feed, domain::Rate speed, base::ExchangeTime now);
    void advance(base::ExchangeTime now);
    std::optional<base::ExchangeTime> next_due() const;
    [[nodiscard]] base::ExchangeTime now() const { return now_; }
    [[nodiscard]] bool feeds_running() const;

    // core_orders.cpp
    Outcome<Placement> place(AccountId id, const OrderRequest& request);
    Outcome<CommissionSchedule> test(AccountId id, const OrderRequest& request);
    Outcome<CancelledItem> cancel(AccountId id, const domain::Symbol& name, const OrderKey& key,
                                  std::optional<domain::ClientOrderId> cancel_id,
                                  CancelRestriction restriction);
    Outcome<std::vector<CancelledItem>> cancel_all(AccountId id, const domain::Symbol& name);

    // core_amend.cpp
    Outcome<Amendment> amend(AccountId id, const domain::Symbol& name, const OrderKey& key,
                             std::optional<domain::ClientOrderId> new_id, domain::Quantity new_quantity);

    // core_lists.cpp
    Outcome<ListPlacement> place_list(AccountId id, const OrderListRequest& request);
    Outcome<ListCancellation> cancel_list(AccountId id, const domain::Symbol& name, const ListKey& key,
                                          std::optional<domain::ClientOrderId> cancel_id);

    // core_queries.cpp
    [[nodiscard]] OrderStore* store(const SymbolState& symbol, AccountId id) const;
    [[nodiscard]] CommissionSchedule commission(const AccountState& account, const SymbolState& symbol) const;
    /// What the filters compare with: the average over the last minutes, else the last price, else the
    /// reference price.
    [[nodiscard]] std::optional<domain::Price> reference_price(const SymbolState& symbol, int minutes) const;

    // core_market.cpp: what a feed says
    void replace_book(const domain::Symbol& name, std::span<const domain::BookLevel> bids,
                      std::span<const domain::BookLevel> asks) override;
    void update_levels(const domain::Symbol& name, std::span<const domain::BookLevel> bids,
                       std::span<const domain::BookLevel> asks) override;
    void update_top(const domain::Symbol& name, const domain::BookLevel& bid,
                    const domain::BookLevel& ask) override;
    void print(const domain::Symbol& name, domain::Price price, domain::Quantity quantity,
               bool buyer_is_maker) override;

  private:
    struct Prepared {
        SymbolState* symbol{nullptr};
        AccountState* account{nullptr};
    };
    /// Where an order stands when it comes with others.
    struct Company {
        std::string_view prefix{};    ///< of its parameters
        std::int64_t orders{0};       ///< that come before it
        std::int64_t algo_orders{0};  ///< of these
        std::int64_t iceberg_orders{0};
        bool quantity_pending{false};  ///< it gets its quantity later
        bool is_iceberg{false};        ///< itself; prepare() fills it
    };

    // core_orders.cpp
    Outcome<Prepared> prepare(AccountId id, const OrderRequest& request, Company company);
    [[nodiscard]] std::optional<ApiError> check_assets(const SymbolState& symbol, const AccountState& account,
                                                       const OrderRequest& request,
                                                       const domain::CheckContext& context) const;
    OrderStore& store_of(SymbolState& symbol, AccountId id);
    [[nodiscard]] std::optional<ApiError> check_counts(const AccountState& account, bool is_algo,
                                                       const Company& company) const;
    [[nodiscard]] domain::CheckContext filter_context(const SymbolState& symbol, AccountId id,
                                                      const OrderRequest& request) const;
    [[nodiscard]] std::optional<ApiError> check_receivable(const SymbolState& symbol,
                                                           const OrderRecord& record,
                                                           const TakePlan& plan) const;
    OrderRecord make_record(SymbolState& symbol, AccountId id, const OrderRequest& request);
    domain::ClientOrderId make_client_order_id();
    Outcome<Placement> reject(const OrderRecord& record, RejectReason reason, std::string message);
    [[nodiscard]] TakerTerms taker_terms(const SymbolState& symbol, const OrderRecord& record) const;
    [[nodiscard]] std::optional<RejectReason> engine_refusal(const SymbolState& symbol,
                                                             const OrderRecord& record, const TakePlan& plan,
                                                             std::string& message) const;
    /// The order is open from now on; not what follows from that.
    LiveOrder& admit(SymbolState& symbol, OrderRecord record);
    [[nodiscard]] static domain::Amount market_need(const OrderRecord& record, const TakePlan& plan);
    void tell_new(const LiveOrder& order);
    void start(SymbolState& symbol, LiveOrder& order, const TakePlan& plan);
    /// Its rest leaves the book, or it no longer waits for its stop price.
    static void withdraw(SymbolState& symbol, LiveOrder& order);
    void run(SymbolState& symbol, LiveOrder& order, const TakePlan& plan);
    void trigger(SymbolState& symbol, LiveOrder& order);
    void expire(SymbolState& symbol, LiveOrder& order, ExpiryReason reason);
    Cancellation cancel_order(SymbolState& symbol, LiveOrder& order, const domain::ClientOrderId& cancel_id);

    // core_amend.cpp
    [[nodiscard]] std::optional<ApiError> check_amended(const SymbolState& symbol, const OrderRecord& record,
                                                        domain::Quantity new_quantity) const;
    /// The other leg of an OCO pair, placed or pending.
    [[nodiscard]] LiveOrder* other_of_pair(const SymbolState& symbol, const LiveOrder& order) const;
    AmendmentRecord reduce(SymbolState& symbol, LiveOrder& order, domain::Quantity new_quantity,
                           const domain::ClientOrderId& old_id);

    // core_lists.cpp
    [[nodiscard]] std::optional<ApiError> check_list(const SymbolState& symbol, AccountState& account,
                                                     const OrderListRequest& request) const;
    [[nodiscard]] OrderList* list_of(const OrderRecord& record) const;
    [[nodiscard]] LiveOrder* member(const SymbolState& symbol, const OrderList& list,
                                    std::size_t place) const;
    [[nodiscard]] std::vector<LiveOrder*> open_members(const SymbolState& symbol,
                                                       const OrderList& list) const;
    [[nodiscard]] bool is_working_order(const OrderList& list, const OrderRecord& record) const;
    /// The other leg of an OCO pair while both are open and on the exchange.
    [[nodiscard]] LiveOrder* sibling(const SymbolState& symbol, const LiveOrder& order) const;
    [[nodiscard]] std::optional<RejectReason> pair_refusal(const SymbolState& symbol,
                                                           const OrderRecord& stop_loss,
                                                           const OrderRecord& other,
                                                           std::string& message) const;
    /// The first leg of a pair that starts working ends the other, and takes over the reserve of both.
    void begin_working(SymbolState& symbol, LiveOrder& order);
    /// Reserves what the legs of a pair need together, or one order alone.
    void reserve_together(SymbolState& symbol, const std::vector<LiveOrder*>& legs);
    void follow_end(SymbolState& symbol, LiveOrder& order);
    void place_pending(SymbolState& symbol, OrderList& list);
    void give_quantity(SymbolState& symbol, OrderList& list, const std::vector<LiveOrder*>& pending);
    [[nodiscard]] bool pending_fits(SymbolState& symbol, const std::vector<LiveOrder*>& pending,
                                    std::vector<TakePlan>& plans) const;
    void release_reserve(SymbolState& symbol, OrderList& list);
    ListCancellation cancel_whole(SymbolState& symbol, OrderList& list,
                                  const domain::ClientOrderId& cancel_id);
    void conclude(SymbolState& symbol, OrderList& list);
    void tell_list(OrderListRecord& list, ListStatus status, ListOrderStatus order_status,
                   RejectReason reason = RejectReason::none);

    // core_matching.cpp
    /// For plan_take, whose context is this object.
    [[nodiscard]] static TradeGroupOf group_of_account();
    void carry_out(SymbolState& symbol, LiveOrder& taker, const TakePlan& plan);
    void prevent(SymbolState& symbol, LiveOrder& order, domain::Quantity quantity, const LiveOrder& counter,
                 domain::Price price, std::int64_t match_id);
    /// Tells the public, and remembers, one trade.
    TradeEvent trade(SymbolState& symbol, domain::Price price, domain::Quantity quantity,
                     bool buyer_is_maker);
    /// A resting order's trade with the outside at its own price, where the outside pays or delivers.
    void fill_resting(SymbolState& symbol, LiveOrder& order, domain::Quantity quantity);
    /// One side of a trade: money, commission, record, event.
    void fill(SymbolState& symbol, LiveOrder& order, const TradeEvent& trade, bool is_maker);
    void pay(SymbolState& symbol, LiveOrder& order, const TradeEvent& trade);
    void charge(SymbolState& symbol, LiveOrder& order, FillRecord& fill, bool is_maker);
    void outside_flow(const SymbolState& symbol, domain::Side own_side, const TradeEvent& trade);
    /// What an order in this state needs to keep reserved.
    [[nodiscard]] domain::Amount needed_lock(const OrderRecord& record) const;
    [[nodiscard]] const domain::Asset& paid_asset(const SymbolState& symbol, const OrderRecord& record) const;
    void set_lock(SymbolState& symbol, LiveOrder& order, domain::Amount amount);
    /// The order has a final status: releases its reserve, and remembers it for finish().
    void close(SymbolState& symbol, LiveOrder& order);
    void transfer(SymbolState& symbol, LiveOrder& taker, const LiveOrder& maker, const TakeStep& step);
    void remember_prevented(SymbolState& symbol, PreventedRecord record);
    /// @returns the event's execution id
    std::int64_t tell(const LiveOrder& order, ExecutionEvent event);
    void finish(SymbolState& symbol);
    void tell_positions();

    // core_state.cpp
    void restore_account(AccountState& account, AccountId id, const SavedAccount& kept);
    void restore_symbol(SymbolState& symbol, const SavedSymbol& kept, const std::vector<AccountId>& ids);
    void restore_store(SymbolState& symbol, AccountId id, const SavedStore& kept);
    void restore_batches(const SavedCore& core);
    std::vector<std::string> resume_feeds(const SavedCore& core);

    // core_state_check.cpp: what is saved is as a core would be that saved it
    /// What each account has locked and no one claims yet.
    using Unclaimed = std::vector<std::map<domain::Asset, domain::Amount>>;
    [[nodiscard]] base::Result<void> check_state(const SavedCore& core) const;
    [[nodiscard]] base::Result<void> check_accounts(const SavedCore& core, Unclaimed& locked) const;
    [[nodiscard]] base::Result<void> check_flows(const SavedCore& core) const;
    [[nodiscard]] base::Result<void> check_lists(const SavedCore& core, Unclaimed& locked) const;
    [[nodiscard]] base::Result<void> check_symbol(const SavedCore& core, const SavedSymbol& symbol,
                                                  Unclaimed& locked) const;

    // core_market.cpp
    void after_book_change(SymbolState& symbol, bool asks_are_newer);
    void match_crossed(SymbolState& symbol);
    void start_market(SymbolState& symbol, domain::Price price);

    // core_time.cpp
    void step(base::ExchangeTime due);
    void apply_feed(AttachedFeed& attached);
    void schedule(AttachedFeed& attached);
    void note_changes(SymbolState& symbol);
    void flush_depth();
    void second_tick();
    void minute_tick();
    void tell_klines(const SymbolState& symbol, const std::vector<Kline>& klines);
    [[nodiscard]] base::ExchangeTime next_boundary(base::microseconds grid) const;

    CoreOptions options_;
    CoreSink& sink_;
    Random random_;
    base::ExchangeTime now_;
    std::vector<std::unique_ptr<SymbolState>> symbols_;
    std::unordered_map<domain::Symbol, SymbolState*> by_name_;
    std::vector<std::unique_ptr<AccountState>> accounts_;
    std::map<domain::Asset, AssetFlow> flows_;
    std::vector<AttachedFeed> feeds_;

    std::int64_t next_execution_id_{1};
    std::int64_t next_list_id_{1};
    Placement* placement_of_call_{nullptr};  ///< collects what the taker of one placement meets
    const LiveOrder* taker_of_call_{nullptr};
    std::vector<AccountId> touched_accounts_;
    std::vector<LiveOrder*> closing_;
    std::vector<LiveOrder*> triggered_;

    std::vector<SymbolState*> depth_batch_;
    std::vector<SymbolState*> kline_batch_;
    std::vector<SymbolState*> started_;
    base::ExchangeTime next_depth_;
    base::ExchangeTime next_second_;
    base::ExchangeTime next_minute_;
};

}  // namespace vigil::exchange
