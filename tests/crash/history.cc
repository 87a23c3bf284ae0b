#include "crash/history.h"

#include <algorithm>

namespace baton {
namespace {

constexpr int64_t kTwoSecondsNs = 2'000'000'000;

}  // namespace

History::History(Server& server, bool verbose) : states_{State(server)}, verbose_(verbose) {
  if (verbose_) printed_.push_back(Print(server));
}

bool History::Note(Server& server) {
  const State now(server);
  if (now == states_.back()) return false;
  for (size_t slot = 0; slot < State::kSlots; ++slot) {
    if (!now.same(slot, states_.back())) touched_[slot] = states_.size();
  }
  states_.push_back(now);
  if (verbose_) printed_.push_back(Print(server));
  return true;
}

std::string History::Contradiction(Server& recovered, Promise promise) const {
  const auto found = std::find(states_.rbegin(), states_.rend(), State(recovered));
  const bool ever_was = found != states_.rend();
  const size_t number = ever_was ? static_cast<size_t>(states_.rend() - found) - 1 : 0;

  int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
  size_t lost = 0, lost_for_good = 0, floor = 0;
  std::string lines;
  for (const Told& told : told_) {
    floor = std::max(floor, told.needs);
    if (ever_was && told.needs <= number) continue;
    ++lost;
    lost_for_good += told.durable;
    first_ns = std::min(first_ns, told.at_ns);
    last_ns = std::max(last_ns, told.at_ns);
    if (lost <= 12) {
      lines += "    at " + std::to_string(told.at_ns / 1'000'000) + " ms, resting on state " +
               std::to_string(told.needs) + (told.durable ? ", durably: " : ": ") + told.what + "\n";
    }
  }
  bool kept = lost == 0;
  if (promise == Promise::kDurableOnly) kept = lost_for_good == 0;
  if (promise == Promise::kAllButTwoSeconds) {
    kept = lost == 0 || (lost_for_good == 0 && last_ns - first_ns <= kTwoSecondsNs);
  }
  if (ever_was && kept) return "";

  std::string text = ever_was ? "what came back is state " + std::to_string(number) + " of " +
                                    std::to_string(newest()) + ", and clients were told more:\n" + lines
                              : "what came back is a state that never was:\n";
  text += "  what came back:\n" + Print(recovered);
  for (size_t i : {floor, newest()}) {
    text += "  state " + std::to_string(i) + ":\n" + (i < printed_.size() ? printed_[i] : "    (not kept)\n");
  }
  return text;
}

}  // namespace baton
