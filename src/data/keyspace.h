#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "data/entry.h"
#include "data/mutation.h"
#include "data/node_heap.h"

namespace baton {

// All databases of one server: the copy-on-write tree, and Apply, the only function that changes it.
// Loop thread only, but for what a Snapshot hands out.
class Keyspace {
 public:
  // `hash_seed`: random per process, so that hostile keys cannot be chosen to collide.
  Keyspace(uint32_t databases, uint64_t hash_seed);
  ~Keyspace();

  uint32_t databases() const;
  KeyRef Ref(std::string_view name) const;

  // nullptr when there is no such key. An entry whose time is up is still found: callers that serve clients ask
  // Entry::ExpiredAt (CommandContext::Find does). The view lives until the next Apply.
  const Entry* Find(uint32_t db, const KeyRef& key) const;

  // Changes the data. `position` is the log group that will carry the change: it becomes the changed entry's
  // change position and, where a key goes, the database's removal position.
  ApplyOutcome Apply(const Mutation& mutation, uint64_t position);

  size_t size(uint32_t db) const;           // keys, expired ones not yet deleted included
  size_t expiring_count(uint32_t db) const; // keys with a time to live
  uint64_t removed_position(uint32_t db) const;   // newest change that removed a key from db (0: none)
  uint64_t changed_position() const;              // newest change anywhere
  // An entry keeps the low half of its position only; this rebuilds the whole one. Never too small; too large only
  // for an entry untouched for 2^32 groups.
  uint64_t ChangePosition(const Entry& entry) const;

  // Visits entries in hash order, starting at the first whose hash is >= from. Stops when `visit` returns false.
  // The keyspace must not change meanwhile.
  void Visit(uint32_t db, uint64_t from_hash, const std::function<bool(const Entry&)>& visit) const;
  const Entry* RandomEntry(uint32_t db, uint64_t random) const;  // nullptr when empty

  // The earliest expiry in any database; INT64_MAX when none.
  int64_t next_expiry_ms() const;
  // Hands out keys whose time is up at now_ms, earliest first, at most `limit`; the caller commits their deletion. Returns
  // how many were handed out. The name passed is valid during the call only and nothing may be applied from within.
  size_t CollectExpired(int64_t now_ms, size_t limit, const std::function<void(uint32_t db, std::string_view name)>& take);

  // What is removed is freed in slices. Frees about `budget` nodes; true when something is left.
  bool FreeSome(size_t budget);

  // Everything as it is now, for a reader on another thread. O(databases). See Snapshot.
  std::unique_ptr<class Snapshot> TakeSnapshot();
  // Called on the loop thread when the reader has finished.
  void ReleaseSnapshot(std::unique_ptr<Snapshot> snapshot);

  size_t allocated_bytes() const;             // nodes alive or waiting to be freed
  size_t MemoryUsage(const Entry& entry) const;  // what MEMORY USAGE reports for one key
};

// A frozen view of all databases. Any one thread may read it, without locks, while the loop thread goes on changing the
// keyspace: nodes it can see are never written. It must go back through Keyspace::ReleaseSnapshot.
class Snapshot {
 public:
  uint32_t databases() const;
  size_t size(uint32_t db) const;
  // Visits every entry of db; stops when `visit` returns false.
  void Visit(uint32_t db, const std::function<bool(const Entry&)>& visit) const;
};

}  // namespace baton
