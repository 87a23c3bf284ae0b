#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "crash/tally.h"
#include "doubles/sim_file_system.h"
#include "server/server.h"

namespace baton {

// One simulated life of a server after another on one disk, all drawn from one seed. Before disk calls of each life,
// and at its end, the machine or the process dies: on a copy of the disk, so that the life goes on and dies again at
// the next call, and at the end of the life for good. Each time a server starts on what is left, is itself cut short on
// the way and starts again, and is then held to what clients were told (history.h), and to bringing back the very same
// once more.
struct Campaign {
  uint64_t seed = 1;
  std::string policy = "always";   // what the server runs with
  std::string promise = "always";  // what is checked; another one than `policy` is a canary's lie
  int lives = 3;
  int steps = 120;  // events per life
  bool rewrites = true;
  bool large_values = false;
  bool faults = false;  // disk calls fail, too
  bool queues = false;  // managed queues
  // Canaries: calls that are left out, failed syncs that are tried again, and what is done to the disk between a crash
  // and the recovery.
  SimFileSystem::LeaveOut leave_out = {};
  bool retries_syncs = false;
  std::function<void(SimFileSystem&)> after_crash = {};
  std::function<void(Server&)> after_start = {};  // what is done to a server that has recovered

  // What was found wrong, with all that is needed to see it again; empty when every promise held.
  std::string Run(Tally& tally) const;
};

}  // namespace baton
