#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "data/entry.h"
#include "data/key_hasher.h"
#include "data/mutation.h"
#include "data/node_heap.h"
#include "data/packed.h"

namespace baton {

struct TrieInner;
struct TrieLeaf;

// A pointer to a node of either kind, or nothing.
class TrieChild {
 public:
  TrieChild() = default;
  explicit TrieChild(TrieLeaf* leaf) : word_(reinterpret_cast<uintptr_t>(leaf)) {}
  explicit TrieChild(TrieInner* inner) : word_(reinterpret_cast<uintptr_t>(inner) | 1) {}
  bool empty() const { return word_ == 0; }
  bool is_inner() const { return (word_ & 1) != 0; }
  TrieLeaf* leaf() const { return reinterpret_cast<TrieLeaf*>(word_); }
  TrieInner* inner() const { return reinterpret_cast<TrieInner*>(word_ - 1); }
  bool operator==(const TrieChild&) const = default;

 private:
  uintptr_t word_ = 0;
};

// Up to 37 entries whose hashes begin alike, in no order, each with a tag of 16 bits: the hash bits from the begin of
// the leaf's level (a level is 8 bits) on. So a leaf splits inside its level without looking at a key, and a look-up
// compares few wrong keys. Equal hashes beyond that make one large leaf.
struct TrieLeaf {
  uint32_t epoch;
  uint32_t count : 28;
  uint32_t
      depth : 4;  // bits of its level that its entries have in common, 0 to 8: it spans 2^(parent bits - depth) slots
  uint32_t capacity;

  static constexpr size_t kBytesMax = 384;  // more only where hashes are equal

  static constexpr size_t PointersOffset(size_t capacity) { return (12 + capacity * 2 + 7) & ~size_t{7}; }
  static constexpr size_t Bytes(size_t capacity) { return RoundToClass(PointersOffset(capacity) + capacity * 8); }
  // What fits into the size class that `entries` need.
  static constexpr size_t CapacityFor(size_t entries) {
    const size_t bytes = Bytes(entries);
    while (Bytes(entries + 1) == bytes) ++entries;
    return entries;
  }

  size_t allocated_bytes() const { return Bytes(capacity); }
  uint16_t* tags() { return reinterpret_cast<uint16_t*>(this + 1); }
  const uint16_t* tags() const { return reinterpret_cast<const uint16_t*>(this + 1); }
  Entry** entries() { return InNode<Entry*>(this, PointersOffset(capacity)); }
  Entry* const* entries() const { return const_cast<TrieLeaf*>(this)->entries(); }
  void Add(uint16_t tag, Entry* entry) {
    tags()[count] = tag;
    entries()[count] = entry;
    ++count;
  }
};
static_assert(sizeof(TrieLeaf) == 12 && TrieLeaf::CapacityFor(1) == 2 && TrieLeaf::CapacityFor(31) == 37);

// A directory of 2^bits slots, indexed by the next bits of the hash. A leaf may span several neighbouring slots (as in
// extendible hashing, Fagin et al. 1979), so leaves split in two and stay well filled; the directory doubles when a
// leaf of one slot has to split, up to a whole level of 8 bits. Only then an inner node may have inner nodes below.
struct TrieInner {
  uint32_t epoch;
  uint32_t bits;

  static constexpr uint32_t kBitsMax = 8;

  size_t slot_count() const { return size_t{1} << bits; }
  TrieChild* slots() { return InNode<TrieChild>(this, sizeof(TrieInner)); }
  const TrieChild* slots() const { return InNode<TrieChild>(this, sizeof(TrieInner)); }
  size_t allocated_bytes() const { return RoundToClass(sizeof(TrieInner) + slot_count() * sizeof(TrieChild)); }
};

// The keys of one database: a copy-on-write trie over the keyed hash, consumed from its top bits, so that walking
// it walks in hash order. About 12 bytes a key. Nothing in it is ever rebuilt as a whole.
class KeyTrie {
 public:
  // Both outlive the trie.
  KeyTrie(NodeHeap& heap, const KeyHasher& hasher) : heap_(&heap), hasher_(&hasher) {}

  size_t size() const { return size_; }
  TrieChild root() const { return root_; }

  // A key that was found a moment ago is found again at once: a handler looks first, then Apply does.
  [[gnu::always_inline]] Entry* Find(const KeyRef& key) const {
    Entry* entry = Recent(key);
    return entry != nullptr && SameBytes(entry->key(), key.name) ? entry : FindInNodes(key);
  }
  // The key is there; the entry takes the place of the one that it has.
  void Replace(const KeyRef& key, Entry* entry);
  // The key is not there yet.
  void Insert(const KeyRef& key, Entry* entry);
  // The key is there; the entry is the caller's from now on.
  Entry* Remove(const KeyRef& key);
  // Retires everything. O(1).
  void Clear();

  // In hash order from the first hash >= from; false when `visit` stopped it.
  static bool VisitInOrder(TrieChild root, const KeyHasher& hasher, uint64_t from,
                           const std::function<bool(const Entry&)>& visit);
  // In no particular order, for readers of a snapshot.
  static bool VisitAll(TrieChild root, const std::function<bool(const Entry&)>& visit);
  const Entry* RandomEntry(uint64_t random) const;

 private:
  // An entry that Find found, kept until it is replaced or removed.
  struct Found {
    uint64_t hash = 0;
    Entry* entry = nullptr;
  };
  static constexpr size_t kRecentMax = 8;  // a command looks at one key or two, and they should not share a place

  Entry* Recent(const KeyRef& key) const {
    const Found& found = recent_[key.hash % kRecentMax];
    return found.hash == key.hash ? found.entry : nullptr;
  }
  void NoteFound(const KeyRef& key, Entry* entry) const { recent_[key.hash % kRecentMax] = {key.hash, entry}; }
  Entry* FindInNodes(const KeyRef& key) const;

  // The way from the root to a leaf, every node on it writable.
  struct Way {
    TrieInner* inners[8];
    size_t slots[8];
    unsigned levels = 0;  // inner nodes on the way; the leaf belongs to level max(levels, 1) - 1
    TrieLeaf* leaf = nullptr;

    unsigned level() const { return levels == 0 ? 0 : levels - 1; }
  };

  Way WritableWay(uint64_t hash);
  // Puts a leaf into every slot that a leaf of its depth spans on this way.
  void PutLeaf(Way& way, TrieLeaf* leaf);
  // Puts an inner node on this way.
  void PutInner(Way& way, unsigned level, TrieInner* inner);

  static bool CanSplit(const Way& way) { return way.level() < 7 || way.leaf->depth < TrieInner::kBitsMax; }
  void Split(Way& way);
  void SplitDown(Way& way);
  void MergeUp(Way& way);
  void HalveDirectory(Way& way);
  void Retag(TrieLeaf* leaf, unsigned level) const;
  TrieLeaf* NewLeaf(size_t entries, unsigned depth);
  void Resize(Way& way, size_t entries);
  TrieInner* NewInner(uint32_t bits);
  static uint16_t TagOf(uint64_t hash, unsigned level) { return static_cast<uint16_t>((hash << (8 * level)) >> 48); }

  NodeHeap* heap_;
  const KeyHasher* hasher_;
  TrieChild root_;
  size_t size_ = 0;
  mutable Found recent_[kRecentMax];
};

}  // namespace baton
