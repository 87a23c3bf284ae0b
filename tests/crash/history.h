#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crash/state.h"

namespace baton {

// What has to be true after a crash of what clients were told.
enum class Promise : uint8_t {
  kEverything,        // always; and whatever the policy, when only the process dies
  kAllButTwoSeconds,  // everysec, after a power cut: what is lost was told within a span of two seconds
  kDurableOnly,       // no, after a power cut: what WAITAOF has called durable
};

// Every state that the data of one server went through, numbered from 0, and what its clients were told: for each reply
// the oldest of these states that bears it out. What a reply rests on is not asked of the server: it is known from what
// the command looked at and from when that was last seen to change.
class History {
 public:
  // `verbose` keeps the states in print, too, to show them when something is wrong.
  History(Server& server, bool verbose);

  // Looks again. True when the data has changed since the last look.
  bool Note(Server& server);
  const State& now() const { return states_.back(); }
  size_t newest() const { return states_.size() - 1; }
  size_t touched(size_t slot) const { return touched_[slot]; }  // the newest state in which that key changed

  struct Told {
    int64_t at_ns;
    size_t needs;
    bool durable = false;  // it said so: WAITAOF
    std::string what = {};
  };
  void Tell(Told told) { told_.push_back(std::move(told)); }

  // Why the promise is broken when a start after a crash finds this; empty when it is kept.
  std::string Contradiction(Server& recovered, Promise promise) const;

 private:
  std::vector<State> states_;
  std::array<size_t, State::kSlots> touched_{};
  std::vector<Told> told_;
  const bool verbose_;
  std::vector<std::string> printed_;
};

}  // namespace baton
