// The parameters of one request: as received (names and raw texts, from a query string, a form body or the
// `params` object of the WebSocket API), and as a method reads them after the checks of errors.md 11xx.
//
// Both front ends fill a ParameterList; bind() then checks it against the method's own list of parameters, in
// that list's order, and hands the values on as typed Arguments. Nothing is copied: Arguments and
// ParameterList refer to the request's bytes (or to the list's own buffer, where percent-decoding was
// needed), and are valid as long as those.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decimal.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

enum class ParamKind : std::uint8_t {
    symbol,           ///< `^[\w\-._&&[^a-z]]{1,50}$`: no lower case
    text,             ///< anything (enumerations: the method checks the word itself)
    json_list,        ///< `["A","B"]`, as text
    client_order_id,  ///< `^[a-zA-Z0-9-_]{1,36}$`
    whole,            ///< `^[0-9]{1,20}$` that fits 63 bits
    decimal,          ///< `^([0-9]{1,20})(\.[0-9]{1,20})?$` of at most 8 places
    boolean,          ///< true or false
};

struct ParamSpec {
    std::string_view name;
    ParamKind kind{ParamKind::text};
    bool mandatory{false};
};

struct ReceivedParameter {
    std::string_view name;
    std::string_view value;
};

/// Parameters of one request in the order of arrival. Reused from request to request.
class ParameterList {
  public:
    static constexpr std::size_t count_max = 64;  ///< more are refused (-1101)

    void clear();
    void add(std::string_view name, std::string_view value) { items_.push_back({name, value}); }

    /// Takes `query` and `body` (application/x-www-form-urlencoded) apart, and decodes percent signs and
    /// plusses. A parameter in both is the query's (rest-api.md, "General Information on Endpoints"); one
    /// that comes twice in the same place is an error (-1101).
    [[nodiscard]] std::optional<RequestError> parse_form(std::string_view query, std::string_view body);

    [[nodiscard]] const ReceivedParameter* find(std::string_view name) const;
    /// The value of `name`, or an empty text.
    [[nodiscard]] std::string_view value(std::string_view name) const;
    [[nodiscard]] std::span<const ReceivedParameter> items() const { return items_; }
    [[nodiscard]] std::size_t size() const { return items_.size(); }
    [[nodiscard]] bool has_duplicates() const;
    /// Room for texts that must outlive the call that makes them, until clear().
    [[nodiscard]] std::string& scratch();

  private:
    [[nodiscard]] std::optional<RequestError> parse_part(std::string_view form, std::size_t earlier);

    std::vector<ReceivedParameter> items_;
    std::deque<std::string> scratch_;  ///< a deque: its strings do not move when more are added
    std::size_t scratch_used_{0};
};

/// What a method reads: by the place of the parameter in its list of ParamSpecs.
class Arguments {
  public:
    static constexpr std::size_t count_max = 48;

    [[nodiscard]] bool has(std::size_t index) const { return present_[index]; }
    [[nodiscard]] std::string_view text(std::size_t index) const { return texts_[index]; }
    /// A whole number, or a decimal's count of 1e-8.
    [[nodiscard]] std::int64_t number(std::size_t index) const { return numbers_[index]; }
    [[nodiscard]] std::int64_t number_or(std::size_t index, std::int64_t absent) const {
        return present_[index] ? numbers_[index] : absent;
    }
    [[nodiscard]] bool flag(std::size_t index, bool absent) const {
        return present_[index] ? numbers_[index] != 0 : absent;
    }
    template <class Decimal>
    [[nodiscard]] std::optional<Decimal> decimal(std::size_t index) const {
        if (!present_[index]) return std::nullopt;
        return Decimal::from_raw(numbers_[index]);
    }

  private:
    friend std::optional<RequestError> bind(std::span<const ParamSpec>, std::span<const std::string_view>,
                                            const ParameterList&, Arguments&);

    std::array<std::string_view, count_max> texts_{};
    std::array<std::int64_t, count_max> numbers_{};
    std::array<bool, count_max> present_{};
};

/// Checks `received` against `specs` and fills `out`. `common` names the parameters that the request layer
/// itself has read (timestamp, signature ...): they are known, but not the method's. The first error in the
/// order of `specs` is returned, and last -1104 (-1101 for a method without parameters) for what nobody
/// reads.
[[nodiscard]] std::optional<RequestError> bind(std::span<const ParamSpec> specs,
                                               std::span<const std::string_view> common,
                                               const ParameterList& received, Arguments& out);

/// One value against its kind; `number` is set for whole, decimal and boolean.
[[nodiscard]] std::optional<RequestError> check_value(const ParamSpec& spec, std::string_view value,
                                                      std::int64_t& number);

/// Percent-decodes (and turns + into a blank). Nothing when a percent sign is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

/// `["BTCUSDT","BNBBTC"]` to its strings; nothing when it is anything else.
[[nodiscard]] std::optional<std::vector<std::string>> parse_string_list(std::string_view json);

}  // namespace vigil::exchange
