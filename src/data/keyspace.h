#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/entry.h"
#include "data/expiry_heap.h"
#include "data/key_hasher.h"
#include "data/key_trie.h"
#include "data/mutation.h"
#include "data/node_heap.h"

namespace baton {

class Snapshot;

// All databases of one server: the copy-on-write tree, and Apply, the only function that changes it.
// Loop thread only, but for what a Snapshot hands out.
class Keyspace {
 public:
  // `hash_seed`: random per process, so that hostile keys cannot be chosen to collide.
  Keyspace(uint32_t databases, uint64_t hash_seed);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  uint32_t databases() const { return static_cast<uint32_t>(databases_.size()); }
  KeyRef Ref(std::string_view name) const { return {name, hasher_.Hash(name)}; }

  // nullptr when there is no such key. An entry whose time is up is still found: callers that serve clients ask
  // Entry::ExpiredAt (CommandContext::Find does). The view lives until the next Apply.
  const Entry* Find(uint32_t db, const KeyRef& key) const { return databases_[db].keys.Find(key); }

  // Changes the data. `position` is the log group that will carry the change: it becomes the changed entry's
  // change position and, where a key goes, the database's removal position. Views in the mutation may point into the
  // keyspace itself (an element, another entry's key).
  ApplyOutcome Apply(const Mutation& mutation, uint64_t position);

  size_t size(uint32_t db) const;            // keys, expired ones not yet deleted included
  size_t expiring_count(uint32_t db) const;  // keys with a time to live
  uint64_t removed_position(uint32_t db) const {
    return databases_[db].removed_position;
  }                                                                // newest change that removed a key from db (0: none)
  uint64_t changed_position() const { return changed_position_; }  // newest change anywhere
  // Entries that Apply makes get this as their access time (OBJECT IDLETIME).
  void set_now_seconds(uint32_t seconds) { now_seconds_ = seconds; }
  uint32_t now_seconds() const { return now_seconds_; }
  // While a log is loaded: strings are encoded anew, however they were edited (OBJECT ENCODING).
  void set_replaying(bool replaying) { replaying_ = replaying; }
  // An entry keeps the low half of its position only; this rebuilds the whole one. Never too small; too large only
  // for an entry untouched for 2^32 groups.
  uint64_t ChangePosition(const Entry& entry) const {
    constexpr uint64_t kHalf = uint64_t{1} << 32;
    uint64_t position = (changed_position_ & ~(kHalf - 1)) | entry.change_stamp();
    if (position > changed_position_) position -= kHalf;
    return std::max(position, swapped_position_);
  }

  // Visits entries in hash order, starting at the first whose hash is >= from. Stops when `visit` returns false.
  // The keyspace must not change meanwhile.
  void Visit(uint32_t db, uint64_t from_hash, const std::function<bool(const Entry&)>& visit) const;
  const Entry* RandomEntry(uint32_t db, uint64_t random) const;  // nullptr when empty

  // The earliest expiry in any database; INT64_MAX when none.
  int64_t next_expiry_ms() const;
  // Hands out keys whose time is up at now_ms, earliest first, at most `limit`; the caller commits their deletion.
  // Returns how many were handed out. The name passed is valid during the call only and nothing may be applied from
  // within.
  size_t CollectExpired(int64_t now_ms, size_t limit,
                        const std::function<void(uint32_t db, std::string_view name)>& take);

  // What is removed is freed in slices. Frees about `budget` nodes; true when something is left.
  bool FreeSome(size_t budget);

  // A search by value has walked over `walked` elements of this list: when an index pays, it is built, in slices.
  // No mutation: nobody sees it but by the time that LREM takes.
  void WalkedOver(uint32_t db, const KeyRef& key, int64_t walked);
  // The next slice; true when something is left.
  bool BuildSomeIndex();

  // Elements are hashed with a secret of their own, so that who keeps hashes of them beside a log finds them again.
  const KeyHasher& element_hasher() const { return *element_hashers_.back(); }
  // Indexes made before go on with theirs, and are made anew when they are asked for such a hash.
  void UseElementSeed(uint64_t seed);
  // Whether such a search is quick there. If not, the index is asked for.
  bool FindsQuickly(uint32_t db, const KeyRef& key);
  // An element of the list at `key` with that hash, for which `is_it` says yes. The view is good until the next Apply.
  std::optional<std::string_view> FindElement(uint32_t db, const KeyRef& key, uint64_t hash,
                                              const std::function<bool(std::string_view)>& is_it);

  // Everything as it is now, for a reader on another thread. O(databases). See Snapshot.
  std::unique_ptr<Snapshot> TakeSnapshot();
  // Called on the loop thread when the reader has finished.
  void ReleaseSnapshot(std::unique_ptr<Snapshot> snapshot);

  size_t allocated_bytes() const { return heap_.allocated_bytes(); }  // nodes alive or waiting to be freed
  uint64_t list_elements() const;                                      // of all lists
  size_t MemoryUsage(const Entry& entry) const;  // what MEMORY USAGE reports for one key; an estimate for long lists

 private:
  struct Database {
    KeyTrie keys;
    ExpiryHeap expiry;
    uint64_t removed_position = 0;
    uint64_t list_elements = 0;
  };

