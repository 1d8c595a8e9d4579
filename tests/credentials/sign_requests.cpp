// vigil_sign_requests TYPE SECRET_FILE: signs requests for signature_differential_test.py, the way that the
// gateway does. A line of standard input is one request: name=value pairs, all in hex, separated by spaces. A
// line of output: the signed REST form, the WebSocket API's payload, and that payload's signature, all in
// hex.
#include <cstdio>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "credentials/private_file.h"
#include "credentials/request_form.h"
#include "credentials/text_codes.h"

namespace {

using namespace vigil::credentials;

std::string from_hex(std::string_view text) {
    const auto bytes = hex_decoded(text);
    if (!bytes) throw std::runtime_error("not hex");
    return {bytes->begin(), bytes->end()};
}

std::string to_hex(std::string_view text) {
    std::string out;
    append_hex(out, std::span{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    const auto type = argc == 3 ? key_type_from(argv[1]) : std::nullopt;
    if (!type) return 64;
    const auto secret = read_private_file(argv[2], 4096);
    if (!secret) {
        std::cerr << secret.error().message << '\n';
        return 66;
    }
    const auto signer = Signer::make(*type, *secret);
    if (!signer) {
        std::cerr << signer.error().message << '\n';
        return 65;
    }
    RequestForm form;
    std::string rest;
    std::string payload;
    std::string signature;
    for (std::string line; std::getline(std::cin, line);) {
        form.clear();
        std::istringstream pairs{line};
        for (std::string pair; pairs >> pair;) {
            const std::size_t mark = pair.find('=');
            form.add(from_hex(std::string_view{pair}.substr(0, mark)),
                     from_hex(std::string_view{pair}.substr(mark + 1)));
        }
        rest.clear();
        payload = form.websocket_payload();
        form.append_rest_signed(**signer, rest);
        (*signer)->sign(payload, signature);
        std::cout << to_hex(rest) << ' ' << to_hex(payload) << ' ' << to_hex(signature) << '\n';
    }
    return 0;
}
