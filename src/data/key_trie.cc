#include "data/key_trie.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "data/packed.h"

namespace baton {

namespace {

// A leaf with fewer entries than this looks whether it can join its buddy, and does when both together leave room.
constexpr size_t kMergeBelow = 12;
constexpr size_t kMergedMax = 24;

constexpr size_t kNotFound = SIZE_MAX;

// Bit i: tags[i] == tag, for eight tags. May look behind the last tag of a leaf, where its pointers stand.
unsigned EqualTags(const uint16_t* tags, uint16_t tag) {
#ifdef __SSE2__
  const __m128i eight = _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(tags)));
  const __m128i equal = _mm_cmpeq_epi16(eight, _mm_set1_epi16(static_cast<short>(tag)));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
#else
  unsigned equal = 0;
  for (unsigned i = 0; i < 8; ++i) equal |= (tags[i] == tag ? 1u : 0u) << i;
  return equal;
#endif
}

// The place of `name` in a leaf. Equal tags nearly always mean equal keys.
size_t IndexOf(const TrieLeaf& leaf, uint16_t tag, std::string_view name) {
  const size_t count = leaf.count;
  for (size_t i = 0; i < count; i += 8) {
    for (unsigned equal = EqualTags(leaf.tags() + i, tag); equal != 0; equal &= equal - 1) {
      const size_t place = i + static_cast<size_t>(std::countr_zero(equal));
      if (place < count && SameBytes(leaf.entries()[place]->key(), name)) return place;
    }
  }
  return kNotFound;
}

bool Walk(TrieChild child, unsigned level, const KeyHasher& hasher, uint64_t from, bool on_edge,
          const std::function<bool(const Entry&)>& visit) {
  if (child.is_inner()) {
    const TrieInner& inner = *child.inner();
    const size_t first = on_edge ? (from << (8 * level)) >> (64 - inner.bits) : 0;
    for (size_t i = first; i < inner.slot_count(); ++i) {
      if (i > first && inner.slots()[i] == inner.slots()[i - 1]) continue;
      if (!Walk(inner.slots()[i], level + 1, hasher, from, on_edge && i == first, visit)) return false;
    }
    return true;
  }
  const TrieLeaf& leaf = *child.leaf();
  std::vector<std::pair<uint64_t, const Entry*>> ordered;
  ordered.reserve(leaf.count);
  for (size_t i = 0; i < leaf.count; ++i) {
    const Entry* entry = leaf.entries()[i];
    const uint64_t hash = hasher.Hash(entry->key());
    if (!on_edge || hash >= from) ordered.emplace_back(hash, entry);
  }
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return std::all_of(ordered.begin(), ordered.end(), [&](const auto& item) { return visit(*item.second); });
}

}  // namespace

Entry* KeyTrie::FindInNodes(const KeyRef& key) const {
  TrieChild child = root_;
  if (child.empty()) return nullptr;
  uint64_t rest = key.hash;
  uint64_t level_rest = rest;
  if (child.is_inner()) {
    do {
      level_rest = rest;
      const TrieInner* inner = child.inner();
      child = inner->slots()[rest >> (64 - inner->bits)];
      rest <<= 8;
    } while (child.is_inner());
    // Tags and pointers stand in several cache lines: fetch them side by side rather than one after the other.
    const void* leaf = child.leaf();
    for (size_t line = 64; line < TrieLeaf::kBytesMax; line += 64) __builtin_prefetch(InNode<char>(leaf, line));
  }
  const TrieLeaf& leaf = *child.leaf();
  const size_t index = IndexOf(leaf, static_cast<uint16_t>(level_rest >> 48), key.name);
  if (index == kNotFound) return nullptr;
  NoteFound(key, leaf.entries()[index]);
  return leaf.entries()[index];
}

void KeyTrie::Replace(const KeyRef& key, Entry* entry) {
  const Way way = WritableWay(key.hash);
  const size_t index = IndexOf(*way.leaf, TagOf(key.hash, way.level()), key.name);
  CHECK(index != kNotFound);
  way.leaf->entries()[index] = entry;
  NoteFound(key, entry);
}

