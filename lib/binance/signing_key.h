// One key of the exchange, ready to sign, as all who sign with it share it.
//
// Whoever signs with it, or waits for an answer to what it signed, holds it; the key can be changed while
// requests are under way, and the one before is wiped when the last of them has let go. Signs on the trading
// thread only.
#pragma once

#include <memory>
#include <string>

#include "credentials/signer.h"

namespace vigil::binance {

struct SigningKey {
    std::string api_key;
    std::unique_ptr<credentials::Signer> signer;
};
using KeyInUse = std::shared_ptr<const SigningKey>;

}  // namespace vigil::binance
