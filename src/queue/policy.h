#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace baton {

// How the messages of some queues are treated. What each word means to users: doc/queues.md. Times are milliseconds.
struct Policy {
  enum class Backoff : uint8_t { kNone, kLinear, kExponential };

  std::string name;
  std::string match;       // glob of queues
  std::string processing;  // glob of the lists that a move from such a queue leases into
  int64_t visibility_ms = 0;
  int64_t deliveries_max = 0;  // 0: no limit, and no dead letters
  std::string dead_letter;     // key
  Backoff backoff = Backoff::kExponential;
  int64_t backoff_min_ms = 1000, backoff_max_ms = 60'000;
  bool requeue_back = false;  // false: to the end that it was popped from
  bool late_ack = true;
  int64_t grace_ms = -1;        // what is left of a lease when its connection ends; -1: all of it
  int64_t leased_max = 0;       // of a queue, 0: no limit
  int64_t leased_max_each = 0;  // of one connection
  bool coalesce = false;        // what a consumer pushes again while it holds it is given back
  bool adopt = false;

  // Reads "<name> MATCH <glob> PROCESSING <glob> VISIBILITY <ms> ...". The message says which word is wrong, and what
  // would be right.
  static Result<Policy> Parse(std::span<const std::string_view> words);
  // The words that Parse reads; what has its default value is left out.
  std::vector<std::string> Words() const;
  // ADOPT is for one queue and one processing list.
  static bool CanAdopt(std::string_view match, std::string_view processing);

  // How long a message waits after its n-th failure, n from 1.
  int64_t BackoffMs(int64_t failures) const;
  // The key that token commands lease into: PROCESSING where that is one name, else `queue`:processing.
  std::string ProcessingOf(std::string_view queue) const;
  bool LeasesInto(std::string_view queue, std::string_view list) const;
  // The empty name is a key like others, and none of ours.
  bool IsDeadLetter(std::string_view key) const { return deliveries_max > 0 && key == dead_letter; }
};

inline constexpr std::string_view kDelayedSuffix = ":delayed";
inline constexpr std::string_view kProcessingSuffix = ":processing";
inline constexpr std::string_view kPreparedSuffix = ":prepared";
inline constexpr std::string_view kCheckSuffix = ":check";

// What a key is to the policies.
enum class ListRole : uint8_t { kPlain, kQueue, kProcessing, kDelayed, kDead, kReserved };

// All policies of a server. Loop thread only.
class PolicyTable {
 public:
  struct Match {
    ListRole role = ListRole::kPlain;
    const Policy* policy = nullptr;  // of a queue: its own; of another list: the one that makes it what it is
    std::string why;                 // for people
  };

  bool empty() const { return policies_.empty(); }
  size_t size() const { return policies_.size(); }
  // Goes up with every change.
  uint64_t epoch() const { return epoch_; }
  const std::map<std::string, Policy, std::less<>>& all() const { return policies_; }
  const Policy* Find(std::string_view name) const;

  void Set(Policy policy);
  bool Remove(std::string_view name);

  // The most specific glob wins, ties by name. Lists that serve a queue are never queues themselves.
  Match MatchKey(std::string_view key) const;

 private:
  const Policy* QueuePolicy(std::string_view key) const;
  bool ServesAQueue(std::string_view key, Match* match) const;

  std::map<std::string, Policy, std::less<>> policies_;
  uint64_t epoch_ = 1;
};

// "queue", "processing list" ...
std::string_view RoleName(ListRole role);

}  // namespace baton
