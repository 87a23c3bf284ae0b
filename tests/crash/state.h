#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "data/keyspace.h"

namespace baton {

// The data of a small server as one value that is quick to make and to compare: for each key that a workload may name,
// a hash of its type, value and expiry.
class State {
 public:
  static constexpr uint32_t kDatabases = 3;
  static constexpr size_t kKeys = 5;  // k0 .. k4
  static constexpr size_t kSlots = kDatabases * kKeys;

  State() = default;
  explicit State(const Keyspace& keyspace);

  static bool IsKey(std::string_view word) {
    return word.size() == 2 && word[0] == 'k' && word[1] >= '0' && word[1] < static_cast<char>('0' + kKeys);
  }
  static size_t SlotOf(uint32_t db, std::string_view key) { return db * kKeys + static_cast<size_t>(key[1] - '0'); }

  bool exists(size_t slot) const { return hashes_[slot] != 0; }
  bool is_list(size_t slot) const { return (hashes_[slot] & kTypeBits) == kList; }
  bool same(size_t slot, const State& other) const { return hashes_[slot] == other.hashes_[slot]; }
  bool operator==(const State&) const = default;

 private:
  static constexpr uint64_t kTypeBits = 3, kList = 1, kString = 2;

  std::array<uint64_t, kSlots> hashes_{};  // the type in the low bits; 0: no such key
};

// The same for people, one line a key.
std::string Print(const Keyspace& keyspace);

}  // namespace baton
