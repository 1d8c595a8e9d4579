// Reads single values of simdjson's on-demand API, where speed counts: one pass over the members of an
// object, decimals straight from the text into fixed point. The first thing that is wrong is remembered, and
// asked for once at the end.
//
// Private to the sources of lib/binance (it includes simdjson).
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "domain/decimal.h"

namespace vigil::binance {

using OndemandValue = simdjson::ondemand::value;

class OndemandReader {
  public:
    /// A decimal in quotes, without an escape in it.
    template <class Decimal>
    [[nodiscard]] Decimal decimal(OndemandValue value, std::string_view member) {
        std::string_view token = value.raw_json_token();
        while (!token.empty() &&
               (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
            token.remove_suffix(1);
        if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
            if (const auto parsed = Decimal::parse(token.substr(1, token.size() - 2))) return *parsed;
        }
        wrong(member, "is no decimal");
        return Decimal{};
    }

    [[nodiscard]] std::string_view text(OndemandValue value, std::string_view member) {
        std::string_view read;
        if (value.get_string().get(read) != simdjson::SUCCESS) wrong(member, "is no text");
        return read;
    }

    template <class Name>
    [[nodiscard]] Name name(OndemandValue value, std::string_view member) {
        const auto made = Name::from(text(value, member));
        if (!made) wrong(member, "is too long");
        return made.value_or(Name{});
    }

    [[nodiscard]] std::int64_t integer(OndemandValue value, std::string_view member) {
        std::int64_t read = 0;
        if (value.get_int64().get(read) != simdjson::SUCCESS) wrong(member, "is no integer");
        return read;
    }

    [[nodiscard]] bool boolean(OndemandValue value, std::string_view member) {
        bool read = false;
        if (value.get_bool().get(read) != simdjson::SUCCESS) wrong(member, "is no boolean");
        return read;
    }

    [[nodiscard]] base::ExchangeTime time_ms(OndemandValue value, std::string_view member) {
        constexpr std::int64_t latest_ms = 253'402'300'799'999;  // year 9999
        const std::int64_t read = integer(value, member);
        if (read >= -1 && read <= latest_ms) return base::exchange_time_ms(read);
        wrong(member, "is no time");
        return {};
    }

    void wrong(std::string_view member, std::string_view why) {
        if (wrong_) return;
        wrong_ = std::string{member} + " " + std::string{why};
    }
    [[nodiscard]] const std::optional<std::string>& problem() const { return wrong_; }

  private:
    std::optional<std::string> wrong_;
};

}  // namespace vigil::binance
