#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "doubles/sim_file_system.h"

namespace baton {

// One simulated life of a server after another: random commands from several clients, the power cut at a disk call drawn
// from the seed, recovery, and then the question whether everything that a client was told is borne out.
struct Campaign {
  uint64_t seed = 1;
  std::string policy = "always";  // what the server runs with
  std::string promise = "always"; // what is checked; another one than `policy` is a canary's lie
  bool power_cut = true;          // false: only the process dies
  int lives = 3;
  int steps = 120;                // events per life
  bool rewrites = true;
  bool cut_in_recovery = true;    // the power also goes during recoveries
  // Canaries: what is done to the disk between the crash and the recovery, or to the disk as a whole.
  std::function<void(SimFileSystem&)> after_crash = {};
  bool syncs_lie = false;
  bool directory_syncs_lie = false;

  // What was found wrong, with all that is needed to see it again; empty when every promise held.
  std::string Run() const;
};

}  // namespace baton
