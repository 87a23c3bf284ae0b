#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "env/file_system.h"
#include "log/log.h"

namespace baton {

// How long one small append and sync take on the disk under `directory`, in microseconds: the median of a few. Negative when the
// disk would not take the trial (its file is removed again).
int64_t MeasureSyncUs(FileSystem& files, Clock& clock, const std::string& directory);

// The lines that a start prints once, when clients are welcome.
std::vector<std::string> Banner(const Config& config, const std::vector<std::string>& addresses,
                                const RecoveryReport& report, size_t keys, int64_t sync_us);

// What a client may conclude from OK under the policy in force: one sentence, for the banner and for INFO.
std::string_view WhatOkMeans(const Config& config);

}  // namespace baton
