#include "settings/environment.h"

#include "base/check.h"

namespace vigil::settings {

std::string_view to_string(Environment environment) noexcept {
    switch (environment) {
        case Environment::simulator:
            return "simulator";
        case Environment::testnet:
            return "testnet";
        case Environment::demo:
            return "demo";
        case Environment::production:
            return "production";
    }
    base::unreachable("environment");
}

EnvironmentUrls urls_of(Environment environment) noexcept {
    switch (environment) {
        case Environment::simulator:
            return {"https://127.0.0.1:9443", "wss://127.0.0.1:9443", "wss://127.0.0.1:9443/ws-api/v3"};
        case Environment::testnet:
            return {"https://testnet.binance.vision", "wss://stream.testnet.binance.vision",
                    "wss://ws-api.testnet.binance.vision/ws-api/v3"};
        case Environment::demo:
            return {"https://demo-api.binance.com", "wss://demo-stream.binance.com",
                    "wss://demo-ws-api.binance.com/ws-api/v3"};
        case Environment::production:
            return {"https://api.binance.com", "wss://stream.binance.com:9443",
                    "wss://ws-api.binance.com:443/ws-api/v3"};
    }
    base::unreachable("environment");
}

}  // namespace vigil::settings
