#include "exchange/fault_delivery.h"

#include <utility>

namespace vigil::exchange {

FaultDelivery::~FaultDelivery() {
    for (const auto& [peer, held] : held_) loop_.cancel(held.release);
}

void FaultDelivery::send(const std::shared_ptr<net::WsPeer>& peer, std::string_view text,
                         const Fault* fault) {
    if (fault != nullptr && fault->kind == FaultKind::reorder && !held_.contains(peer.get()))
        return hold(peer, text, fault->delay);
    if (fault == nullptr || fault->kind == FaultKind::reorder) {
        peer->send(text);
    } else if (fault->kind == FaultKind::delay) {
        loop_.call_after(fault->delay, [late = peer, kept = std::string{text}] { late->send(kept); });
    } else {
        deliver(*peer, text, *fault);
    }
    if (!held_.empty()) release(peer.get());
}

void FaultDelivery::deliver(net::WsPeer& peer, std::string_view text, const Fault& fault) {
    if (const auto damage = damage_of(fault.kind)) {
        peer.send(damaged(text, *damage));
        return;
    }
    switch (fault.kind) {
        case FaultKind::missing:
            return;
        case FaultKind::duplicate:
            peer.send(text);
            break;
        case FaultKind::slow_bytes:
            peer.send_slowly(text, fault.chunk_bytes, fault.interval);
            return;
        default:
            break;
    }
    peer.send(text);
}

void FaultDelivery::hold(const std::shared_ptr<net::WsPeer>& peer, std::string_view text,
                         base::nanoseconds longest) {
    const net::WsPeer* key = peer.get();
    const net::TimerId timer = loop_.call_after(longest, [this, key] { release(key); });
    held_.emplace(key, Held{peer, std::string{text}, timer});
}

void FaultDelivery::release(const net::WsPeer* peer) {
    const auto found = held_.find(peer);
    if (found == held_.end()) return;
    const Held held = std::move(found->second);
    held_.erase(found);
    loop_.cancel(held.release);
    held.peer->send(held.text);
}

}  // namespace vigil::exchange
