// What the three strategies have in common: their name and symbol, the revision of what is saved, and the
// moment they want to be woken.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "strategy/strategy.h"

namespace vigil::strategy {

class StrategyBase : public Strategy {
  public:
    explicit StrategyBase(const StrategyOptions& options)
        : name_{options.name}, symbol_{options.symbol}, kind_{options.kind()} {}

    [[nodiscard]] const domain::StrategyName& name() const final { return name_; }
    [[nodiscard]] const domain::Symbol& symbol() const final { return symbol_; }
    [[nodiscard]] StrategyKind kind() const final { return kind_; }
    [[nodiscard]] std::optional<base::MonotonicTime> next_timer() const final { return wake_; }
    [[nodiscard]] std::uint64_t revision() const final { return revision_; }

  protected:
    /// Something that save() writes has changed.
    void changed() { ++revision_; }
    void sleep() { wake_.reset(); }
    void wake_at(base::MonotonicTime time) { wake_ = wake_ ? std::min(*wake_, time) : time; }

  private:
    domain::StrategyName name_;
    domain::Symbol symbol_;
    StrategyKind kind_;
    std::uint64_t revision_{0};
    std::optional<base::MonotonicTime> wake_;
};

}  // namespace vigil::strategy
