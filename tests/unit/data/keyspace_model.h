#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "data/keyspace.h"

namespace baton {

// A mutation that owns its bytes.
struct OwnedMutation {
  MutationKind kind;
  uint32_t db = 0, other_db = 0;
  std::string key, other, value, pivot;
  std::vector<std::string> values;
  Side from = Side::kLeft, to = Side::kLeft;
  bool flag = false;
  int64_t a = 0, b = 0;

  ApplyOutcome ApplyTo(Keyspace& keyspace, uint64_t position) const;
  // The same, but wherever the keyspace itself holds the bytes of an argument under `key` or `other`, the argument is a
  // view of those.
  ApplyOutcome ApplyWithViewsInto(Keyspace& keyspace, uint64_t position) const;
  std::string ToString() const;

 private:
  ApplyOutcome ApplyTo(Keyspace& keyspace, uint64_t position, const std::map<std::string, std::string_view>& own) const;
};

// What a keyspace should hold, in the plainest containers: written from Redis's documentation and replies, not from the
// code under test.
struct KeyspaceModel {
  struct Value {
    bool is_list = false;
    bool edited = false;
    std::string text;
    std::deque<std::string> list;
    std::optional<int64_t> expire_at_ms;
    uint64_t position = 0;
  };
  using Database = std::map<std::string, Value>;

  explicit KeyspaceModel(uint32_t count) : databases(count), removed(count) {}

  ApplyOutcome Apply(const OwnedMutation& m, uint64_t position);

  std::vector<Database> databases;
  std::vector<uint64_t> removed;  // positions
  uint64_t swapped = 0;

 private:
  void Erase(uint32_t db, const std::string& key, uint64_t position);
};

// Each returns what differs, or "".
std::string Difference(const Keyspace& keyspace, const KeyspaceModel& model);
std::string Difference(const Snapshot& snapshot, const KeyspaceModel& model);
std::string Difference(const Keyspace& keyspace, const KeyspaceModel& model, uint32_t db, const std::string& key);

// What kind of data a random run works on.
struct Workload {
  uint32_t keys = 20;
  uint32_t databases = 3;
  uint32_t list_length = 50;  // lists are cut back around this
  std::vector<size_t> sizes = {0, 1, 5, 20, 64, 126, 127, 128, 129, 300};
  uint32_t distinct_values = 6;  // for each size: duplicates for LREM and LINSERT
  uint32_t push_max = 20;        // elements in one push
  bool spare_lists = false;      // seldom does anything that ends a whole list, so that lists get long
};

OwnedMutation RandomMutation(Random& random, const Workload& workload, const KeyspaceModel& model);

}  // namespace baton
