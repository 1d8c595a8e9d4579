// What the market streams say to the daemon.
#include "base/check.h"
#include "binance/padded.h"
#include "binance/recording_listener.h"
#include "binance/stream_decoder.h"
#include "fuzz/target.h"

namespace vigil::fuzz {

std::vector<std::string> seeds() {
    return {
        R"({"stream":"btcusdt@bookTicker","data":{"u":13,"s":"BTCUSDT","b":"99.99000000","B":"1.00000000","a":"100.01000000","A":"2.00000000"}})",
        R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161600100000,"s":"BTCUSDT","U":11,"u":12,"b":[["99.98","0.00000000"],["99.97","1"]],"a":[["100.02","3.5"]]}})",
        R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161600300,"s":"BTCUSDT","t":1,"p":"100.01","q":"0.5","T":1723161600299,"m":false,"M":true}})",
        R"({"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1723161600300,"s":"BTCUSDT","k":{"t":1723161600000,"T":1723161659999,"s":"BTCUSDT","i":"1m","f":1,"L":9,"o":"100","c":"101","h":"102","l":"99","v":"12.5","n":9,"x":false,"q":"1250","V":"6","Q":"600","B":"0"}}})",
        R"({"result":null,"id":1})",
        R"({"error":{"code":2,"msg":"Invalid request"},"id":"x"})",
        R"({"stream":"!miniTicker@arr","data":[]})",
        R"({"e":"serverShutdown","E":1723161600001})",
    };
}

void run(std::string_view input) {
    binance::test::RecordingListener listener;
    binance::StreamDecoder decoder{listener};
    const binance::test::Padded text{input};
    const auto kind = decoder.decode(text.view(), base::MonotonicTime{});
    base::check((listener.events() == 1) == (kind == binance::StreamMessage::event),
                "an event is told, and nothing else is");
    base::check(decoder.decode(text.view(), base::MonotonicTime{}) == kind,
                "the same text is understood the same");
}

}  // namespace vigil::fuzz