void KeyTrie::Insert(const KeyRef& key, Entry* entry) {
  if (root_.empty()) root_ = TrieChild(NewLeaf(1, 0));
  Way way = WritableWay(key.hash);
  while (way.leaf->count == way.leaf->capacity) {
    if (way.leaf->allocated_bytes() < TrieLeaf::kBytesMax || !CanSplit(way)) {
      Resize(way, way.leaf->count + 1);
    } else {
      Split(way);
      way = WritableWay(key.hash);
    }
  }
  way.leaf->Add(TagOf(key.hash, way.level()), entry);
  ++size_;
}

Entry* KeyTrie::Remove(const KeyRef& key) {
  Way way = WritableWay(key.hash);
  TrieLeaf* leaf = way.leaf;
  const size_t index = IndexOf(*leaf, TagOf(key.hash, way.level()), key.name);
  CHECK(index != kNotFound);
  Entry* entry = leaf->entries()[index];
  NoteFound(key, nullptr);
  const size_t last = leaf->count - 1;
  leaf->tags()[index] = leaf->tags()[last];
  leaf->entries()[index] = leaf->entries()[last];
  leaf->count = static_cast<uint32_t>(last) & 0xfffffff;
  --size_;
  if (leaf->count < kMergeBelow) MergeUp(way);
  if (way.leaf != nullptr && way.leaf->count <= way.leaf->capacity / 2 && way.leaf->capacity > 2) {
    Resize(way, std::max<size_t>(1, way.leaf->count));
  }
  return entry;
}

void KeyTrie::Clear() {
  if (root_.empty()) return;
  std::fill(std::begin(recent_), std::end(recent_), Found());
  if (root_.is_inner()) {
    heap_->RetireTree(NodeKind::kTrieInner, root_.inner());
  } else {
    heap_->RetireTree(NodeKind::kTrieLeaf, root_.leaf());
  }
  root_ = TrieChild();
  size_ = 0;
}

bool KeyTrie::VisitInOrder(TrieChild root, const KeyHasher& hasher, uint64_t from,
                           const std::function<bool(const Entry&)>& visit) {
  return root.empty() || Walk(root, 0, hasher, from, true, visit);
}

bool KeyTrie::VisitAll(TrieChild root, const std::function<bool(const Entry&)>& visit) {
  if (root.empty()) return true;
  if (!root.is_inner()) {
    const TrieLeaf& leaf = *root.leaf();
    for (size_t i = 0; i < leaf.count; ++i) {
      if (!visit(*leaf.entries()[i])) return false;
    }
    return true;
  }
  const TrieInner& inner = *root.inner();
  for (size_t i = 0; i < inner.slot_count(); ++i) {
    if (i > 0 && inner.slots()[i] == inner.slots()[i - 1]) continue;
    if (!VisitAll(inner.slots()[i], visit)) return false;
  }
  return true;
}

const Entry* KeyTrie::RandomEntry(uint64_t random) const {
  if (size_ == 0) return nullptr;
  Random generator(random);
  // A leaf is drawn by its share of the hashes; rejecting places that are not taken makes up for leaves that are less
  // full.
  for (int attempt = 0; attempt < 100; ++attempt) {
    uint64_t rest = generator.Next();
    TrieChild child = root_;
    while (child.is_inner()) {
      const TrieInner* inner = child.inner();
      child = inner->slots()[rest >> (64 - inner->bits)];
      rest <<= 8;
    }
    const TrieLeaf& leaf = *child.leaf();
    const size_t place = generator.Below(std::max<size_t>(leaf.count, size_ < 37 ? size_ : 37));
    if (place < leaf.count) return leaf.entries()[place];
  }
  const Entry* found = nullptr;
  VisitAll(root_, [&](const Entry& entry) {
    found = &entry;
    return false;
  });
  return found;
}

