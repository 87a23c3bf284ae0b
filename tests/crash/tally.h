#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace baton {

// Where a simulated crash came.
enum class Place : uint8_t {
  kWorkload,            // nothing but requests going on
  kRewrite,             // while a rewrite was under way
  kRotation,            // between the switch to a new segment and the sync that makes it durable
  kTrouble,             // while disk calls failed, or what they had broken was not mended yet
  kReload,              // in DEBUG RELOAD
  kRecovery,            // during a start after a crash
  kRecoveryOfRecovery,  // during a start after such a crash
  kRecovered,           // right after a start
};
constexpr const char* kPlaceNames[] = {"in the workload",
                                       "in a rewrite",
                                       "in a rotation",
                                       "in trouble",
                                       "in a reload",
                                       "in a recovery",
                                       "in a recovery of a recovery",
                                       "after a recovery"};

// How many crashes were simulated.
class Tally {
 public:
  void Add(Place place, bool power_cut) { ++counts_[static_cast<size_t>(place)][power_cut]; }
  void Add(const Tally& other) {
    for (size_t i = 0; i < counts_.size(); ++i) {
      for (size_t j = 0; j < 2; ++j) counts_[i][j] += other.counts_[i][j];
    }
  }
  uint64_t total() const { return Sum(false) + Sum(true); }
  std::string Print() const {
    std::string text = std::to_string(total()) + " crashes, " + std::to_string(Sum(true)) + " power cuts and " +
                       std::to_string(Sum(false)) + " kills:";
    for (size_t i = 0; i < counts_.size(); ++i) {
      const uint64_t count = counts_[i][0] + counts_[i][1];
      if (count > 0) text += " " + std::to_string(count) + " " + kPlaceNames[i] + ",";
    }
    text.back() = '.';
    return text;
  }

 private:
  uint64_t Sum(bool power_cut) const {
    uint64_t sum = 0;
    for (const auto& counts : counts_) sum += counts[power_cut];
    return sum;
  }
  std::array<std::array<uint64_t, 2>, std::size(kPlaceNames)> counts_{};
};

}  // namespace baton
