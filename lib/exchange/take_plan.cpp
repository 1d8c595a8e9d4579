#include "exchange/take_plan.h"

#include <algorithm>
#include <deque>

namespace vigil::exchange {

using domain::Amount;
using domain::Price;
using domain::Quantity;
using domain::Rounding;
using domain::Side;

namespace {

class Walk {
  public:
    Walk(const SymbolBook& book, const TakerTerms& terms, TradeGroupOf group_of, const void* context)
        : book_{book},
          terms_{terms},
          group_of_{group_of},
          context_{context},
          makers_{domain::opposite(terms.side)},
          left_{terms.quantity},
          quote_left_{terms.quote_quantity.value_or(Amount{})} {}

    TakePlan run() {
        const auto levels = book_.outside(makers_).levels();
        auto outside = levels.rbegin();
        auto own = book_.own(makers_).begin();
        const auto own_end = book_.own(makers_).end();
        while (!done_ && (outside != levels.rend() || own != own_end)) {
            std::optional<Price> price;
            if (own != own_end) price = SymbolBook::own_price(makers_, own->first);
            if (outside != levels.rend() && (!price || book_.outside(makers_).better(outside->price, *price)))
                price = outside->price;
            if (terms_.limit && book_.outside(makers_).better(*terms_.limit, *price)) break;
            const bool has_outside = outside != levels.rend() && outside->price == *price;
            const bool has_own = own != own_end && SymbolBook::own_price(makers_, own->first) == *price;
            at_price(*price, has_outside ? outside->quantity : Quantity{}, has_own ? &own->second : nullptr);
            if (has_outside) ++outside;
            if (has_own) ++own;
        }
        plan_.complete = done_ && !plan_.overflow;
        return std::move(plan_);
    }

  private:
    /// What the taker still wants at `price`, at most `offered`.
    [[nodiscard]] Quantity wanted(Price price, Quantity offered) {
        if (!terms_.quote_quantity) return std::min(left_, offered);
        const auto affordable = domain::quantity_for(quote_left_, price, Rounding::down);
        const Quantity most = affordable ? affordable->floor_to(terms_.step) : offered;
        return std::min(most, offered);
    }

    void at_price(Price price, Quantity outside, const OwnLevel* own) {
        Quantity passed;
        if (own != nullptr) {
            for (LiveOrder* maker : own->orders) {
                if (maker->queue_ahead > passed) {
                    take(TakeKind::outside, price, maker->queue_ahead - passed, nullptr);
                    passed = maker->queue_ahead;
                    if (done_) return;
                }
                meet(price, *maker, maker->shown, maker->record.remaining());
                if (done_) return;
            }
        }
        if (outside > passed) take(TakeKind::outside, price, outside - passed, nullptr);
        // The next parts of icebergs stand behind everything else at their price, in turn.
        while (!done_ && !hidden_.empty()) {
            const Hidden next = hidden_.front();
            hidden_.pop_front();
            meet(price, *next.maker, std::min(next.left, next.maker->record.iceberg_quantity), next.left);
        }
        hidden_.clear();
    }

    /// `part` of a resting order, of which `left` is left.
    void meet(Price price, LiveOrder& maker, Quantity part, Quantity left) {
        const bool stays = meet_part(price, maker, part);
        if (stays && left > part) hidden_.push_back({&maker, left - part});
    }

    /// @returns whether the order is still there when its part is used up
    bool meet_part(Price price, LiveOrder& maker, Quantity part) {
        const bool same = maker.record.account == terms_.account ||
                          (terms_.trade_group_id != -1 &&
                           group_of_(context_, maker.record.account) == terms_.trade_group_id);
        if (!same || terms_.stp_mode == StpMode::none) {
            take(TakeKind::own, price, part, &maker);
            return true;
        }
        const Quantity match = wanted(price, part);
        if (match.is_zero()) {
            done_ = true;
            return false;
        }
        plan_.prevented = true;
        switch (terms_.stp_mode) {
            case StpMode::none:
                break;
            case StpMode::expire_maker:
                plan_.steps.push_back({TakeKind::expire_maker, price, match, &maker});
                break;
            case StpMode::expire_taker:
                plan_.steps.push_back({TakeKind::expire_taker, price, match, &maker});
                done_ = true;
                break;
            case StpMode::expire_both:
                plan_.steps.push_back({TakeKind::expire_both, price, match, &maker});
                done_ = true;
                break;
            case StpMode::decrement:
            case StpMode::transfer:
                decrement(price, match, maker);
                return true;
        }
        return false;
    }

    /// "For TRANSFER to occur, both the maker and taker orders must specify it"; between orders of one
    /// account it is DECREMENT.
    void decrement(Price price, Quantity match, LiveOrder& maker) {
        const bool transfers = terms_.stp_mode == StpMode::transfer &&
                               maker.record.stp_mode == StpMode::transfer &&
                               maker.record.account != terms_.account;
        if (transfers) {
            const auto quote = domain::notional(price, match, Rounding::down);
            const auto total_quote = quote ? plan_.transfer_quote.checked_add(*quote) : std::nullopt;
            const auto total = plan_.transfer_quantity.checked_add(match);
            if (!total_quote || !total) {
                plan_.overflow = true;
                done_ = true;
                return;
            }
            plan_.transfer_quote = *total_quote;
            plan_.transfer_quantity = *total;
        }
        plan_.steps.push_back({transfers ? TakeKind::transfer : TakeKind::decrement, price, match, &maker});
        use(price, match);
    }

    void take(TakeKind kind, Price price, Quantity offered, LiveOrder* maker) {
        const Quantity quantity = wanted(price, offered);
        if (quantity.is_zero()) {
            done_ = true;
            return;
        }
        const auto quote = domain::notional(price, quantity, Rounding::down);
        const auto total_quote = quote ? plan_.quote.checked_add(*quote) : std::nullopt;
        const auto total = plan_.quantity.checked_add(quantity);
        if (!total_quote || !total) {
            plan_.overflow = true;
            done_ = true;
            return;
        }
        plan_.quote = *total_quote;
        plan_.quantity = *total;
        plan_.steps.push_back({kind, price, quantity, maker});
        use(price, quantity);
        // A rest of the offer means that the taker's money buys no further step of quantity at this price.
        if (terms_.quote_quantity && quantity < offered) done_ = true;
    }

    void use(Price price, Quantity quantity) {
        if (terms_.quote_quantity) {
            const auto quote = domain::notional(price, quantity, Rounding::down);
            quote_left_ = quote && *quote < quote_left_ ? quote_left_ - *quote : Amount{};
            if (quote_left_.is_zero()) done_ = true;
        } else {
            left_ -= quantity;
            if (left_.is_zero()) done_ = true;
        }
    }

    const SymbolBook& book_;
    const TakerTerms& terms_;
    TradeGroupOf group_of_;
    const void* context_;
    Side makers_;
    Quantity left_;
    Amount quote_left_;
    bool done_{false};
    struct Hidden {
        LiveOrder* maker;
        Quantity left;
    };
    std::deque<Hidden> hidden_;  ///< icebergs at the price at hand, whose shown part was met
    TakePlan plan_;
};

}  // namespace

TakePlan plan_take(const SymbolBook& book, const TakerTerms& terms, TradeGroupOf group_of,
                   const void* context) {
    return Walk{book, terms, group_of, context}.run();
}

}  // namespace vigil::exchange
