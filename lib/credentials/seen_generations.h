// The highest generation of each vault that a program has opened, so that an older copy of the file which was
// put back is noticed. The owner keeps the text outside the vault (vigild: in its state folder) and makes it
// durable before it uses anything from the vault. Pure; one thread at a time.
//
// As text: one line a vault, the one opened last at the end: its id as 32 hex digits, a space, the
// generation. Vaults that are forgotten in favour of newer ones are the ones that were opened longest ago.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "credentials/vault_format.h"

namespace vigil::credentials {

class SeenGenerations {
  public:
    static constexpr std::size_t vaults_max = 64;

    /// Nothing seen yet.
    SeenGenerations() = default;
    /// ErrorKind::corrupt when the text is not what text() writes: not to be taken for "nothing seen".
    [[nodiscard]] static base::Result<SeenGenerations> parse(std::string_view text);

    /// 0 for a vault that was never opened.
    [[nodiscard]] std::uint64_t highest(const VaultId& id) const;

    enum class Verdict { older, known, newer };
    /// Remembers the generation unless it is older than one that was seen; `newer` means that text() has
    /// changed.
    [[nodiscard]] Verdict see(const VaultId& id, std::uint64_t generation);

    [[nodiscard]] std::string text() const;

  private:
    struct Seen {
        VaultId id;
        std::uint64_t generation;
    };
    std::vector<Seen> seen_;
};

}  // namespace vigil::credentials