  // One for each kind of mutation, in apply.cc.
  ApplyOutcome Set(const Mutation& m);
  ApplyOutcome Append(const Mutation& m);
  ApplyOutcome SetRange(const Mutation& m);
  ApplyOutcome Push(const Mutation& m);
  ApplyOutcome Pop(const Mutation& m);
  ApplyOutcome Move(const Mutation& m);
  ApplyOutcome Rotate(const Mutation& m, Entry* entry);
  ApplyOutcome ListSet(const Mutation& m);
  ApplyOutcome ListInsert(const Mutation& m);
  ApplyOutcome ListRemove(const Mutation& m);
  ApplyOutcome Trim(const Mutation& m);
  ApplyOutcome Delete(const Mutation& m);
  ApplyOutcome ExpireAt(const Mutation& m);
  ApplyOutcome Persist(const Mutation& m);
  ApplyOutcome Rename(const Mutation& m);
  ApplyOutcome Copy(const Mutation& m);
  ApplyOutcome MoveToDb(const Mutation& m);
  ApplyOutcome SwapDb(const Mutation& m);
  ApplyOutcome FlushDb(const Mutation& m);
  ApplyOutcome FlushAll(const Mutation& m);
  ApplyOutcome ApplyKind(const Mutation& m);

  // --- entries: what stands in the trie, with its place in the expiry heap.
  // The entry in place of `old`, which is replaced when it is frozen.
  Entry* Writable(Database& db, const KeyRef& key, Entry* old) {
    return heap_.MayChange(old->epoch()) ? old : CloneToChange(db, key, old);
  }
  Entry* CloneToChange(Database& db, const KeyRef& key, Entry* old);
  void Add(Database& db, const KeyRef& key, Entry* entry);
  // `entry` takes the place of `old`, with the same expiry. What `old` pointed to is the entry's from now on.
  void Replace(Database& db, const KeyRef& key, Entry* old, Entry* entry);
  // The same, and the value of `old` goes with it.
  void ReplaceWithValue(Database& db, const KeyRef& key, Entry* old, Entry* entry);
  // Adds the entry, or puts it in the place of whatever has that name.
  void Put(Database& db, const KeyRef& key, Entry* entry);
  // Takes the entry out without what it points to.
  void Detach(Database& db, const KeyRef& key, Entry* entry);
  // Takes the entry out with all of its value.
  void RemoveEntry(Database& db, const KeyRef& key, Entry* entry);
  // A copy under another name and expiry that takes over what the value points to.
  Entry* Remade(const Entry& from, std::string_view name, std::optional<int64_t> expire_at_ms);
  Entry* DeepCopy(const Entry& from, std::string_view name);

  // --- strings
  Entry* NewString(std::string_view name, std::optional<int64_t> expire_at_ms, std::string_view value);
  // Room for `length` bytes in all, of which the first are kept; returns where they stand.
  char* StringRoom(Database& db, const KeyRef& key, Entry*& entry, size_t length);

  // --- lists
  Entry* NewList(std::string_view name, Side side, size_t packed);
  void PushElement(Database& db, const KeyRef& key, Entry*& entry, Side side, std::string_view element);
  void DropElements(Database& db, const KeyRef& key, Entry* entry, Side side, int64_t count);
  std::string_view PeekElement(const Entry& entry, Side side) const;
  // The entry's list in long form, which may be changed.
  Entry* ToLongList(Database& db, const KeyRef& key, Entry* entry, size_t room, Side side);
  void Settle(Database& db, const KeyRef& key, Entry* entry);
  // Rewrites a short list; it stays short.
  void SetInlineList(Database& db, const KeyRef& key, Entry* entry, std::string_view packed, size_t count);

  void Changed(Entry& entry) const { entry.set_change_stamp(static_cast<uint32_t>(position_)); }
  bool ValidDb(uint32_t db) const { return db < databases_.size(); }

  KeyHasher hasher_;
  std::vector<std::unique_ptr<KeyHasher>> element_hashers_;  // the last one is in use
  uint64_t element_seed_ = 0;
  NodeHeap heap_;
  std::vector<Database> databases_;
  struct ListName {
    uint32_t db;
    std::string key;
  };
  std::vector<ListName> unindexed_;           // lists whose index is to be built
  std::vector<ExpiryHeap> dropped_expiries_;  // of flushed databases, to be freed in slices
  uint64_t position_ = 0;                     // of the mutation being applied
  uint64_t changed_position_ = 0;
  uint64_t swapped_position_ = 0;  // newest SWAPDB: it changes what every name there means
  uint32_t now_seconds_ = 0;
  bool replaying_ = false;
};

// A frozen view of all databases. Any one thread may read it, without locks, while the loop thread goes on changing the
// keyspace: nodes it can see are never written. It must go back through Keyspace::ReleaseSnapshot.
class Snapshot {
 public:
  uint32_t databases() const { return static_cast<uint32_t>(databases_.size()); }
  size_t size(uint32_t db) const { return databases_[db].size; }
  // Visits every entry of db; stops when `visit` returns false.
  void Visit(uint32_t db, const std::function<bool(const Entry&)>& visit) const;

 private:
  friend class Keyspace;
  struct Database {
    TrieChild root;
    size_t size;
  };
  Snapshot(uint32_t number, std::vector<Database> databases) : number_(number), databases_(std::move(databases)) {}

  uint32_t number_;  // NodeHeap::Freeze
  std::vector<Database> databases_;
};

}  // namespace baton
