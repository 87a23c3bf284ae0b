#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "queue/message.h"

namespace baton {

// What one client was handed in replies that have not reached the kernel yet, in the order of the replies. A lease runs
// from when its reply is let go; one whose reply never left was no delivery at all. A session that holds no such lease
// has none of this.
class UntoldLeases {
 public:
  // `offset`: where the reply begins in the session's output.
  void Add(uint64_t offset, const Delivery& delivery) { leases_.push_back({offset, delivery}); }

  // Calls `start` for what stands in replies that may be sent: those that begin before `sendable_offset`. Once for each.
  template <typename Start>
  void Release(uint64_t sendable_offset, const Start& start) {
    for (; released_ < leases_.size() && leases_[released_].offset < sendable_offset; ++released_) {
      start(leases_[released_].delivery);
    }
  }
  // One byte of a reply is enough: from then on it counts as told.
  void Forget(uint64_t sent_offset) {
    while (told_ < released_ && leases_[told_].offset < sent_offset) ++told_;
    if (told_ == leases_.size()) {
      leases_.clear();
      told_ = released_ = 0;
    } else if (told_ >= kToldMax && told_ >= leases_.size() / 2) {
      leases_.erase(leases_.begin(), leases_.begin() + static_cast<ptrdiff_t>(told_));
      released_ -= told_;
      told_ = 0;
    }
  }
  // Calls `start` for what stands in replies that begin at `offset` or behind it, and forgets them: they were dropped.
  template <typename Start>
  void Drop(uint64_t offset, const Start& start) {
    for (; leases_.size() > released_ && leases_.back().offset >= offset; leases_.pop_back()) {
      start(leases_.back().delivery);
    }
  }
  // Calls `take` for all that were never told, oldest first.
  template <typename Take>
  void ForEach(const Take& take) const {
    for (size_t i = told_; i < leases_.size(); ++i) take(leases_[i].delivery);
  }

 private:
  struct Lease {
    uint64_t offset;
    Delivery delivery;
  };
  static constexpr size_t kToldMax = 64;

  std::vector<Lease> leases_;
  size_t told_ = 0, released_ = 0;  // how many of the first ones; told_ <= released_
};

}  // namespace baton
