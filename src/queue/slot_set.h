#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "data/size_class.h"

namespace baton {

// Slots of messages, found by a hash of something in their records: which of it, the owner knows (`Records`, below),
// who also compares.
//
// In many small tables, so that growing never stops the loop for long. A table is made of buckets of one line of the
// cache each: slots, a byte of the hash for each of them, and how many have found the bucket full and stand in a later
// one. So most look-ups, and all but few that find nothing, take one line from memory. Six to seven bytes for each
// slot.
//
// What Records has: `uint64_t HashOf(uint32_t slot) const`, and `void Prefetch(uint32_t slot) const` of what that
// reads.
template <typename Records>
class SlotSet {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit SlotSet(Records records) : records_(records), tables_(kTables) {}

  // The slot of that hash for which `is_it(slot)` says yes; kNone when there is none.
  template <typename IsIt>
  uint32_t Find(uint64_t hash, const IsIt& is_it) const {
    const Table& table = TableOf(hash);
    if (table.size == 0) return kNone;
    uint32_t at = table.BucketOf(hash);
    // In a small table every bucket may have been passed by somebody.
    for (uint32_t looked_at = 0; looked_at < table.count; ++looked_at, at = table.After(at)) {
      const Bucket& bucket = table.buckets[at];
      for (size_t i = 0; i < kPerBucket; ++i) {
        if (bucket.tags[i] == TagOf(hash) && is_it(bucket.slots[i])) return bucket.slots[i];
      }
      if (bucket.passed == 0) break;
    }
    return kNone;
  }
  // It is not there.
  void Insert(uint64_t hash, uint32_t slot) {
    Table& table = TableOf(hash);
    if (table.size == table.SizeMax()) Resize(table, RoundedUp(table.count + 1));
    Put(table, hash, slot);
    ++table.size;
  }
  void Erase(uint64_t hash, uint32_t slot) {
    Table& table = TableOf(hash);
    for (uint32_t at = table.BucketOf(hash);; at = table.After(at)) {
      Bucket& bucket = table.buckets[at];
      const size_t place = bucket.PlaceOf(slot);
      if (place < kPerBucket) {
        bucket.tags[place] = kFree;
        break;
      }
      CHECK(bucket.passed > 0);
      --bucket.passed;
    }
    --table.size;
    if (table.count >= kShrinksFrom && table.size < table.count * kPerBucket / 4) {
      Resize(table, RoundedUp(table.size / (kPerBucket / 2) + 1));
    }
  }
  // Another slot of the same hash stands in its place.
  void Replace(uint64_t hash, uint32_t slot, uint32_t by) {
    Table& table = TableOf(hash);
    for (uint32_t at = table.BucketOf(hash);; at = table.After(at)) {
      Bucket& bucket = table.buckets[at];
      if (const size_t place = bucket.PlaceOf(slot); place < kPerBucket) {
        bucket.slots[place] = by;
        return;
      }
      CHECK(bucket.passed > 0);
    }
  }
  void Clear() {
    tables_ = std::vector<Table>(kTables);
    bytes_ = 0;
  }

  // So that Find waits less, soon.
  void Prefetch(uint64_t hash) const {
    const Table& table = TableOf(hash);
    if (table.size > 0) __builtin_prefetch(&table.buckets[table.BucketOf(hash)]);
  }
  // What Find would compare first, unless it is in a later bucket; kNone: perhaps nothing. Reads no record.
  uint32_t Guess(uint64_t hash) const {
    const Table& table = TableOf(hash);
    if (table.size == 0) return kNone;
    const Bucket& bucket = table.buckets[table.BucketOf(hash)];
    for (size_t i = 0; i < kPerBucket; ++i) {
      if (bucket.tags[i] == TagOf(hash)) return bucket.slots[i];
    }
    return kNone;
  }

  size_t allocated_bytes() const { return tables_.capacity() * sizeof(Table) + bytes_; }

 private:
  static constexpr size_t kTables = 512;
  static constexpr size_t kPerBucket = 12;
  static constexpr uint8_t kFree = 0;
  static constexpr uint32_t kShrinksFrom = 8;  // buckets

  struct alignas(64) Bucket {
    uint8_t tags[kPerBucket];
    uint32_t passed;  // by slots that would stand here, or before, but for want of room
    uint32_t slots[kPerBucket];

    size_t PlaceOf(uint32_t slot) const {
      size_t place = 0;
      while (place < kPerBucket && (slots[place] != slot || tags[place] == kFree)) ++place;
      return place;
    }
  };
  static_assert(sizeof(Bucket) == 64);

  struct Table {
    std::unique_ptr<Bucket[]> buckets;
    uint32_t count = 0, size = 0;  // of buckets; of slots

    // Fuller than that, too many slots would stand beyond their bucket.
    uint32_t SizeMax() const { return count * kPerBucket * 7 / 8; }
    uint32_t BucketOf(uint64_t hash) const { return static_cast<uint32_t>((hash & UINT32_MAX) * count >> 32); }
    uint32_t After(uint32_t at) const { return at + 1 == count ? 0 : at + 1; }
  };

  // The table is told by the upper half of the hash, the bucket by the lower half, from above.
  static uint8_t TagOf(uint64_t hash) {
    const auto tag = static_cast<uint8_t>(hash);
    return tag == kFree ? 1 : tag;
  }
  Table& TableOf(uint64_t hash) { return tables_[(hash >> 32) * kTables >> 32]; }
  const Table& TableOf(uint64_t hash) const { return tables_[(hash >> 32) * kTables >> 32]; }
  // Buckets to fill a size class.
  static uint32_t RoundedUp(size_t buckets) {
    size_t bytes = RoundToClass(buckets * sizeof(Bucket));
    while (bytes % sizeof(Bucket) != 0) bytes = RoundToClass(bytes + 1);
    return static_cast<uint32_t>(bytes / sizeof(Bucket));
  }

  void Put(Table& table, uint64_t hash, uint32_t slot) {
    for (uint32_t at = table.BucketOf(hash);; at = table.After(at)) {
      Bucket& bucket = table.buckets[at];
      for (size_t i = 0; i < kPerBucket; ++i) {
        if (bucket.tags[i] != kFree) continue;
        bucket.tags[i] = TagOf(hash);
        bucket.slots[i] = slot;
        return;
      }
      ++bucket.passed;
    }
  }
  // The hashes come from the records, which stand anywhere: those of the bucket after next are asked for ahead.
  void Resize(Table& table, uint32_t count) {
    constexpr uint32_t kAhead = 2;
    Table resized;
    resized.buckets = std::make_unique<Bucket[]>(count);
    resized.count = count;
    resized.size = table.size;
    const auto prefetch = [&](uint32_t at) {
      if (at >= table.count) return;
      for (size_t i = 0; i < kPerBucket; ++i) {
        if (table.buckets[at].tags[i] != kFree) records_.Prefetch(table.buckets[at].slots[i]);
      }
    };
    for (uint32_t at = 0; at < kAhead; ++at) prefetch(at);
    for (uint32_t at = 0; at < table.count; ++at) {
      prefetch(at + kAhead);
      const Bucket& bucket = table.buckets[at];
      for (size_t i = 0; i < kPerBucket; ++i) {
        if (bucket.tags[i] != kFree) Put(resized, records_.HashOf(bucket.slots[i]), bucket.slots[i]);
      }
    }
    bytes_ += (size_t{count} - table.count) * sizeof(Bucket);
    table = std::move(resized);
  }

  Records records_;
  std::vector<Table> tables_;
  size_t bytes_ = 0;
};

}  // namespace baton
