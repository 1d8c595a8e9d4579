// From what the operator set to what the rooms are built with: one place where settings and options meet.
#pragma once

#include <string>

#include "base/error.h"
#include "engine/options.h"
#include "runtime/state_folder.h"
#include "settings/settings.h"
#include "timesync/clock_estimator.h"

namespace vigil::runtime {

[[nodiscard]] engine::Options engine_options(const settings::Settings& settings,
                                             const orders::InstanceTag& instance);
[[nodiscard]] timesync::Options clock_options(const settings::Settings& settings);
/// The tag of this installation's client order ids: made once, kept in the state folder.
[[nodiscard]] base::Result<orders::InstanceTag> installation_tag(const StateFolder& state);
/// Hash of the configuration in force, files and overrides, as 16 hex digits: to tell two apart, no secret.
[[nodiscard]] std::string config_hash(const settings::Settings& settings);

}  // namespace vigil::runtime
