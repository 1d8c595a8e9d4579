#include "simulation/disk.h"

#include <algorithm>
#include <cstring>

#include "exchange/random.h"
#include "journal/record_codec.h"

namespace vigil::simulation {

journal::Digest cheap_hash(std::span<const std::byte> bytes) {
    std::uint64_t state = bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
        state = exchange::mix64(state ^ word);
    }
    journal::Digest digest{};
    for (std::size_t lane = 0; lane < digest.size(); lane += sizeof state) {
        state = exchange::mix64(state + lane);
        std::memcpy(digest.data() + lane, &state, sizeof state);
    }
    return digest;
}

Disk::Disk(journal::HashFunction hash) : chain_{std::move(hash), "simulation"} {}

journal::Digest Disk::hash_of(std::size_t at, const journal::Digest& previous) {
    const StoredRow& row = rows_[at];
    return chain_.next(previous,
                       {static_cast<std::int64_t>(at) + 1, row.stamp.exchange.time_since_epoch().count(),
                        row.stamp.wall.time_since_epoch().count(), row.kind, row.id.view(), row.body});
}

base::Result<std::int64_t> Disk::append(std::span<const journal::Entry> entries) {
    if (error_) return base::fail(*error_);
    last_append_ = rows_.size();
    for (const journal::Entry& entry : entries) {
        const auto* intent = std::get_if<journal::IntentPermitted>(&entry.record);
        const bool is_placement = intent != nullptr && intent->intent.placement() != nullptr;
        rows_.push_back({entry.stamp,
                         journal::kind_of(entry.record),
                         journal::order_of(entry.record),
                         journal::encode(entry.record),
                         {},
                         is_placement});
        if (is_placement && sync_by_hand_) unsynced_.push_back(rows_.back().id);
        if (is_placement && !sync_by_hand_) placements_.insert(rows_.back().id);
        const std::size_t at = rows_.size() - 1;
        rows_[at].hash = hash_of(at, at == 0 ? chain_.root() : rows_[at - 1].hash);
    }
    return static_cast<std::int64_t>(last_append_) + 1;
}

base::Result<void> Disk::read(std::int64_t first_sequence, const Visit& visit) const {
    for (std::size_t at = first_sequence < 1 ? 0 : static_cast<std::size_t>(first_sequence - 1);
         at < rows_.size(); ++at) {
        auto record = journal::decode(rows_[at].kind, rows_[at].body);
        if (!record) return base::fail(record.error().within("row " + std::to_string(at + 1)));
        if (auto visited = visit({static_cast<std::int64_t>(at) + 1, rows_[at].stamp, std::move(*record)});
            !visited)
            return visited;
    }
    return {};
}

base::Result<void> Disk::verify() {
    journal::Digest previous = chain_.root();
    for (std::size_t at = 0; at < rows_.size(); ++at) {
        const journal::Digest expected = hash_of(at, previous);
        if (expected != rows_[at].hash)
            return base::fail(base::ErrorKind::corrupt, "record " + std::to_string(at + 1) + " was altered");
        previous = expected;
    }
    return {};
}

std::string Disk::head_text() const {
    const journal::Digest head = rows_.empty() ? chain_.root() : rows_.back().hash;
    return {reinterpret_cast<const char*>(head.data()), head.size()};
}

void Disk::sync() {
    placements_.insert(unsynced_.begin(), unsynced_.end());
    unsynced_.clear();
}

void Disk::lose_last_append() {
    for (std::size_t at = last_append_; at < rows_.size(); ++at)
        if (rows_[at].is_placement) placements_.erase(rows_[at].id);
    rows_.resize(std::min(rows_.size(), last_append_));
}

void Disk::lose_all() {
    rows_.clear();
    placements_.clear();
    last_append_ = 0;
}

void Disk::alter(std::size_t row) {
    if (row >= rows_.size() || rows_[row].body.empty()) return;
    rows_[row].body.back() = rows_[row].body.back() == ' ' ? '}' : ' ';
}

}  // namespace vigil::simulation
