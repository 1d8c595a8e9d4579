#include "runtime/key_watch.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "governor/weights.h"
#include "runtime/key_rules.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;

/// After a look that found nothing out, and while the key is not fit: what is mended shall be seen soon.
constexpr base::seconds look_again{60};

}  // namespace

void KeyWatch::start(std::string label, std::string created, settings::CredentialSettings rules) {
    label_ = std::move(label);
    created_ = std::move(created);
    rules_ = std::move(rules);
    told_silent_ = false;
    ++key_number_;
    fit();
    timer_.after(rules_.check_interval, [this] { look(); });
}

void KeyWatch::look() {
    TradingLoop& trading = parts_.trading;
    const auto decision =
        trading.engine().permit(domain::Lane::account, governor::weights::key_permissions, trading.now());
    if (const auto* wait = std::get_if<governor::WaitUntil>(&decision))
        return timer_.at(wait->until, [this] { look(); });
    if (!std::holds_alternative<governor::Granted>(decision))
        return on_answer(base::fail(ErrorKind::exhausted, "the request budget does not allow it"));
    trading.port().key_permissions([this, number = key_number_](base::Result<domain::KeyPermissions> answer) {
        if (number == key_number_) on_answer(std::move(answer));
    });
}

void KeyWatch::on_answer(base::Result<domain::KeyPermissions> answer) {
    TradingLoop& trading = parts_.trading;
    if (answer) trading.engine().on_read_succeeded(trading.now());
    if (answer) {
        judge(&*answer);
    } else if (answer.error().kind == ErrorKind::unsupported && !parts_.needs_permissions) {
        judge(nullptr);
    } else if (answer.error().kind == ErrorKind::denied) {
        refuse("the exchange does not accept it any more: " + answer.error().message);
    } else if (!std::exchange(told_silent_, true)) {
        parts_.logger.emit(Event::credentials_permission_unknown,
                           {field("label", label_), field("reason", answer.error().message)});
    }
    const bool soon = !refusal_.empty() || told_silent_;
    timer_.after(soon ? std::min(rules_.check_interval, look_again) : rules_.check_interval,
                 [this] { look(); });
}

void KeyWatch::judge(const domain::KeyPermissions* permissions) {
    told_silent_ = false;
    const KeyVerdict verdict = judge_key(permissions, created_, rules_, parts_.trading.now().exchange);
    if (!verdict.refusal.empty()) return refuse(verdict.refusal);
    tell(verdict, label_, parts_.logger);
    fit();
}

void KeyWatch::fit() {
    if (std::exchange(refusal_, std::string{}).empty()) return;
    parts_.trading.engine().release_placements(parts_.trading.now());
    parts_.trading.flush();
}

void KeyWatch::refuse(const std::string& why) {
    told_silent_ = false;
    if (std::exchange(refusal_, why) == why) return;
    parts_.logger.emit(Event::credentials_permission_refused, {field("label", label_), field("reason", why)});
    parts_.trading.engine().hold_placements("the key is not fit to trade: " + why, parts_.trading.now());
    parts_.trading.flush();
}

}  // namespace vigil::runtime
