// What the WebSocket API says to the daemon (answers, user data), and answers of REST to orders.
#include "base/check.h"
#include "binance/api_decoder.h"
#include "binance/padded.h"
#include "binance/recording_listener.h"
#include "fuzz/target.h"

namespace vigil::fuzz {

std::vector<std::string> seeds() {
    return {
        R"({"id":7,"status":200,"result":{"symbol":"BTCUSDT","orderId":12,"orderListId":-1,"clientOrderId":"a-1","transactTime":1723161600000,"price":"50000.00000000","origQty":"0.00100000","executedQty":"0.00100000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"50.00000000","status":"FILLED","timeInForce":"GTC","type":"LIMIT","side":"BUY","workingTime":1723161600000,"selfTradePreventionMode":"NONE","fills":[{"price":"50000.00000000","qty":"0.00100000","commission":"0.00000100","commissionAsset":"BTC","tradeId":3}]},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100,"count":1},{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":42}]})",
        R"({"id":8,"status":400,"error":{"code":-2010,"msg":"Account has insufficient balance for requested action."}})",
        R"({"id":null,"status":418,"error":{"code":-1003,"msg":"banned","data":{"serverTime":1723161600000,"retryAfter":1723161720000}}})",
        R"({"subscriptionId":0,"event":{"e":"executionReport","E":1723161600001,"s":"BTCUSDT","c":"a-1","S":"BUY","o":"LIMIT","f":"GTC","q":"0.00100000","p":"50000.00000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE","i":12,"l":"0.00100000","z":"0.00100000","L":"50000.00000000","n":"0.00000100","N":"BTC","T":1723161600000,"t":3,"v":5,"I":77,"w":false,"m":true,"M":true,"O":1723161600000,"Z":"50.00000000","Y":"50.00000000","Q":"0.00000000","W":1723161600000,"V":"NONE"}})",
        R"({"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1723161600001,"u":1723161600001,"B":[{"a":"BTC","f":"1.00000000","l":"0.00000000"},{"a":"USDT","f":"99.5","l":"0.5"}]}})",
        R"({"subscriptionId":0,"event":{"e":"balanceUpdate","E":1723161600001,"a":"BTC","d":"-0.5","T":1723161600001}})",
        R"({"subscriptionId":0,"event":{"e":"listStatus","E":1,"s":"BTCUSDT","g":2,"c":"OCO","l":"ALL_DONE","L":"ALL_DONE","r":"NONE","C":"x","T":1,"O":[{"s":"BTCUSDT","i":1,"c":"a"}]}})",
        R"({"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1723161600001}})",
        R"({"event":{"e":"serverShutdown","E":1723161600001}})",
        // A brace too many, behind a text that looks like a member's name.
        R"({"id":null,"status":418,"error":{"code":-1003,"msg":"banned","ty":"50.000verTime":1723169600001,"retryAfter":1723161!720}}})",
    };
}

void run(std::string_view input) {
    binance::ApiDecoder decoder;
    binance::test::RecordingListener listener;
    const binance::test::Padded text{input};
    // The same text again: a decoder is not confused by what it has read.
    const auto first = decoder.decode(text.view(), listener).kind;
    const std::size_t events = listener.events();
    base::check(decoder.decode(text.view(), listener).kind == first, "the same text is understood the same");
    base::check(listener.events() == 2 * events, "and tells the same events");
    const auto answer = binance::parse_order_answer(text.view());
    base::check(!answer.order || !answer.error, "an answer is one or the other");
}

}  // namespace vigil::fuzz
