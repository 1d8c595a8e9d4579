#include "domain/names.h"

#include <algorithm>

namespace vigil::domain {

bool is_client_order_id(std::string_view text) noexcept {
    const auto legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !text.empty() && text.size() <= ClientOrderId::capacity &&
           std::all_of(text.begin(), text.end(), legal);
}

std::optional<ClientOrderId> client_order_id(std::string_view text) noexcept {
    if (!is_client_order_id(text)) return std::nullopt;
    return ClientOrderId::from(text);
}

}  // namespace vigil::domain