KeyTrie::Way KeyTrie::WritableWay(uint64_t hash) {
  Way way;
  uint64_t rest = hash;
  TrieChild child = root_;
  while (child.is_inner()) {
    TrieInner* inner = child.inner();
    if (!heap_->MayChange(inner->epoch)) {
      TrieInner* old = inner;
      inner = NewInner(old->bits);
      std::memcpy(static_cast<void*>(inner->slots()), old->slots(), old->slot_count() * sizeof(TrieChild));
      PutInner(way, way.levels, inner);
      heap_->Retire(NodeKind::kTrieInner, old);
    }
    const size_t slot = rest >> (64 - inner->bits);
    way.inners[way.levels] = inner;
    way.slots[way.levels] = slot;
    ++way.levels;
    child = inner->slots()[slot];
    rest <<= 8;
  }
  way.leaf = child.leaf();
  if (!heap_->MayChange(way.leaf->epoch)) Resize(way, way.leaf->capacity);
  return way;
}

void KeyTrie::PutLeaf(Way& way, TrieLeaf* leaf) {
  way.leaf = leaf;
  if (way.levels == 0) {
    root_ = TrieChild(leaf);
    return;
  }
  TrieInner* parent = way.inners[way.levels - 1];
  const size_t span = size_t{1} << (parent->bits - leaf->depth);
  const size_t first = way.slots[way.levels - 1] & ~(span - 1);
  std::fill_n(parent->slots() + first, span, TrieChild(leaf));
}

void KeyTrie::PutInner(Way& way, unsigned level, TrieInner* inner) {
  way.inners[level] = inner;
  if (level == 0) {
    root_ = TrieChild(inner);
  } else {
    way.inners[level - 1]->slots()[way.slots[level - 1]] = TrieChild(inner);
  }
}

// The leaf becomes two, or the directory above becomes larger so that it can. The way is void afterwards.
void KeyTrie::Split(Way& way) {
  TrieLeaf* leaf = way.leaf;
  if (way.levels == 0) return SplitDown(way);
  TrieInner* parent = way.inners[way.levels - 1];
  size_t slot = way.slots[way.levels - 1];
  if (leaf->depth == parent->bits) {
    if (parent->bits == TrieInner::kBitsMax) return SplitDown(way);
    TrieInner* doubled = NewInner(parent->bits + 1);
    for (size_t i = 0; i < doubled->slot_count(); ++i) doubled->slots()[i] = parent->slots()[i / 2];
    PutInner(way, way.levels - 1, doubled);
    heap_->Retire(NodeKind::kTrieInner, parent);
    parent = doubled;
    slot *= 2;
  }
  const unsigned bit = 15 - leaf->depth;
  const size_t ones = static_cast<size_t>(
      std::count_if(leaf->tags(), leaf->tags() + leaf->count, [&](uint16_t tag) { return ((tag >> bit) & 1) != 0; }));
  TrieLeaf* halves[2] = {NewLeaf(leaf->count - ones, leaf->depth + 1u), NewLeaf(ones, leaf->depth + 1u)};
  for (size_t i = 0; i < leaf->count; ++i)
    halves[(leaf->tags()[i] >> bit) & 1]->Add(leaf->tags()[i], leaf->entries()[i]);
  const size_t span = size_t{1} << (parent->bits - leaf->depth);
  const size_t first = slot & ~(span - 1);
  std::fill_n(parent->slots() + first, span / 2, TrieChild(halves[0]));
  std::fill_n(parent->slots() + first + span / 2, span / 2, TrieChild(halves[1]));
  heap_->Retire(NodeKind::kTrieLeaf, leaf);
}

// Puts an inner node between the leaf and what is above it: a directory of two slots, both the leaf's.
void KeyTrie::SplitDown(Way& way) {
  TrieInner* inner = NewInner(1);
  TrieLeaf* leaf = way.leaf;
  inner->slots()[0] = inner->slots()[1] = TrieChild(leaf);
  leaf->depth = 0;
  if (way.levels > 0) Retag(leaf, way.levels);
  PutInner(way, way.levels, inner);
}

