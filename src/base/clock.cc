#include "base/clock.h"

#include <ctime>
#include <fstream>
#include <string>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

namespace baton {

// The counter's rate is measured once, over a millisecond: good to about a part in a thousand, and what is timed with it is
// shown in whole microseconds.
SystemClock::SystemClock() {
#ifdef __x86_64__
  std::ifstream source("/sys/devices/system/clocksource/clocksource0/available_clocksource");
  std::string names;
  std::getline(source, names);
  if (names.find("tsc") == std::string::npos) return;  // it stops in sleep states, or differs between cores
  const int64_t begin_ns = MonotonicNs();
  const uint64_t begin_ticks = __rdtsc();
  int64_t end_ns = begin_ns;
  while (end_ns - begin_ns < 1'000'000) end_ns = MonotonicNs();
  ns_per_tick_ = static_cast<double>(end_ns - begin_ns) / static_cast<double>(__rdtsc() - begin_ticks);
#endif
}

int64_t SystemClock::StopwatchNs() {
#ifdef __x86_64__
  if (ns_per_tick_ > 0) return static_cast<int64_t>(static_cast<double>(__rdtsc()) * ns_per_tick_);
#endif
  return MonotonicNs();
}

int64_t SystemClock::MonotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t SystemClock::UnixUs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

void SystemClock::SleepUs(int64_t us) {
  timespec left{us / 1'000'000, us % 1'000'000 * 1000};
  while (nanosleep(&left, &left) != 0) {
  }
}

}  // namespace baton
