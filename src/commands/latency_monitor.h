#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace baton {

// Spikes: for each kind of event ("command", "aof-write" ...) the newest ones that took latency-monitor-threshold
// milliseconds or longer. Whoever sees one adds it; LATENCY shows them. At most one sample a second and kind, the
// worst.
class LatencyMonitor {
 public:
  struct Sample {
    int64_t unix_seconds;
    int64_t duration_ms;
  };
  struct Event {
    std::deque<Sample> samples;  // oldest first, at most kSamplesMax
    int64_t worst_ms = 0;        // since the last reset, samples that were dropped included
  };
  static constexpr size_t kSamplesMax = 160;

  void Add(std::string_view event, int64_t unix_seconds, int64_t duration_ms);
  const Event* Find(std::string_view event) const;
  const std::map<std::string, Event, std::less<>>& events() const { return events_; }
  // True when there was such an event.
  bool Reset(std::string_view event);
  // How many kinds of events were forgotten.
  size_t ResetAll();

 private:
  std::map<std::string, Event, std::less<>> events_;
};

}  // namespace baton
