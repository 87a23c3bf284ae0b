#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "crash/state.h"

namespace baton {

// The next request of one client.
struct Asking {
  bool in_multi = false;
  uint64_t blocked_client = 0;  // one that CLIENT UNBLOCK can name; 0: none
  bool rewrites = true;         // BGREWRITEAOF may be asked for
  bool large_values = false;    // some of several KiB, so that lists are trees of chunks
  bool queues = false;          // policies make some lists managed queues; equal payloads are common
  std::string token = {};       // one that QPOP has given
};

// Commands drawn from a table: every kind of change that the log knows, reads, misses, errors, transactions, blocking.
// Lists and strings share their keys, so that WRONGTYPE is common. `payloads` counts what was ever pushed: without
// queues no two values are the same.
std::vector<std::string> NextRequest(Random& random, uint64_t& payloads, const Asking& asking);

// What the reply to a request rests on when the request changed nothing: keys, or all data.
struct LookedAt {
  bool everything = false;
  std::vector<size_t> slots;
};
LookedAt WhatIsLookedAt(const std::vector<std::string>& words, uint32_t db, const State& state);

}  // namespace baton
