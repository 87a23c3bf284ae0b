#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "queue/book.h"

namespace baton {

// Of many equal payloads, how many are looked at to find the one that is meant.
inline constexpr int kEqualLookedAt = 128;

// A number that only grows, and how fast it did lately.
struct Rate {
  uint64_t before = 0;
  double per_second = 0;
  bool started = false;
  // Once a second; smoothed over some seconds. The first time only tells where it stands: a log may have brought that.
  void Sample(uint64_t now) {
    if (!started) before = now;
    started = true;
    per_second += (static_cast<double>(now - before) - per_second) / 4;
    before = now;
  }
  // Nothing has come for so long that it shows no more.
  bool Rests() {
    if (per_second > 0.01) return false;
    per_second = 0;
    return true;
  }
};

// What the book keeps of one managed queue. Flows and states change where messages do; the rest is for people and is
// forgotten with the process.
struct QueueBook::List::QueueState {
  QueueAccount account;
  uint64_t leased = 0, delayed = 0, dead = 0;
  // The lists that its messages stand in, its own for those that have been handed out before: how many in each state.
  using Counts = std::array<uint32_t, 4>;
  absl::flat_hash_map<uint32_t, Counts> places;
  SlotRings::Order by_age = 0;  // of what is leased

  HoldTimes hold_times;
  int64_t lateness_max_ms = 0;
  uint64_t expired_held = 0;  // leases that ended though their connection was there

  // Whether something has changed lately, so that Tick looks at it; else since when not.
  bool busy = false;
  int64_t quiet_since_ms = 0;
  Rate enqueued, delivered, acked, expired;

  // How many had been enqueued at some instants, oldest first: who is in the queue for how long.
  struct Mark {
    int64_t at_ms = 0;
    uint64_t enqueued = 0;
  };
  static constexpr size_t kMarks = 256;
  std::vector<Mark> marks;

  void AddMark(int64_t now_ms);
  // The age of the oldest of the newest `ready` messages, as near as the marks tell.
  int64_t OldestAge(uint64_t ready, int64_t now_ms) const;
};

// Whether a record's element went with many others at once (book_gone.cc). `source` and `list`: its queue and where it
// stands, as they are or as a snapshot knows them.
template <typename List>
bool Gone(const Message& message, const List& source, const List& list) {
  return source.retired || list.retired ||
         (message.state == MessageState::kReady && message.at_ms != list.generation);
}

}  // namespace baton
