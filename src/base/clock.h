#pragma once

#include <cstdint>

namespace baton {

// Time as the core sees it. The real one is SystemClock; tests hand in a ManualClock.
// Deadlines inside the process use MonotonicNs; wall clock only serves what users name in wall-clock terms
// (EXPIREAT, PEXPIREAT, TIME, what is saved to disk).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t MonotonicNs() = 0;
  virtual int64_t UnixUs() = 0;
  // For timing every single command: nanoseconds of which only differences over short times mean something, at half
  // the price of MonotonicNs or less.
  virtual int64_t StopwatchNs() { return MonotonicNs(); }
  // Stops the calling thread, and with it the whole server: DEBUG SLEEP only.
  virtual void SleepUs(int64_t us) = 0;
  int64_t UnixMs() { return UnixUs() / 1000; }
};

class SystemClock final : public Clock {
 public:
  SystemClock();
  // Reads the processor's time-stamp counter where the kernel trusts it, too.
  int64_t StopwatchNs() override;
  int64_t MonotonicNs() override;
  int64_t UnixUs() override;
  void SleepUs(int64_t us) override;

 private:
  double ns_per_tick_ = 0;  // 0: no usable counter
};

}  // namespace baton
