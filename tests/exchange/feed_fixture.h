// For tests of feeds: files of their own, recorded data where it is, and a market that remembers what it was
// told.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "exchange/core_fixture.h"
#include "exchange/feed.h"

namespace vigil::exchange {

/// A folder that goes with the test.
class OwnFolder {
  public:
    OwnFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vigil-feed-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    OwnFolder(const OwnFolder&) = delete;
    OwnFolder& operator=(const OwnFolder&) = delete;
    ~OwnFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return path_ / name;
    }
    std::filesystem::path write_gzip(const std::string& name, const std::string& text) const {
        gzFile file = gzopen((path_ / name).c_str(), "wb");
        if (file == nullptr ||
            gzwrite(file, text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size()) ||
            gzclose(file) != Z_OK)
            std::abort();
        return path_ / name;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A recorded file, or an empty path where there is none.
inline std::filesystem::path recorded(const std::string& name) {
    std::filesystem::path folder;
    if (const char* given = std::getenv("VIGIL_TEST_DATA"))
        folder = given;
    else if (const char* source = std::getenv("VIGIL_SOURCE_DIR"))
        folder = std::filesystem::path{source} / ".." / "shared" / "data";
    std::error_code ignored;
    return !folder.empty() && std::filesystem::exists(folder / name, ignored) ? folder / name
                                                                              : std::filesystem::path{};
}

/// What a feed told, as short lines: "print 100 1 sell", "top 99/1 101/2", "levels ...", "book ...".
class ToldMarket final : public MarketInput {
  public:
    void replace_book(const domain::Symbol&, std::span<const domain::BookLevel> bids,
                      std::span<const domain::BookLevel> asks) override {
        told.push_back("book" + text(bids) + " |" + text(asks));
    }
    void update_levels(const domain::Symbol&, std::span<const domain::BookLevel> bids,
                       std::span<const domain::BookLevel> asks) override {
        told.push_back("levels" + text(bids) + " |" + text(asks));
    }
    void update_top(const domain::Symbol&, const domain::BookLevel& bid,
                    const domain::BookLevel& ask) override {
        told.push_back("top" + text({&bid, 1}) + " |" + text({&ask, 1}));
    }
    void print(const domain::Symbol& symbol, domain::Price price, domain::Quantity quantity,
               bool buyer_is_maker) override {
        told.push_back("print " + price.str() + " " + quantity.str() + (buyer_is_maker ? " sell" : " buy"));
        prints.push_back({symbol, price, quantity, buyer_is_maker});
    }
    struct Print {
        domain::Symbol symbol;
        domain::Price price;
        domain::Quantity quantity;
        bool buyer_is_maker;
    };
    std::vector<std::string> told;
    std::vector<Print> prints;

    /// What was told but the made-up book.
    [[nodiscard]] std::vector<std::string> printed() const {
        std::vector<std::string> lines;
        for (const std::string& line : told)
            if (line.starts_with("print")) lines.push_back(line);
        return lines;
    }

  private:
    static std::string text(std::span<const domain::BookLevel> levels) {
        std::string out;
        for (const domain::BookLevel& each : levels)
            out += " " + each.price.str() + "/" + each.quantity.str();
        return out;
    }
};

/// Plays at most `limit` events; returns their times in ms.
inline std::vector<std::int64_t> play(Feed& feed, MarketInput& market, std::size_t limit = 1'000'000) {
    std::vector<std::int64_t> times;
    while (times.size() < limit) {
        const auto time = feed.next_time();
        if (!time) break;
        times.push_back(std::chrono::floor<std::chrono::milliseconds>(time->time_since_epoch()).count());
        feed.apply_next(market);
    }
    return times;
}

}  // namespace vigil::exchange
