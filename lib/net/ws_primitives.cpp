#include "net/ws_primitives.h"

#include <boost/beast/websocket/detail/hybi13.hpp>
#include <boost/beast/websocket/detail/utf8_checker.hpp>
#include <cstdint>

namespace vigil::net {

namespace ws = boost::beast::websocket::detail;

std::string ws_make_key() {
    ws::sec_ws_key_type key;
    ws::make_sec_ws_key(key);
    return {key.data(), key.size()};
}

std::string ws_accept_of(std::string_view key) {
    ws::sec_ws_accept_type accept;
    ws::make_sec_ws_accept(accept, {key.data(), key.size()});
    return {accept.data(), accept.size()};
}

bool is_utf8(std::string_view text) {
    ws::utf8_checker checker;
    return checker.write(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) && checker.finish();
}

}  // namespace vigil::net
