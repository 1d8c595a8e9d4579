#include "net/http_message.h"

#include <algorithm>

namespace vigil::net {

namespace {

char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (equal_without_case(key, name)) return value;
    return std::nullopt;
}

std::string_view HttpRequest::path() const {
    return std::string_view{target}.substr(0, target.find('?'));
}

std::string_view HttpRequest::query() const {
    const auto at = target.find('?');
    return at == std::string::npos ? std::string_view{} : std::string_view{target}.substr(at + 1);
}

}  // namespace vigil::net
