#include "exchange/state_keeper.h"

#include <algorithm>
#include <utility>

#include "credentials/secret.h"

namespace vigil::exchange {

namespace {

constexpr int market_intervals = 10;
constexpr int rest_for_each_write = 19;

}  // namespace

base::Result<void> StateKeeper::open(const std::filesystem::path& folder) {
    auto file = StateFile::open(folder);
    if (!file) return base::fail(file.error());
    file_.emplace(*std::move(file));
    auto text = file_->read();
    if (!text) return base::fail(text.error());
    if (!*text) return {};
    bytes_last_ = (*text)->size();
    auto saved = read_saved(**text);
    credentials::wipe(**text);
    if (!saved) return base::fail(saved.error().within(file_->path().string()));
    found_.emplace(*std::move(saved));
    return {};
}

const std::vector<SavedKey>& StateKeeper::keys() const {
    static const std::vector<SavedKey> none;
    return found_ ? found_->keys : none;
}

std::optional<base::ExchangeTime> StateKeeper::time_found() const {
    if (!found_) return std::nullopt;
    return found_->core.now;
}

base::Result<std::vector<std::string>> StateKeeper::restore() {
    if (!found_) return std::vector<std::string>{};
    auto anew = state_.core->restore(found_->core, state_.clock.core_now());
    if (!anew) return base::fail(anew.error().within(file_->path().string()));
    state_.limits.restore(found_->limits);
    found_.reset();
    return anew;
}

base::Result<void> StateKeeper::save(const std::vector<OpenedAccount>& accounts) {
    if (!file_ || found_) return {};
    auto keys = save_keys(state_, accounts);
    if (!keys) return base::fail(keys.error());
    std::string text =
        write_saved({*std::move(keys), state_.core->save(), state_.limits.save()}, bytes_last_);
    bytes_last_ = text.size();
    auto written = file_->write(text);
    credentials::wipe(text);
    if (!written) return written;
    account_changed_ = false;
    bans_saved_ = state_.limits.bans_changed();
    return {};
}

bool StateKeeper::is_due(base::MonotonicTime now) const {
    if (!file_ || found_ || now < next_) return false;
    return account_changed_ || bans_saved_ != state_.limits.bans_changed() || now >= next_of_market_;
}

std::optional<std::string> StateKeeper::save_in_time(const std::vector<OpenedAccount>& accounts) {
    const base::MonotonicTime begin = loop_.now();
    if (!is_due(begin)) return std::nullopt;
    const auto saved = save(accounts);
    const base::MonotonicTime end = loop_.now();
    const base::nanoseconds pause = std::max(interval_, rest_for_each_write * (end - begin));
    next_ = end + pause;
    next_of_market_ = end + market_intervals * pause;
    const bool failed_before = std::exchange(failing_, !saved);
    if (saved || failed_before) return std::nullopt;
    return "the state could not be written: " + saved.error().message;
}

}  // namespace vigil::exchange
