// Where each environment of the exchange is to be found.
#pragma once

#include <string_view>

#include "settings/settings.h"

namespace vigil::settings {

struct EnvironmentUrls {
    std::string_view rest;
    std::string_view stream;
    std::string_view ws_api;
};

/// Documentation: rest-api.md, web-socket-streams.md, web-socket-api.md "General API Information"; testnet/
/// and demo-mode/ general-info.md.
[[nodiscard]] EnvironmentUrls urls_of(Environment environment) noexcept;

}  // namespace vigil::settings
