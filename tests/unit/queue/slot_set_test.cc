#include "queue/slot_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton {
namespace {

struct Hashes {
  const std::vector<uint64_t>* of;
  uint64_t HashOf(uint32_t slot) const { return (*of)[slot]; }
  void Prefetch(uint32_t) const {}
};
using Set = SlotSet<Hashes>;

bool Contains(const Set& set, uint64_t hash, uint32_t slot) {
  return set.Find(hash, [&](uint32_t found) { return found == slot; }) == slot;
}

// Beside a plain set, through random work. Few different hashes fill buckets far beyond what fits in them.
void IsWhatAPlainSetSays(uint64_t hash_bits, uint32_t slots = 5000) {
  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<uint64_t> hashes(slots);
  for (uint64_t& hash : hashes) hash = random() & hash_bits;
  Set set{Hashes{&hashes}};
  std::set<uint32_t> model;
  for (int step = 0; step < 100'000; ++step) {
    const auto slot = static_cast<uint32_t>(random() % slots);
    const bool wanted = random() % 8 < (step / 20'000 % 2 == 0 ? 6u : 1u);
    const bool there = model.contains(slot);
    ASSERT_EQ(Contains(set, hashes[slot], slot), there);
    if (wanted && !there) {
      set.Insert(hashes[slot], slot);
      model.insert(slot);
    } else if (!wanted && there) {
      set.Erase(hashes[slot], slot);
      model.erase(slot);
    } else if (there) {
      // Another one of the same hash in its place, and back.
      const auto other = static_cast<uint32_t>(random() % slots);
      if (model.contains(other)) continue;
      const uint64_t hash = std::exchange(hashes[other], hashes[slot]);
      set.Replace(hashes[slot], slot, other);
      ASSERT_TRUE(Contains(set, hashes[slot], other));
      ASSERT_FALSE(Contains(set, hashes[slot], slot));
      set.Replace(hashes[slot], other, slot);
      hashes[other] = hash;
    }
    if (step % 5000 != 0) continue;
    for (uint32_t one = 0; one < slots; ++one) ASSERT_EQ(Contains(set, hashes[one], one), model.contains(one));
  }
}

TEST(SlotSet, IsWhatAPlainSetSays) { IsWhatAPlainSetSays(UINT64_MAX); }
TEST(SlotSet, IsWhatAPlainSetSaysWhenManyHashesAreTheSame) { IsWhatAPlainSetSays(0x3'0000'0003, 500); }
TEST(SlotSet, IsWhatAPlainSetSaysWhenAllFallIntoOneTable) { IsWhatAPlainSetSays(UINT32_MAX); }

TEST(SlotSet, ALookUpEndsWhereEveryBucketHasBeenPassed) {
  // Two buckets of twelve: thirteen slots of the one, then twelve of the other.
  std::vector<uint64_t> hashes;
  for (uint64_t tag = 1; tag <= 13; ++tag) hashes.push_back(tag);
  for (uint64_t tag = 1; tag <= 12; ++tag) hashes.push_back(uint64_t{1} << 31 | tag);
  Set set{Hashes{&hashes}};
  for (uint32_t slot = 0; slot < 13; ++slot) set.Insert(hashes[slot], slot);
  for (uint32_t slot = 0; slot < 11; ++slot) set.Erase(hashes[slot], slot);
  for (uint32_t slot = 13; slot < 25; ++slot) set.Insert(hashes[slot], slot);
  for (uint32_t slot = 0; slot < 25; ++slot) EXPECT_EQ(Contains(set, hashes[slot], slot), slot >= 11);
}

TEST(SlotSet, GuessesWhatFindWouldCompare) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> hashes(100'000);
  for (uint64_t& hash : hashes) hash = random();
  Set set{Hashes{&hashes}};
  EXPECT_EQ(set.Guess(hashes[0]), Set::kNone);
  for (uint32_t slot = 0; slot < hashes.size(); ++slot) set.Insert(hashes[slot], slot);
  size_t right = 0;
  for (uint32_t slot = 0; slot < hashes.size(); ++slot) right += set.Guess(hashes[slot]) == slot;
  EXPECT_GT(right, hashes.size() * 8 / 10);
}

TEST(SlotSet, TakesAFewBytesForEachAndGivesThemBack) {
  std::mt19937_64 random(1);
  for (size_t many : {100'000u, 300'000u, 500'000u}) {
    std::vector<uint64_t> hashes(many);
    for (uint64_t& hash : hashes) hash = random();
    Set set{Hashes{&hashes}};
    const size_t empty = set.allocated_bytes();
    for (uint32_t slot = 0; slot < many; ++slot) set.Insert(hashes[slot], slot);
    EXPECT_LT(set.allocated_bytes() - empty, many * 8);
    for (uint32_t slot = 0; slot < many; ++slot) set.Erase(hashes[slot], slot);
    EXPECT_LT(set.allocated_bytes() - empty, 300'000u);
  }
}

}  // namespace
}  // namespace baton
