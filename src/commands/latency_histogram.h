#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace baton {

// How often something took how long: one counter per sixteenth of an octave of microseconds, so that a percentile is
// never more than 1/16 too high. Recording is a shift, a count of zeros and an increment. Durations of 2^31 us (half an
// hour) and above share the last counter.
class LatencyHistogram {
 public:
  void Record(int64_t duration_ns) {
    ++counts_[Index(duration_ns < 0 ? 0 : static_cast<uint64_t>(duration_ns) / 1000)];
    ++total_;
  }
  uint64_t total() const { return total_; }

  // How many took at most 2^exponent microseconds (that bound excluded, except that everything counts at kExponentMax).
  uint64_t CountBelowPowerOfTwo(int exponent) const {
    uint64_t count = 0;
    size_t end = exponent >= kExponentMax ? kSlots : Index(uint64_t{1} << exponent);
    for (size_t i = 0; i < end; ++i) count += counts_[i];
    return count;
  }
  // The duration, in microseconds, that `percent` of all did not exceed; 0 when there are none.
  double PercentileUs(double percent) const {
    if (total_ == 0) return 0;
    auto rank = static_cast<uint64_t>(percent / 100 * static_cast<double>(total_) + 0.5);
    if (rank == 0) rank = 1;
    uint64_t seen = 0;
    size_t slot = 0;
    while (slot + 1 < kSlots && (seen += counts_[slot]) < rank) ++slot;
    return static_cast<double>(UpperBoundUs(slot));
  }

  static constexpr int kExponentMax = 31;

 private:
  // Slots 0..15 are single microseconds; from there on each octave [2^e, 2^(e+1)) has 16 slots.
  static constexpr int kSlotsPerOctave = 16;
  static constexpr int kOctaveBits = 4;
  static constexpr size_t kSlots = size_t{kSlotsPerOctave} * (kExponentMax - kOctaveBits + 1);

  static size_t Index(uint64_t us) {
    if (us < kSlotsPerOctave) return us;
    int octave = std::bit_width(us) - 1;
    if (octave >= kExponentMax) return kSlots - 1;
    uint64_t within = (us >> (octave - kOctaveBits)) & (kSlotsPerOctave - 1);
    return static_cast<size_t>(octave - kOctaveBits + 1) * kSlotsPerOctave + within;
  }
  static uint64_t UpperBoundUs(size_t slot) {
    if (slot < kSlotsPerOctave) return slot + 1;
    int octave = static_cast<int>(slot / kSlotsPerOctave) + kOctaveBits - 1;
    uint64_t within = slot % kSlotsPerOctave + 1;
    return (kSlotsPerOctave + within) << (octave - kOctaveBits);
  }

  std::array<uint32_t, kSlots> counts_{};
  uint64_t total_ = 0;
};

}  // namespace baton
