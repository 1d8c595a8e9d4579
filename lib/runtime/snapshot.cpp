// How a session stands, for the answer to `status`.
#include <unistd.h>

#include "log/format.h"
#include "runtime/control_desk.h"
#include "runtime/plan.h"
#include "runtime/session.h"

namespace vigil::runtime {

control::Snapshot snapshot_of(const Session& session) {
    const base::MonotonicTime now = session.clock.monotonic();
    control::Snapshot snapshot;
    snapshot.version = session.version;
    snapshot.environment = session.environment();
    snapshot.phase = session.phase;
    snapshot.process = ::getpid();
    snapshot.started = log::rfc3339(session.made_wall);
    snapshot.uptime_s = std::chrono::floor<base::seconds>(now - session.made).count();
    snapshot.config_hash = config_hash(session.settings);
    snapshot.state_folder = session.state->path().string();
    if (session.journal) snapshot.journal = session.journal->path().string();
    if (session.key) snapshot.key = session.key->label;
    snapshot.clock.state = timesync::to_string(timesync::State::unsynchronised);
    if (session.clock_thread) {
        const timesync::Snapshot known = session.clock_thread->snapshot();
        snapshot.clock.state = timesync::to_string(known.state(now));
        if (const auto offset = session.clock_thread->wall_offset())
            snapshot.clock.offset_us = offset->count();
        if (const auto estimate = known.at(now))
            snapshot.clock.uncertainty_us = estimate->uncertainty.count();
    }
    for (const Heartbeats::Late& late : session.heartbeats.late(now))
        snapshot.late_threads.push_back(late.name + ": silent for " + std::to_string(late.silence.count()) +
                                        " ms");
    return snapshot;
}

}  // namespace vigil::runtime
