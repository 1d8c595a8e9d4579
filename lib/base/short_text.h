// A name that fits in place: symbols, assets, client order ids, labels. Up to N bytes of UTF-8, no heap,
// cheap to copy and compare; the tag keeps a Symbol from being passed as an Asset.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace vigil::base {

template <std::size_t N, class Tag>
class ShortText {
    static_assert(N > 0 && N < 256);

  public:
    static constexpr std::size_t capacity = N;

    constexpr ShortText() = default;

    /// Nothing when `text` does not fit.
    [[nodiscard]] static constexpr std::optional<ShortText> from(std::string_view text) {
        if (text.size() > N) return std::nullopt;
        ShortText made;
        std::copy(text.begin(), text.end(), made.bytes_.begin());
        made.size_ = static_cast<std::uint8_t>(text.size());
        return made;
    }

    [[nodiscard]] constexpr std::string_view view() const { return {bytes_.data(), size_}; }
    [[nodiscard]] std::string str() const { return std::string{view()}; }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

    friend constexpr bool operator==(const ShortText& a, const ShortText& b) { return a.view() == b.view(); }
    friend constexpr std::strong_ordering operator<=>(const ShortText& a, const ShortText& b) {
        return a.view() <=> b.view();
    }

  private:
    std::array<char, N> bytes_{};
    std::uint8_t size_{0};
};

}  // namespace vigil::base

template <std::size_t N, class Tag>
struct std::hash<vigil::base::ShortText<N, Tag>> {
    std::size_t operator()(const vigil::base::ShortText<N, Tag>& text) const noexcept {
        return std::hash<std::string_view>{}(text.view());
    }
};
