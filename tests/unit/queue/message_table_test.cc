#include "queue/message_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace baton {
namespace {

Message Made(uint64_t id, uint64_t hash) {
  Message message;
  message.id = id;
  message.payload_hash = hash;
  return message;
}

// Ids of those that are collected until then.
std::set<uint64_t> Due(MessageTable& table, int64_t until_ms) {
  std::set<uint64_t> ids;
  while (!table.CollectDue(until_ms, 100, [&](uint32_t slot) {
    EXPECT_FALSE(table.IsTimed(slot));
    EXPECT_LE(table.at(slot).at_ms, until_ms);
    EXPECT_TRUE(ids.insert(table.at(slot).id).second);
  })) {
  }
  EXPECT_GT(table.due_ms(), until_ms);
  return ids;
}

TEST(MessageTable, FindsByIdAndByPlace) {
  MessageTable table;
  const uint32_t a = table.Add(Made(7, 1));
  EXPECT_EQ(table.Find(7), a);
  EXPECT_EQ(table.Find(8), MessageTable::kNone);
  EXPECT_EQ(table.FirstEqual(3, {1, 0}), MessageTable::kNone);
  table.Enter(a, 3, MessageState::kLeased, 100);
  EXPECT_EQ(table.FirstEqual(3, {1, 0}), a);
  EXPECT_EQ(table.FirstEqual(3, {1, 1}), MessageTable::kNone);
  EXPECT_TRUE(table.IsTimed(a));
  EXPECT_EQ(table.due_ms(), 100);
  table.Leave(a);
  EXPECT_EQ(table.FirstEqual(3, {1, 0}), MessageTable::kNone);
  EXPECT_FALSE(table.IsTimed(a));
  EXPECT_TRUE(Due(table, 100).empty());
  table.Remove(a);
  EXPECT_EQ(table.Find(7), MessageTable::kNone);
  EXPECT_EQ(table.size(), 0u);
}

// The table beside what it should be, through random work.
TEST(MessageTable, IsWhatAPlainModelSays) {
  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  struct Known {
    uint64_t hash;
    int list = -1;
    int64_t at_ms = INT64_MAX;
    bool ordered = false;
  };
  MessageTable table;
  SlotRings::Order order = table.NewOrder();
  int64_t now_ms = 0;
  std::map<uint64_t, Known> model;
  uint64_t next_id = 1;
  for (int step = 0; step < 20'000; ++step) {
    const unsigned what = random() % 13;
    if (what < 3 || model.empty()) {
      const uint64_t hash = random() % 8;
      table.Add(Made(next_id, hash));
      model[next_id++] = {hash};
      continue;
    }
    if (random() % 3000 == 0) {
      table.Clear();
      model.clear();
      order = table.NewOrder();
      EXPECT_EQ(table.due_ms(), INT64_MAX);
      continue;
    }
    if (random() % 20 == 0) {
      now_ms += static_cast<int64_t>(random() % 100);
      std::set<uint64_t> expected;
      for (auto& [id, known] : model) {
        if (known.at_ms > now_ms) continue;
        known.at_ms = INT64_MAX;
        expected.insert(id);
      }
      ASSERT_EQ(Due(table, now_ms), expected);
    }
    auto one = model.lower_bound(random() % next_id);
    if (one == model.end()) one = model.begin();
    const uint32_t slot = table.Find(one->first);
    ASSERT_NE(slot, MessageTable::kNone);
    if (what < 6) {
      one->second.list = static_cast<int>(random() % 3);
      one->second.at_ms = random() % 4 == 0 ? INT64_MAX : now_ms + static_cast<int64_t>(random() % 1000);
      one->second.ordered = random() % 2 == 0;
      table.Enter(slot, static_cast<uint32_t>(one->second.list), MessageState::kLeased, one->second.at_ms,
                  one->second.ordered ? order : SlotRings::kNoOrder);
    } else if (what < 7) {
      table.Leave(slot);
      one->second.list = -1;
      one->second.at_ms = INT64_MAX;
      one->second.ordered = false;
    } else if (what < 8 && one->second.list >= 0) {
      one->second.at_ms = now_ms + static_cast<int64_t>(random() % 1000);
      table.SetTime(slot, one->second.at_ms);
    } else if (what == 8) {
      one->second.at_ms = INT64_MAX;
      table.StopTimer(slot);
    } else if (what == 10 && one->second.list >= 0) {
      one->second.list = static_cast<int>(random() % 3);
      table.SetList(slot, static_cast<uint32_t>(one->second.list));
    } else if (what == 10) {
      table.SetTime(slot, now_ms);  // in no list it waits for nothing
      EXPECT_FALSE(table.IsTimed(slot));
    } else if (what == 11 && one->second.list >= 0) {
      one->second.hash = random() % 8;
      table.SetPayload(slot, {one->second.hash, 0});
    } else if (what == 12 && one->second.ordered) {
      table.MoveToEnd(slot, order);
    } else if (what == 9) {
      table.Remove(slot);
      model.erase(one);
    }
    ASSERT_EQ(table.size(), model.size());
    if (step % 100 != 0) continue;
    int64_t earliest = INT64_MAX;
    size_t ordered = 0;
    for (const auto& [id, known] : model) {
      earliest = std::min(earliest, known.at_ms);
      ordered += known.ordered;
      ASSERT_EQ(table.IsTimed(table.Find(id)), known.at_ms != INT64_MAX);
    }
    ASSERT_LE(table.due_ms(), earliest);
    ASSERT_EQ(table.rings().size(order), ordered);
    for (uint32_t list = 0; list < 3; ++list) {
      for (uint64_t hash = 0; hash < 8; ++hash) {
        std::set<uint64_t> expected, found;
        for (const auto& [id, known] : model) {
          if (known.list == static_cast<int>(list) && known.hash == hash) expected.insert(id);
        }
        for (uint32_t at = table.FirstEqual(list, {hash, 0}); at != MessageTable::kNone; at = table.NextEqual(at)) {
          EXPECT_TRUE(found.insert(table.at(at).id).second);
        }
        ASSERT_EQ(found, expected);
      }
    }
  }
}

TEST(MessageTable, AViewSeesWhatWasThereWhenItWasTaken) {
  MessageTable table;
  for (uint64_t id = 1; id <= 500; ++id) table.Enter(table.Add(Made(id, id)), 1, MessageState::kLeased, 5);
  const MessagePages::View view = table.TakeView();
  for (uint64_t id = 1; id <= 500; id += 2) table.Remove(table.Find(id));
  for (uint64_t id = 2; id <= 500; id += 2) table.Edit(table.Find(id)).deliveries = 9;
  for (uint64_t id = 1001; id <= 2000; ++id) table.Add(Made(id, id));
  std::set<uint64_t> seen;
  view.ForEach([&](const Message& message) {
    EXPECT_EQ(message.deliveries, 0);
    seen.insert(message.id);
  });
  EXPECT_EQ(seen.size(), 500u);
  EXPECT_EQ(*seen.rbegin(), 500u);
  table.ReleaseView(view);
  EXPECT_EQ(table.size(), 1250u);
}

TEST(MessageTable, GivesItsMemoryBack) {
  MessageTable table;
  const size_t empty = table.allocated_bytes();
  constexpr uint64_t kMany = 200'000;
  for (uint64_t id = 1; id <= kMany; ++id) table.Enter(table.Add(Made(id, id / 3)), 1, MessageState::kLeased, 5);
  const size_t full = table.allocated_bytes();
  EXPECT_GT(full, empty + kMany * sizeof(Message));
  for (uint64_t id = 1; id <= kMany; ++id) table.Remove(table.Find(id));
  EXPECT_LT(table.allocated_bytes() - empty, (full - empty) / 20);
  const uint32_t slot = table.Add(Made(kMany + 1, 1));
  table.Enter(slot, 1, MessageState::kLeased, 5);
  EXPECT_EQ(Due(table, 5), std::set<uint64_t>{kMany + 1});
}

TEST(MessageTable, ALeaseThatWasSettledInTimeWakesOnceAtMost) {
  MessageTable table;
  const SlotRings::Order order = table.NewOrder();
  for (uint64_t id = 1; id <= 100; ++id)
    table.Enter(table.Add(Made(id, id)), 1, MessageState::kLeased, 1000 + 10 * static_cast<int64_t>(id), order);
  for (uint64_t id = 1; id <= 99; ++id) table.Remove(table.Find(id));
  EXPECT_LE(table.due_ms(), 2000);
  EXPECT_TRUE(Due(table, 1010).empty());
  EXPECT_EQ(table.due_ms(), 2000);
  table.Remove(table.Find(100));
  EXPECT_EQ(table.due_ms(), INT64_MAX);
}

TEST(MessageTable, ALeaseThatIsShortenedComesSooner) {
  MessageTable table;
  const SlotRings::Order order = table.NewOrder();
  for (uint64_t id = 1; id <= 1000; ++id) table.Enter(table.Add(Made(id, id)), 1, MessageState::kLeased, 5000, order);
  table.SetTime(table.Find(700), 20);
  table.SetTime(table.Find(300), 10);
  EXPECT_EQ(table.due_ms(), 10);
  EXPECT_EQ(Due(table, 10), std::set<uint64_t>{300});
  EXPECT_EQ(table.due_ms(), 20);
  EXPECT_EQ(Due(table, 4999), std::set<uint64_t>{700});
  EXPECT_EQ(Due(table, 5000).size(), 998u);
}

TEST(MessageTable, WhatIsCollectedInSlicesIsAllOfIt) {
  MessageTable table;
  for (uint64_t id = 1; id <= 10'000; ++id)
    table.Enter(table.Add(Made(id, id)), 1, MessageState::kDelayed, static_cast<int64_t>(id));
  size_t taken = 0, calls = 1;
  while (!table.CollectDue(9000, 500, [&](uint32_t) { ++taken; })) ++calls;
  EXPECT_EQ(taken, 9000u);
  EXPECT_GE(calls, 10u);
  EXPECT_EQ(table.due_ms(), 9001);
}

TEST(MessageTable, WhatAViewHasSeenIsFreedInSlices) {
  MessageTable table;
  for (uint64_t id = 1; id <= 5000; ++id) table.Add(Made(id, id));
  const MessagePages::View view = table.TakeView();
  for (uint64_t id = 1; id <= 5000; ++id) table.Edit(table.Find(id)).deliveries = 1;
  const size_t twice = table.allocated_bytes();
  EXPECT_FALSE(table.FreeSome(10));
  EXPECT_EQ(table.allocated_bytes(), twice);
  table.ReleaseView(view);
  EXPECT_TRUE(table.FreeSome(10));
  EXPECT_EQ(table.allocated_bytes(), twice - 10 * sizeof(MessagePages::Page));
  while (table.FreeSome(10)) {
  }
  EXPECT_EQ(table.at(table.Find(77)).deliveries, 1);
}

TEST(MessageTable, AReadyMessageHasNoTimeThatComes) {
  MessageTable table;
  const uint32_t slot = table.Add(Made(1, 1));
  table.Enter(slot, 1, MessageState::kReady, 5);
  EXPECT_FALSE(table.IsTimed(slot));
  EXPECT_EQ(table.due_ms(), INT64_MAX);
  table.Enter(slot, 2, MessageState::kDelayed, 5);
  EXPECT_TRUE(table.IsTimed(slot));
}

}  // namespace
}  // namespace baton
