// The hash that chains the journal, handed in by whoever owns the cryptography.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>

namespace vigil::journal {

/// SHA-256.
using Digest = std::array<std::byte, 32>;
/// SHA-256 of the bytes. Called on whichever thread uses the journal, never on two at once for one journal.
using HashFunction = std::function<Digest(std::span<const std::byte>)>;

}  // namespace vigil::journal
