#include "strategy/strategy.h"

#include "strategy/dca.h"
#include "strategy/grid.h"
#include "strategy/trend.h"

namespace vigil::strategy {

namespace {

struct Maker {
    const StrategyOptions& options;
    std::unique_ptr<Strategy> operator()(const GridOptions& grid) const {
        return std::make_unique<Grid>(options, grid);
    }
    std::unique_ptr<Strategy> operator()(const DcaOptions& dca) const {
        return std::make_unique<Dca>(options, dca);
    }
    std::unique_ptr<Strategy> operator()(const TrendOptions& trend) const {
        return std::make_unique<Trend>(options, trend);
    }
};

}  // namespace

base::Result<std::unique_ptr<Strategy>> make_strategy(const StrategyOptions& options) {
    const auto found = problems(options);
    if (found.empty()) return std::visit(Maker{options}, options.parameters);
    std::string all;
    for (const OptionProblem& each : found) {
        if (!all.empty()) all += "; ";
        all += std::string{each.key} + " " + each.message;
    }
    return base::fail(base::ErrorKind::invalid, std::move(all));
}

}  // namespace vigil::strategy
