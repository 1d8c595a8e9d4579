// What the journal's tests share: a hash, a folder of their own, samples of every record, and stages.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "domain/stages.h"
#include "journal/journal.h"
#include "journal/journal_gate.h"
#include "journal/record.h"
#include "journal/record_codec.h"

// The gates before the journal, reduced to what these tests need: they let everything pass. The real ones are
// not linked here.
namespace vigil::risk {
class RiskGate {
  public:
    static domain::Approved pass(domain::Intent intent) { return domain::Approved{std::move(intent)}; }
};
}  // namespace vigil::risk
namespace vigil::governor {
class Governor {
  public:
    static domain::Permitted pass(domain::Intent intent, base::MonotonicTime at) {
        return domain::Permitted{risk::RiskGate::pass(std::move(intent)), at};
    }
};
}  // namespace vigil::governor

namespace vigil::journal::test {

inline Digest sha256(std::span<const std::byte> bytes) {
    Digest digest{};
    unsigned size = 0;
    EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                         EVP_sha256(), nullptr),
              1);
    EXPECT_EQ(size, digest.size());
    return digest;
}

/// A new folder of mode 0700 that goes with the object.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "vigil-journal-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path file() const { return path_ / "journal.sqlite"; }
    [[nodiscard]] JournalOptions options() const { return {path_, base::milliseconds{50}}; }

  private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    ASSERT_TRUE(out.good());
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
}

inline Stamp stamp(std::int64_t us) {
    return {base::ExchangeTime{base::microseconds{1'700'000'000'000'000 + us}},
            base::WallTime{base::microseconds{1'700'000'000'500'000 + us}}};
}

inline domain::Intent placement(int number) {
    domain::NewOrder order;
    order.symbol = *domain::Symbol::from("BTCUSDT");
    order.side = domain::Side::buy;
    order.type = domain::OrderType::limit;
    order.time_in_force = domain::TimeInForce::gtc;
    order.quantity = domain::Quantity::literal("0.00123");
    order.price = domain::Price::literal("61556.04");
    order.client_order_id = *domain::ClientOrderId::from("vtest-0-7-" + std::to_string(number));
    domain::Intent intent;
    intent.slot = domain::Slot{7};
    intent.action = order;
    intent.reason = *domain::Reason::from("level 7 refill");
    intent.decided = base::MonotonicTime{base::nanoseconds{123}};
    intent.expires = base::MonotonicTime{base::nanoseconds{456}};
    return intent;
}
inline domain::Intent cancellation(int number) {
    domain::Intent intent = placement(number);
    intent.lane = domain::Lane::cancel;
    intent.action = domain::CancelOrder{intent.symbol(), intent.client_order_id()};
    return intent;
}
inline domain::Permitted permitted(domain::Intent intent) {
    return governor::Governor::pass(std::move(intent), base::MonotonicTime{base::nanoseconds{789}});
}

inline Entry note(std::int64_t number) {
    return {stamp(number), CounterBlockReserved{static_cast<std::uint64_t>(number), 1}};
}
inline std::vector<Entry> notes(std::int64_t first, int count) {
    std::vector<Entry> made;
    for (int i = 0; i < count; ++i) made.push_back(note(first + i));
    return made;
}

/// One or more of every kind, with what is hard to write down in them.
std::vector<Record> sample_records();

inline std::unique_ptr<Journal> open_journal(const TemporaryFolder& folder) {
    auto opened = Journal::open(folder.options(), sha256);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}
inline std::vector<StoredRecord> read_all(const RecordStore& store, std::int64_t first = 1) {
    std::vector<StoredRecord> all;
    const auto read = store.read(first, [&all](const StoredRecord& record) -> base::Result<void> {
        all.push_back(record);
        return {};
    });
    EXPECT_TRUE(read) << read.error().message;
    return all;
}

}  // namespace vigil::journal::test
