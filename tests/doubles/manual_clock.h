#pragma once

#include <cstdint>

#include "base/clock.h"

namespace baton {

// Time that moves only when the test says so. Monotonic and wall clock can be moved apart, as a clock that jumps does.
class ManualClock final : public Clock {
 public:
  // Starts at a wall clock of 2023-11-14T22:13:20Z and one second of monotonic time.
  ManualClock() = default;

  int64_t MonotonicNs() override { return monotonic_ns_; }
  int64_t UnixUs() override { return unix_us_; }
  void SleepUs(int64_t us) override { AdvanceNs(us * 1000); }

  void AdvanceNs(int64_t ns) {
    monotonic_ns_ += ns;
    unix_ns_rest_ += ns;
    unix_us_ += unix_ns_rest_ / 1000;
    unix_ns_rest_ %= 1000;
  }
  void AdvanceMs(int64_t ms) { AdvanceNs(ms * 1'000'000); }
  // Somebody sets the wall clock; monotonic time goes on undisturbed.
  void JumpWallClockMs(int64_t ms) { unix_us_ += ms * 1000; }
  void SetUnixMs(int64_t ms) { unix_us_ = ms * 1000; }

 private:
  int64_t monotonic_ns_ = 1'000'000'000;
  int64_t unix_us_ = 1'700'000'000'000'000;
  int64_t unix_ns_rest_ = 0;
};

}  // namespace baton
