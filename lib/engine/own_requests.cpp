#include "engine/own_requests.h"

#include "governor/weights.h"

namespace vigil::engine {

using domain::Lane;
using domain::OwnRequest;
namespace weights = governor::weights;

Lane lane_of(OwnRequest request) noexcept {
    switch (request) {
        case OwnRequest::stream_connection:
        case OwnRequest::stream_message:
            return Lane::market_data;
        case OwnRequest::order_connection:
        case OwnRequest::logon:
        case OwnRequest::user_data:
            return Lane::reconcile;
        case OwnRequest::https_connection:
            return Lane::cancel;  // it is there for cancels, when all else is down
    }
    return Lane::market_data;
}

governor::Cost cost_of(OwnRequest request) noexcept {
    switch (request) {
        case OwnRequest::stream_connection:
            return weights::connect_streams;
        case OwnRequest::order_connection:
            return weights::connect_ws_api;
        case OwnRequest::logon:
            return weights::session_logon;
        case OwnRequest::user_data:
            return weights::subscribe_user_data;
        case OwnRequest::stream_message:
        case OwnRequest::https_connection:
            return weights::no_request;
    }
    return weights::unknown_endpoint;
}

std::string_view name_of(OwnRequest request) noexcept {
    switch (request) {
        case OwnRequest::stream_connection:
            return "stream connection";
        case OwnRequest::stream_message:
            return "stream subscription";
        case OwnRequest::order_connection:
            return "order connection";
        case OwnRequest::logon:
            return "session.logon";
        case OwnRequest::user_data:
            return "userDataStream.subscribe";
        case OwnRequest::https_connection:
            return "spare connection";
    }
    return "unknown";
}

}  // namespace vigil::engine
