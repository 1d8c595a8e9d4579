// Orders and cancels as request parameters, and requests of the WebSocket API as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "credentials/request_form.h"
#include "domain/order.h"

namespace vigil::binance {

/// The parameters of `order.place` and `POST /api/v3/order`, without recvWindow and timestamp. A full answer
/// is asked for, so that fills are known at once.
void add_order(const domain::NewOrder& order, credentials::RequestForm& form);
/// The parameters of `order.cancel` and `DELETE /api/v3/order`.
void add_order(const domain::CancelOrder& cancel, credentials::RequestForm& form);

/// Appends `{"id":7,"method":"order.place","params":{...}}` (web-socket-api.md, "Request format").
/// `timestamp` and `recvWindow` are written as numbers, everything else as text.
/// @param signature goes in as `signature` unless empty
void append_api_request(std::string& out, std::int64_t id, std::string_view method,
                        const credentials::RequestForm& form, std::string_view signature);

}  // namespace vigil::binance
