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

TEST(MessageTable, FindsByIdAndByPlace) {
  MessageTable table;
  const uint32_t a = table.Add(Made(7, 1));
  EXPECT_EQ(table.Find(7), a);
  EXPECT_EQ(table.Find(8), MessageTable::kNone);
  EXPECT_EQ(table.FirstEqual(3, {1, 0}), MessageTable::kNone);
  table.Enter(a, 3, MessageState::kLeased, 100);
  EXPECT_EQ(table.FirstEqual(3, {1, 0}), a);
  EXPECT_EQ(table.FirstEqual(3, {1, 1}), MessageTable::kNone);
  EXPECT_EQ(table.Earliest(), a);
  table.Leave(a);
  EXPECT_EQ(table.FirstEqual(3, {1, 0}), MessageTable::kNone);
  EXPECT_EQ(table.Earliest(), MessageTable::kNone);
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
  };
  MessageTable table;
  std::map<uint64_t, Known> model;
  uint64_t next_id = 1;
  for (int step = 0; step < 20'000; ++step) {
    const unsigned what = random() % 10;
    if (what < 3 || model.empty()) {
      const uint64_t hash = random() % 8;
      table.Add(Made(next_id, hash));
      model[next_id++] = {hash};
      continue;
    }
    auto one = model.lower_bound(random() % next_id);
    if (one == model.end()) one = model.begin();
    const uint32_t slot = table.Find(one->first);
    ASSERT_NE(slot, MessageTable::kNone);
    if (what < 6) {
      one->second.list = static_cast<int>(random() % 3);
      one->second.at_ms = random() % 4 == 0 ? INT64_MAX : static_cast<int64_t>(random() % 1000);
      table.Enter(slot, static_cast<uint32_t>(one->second.list), MessageState::kLeased, one->second.at_ms);
    } else if (what < 7) {
      table.Leave(slot);
      one->second.list = -1;
      one->second.at_ms = INT64_MAX;
    } else if (what < 8 && one->second.list >= 0) {
      one->second.at_ms = static_cast<int64_t>(random() % 1000);
      table.SetTime(slot, one->second.at_ms);
    } else if (what == 9) {
      table.Remove(slot);
      model.erase(one);
    }
    ASSERT_EQ(table.size(), model.size());
    int64_t earliest = INT64_MAX;
    for (const auto& [id, known] : model) earliest = std::min(earliest, known.at_ms);
    const uint32_t first = table.Earliest();
    ASSERT_EQ(first == MessageTable::kNone ? INT64_MAX : table.at(first).at_ms, earliest);
    if (step % 100 != 0) continue;
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
  EXPECT_EQ(table.Earliest(), slot);
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
  EXPECT_EQ(table.Earliest(), MessageTable::kNone);
  table.Enter(slot, 2, MessageState::kDelayed, 5);
  EXPECT_TRUE(table.IsTimed(slot));
}

}  // namespace
}  // namespace baton
