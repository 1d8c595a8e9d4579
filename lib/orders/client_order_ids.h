// The client order ids that this installation gives out.
//
//   v<instance, 4 base36 digits>-<strategy>-<slot>-<counter>      numbers in base36, at most 32 characters
//
// An id tells whose order it is without the journal, so that orders found on the exchange after a loss of all
// state are still recognised. No id is given out twice in the life of an installation: the counter runs only
// through blocks whose reservation is durable. The caller journals `next_block()` and, once that record is on
// the disk, says `block_durable()`. After a restart counting goes on behind the last block ever reserved, and
// never below the exchange's time in milliseconds, which keeps ids unused even when the journal was lost
// (nothing gives out a thousand orders a second for its whole life).
//
// Owned by the engine; called on the trading thread only. Pure: time comes in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/short_text.h"
#include "base/time.h"
#include "domain/names.h"

namespace vigil::orders {

/// Four base36 digits (0-9, a-z) that tell this installation from others on the same account.
using InstanceTag = base::ShortText<4, struct InstanceTagTag>;

/// `text` as an instance tag; nothing unless it is exactly four characters of 0-9 a-z.
[[nodiscard]] std::optional<InstanceTag> instance_tag(std::string_view text) noexcept;

/// What an own id says.
struct ParsedClientOrderId {
    InstanceTag instance;
    domain::StrategyIndex strategy;
    domain::Slot slot;
    std::uint64_t counter{0};

    friend bool operator==(const ParsedClientOrderId&, const ParsedClientOrderId&) = default;
};

/// Any installation's id in the form above; nothing when the text has another form, also when a number has
/// leading zeros or does not fit.
[[nodiscard]] std::optional<ParsedClientOrderId> parse_client_order_id(std::string_view text) noexcept;
[[nodiscard]] domain::ClientOrderId format_client_order_id(const ParsedClientOrderId& parts);

/// Counter values [first, first + count).
struct CounterBlock {
    std::uint64_t first{0};
    std::uint64_t count{0};

    friend bool operator==(const CounterBlock&, const CounterBlock&) = default;
};

struct ClientOrderIdsOptions {
    std::uint64_t block_size{1000};  ///< ids a reservation; at least 2
    std::uint64_t low_water{200};    ///< ids left when the next block is wanted; below block_size
};

class ClientOrderIds {
  public:
    /// @param reserved_end one past the highest counter ever reserved in the journal (0: none)
    /// @param now          exchange time; the counter does not start below it in milliseconds
    ClientOrderIds(InstanceTag instance, std::uint64_t reserved_end, base::ExchangeTime now,
                   ClientOrderIdsOptions options = {});

    /// True when few ids are left and no reservation is under way.
    [[nodiscard]] bool needs_block() const;
    /// The block to journal now. From here on `needs_block()` is false until the block is durable or failed.
    [[nodiscard]] CounterBlock next_block();
    /// The reservation is on the disk: its ids may be used.
    void block_durable(CounterBlock block);
    /// The reservation could not be written: it is asked for again. (The same numbers: none was used.)
    void block_failed(CounterBlock block);

    /// A fresh id, or nothing while no durable block is left (then no order can be placed).
    [[nodiscard]] std::optional<domain::ClientOrderId> next(domain::StrategyIndex strategy,
                                                            domain::Slot slot);

    /// Whether `id` was given out by this installation.
    [[nodiscard]] bool is_own(const domain::ClientOrderId& id) const;
    [[nodiscard]] const InstanceTag& instance() const { return instance_; }
    /// Ids that can be given out without another block.
    [[nodiscard]] std::uint64_t available() const;

  private:
    InstanceTag instance_;
    ClientOrderIdsOptions options_;
    std::uint64_t next_counter_;  ///< next to give out
    std::uint64_t durable_end_;   ///< ids below may be given out; the next block begins here
    std::optional<CounterBlock> under_way_;
};

}  // namespace vigil::orders
