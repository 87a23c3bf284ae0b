#include "queue/slot_rings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace baton {
namespace {

std::vector<uint32_t> All(const SlotRings& rings, SlotRings::Order order, uint64_t skip = 0) {
  std::vector<uint32_t> slots;
  rings.Walk(order, skip, [&](uint32_t slot) {
    slots.push_back(slot);
    return true;
  });
  return slots;
}

TEST(SlotRings, KeepTheOrderOfAppending) {
  SlotRings rings;
  const SlotRings::Order order = rings.New();
  for (uint32_t slot = 0; slot < 1000; ++slot) rings.Append(order, slot * 7 % 1000);
  const std::vector<uint32_t> all = All(rings, order);
  ASSERT_EQ(all.size(), 1000u);
  for (uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(all[i], i * 7 % 1000);
  EXPECT_EQ(All(rings, order, 990), std::vector<uint32_t>(all.begin() + 990, all.end()));
  EXPECT_TRUE(All(rings, order, 1000).empty());
}

TEST(SlotRings, AWalkEndsWhenItIsTold) {
  SlotRings rings;
  const SlotRings::Order order = rings.New();
  for (uint32_t slot = 0; slot < 500; ++slot) rings.Append(order, slot);
  int seen = 0;
  rings.Walk(order, 100, [&](uint32_t) { return ++seen < 3; });
  EXPECT_EQ(seen, 3);
}

// Several orders beside plain lists, through random work.
TEST(SlotRings, AreWhatPlainListsSay) {
  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr size_t kOrders = 3;
  constexpr uint32_t kSlots = 3000;
  SlotRings rings;
  SlotRings::Order orders[kOrders];
  std::vector<uint32_t> lists[kOrders];
  for (SlotRings::Order& order : orders) order = rings.New();
  std::vector<int> home(kSlots, -1);
  for (int step = 0; step < 60'000; ++step) {
    const auto slot = static_cast<uint32_t>(random() % kSlots);
    // Times of growing and of shrinking.
    const bool wanted = random() % 8 < (step / 10'000 % 2 == 0 ? 6u : 1u);
    if (home[slot] >= 0) {
      if (wanted) continue;
      std::erase(lists[home[slot]], slot);
      rings.Remove(slot);
      home[slot] = -1;
    } else if (wanted) {
      const size_t which = random() % kOrders;
      rings.Append(orders[which], slot);
      lists[which].push_back(slot);
      home[slot] = static_cast<int>(which);
    } else {
      rings.Remove(slot);  // is in none
    }
    if (step % 500 != 0) continue;
    for (size_t i = 0; i < kOrders; ++i) {
      ASSERT_EQ(rings.size(orders[i]), lists[i].size());
      const uint64_t skip = lists[i].empty() ? 0 : random() % lists[i].size();
      ASSERT_EQ(All(rings, orders[i], skip),
                std::vector<uint32_t>(lists[i].begin() + static_cast<ptrdiff_t>(skip), lists[i].end()));
    }
  }
}

// Until when each slot waits beside a plain table of that, through random work; chunks fill, empty and are joined.
TEST(SlotRings, KnowATimeBeforeWhichNobodysComes) {
  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr size_t kOrders = 3;
  constexpr uint32_t kSlots = 3000;
  SlotRings rings;
  SlotRings::Order orders[kOrders];
  for (SlotRings::Order& order : orders) order = rings.New();
  std::vector<int64_t> until_ms(kSlots, INT64_MAX);
  int64_t now_ms = 0;
  for (int step = 0; step < 60'000; ++step) {
    const auto slot = static_cast<uint32_t>(random() % kSlots);
    const bool grows = step / 10'000 % 2 == 0;
    const int64_t at_ms = now_ms + 1 + static_cast<int64_t>(random() % 10'000);
    switch (random() % 8) {
      case 0:
      case 1:
        if (rings.Contains(slot)) break;
        rings.Append(orders[random() % kOrders], slot);
        break;
      case 2:
      case 3:
      case 4:
        if (grows) {
          if (!rings.Contains(slot)) rings.Append(orders[random() % kOrders], slot);
        } else {
          rings.Remove(slot);
          until_ms[slot] = INT64_MAX;
        }
        break;
      case 5:
        if (!rings.Contains(slot)) break;
        until_ms[slot] = at_ms;
        rings.WaitUntil(slot, at_ms);
        break;
      case 6:
        until_ms[slot] = INT64_MAX;  // nobody tells the rings
        break;
      case 7:
        now_ms += static_cast<int64_t>(random() % 10);
        while (rings.due_ms() <= now_ms) {
          const size_t looked_at = rings.LookAtSoonest([&](uint32_t one) {
            if (until_ms[one] <= now_ms) until_ms[one] = INT64_MAX;
            return until_ms[one];
          });
          ASSERT_GT(looked_at, 0u);
        }
        // Nothing that has come was passed over.
        ASSERT_GT(*std::min_element(until_ms.begin(), until_ms.end()), now_ms);
        break;
    }
    if (step % 100 == 0) {
      ASSERT_LE(rings.due_ms(), *std::min_element(until_ms.begin(), until_ms.end()));
    }
  }
  for (uint32_t slot = 0; slot < kSlots; ++slot) rings.Remove(slot);
  EXPECT_EQ(rings.due_ms(), INT64_MAX);
  rings.Append(orders[0], 1);
  rings.WaitUntil(1, 5);
  rings.Clear();
  EXPECT_EQ(rings.due_ms(), INT64_MAX);
}

TEST(SlotRings, AFewThatStayDoNotKeepTheMemoryOfMany) {
  SlotRings rings;
  const SlotRings::Order order = rings.New();
  constexpr uint32_t kMany = 100'000;
  for (uint32_t slot = 0; slot < kMany; ++slot) rings.Append(order, slot);
  const size_t full = rings.allocated_bytes();
  EXPECT_LE(full, kMany * 10);
  for (uint32_t slot = 0; slot < kMany; ++slot) {
    if (slot % 100 != 0) rings.Remove(slot);
  }
  EXPECT_EQ(rings.size(order), kMany / 100);
  // Homes stay: there is one in use on each of their pages.
  EXPECT_LE(rings.allocated_bytes(), kMany * 5 + kMany / 100 * 40);
  for (uint32_t slot = 0; slot < kMany; slot += 100) rings.Remove(slot);
  EXPECT_LE(rings.allocated_bytes(), 50'000u);
}

TEST(SlotRings, AnOrderThatWasLetGoIsUsedAgainWhenItIsEmpty) {
  SlotRings rings;
  const SlotRings::Order first = rings.New();
  rings.Append(first, 1);
  rings.Append(first, 2);
  rings.LetGo(first);
  EXPECT_NE(rings.New(), first);
  rings.Remove(1);
  rings.Remove(2);
  const SlotRings::Order again = rings.New();
  EXPECT_EQ(again, first);
  rings.Append(again, 3);
  EXPECT_EQ(All(rings, again), std::vector<uint32_t>{3});
}

}  // namespace
}  // namespace baton
