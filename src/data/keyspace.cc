#include "data/keyspace.h"

#include <algorithm>
#include <queue>

#include "base/check.h"
#include "data/list_editor.h"

namespace baton {

namespace {

// A key's share of the trie above it, see KeyTrie.
constexpr size_t kTrieBytesPerKey = 12;
// A list is measured by this many chunks of its middle, and the rest is reckoned from them.
constexpr int kChunksMeasured = 64;
// A slice of well under a millisecond.
constexpr int64_t kIndexedPerSlice = 1000;
// More lists than this wait until another search finds them slow.
constexpr size_t kUnindexedMax = 64;

}  // namespace

Keyspace::Keyspace(uint32_t databases, uint64_t hash_seed) : hasher_(hash_seed) {
  UseElementSeed(hash_seed ^ 0x5eed);
  databases_.reserve(databases);
  for (uint32_t i = 0; i < databases; ++i) databases_.push_back({KeyTrie(heap_, hasher_), ExpiryHeap()});
}

Keyspace::~Keyspace() {
  for (Database& db : databases_) db.keys.Clear();
}

size_t Keyspace::size(uint32_t db) const { return databases_[db].keys.size(); }

size_t Keyspace::expiring_count(uint32_t db) const { return databases_[db].expiry.size(); }

void Keyspace::Visit(uint32_t db, uint64_t from_hash, const std::function<bool(const Entry&)>& visit) const {
  KeyTrie::VisitInOrder(databases_[db].keys.root(), hasher_, from_hash, visit);
}

const Entry* Keyspace::RandomEntry(uint32_t db, uint64_t random) const {
  return databases_[db].keys.RandomEntry(random);
}

int64_t Keyspace::next_expiry_ms() const {
  int64_t earliest = INT64_MAX;
  for (const Database& db : databases_) earliest = std::min(earliest, db.expiry.earliest_ms());
  return earliest;
}

size_t Keyspace::CollectExpired(int64_t now_ms, size_t limit,
                                const std::function<void(uint32_t db, std::string_view name)>& take) {
  // Walks the heaps from their tops without changing them: what is below an item comes later than the item.
  struct Candidate {
    int64_t at_ms;
    uint32_t db;
    size_t place;
    bool operator<(const Candidate& other) const { return at_ms > other.at_ms; }  // the earliest on top
  };
  std::priority_queue<Candidate> candidates;
  const auto consider = [&](uint32_t db, size_t place) {
    const ExpiryHeap& expiry = databases_[db].expiry;
    if (place < expiry.size() && expiry.at_ms(place) <= now_ms) candidates.push({expiry.at_ms(place), db, place});
  };
  for (uint32_t db = 0; db < databases(); ++db) consider(db, 0);
  size_t taken = 0;
  while (taken < limit && !candidates.empty()) {
    const Candidate next = candidates.top();
    candidates.pop();
    take(next.db, databases_[next.db].expiry.entry(next.place).key());
    ++taken;
    for (size_t i = 1; i <= ExpiryHeap::kArity; ++i) consider(next.db, next.place * ExpiryHeap::kArity + i);
  }
  return taken;
}

uint64_t Keyspace::list_elements() const {
  uint64_t sum = 0;
  for (const Database& db : databases_) sum += db.list_elements;
  return sum;
}

bool Keyspace::FreeSome(size_t budget) {
  if (!dropped_expiries_.empty() && !dropped_expiries_.back().FreeSome(8)) dropped_expiries_.pop_back();
  return heap_.FreeSome(budget) || !dropped_expiries_.empty();
}

void Keyspace::WalkedOver(uint32_t db, const KeyRef& key, int64_t walked) {
  if (walked <= ListEditor::kIndexPays || unindexed_.size() == kUnindexedMax) return;
  const auto same = [&](const ListName& list) { return list.db == db && list.key == key.name; };
  if (std::none_of(unindexed_.begin(), unindexed_.end(), same)) unindexed_.push_back({db, std::string(key.name)});
}

void Keyspace::UseElementSeed(uint64_t seed) {
  if (element_seed_ == seed) return;
  element_seed_ = seed;
  element_hashers_.push_back(std::make_unique<KeyHasher>(seed));
}

bool Keyspace::FindsQuickly(uint32_t db, const KeyRef& key) {
  const Entry* entry = Find(db, key);
  if (entry == nullptr || entry->type() != ValueType::kList) return true;
  if (entry->list_size() <= ListEditor::kIndexPays || entry->list().IsIndexed(element_hasher())) return true;
  WalkedOver(db, key, entry->list_size());
  return false;
}

std::optional<std::string_view> Keyspace::FindElement(uint32_t db, const KeyRef& key, uint64_t hash,
                                                      const std::function<bool(std::string_view)>& is_it) {
  const Entry* entry = Find(db, key);
  if (entry == nullptr || entry->type() != ValueType::kList) return std::nullopt;
  int64_t walked;
  const auto found = entry->list().FindHashed(hash, element_hasher(), is_it, &walked);
  WalkedOver(db, key, walked);
  return found;
}

bool Keyspace::BuildSomeIndex() {
  if (unindexed_.empty()) return false;
  const ListName& list = unindexed_.back();
  const KeyRef key = Ref(list.key);
  Database& db = databases_[list.db];
  // It may have gone meanwhile, or be another value.
  Entry* entry = db.keys.Find(key);
  bool done = entry == nullptr || entry->form() != EntryForm::kListTree;
  if (!done) {
    entry = Writable(db, key, entry);
    done = ListEditor(heap_, entry->list_root()).BuildIndex(element_hasher(), kIndexedPerSlice);
    heap_.EndChange();
  }
  if (done) unindexed_.pop_back();
  return !unindexed_.empty();
}

std::unique_ptr<Snapshot> Keyspace::TakeSnapshot() {
  std::vector<Snapshot::Database> roots;
  roots.reserve(databases_.size());
  for (const Database& db : databases_) roots.push_back({db.keys.root(), db.keys.size()});
  return std::unique_ptr<Snapshot>(new Snapshot(heap_.Freeze(), std::move(roots)));
}

void Keyspace::ReleaseSnapshot(std::unique_ptr<Snapshot> snapshot) { heap_.Thaw(snapshot->number_); }

void Snapshot::Visit(uint32_t db, const std::function<bool(const Entry&)>& visit) const {
  KeyTrie::VisitAll(databases_[db].root, visit);
}

size_t Keyspace::MemoryUsage(const Entry& entry) const {
  size_t bytes = entry.allocated_bytes() + kTrieBytesPerKey;
  if (entry.form() == EntryForm::kBlob) bytes += entry.blob()->allocated_bytes();
  if (entry.form() != EntryForm::kListTree) return bytes;

  const ListRoot& root = entry.list_root();
  bytes += root.ends[0]->allocated_bytes();
  int64_t in_middle = root.count - root.ends[0]->count;
  if (!root.single()) {
    bytes += root.ends[1]->allocated_bytes();
    in_middle -= root.ends[1]->count;
  }
  if (root.index != nullptr) bytes += root.index->allocated_bytes();
  if (root.middle == nullptr) return bytes;
  int64_t index = root.ends[0]->count;
  int64_t measured = 0;
  size_t measured_bytes = 0;
  for (int i = 0; i < kChunksMeasured && measured < in_middle; ++i) {
    uint32_t within;
    const Chunk* chunk = root.Find(index, &within);
    // A chunk's slot in the tree is 16 bytes.
    measured_bytes += chunk->allocated_bytes() + 16;
    measured += chunk->count;
    index += chunk->count;
  }
  const double each = static_cast<double>(measured_bytes) / static_cast<double>(measured);
  return bytes + static_cast<size_t>(each * static_cast<double>(in_middle));
}

}  // namespace baton
