// HTTP messages as plain values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigil::net {

/// Header fields in the order of the wire; names compare without case (RFC 9110 section 5.1).
class Headers {
  public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_{fields} {}

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// The first field of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
    [[nodiscard]] bool empty() const { return fields_.empty(); }
    void clear() { fields_.clear(); }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// True when both are equal but for the case of ASCII letters.
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b);

/// Host, Content-Length and Connection are written by whoever sends; they are not given in `headers`.
struct HttpRequest {
    std::string method{"GET"};
    std::string target{"/"};  ///< path and query, percent-encoded by the caller, sent byte for byte
    Headers headers;
    std::string body;

    /// `target` up to the question mark, and behind it.
    [[nodiscard]] std::string_view path() const;
    [[nodiscard]] std::string_view query() const;
};

struct HttpResponse {
    int status{200};
    Headers headers;
    std::string body;
};

}  // namespace vigil::net
