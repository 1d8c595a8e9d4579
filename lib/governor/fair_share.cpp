#include "governor/fair_share.h"

namespace vigil::governor {

void FairShare::set_weight(std::size_t seat, std::int32_t weight) {
    Seat& it = seats_[place(seat)];
    const std::int32_t before = it.weight;
    it.weight = std::clamp<std::int32_t>(weight, 1, weight_max);
    if (it.expected() > 0) active_weight_ += it.weight - before;
}

void FairShare::begin_window() {
    active_weight_ = 0;
    for (std::size_t i = 0; i < in_use_; ++i) {
        Seat& seat = seats_[i];
        seat.wanted_before = seat.wanted;
        seat.wanted = 0;
        seat.used = 0;
        if (seat.expected() > 0) active_weight_ += seat.weight;
    }
}

void FairShare::wants(std::size_t seat) {
    in_use_ = std::max(in_use_, place(seat) + 1);
    Seat& it = seats_[place(seat)];
    if (it.expected() == 0) active_weight_ += it.weight;
    ++it.wanted;
}

bool FairShare::allows(std::size_t seat, std::int64_t room, std::int64_t capacity) const {
    const Seat& it = seats_[place(seat)];
    if (room <= 0) return false;
    if (it.used < share(it, capacity)) return true;
    // Beyond its share: from what the others leave.
    std::int64_t kept = 0;
    for (std::size_t i = 0; i < in_use_; ++i) {
        const Seat& other = seats_[i];
        if (&other == &it) continue;
        kept += std::max<std::int64_t>(0, std::min(share(other, capacity), other.expected()) - other.used);
    }
    return room > kept;
}

void FairShare::took(std::size_t seat) {
    in_use_ = std::max(in_use_, place(seat) + 1);
    ++seats_[place(seat)].used;
}

void FairShare::gave_back(std::size_t seat, std::int64_t orders) {
    Seat& it = seats_[place(seat)];
    it.used = std::max<std::int64_t>(0, it.used - orders);
}

std::int64_t FairShare::lead(std::size_t seat) const {
    const Seat& it = seats_[place(seat)];
    return it.used * weight_max / it.weight;
}

}  // namespace vigil::governor