// After a removal: joins the leaf with its buddy while both are small, and takes out inner nodes that no longer divide
// anything. way.leaf is nullptr when the trie has become empty.
void KeyTrie::MergeUp(Way& way) {
  for (;;) {
    TrieLeaf* leaf = way.leaf;
    if (way.levels == 0) {
      if (leaf->count > 0) return;
      heap_->Retire(NodeKind::kTrieLeaf, leaf);
      root_ = TrieChild();
      way.leaf = nullptr;
      return;
    }
    TrieInner* parent = way.inners[way.levels - 1];
    if (leaf->depth == 0) {
      --way.levels;
      if (way.levels > 0) {
        leaf->depth = TrieInner::kBitsMax;
        Retag(leaf, way.levels - 1);
      }
      PutLeaf(way, leaf);
      heap_->Retire(NodeKind::kTrieInner, parent);
      continue;
    }
    if (leaf->count >= kMergeBelow) return;
    const size_t span = size_t{1} << (parent->bits - leaf->depth);
    const size_t first = way.slots[way.levels - 1] & ~(span - 1);
    const TrieChild buddy_child = parent->slots()[first ^ span];
    if (buddy_child.is_inner()) return;
    TrieLeaf* buddy = buddy_child.leaf();
    if (buddy->depth != leaf->depth || size_t{leaf->count} + buddy->count > kMergedMax) return;
    TrieLeaf* merged = NewLeaf(size_t{leaf->count} + buddy->count, leaf->depth - 1u);
    for (const TrieLeaf* from : {leaf, buddy}) {
      for (size_t i = 0; i < from->count; ++i) merged->Add(from->tags()[i], from->entries()[i]);
    }
    PutLeaf(way, merged);
    const bool was_deepest = leaf->depth == parent->bits;
    heap_->Retire(NodeKind::kTrieLeaf, leaf);
    heap_->Retire(NodeKind::kTrieLeaf, buddy);
    if (was_deepest) HalveDirectory(way);
  }
}

// When no leaf needs the last bit of the directory any more.
void KeyTrie::HalveDirectory(Way& way) {
  TrieInner* inner = way.inners[way.levels - 1];
  if (inner->bits == 1) return;  // its only leaf takes its place
  for (size_t i = 0; i < inner->slot_count(); i += 2) {
    if (inner->slots()[i] != inner->slots()[i + 1]) return;
  }
  TrieInner* halved = NewInner(inner->bits - 1);
  for (size_t i = 0; i < halved->slot_count(); ++i) halved->slots()[i] = inner->slots()[i * 2];
  PutInner(way, way.levels - 1, halved);
  way.slots[way.levels - 1] /= 2;
  heap_->Retire(NodeKind::kTrieInner, inner);
}

// The leaf belongs to another level now.
void KeyTrie::Retag(TrieLeaf* leaf, unsigned level) const {
  for (size_t i = 0; i < leaf->count; ++i) leaf->tags()[i] = TagOf(hasher_->Hash(leaf->entries()[i]->key()), level);
}

TrieLeaf* KeyTrie::NewLeaf(size_t entries, unsigned depth) {
  const size_t capacity = TrieLeaf::CapacityFor(std::max<size_t>(entries, 1));
  CHECK(capacity < (1u << 28));
  auto* leaf = static_cast<TrieLeaf*>(heap_->Allocate(TrieLeaf::Bytes(capacity)));
  leaf->epoch = heap_->epoch();
  leaf->count = 0;
  leaf->depth = depth & 15u;
  leaf->capacity = static_cast<uint32_t>(capacity);
  return leaf;
}

// Replaces the leaf of `way` by a copy with room for `entries`.
void KeyTrie::Resize(Way& way, size_t entries) {
  TrieLeaf* old = way.leaf;
  TrieLeaf* leaf = NewLeaf(entries, old->depth);
  std::memcpy(leaf->tags(), old->tags(), old->count * sizeof(uint16_t));
  std::memcpy(leaf->entries(), old->entries(), old->count * sizeof(Entry*));
  leaf->count = old->count;
  PutLeaf(way, leaf);
  heap_->Retire(NodeKind::kTrieLeaf, old);
}

TrieInner* KeyTrie::NewInner(uint32_t bits) {
  const size_t bytes = sizeof(TrieInner) + (size_t{1} << bits) * sizeof(TrieChild);
  auto* inner = static_cast<TrieInner*>(heap_->Allocate(bytes));
  inner->epoch = heap_->epoch();
  inner->bits = bits;
  return inner;
}

}  // namespace baton
