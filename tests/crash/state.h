#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "server/server.h"

namespace baton {

// The data of a small server as one value that is quick to make and to compare: for each key that a workload may name,
// a hash of its type, value and expiry; and one each of the policies, and of the accounts and records of its queues.
class State {
 public:
  static constexpr uint32_t kDatabases = 3;
  static constexpr size_t kNames = 5;  // k0 .. k4, each with and without what a policy appends to it
  static constexpr std::string_view kSuffixes[] = {"", kDelayedSuffix, kProcessingSuffix};
  static constexpr size_t kKeys = kNames * std::size(kSuffixes);
  static constexpr size_t kPolicies = kDatabases * kKeys, kBook = kPolicies + 1;
  static constexpr size_t kSlots = kBook + 1;

  State() = default;
  explicit State(Server& server);

  static bool IsKey(std::string_view word) { return KeyNumber(word) < kKeys; }
  static size_t SlotOf(uint32_t db, std::string_view key) { return db * kKeys + KeyNumber(key); }

  bool exists(size_t slot) const { return hashes_[slot] != 0; }
  bool is_list(size_t slot) const { return (hashes_[slot] & kTypeBits) == kList; }
  bool same(size_t slot, const State& other) const { return hashes_[slot] == other.hashes_[slot]; }
  bool operator==(const State&) const = default;

 private:
  static constexpr uint64_t kTypeBits = 3, kList = 1, kString = 2;

  // kKeys: it is none.
  static size_t KeyNumber(std::string_view word) {
    if (word.size() < 2 || word[0] != 'k' || word[1] < '0' || word[1] >= static_cast<char>('0' + kNames)) return kKeys;
    const size_t suffix = static_cast<size_t>(
        std::find(std::begin(kSuffixes), std::end(kSuffixes), word.substr(2)) - std::begin(kSuffixes));
    return suffix == std::size(kSuffixes) ? kKeys : suffix * kNames + static_cast<size_t>(word[1] - '0');
  }

  std::array<uint64_t, kSlots> hashes_{};  // the type in the low bits; 0: no such key
};

// The same for people, one line a key.
std::string Print(Server& server);

}  // namespace baton
