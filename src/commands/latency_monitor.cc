#include "commands/latency_monitor.h"

#include <algorithm>

namespace baton {

void LatencyMonitor::Add(std::string_view event, int64_t unix_seconds, int64_t duration_ms) {
  auto found = events_.find(event);
  if (found == events_.end()) found = events_.emplace(std::string(event), Event()).first;
  Event& of_kind = found->second;
  of_kind.worst_ms = std::max(of_kind.worst_ms, duration_ms);
  if (!of_kind.samples.empty() && of_kind.samples.back().unix_seconds == unix_seconds) {
    Sample& newest = of_kind.samples.back();
    newest.duration_ms = std::max(newest.duration_ms, duration_ms);
    return;
  }
  if (of_kind.samples.size() == kSamplesMax) of_kind.samples.pop_front();
  of_kind.samples.push_back({unix_seconds, duration_ms});
}

const LatencyMonitor::Event* LatencyMonitor::Find(std::string_view event) const {
  auto found = events_.find(event);
  return found == events_.end() ? nullptr : &found->second;
}

bool LatencyMonitor::Reset(std::string_view event) {
  auto found = events_.find(event);
  if (found == events_.end()) return false;
  events_.erase(found);
  return true;
}

size_t LatencyMonitor::ResetAll() {
  size_t count = events_.size();
  events_.clear();
  return count;
}

}  // namespace baton
