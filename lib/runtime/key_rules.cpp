#include "runtime/key_rules.h"

#include <algorithm>
#include <chrono>

#include "base/date.h"
#include "settings/values.h"

namespace vigil::runtime {

namespace {

using log::Event;
using log::field;
using std::chrono::days;

/// How long before trading would be refused the end of a permission is told.
constexpr base::seconds notice = days{14};

std::int64_t whole_days(base::microseconds time) {
    return std::chrono::floor<days>(time).count();
}

class Complaints {
  public:
    void want(bool holds, std::string_view what) {
        if (holds) return;
        if (!text_.empty()) text_ += "; ";
        text_ += what;
    }
    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    std::string text_;
};

std::string ends_in(std::int64_t days_left) {
    return days_left < 0 ? "has ended" : "ends in " + std::to_string(days_left) + " days";
}

}  // namespace

std::string KeyVerdict::advice() const {
    Complaints advice;
    advice.want(!age_days, "it is " + std::to_string(age_days.value_or(0)) + " days old: replace it soon");
    advice.want(!valid_days, "its permission to trade " + ends_in(valid_days.value_or(0)) + ": renew it");
    advice.want(!is_of_main_account, "it seems to be of a main account: use one of a sub-account");
    return std::move(advice).text();
}

KeyVerdict judge_key(const domain::KeyPermissions* permissions, std::string_view created,
                     const settings::CredentialSettings& rules, base::ExchangeTime now) {
    KeyVerdict verdict;
    Complaints wrong;
    std::optional<base::ExchangeTime> made;
    if (const auto day = base::parse_date(created)) made = base::ExchangeTime{day->time_since_epoch()};
    if (permissions != nullptr) {
        wrong.want(permissions->reading, "reading is not enabled: enable it");
        wrong.want(permissions->spot_trading, "spot trading is not enabled: enable it");
        wrong.want(!permissions->withdrawals, "withdrawals are enabled: disable them");
        wrong.want(permissions->ip_restricted,
                   "access is open to every address: restrict it to this machine's");
        if (permissions->created)
            made = std::min(made.value_or(*permissions->created), *permissions->created);
        verdict.granted = "reading, spot trading, bound to an address";
        if (permissions->trading_expires) {
            const base::microseconds left = *permissions->trading_expires - now;
            wrong.want(left >= rules.min_validity, "its permission to trade " + ends_in(whole_days(left)) +
                                                       ", which is less than credentials.min_validity (" +
                                                       settings::format_duration(rules.min_validity) +
                                                       "): renew it");
            verdict.granted += ", for another " + std::to_string(whole_days(left)) + " days";
            if (left < rules.min_validity + notice) verdict.valid_days = whole_days(left);
        }
        // Only a main account's keys can be allowed to move money between accounts.
        verdict.is_of_main_account = permissions->internal_transfer || permissions->universal_transfer;
    }
    if (made) {
        const base::microseconds age = now - *made;
        if (age >= rules.rotate_after) verdict.age_days = whole_days(age);
        if (rules.refuse_after)
            wrong.want(age < *rules.refuse_after, "it is " + std::to_string(whole_days(age)) +
                                                      " days old, and credentials.refuse_after is " +
                                                      settings::format_duration(*rules.refuse_after) +
                                                      ": replace it");
    }
    verdict.refusal = std::move(wrong).text();
    return verdict;
}

void tell(const KeyVerdict& verdict, std::string_view label, log::Logger& logger) {
    if (!verdict.refusal.empty())
        logger.emit(Event::credentials_permission_refused,
                    {field("label", label), field("reason", verdict.refusal)});
    else if (!verdict.granted.empty())
        logger.emit(Event::credentials_permission_granted,
                    {field("label", label), field("permissions", verdict.granted)});
    if (verdict.age_days)
        logger.emit(Event::credentials_key_old,
                    {field("label", label), field("age_days", *verdict.age_days)});
    if (verdict.valid_days)
        logger.emit(Event::credentials_key_expires,
                    {field("label", label), field("left_days", *verdict.valid_days)});
    if (verdict.is_of_main_account) logger.emit(Event::credentials_main_account, {field("label", label)});
}

}  // namespace vigil::runtime
