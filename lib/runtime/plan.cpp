#include "runtime/plan.h"

#include <random>
#include <utility>

#include "credentials/sha256.h"

namespace vigil::runtime {

namespace {

constexpr std::string_view instance_file = "instance";

}  // namespace

engine::Options engine_options(const settings::Settings& settings, const orders::InstanceTag& instance) {
    engine::Options options;
    options.instance = instance;
    options.lookups.recv_window = settings.exchange.recv_window;
    options.governor.share_percent = settings.governor.share_percent;
    options.governor.reserve_percent = settings.governor.reserve_percent;
    std::random_device random;
    options.governor.seed = (static_cast<std::uint64_t>(random()) << 32U) | random();
    options.risk = settings.risk;
    options.sweep_every = settings.reconcile.sweep_interval;
    for (const settings::StrategySettings& each : settings.strategies)
        if (each.options.enabled) options.strategies.push_back(each.options);
    return options;
}

timesync::Options clock_options(const settings::Settings& settings) {
    timesync::Options options;
    options.max_uncertainty = settings.clock.max_uncertainty;
    options.burst_samples = settings.clock.burst;
    options.quiet_interval = settings.clock.interval;
    return options;
}

base::Result<orders::InstanceTag> installation_tag(const StateFolder& state) {
    const auto kept = state.read(instance_file);
    if (kept) {
        const auto tag = orders::instance_tag(*kept);
        if (!tag)
            return base::fail(base::ErrorKind::corrupt, state.file(instance_file).string() + " is damaged");
        return *tag;
    }
    if (kept.error().kind != base::ErrorKind::not_found) return base::fail(kept.error());
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::random_device random;
    std::uniform_int_distribution<std::size_t> one{0, digits.size() - 1};
    std::string text;
    while (text.size() < orders::InstanceTag::capacity) text += digits[one(random)];
    if (auto written = state.replace(instance_file, text); !written)
        return base::fail(std::move(written.error()));
    return *orders::instance_tag(text);
}

std::string config_hash(const settings::Settings& settings) {
    std::string all;
    for (const settings::SourceFile& source : settings.sources) {
        all += source.path.filename().string();
        all += '\0';
        all += source.bytes;
        all += '\0';
    }
    for (const std::string& override_text : settings.overrides) {
        all += override_text;
        all += '\0';
    }
    return credentials::sha256_hex(all).substr(0, 16);
}

}  // namespace vigil::runtime
