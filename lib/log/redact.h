// Secrets in text that came from outside: an exception's message with a URL in it, a header line, an answer's
// body.
//
// Our own secrets are types that cannot be logged. Text made by a library or sent by the other side may still
// carry one, so every free text passes here before a sink sees it. Removed are the values after `signature`,
// `X-MBX-APIKEY`, `apiKey`, `secret...`, `passphrase`, `password`, `listenKey`, `token`, `authorization` in
// the forms name=value, name: value, "name":"value" and name%3Dvalue; private keys in PEM form; and every
// unbroken run of 60 or more letters and digits, which is what the exchange's keys, secrets and HMAC
// signatures look like. A name that is but the end of an absolute path keeps what is said of that file, when
// it is one of the things that this program or the operating system says of files.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vigil::log {

/// Redacts in place; a removed value becomes "***" (or fewer asterisks, if it was shorter): text never grows.
/// @return the new length, at most text.size()
[[nodiscard]] std::size_t redact_in_place(std::span<char> text) noexcept;

[[nodiscard]] std::string redact(std::string_view text);

}  // namespace vigil::log
