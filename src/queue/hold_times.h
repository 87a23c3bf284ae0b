#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace baton {

// How long messages were held, in milliseconds: a histogram with four steps for each power of two.
class HoldTimes {
 public:
  void Add(int64_t ms) {
    if (counts_.empty()) counts_.resize(kBuckets);
    ++counts_[Bucket(ms < 0 ? 0 : static_cast<uint64_t>(ms))];
    ++total_;
  }
  // What was added before.
  void Remove(int64_t ms) {
    --counts_[Bucket(ms < 0 ? 0 : static_cast<uint64_t>(ms))];
    --total_;
  }
  // 0 when nothing was added.
  int64_t Quantile(double share) const {
    if (total_ == 0) return 0;
    const auto wanted = static_cast<uint64_t>(share * static_cast<double>(total_ - 1)) + 1;
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted) return Upper(i);
    }
    return Upper(counts_.size() - 1);
  }

 private:
  static constexpr size_t kBuckets = 4 * 40;

  static size_t Bucket(uint64_t ms) {
    if (ms < 4) return ms;
    const auto power = static_cast<size_t>(std::bit_width(ms)) - 1;
    const size_t bucket = 4 * (power - 1) + ((ms >> (power - 2)) & 3);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }
  // The largest value of a bucket.
  static int64_t Upper(size_t bucket) {
    if (bucket < 4) return static_cast<int64_t>(bucket);
    const size_t power = bucket / 4 + 1;
    return ((int64_t{5} + static_cast<int64_t>(bucket % 4)) << (power - 2)) - 1;
  }

  std::vector<uint32_t> counts_;  // empty until there is something to count
  uint64_t total_ = 0;
};

}  // namespace baton
