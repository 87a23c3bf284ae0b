#include "data/keyspace.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace baton {
namespace {

class KeyspaceTest : public testing::Test {
 protected:
  ApplyOutcome Apply(const Mutation& m) { return keyspace_.Apply(m, ++position_); }
  ApplyOutcome Push(std::string_view key, std::string_view value, Side side = Side::kRight) {
    return Apply(Mutation::Push(0, keyspace_.Ref(key), side, {&value, 1}));
  }
  ApplyOutcome Pop(std::string_view key, Side side, int64_t count = 1) {
    return Apply(Mutation::Pop(0, keyspace_.Ref(key), side, count));
  }
  ApplyOutcome Set(std::string_view key, std::string_view value, int64_t at_ms = 0) {
    return Apply(Mutation::Set(0, keyspace_.Ref(key), value, at_ms, false));
  }
  const Entry* Find(std::string_view key, uint32_t db = 0) { return keyspace_.Find(db, keyspace_.Ref(key)); }
  void FreeAll() {
    while (keyspace_.FreeSome(1000)) {
    }
  }

  Keyspace keyspace_{4, 42};
  uint64_t position_ = 0;
};

TEST_F(KeyspaceTest, AListOfOneElementIsOneSmallAllocation) {
  Push("key:00000001", std::string(64, 'x'));
  EXPECT_EQ(Find("key:00000001")->allocated_bytes(), 96u);
}

TEST_F(KeyspaceTest, AKeyThatGoesRaisesTheRemovedPosition) {
  Push("list", "a");
  EXPECT_EQ(keyspace_.removed_position(0), 0u);
  Pop("list", Side::kLeft);
  EXPECT_EQ(keyspace_.removed_position(0), 2u);
  EXPECT_EQ(keyspace_.removed_position(1), 0u);
  Push("list", "a");
  Apply(Mutation::Move(0, keyspace_.Ref("list"), keyspace_.Ref("other"), Side::kLeft, Side::kLeft));
  EXPECT_EQ(keyspace_.removed_position(0), 4u);
  Apply(Mutation::Rename(0, keyspace_.Ref("other"), keyspace_.Ref("third")));
  EXPECT_EQ(keyspace_.removed_position(0), 5u);
  Apply(Mutation::MoveToDb(0, keyspace_.Ref("third"), 1));
  EXPECT_EQ(keyspace_.removed_position(0), 6u);
  EXPECT_EQ(keyspace_.removed_position(1), 0u);
  Apply(Mutation::SwapDb(1, 2));
  EXPECT_EQ(keyspace_.removed_position(1), 7u);
  EXPECT_EQ(keyspace_.removed_position(2), 7u);
  Apply(Mutation::FlushAll());
  EXPECT_EQ(keyspace_.removed_position(2), 8u);
  EXPECT_EQ(keyspace_.removed_position(3), 0u);
}

TEST_F(KeyspaceTest, AnEntryThatSwapDbMadeVisibleIsAsNewAsTheSwap) {
  Push("list", "a");
  Push("unrelated", "a");
  Apply(Mutation::SwapDb(0, 1));
  EXPECT_EQ(keyspace_.ChangePosition(*Find("list", 1)), 3u);
}

TEST_F(KeyspaceTest, RebuildsAChangePositionBeyond32Bits) {
  position_ = (uint64_t{5} << 32) - 2;
  Push("before", "a");
  EXPECT_EQ(keyspace_.ChangePosition(*Find("before")), (uint64_t{5} << 32) - 1);
  Push("after", "a");
  EXPECT_EQ(keyspace_.ChangePosition(*Find("before")), (uint64_t{5} << 32) - 1);
  EXPECT_EQ(keyspace_.ChangePosition(*Find("after")), uint64_t{5} << 32);
}

TEST_F(KeyspaceTest, WhatChangesNothingMovesNoPosition) {
  Push("list", "a");
  EXPECT_EQ(Apply(Mutation::Delete(0, keyspace_.Ref("none"))), ApplyOutcome::kNothing);
  EXPECT_EQ(Apply(Mutation::Trim(0, keyspace_.Ref("list"), 0, -1)), ApplyOutcome::kNothing);
  EXPECT_EQ(Apply(Mutation::ListRemove(0, keyspace_.Ref("list"), 0, "b")), ApplyOutcome::kNothing);
  EXPECT_EQ(Apply(Mutation::Set(9, keyspace_.Ref("list"), "b", 0, false)), ApplyOutcome::kDoesNotFit);
  EXPECT_EQ(keyspace_.changed_position(), 1u);
}

// Recovery feeds Apply with logs written by others.
TEST_F(KeyspaceTest, SurvivesAnyMutation) {
  const uint64_t seed = 99;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const int64_t numbers[] = {INT64_MIN, INT64_MIN + 1, -(int64_t{1} << 33), -3,       -1, 0, 1,
                             2,         300,           int64_t{1} << 33,    INT64_MAX};
  const std::string names[] = {"", "a", "b", "c", std::string(70000, 'k')};
  const std::string value(200, 'v');
  const std::vector<std::string_view> values(3, value);
  for (int i = 0; i < 100000; ++i) {
    Mutation m{};
    m.kind = static_cast<MutationKind>(random.Below(static_cast<uint64_t>(MutationKind::kFlushAll) + 1));
    m.from = random.OneIn(2) ? Side::kLeft : Side::kRight;
    m.to = random.OneIn(2) ? Side::kLeft : Side::kRight;
    m.flag = random.OneIn(2);
    m.db = static_cast<uint32_t>(random.Below(5));
    m.other_db = random.OneIn(100) ? UINT32_MAX : static_cast<uint32_t>(random.Below(5));
    m.key = keyspace_.Ref(names[random.Below(5)]);
    m.other = keyspace_.Ref(names[random.Below(5)]);
    m.value = std::string_view(value).substr(random.Below(201));
    m.pivot = std::string_view(value).substr(random.Below(201));
    m.values = std::span(values).first(random.Below(4));
    m.a = numbers[random.Below(std::size(numbers))];
    m.b = numbers[random.Below(std::size(numbers))];
    Apply(m);
    if (random.OneIn(10)) keyspace_.FreeSome(5);
  }
  Apply(Mutation::FlushAll());
  FreeAll();
  EXPECT_EQ(keyspace_.allocated_bytes(), 0u);
}

TEST_F(KeyspaceTest, DeletingAHugeListFreesItInSlices) {
  const std::vector<std::string_view> values(1000, "0123456789012345678901234567890123456789");
  for (int i = 0; i < 3000; ++i) Apply(Mutation::Push(0, keyspace_.Ref("huge"), Side::kRight, values));
  const size_t before = keyspace_.allocated_bytes();
  Apply(Mutation::Delete(0, keyspace_.Ref("huge")));
  EXPECT_EQ(Find("huge"), nullptr);
  EXPECT_GT(keyspace_.allocated_bytes(), before / 10 * 9);
  int slices = 0;
  while (keyspace_.FreeSome(100)) ++slices;
  EXPECT_GT(slices, 30);
  EXPECT_EQ(keyspace_.allocated_bytes(), 0u);
}

TEST_F(KeyspaceTest, FlushingFreesInSlices) {
  for (int i = 0; i < 20000; ++i) Set(std::to_string(i), "value", 1000 + i);
  Apply(Mutation::FlushDb(0));
  EXPECT_EQ(keyspace_.size(0), 0u);
  EXPECT_EQ(keyspace_.expiring_count(0), 0u);
  EXPECT_EQ(keyspace_.next_expiry_ms(), INT64_MAX);
  int slices = 0;
  while (keyspace_.FreeSome(100)) ++slices;
  EXPECT_GT(slices, 200);
  EXPECT_EQ(keyspace_.allocated_bytes(), 0u);
}

TEST_F(KeyspaceTest, AQueueThatRunsOnDuringASnapshotKeepsOnlyWhatTheSnapshotSees) {
  const std::string value(64, 'v');
  for (int i = 0; i < 20000; ++i) Push("queue", value);
  const size_t before = keyspace_.allocated_bytes();
  auto snapshot = keyspace_.TakeSnapshot();
  for (int i = 0; i < 5000; ++i) {
    Push("queue", value);
    Pop("queue", Side::kLeft);
  }
  // The queue has moved on by a quarter; new nodes come and go, the old ones stay.
  EXPECT_LT(keyspace_.allocated_bytes(), before + before / 2);
  keyspace_.ReleaseSnapshot(std::move(snapshot));
  FreeAll();
  EXPECT_LT(keyspace_.allocated_bytes(), before + 100000);
}

TEST_F(KeyspaceTest, HandsOutExpiredKeysEarliestFirst) {
  for (int i = 0; i < 1000; ++i) {
    Apply(Mutation::Set(static_cast<uint32_t>(i) % 4, keyspace_.Ref(std::to_string(i)), "v", 1000 + i * 37 % 1000,
                        false));
  }
  EXPECT_EQ(keyspace_.next_expiry_ms(), 1000);
  int64_t last = 0;
  std::set<std::string> seen;
  const auto take = [&](uint32_t db, std::string_view name) {
    const Entry* entry = Find(name, db);
    ASSERT_NE(entry, nullptr);
    EXPECT_GE(entry->expire_at_ms(), last);
    last = entry->expire_at_ms();
    seen.insert(std::string(name));
  };
  EXPECT_EQ(keyspace_.CollectExpired(1499, 100, take), 100u);
  EXPECT_EQ(last, 1099);
  last = 0;
  seen.clear();
  EXPECT_EQ(keyspace_.CollectExpired(1499, 10000, take), 500u);
  EXPECT_EQ(seen.size(), 500u);
  EXPECT_EQ(keyspace_.CollectExpired(999, 10000, take), 0u);
}

TEST_F(KeyspaceTest, KeysThatExpiredCanBeDeletedByTheNamesHandedOut) {
  for (int i = 0; i < 10000; ++i) Set("key" + std::to_string(i), "v", 1 + i % 7);
  while (keyspace_.next_expiry_ms() <= 5) {
    std::vector<std::string> names;
    keyspace_.CollectExpired(5, 64, [&](uint32_t, std::string_view name) { names.emplace_back(name); });
    ASSERT_FALSE(names.empty());
    for (const std::string& name : names)
      ASSERT_EQ(Apply(Mutation::Delete(0, keyspace_.Ref(name))), ApplyOutcome::kChanged);
  }
  EXPECT_EQ(keyspace_.size(0), keyspace_.expiring_count(0));
  keyspace_.Visit(0, 0, [](const Entry& entry) {
    EXPECT_GT(entry.expire_at_ms(), 5);
    return true;
  });
}

TEST_F(KeyspaceTest, RenameTakesTheExpiryAlongAndDropsTheTargetsOwn) {
  Set("a", "1", 500);
  Set("b", "2", 100);
  Apply(Mutation::Rename(0, keyspace_.Ref("a"), keyspace_.Ref("b")));
  EXPECT_EQ(Find("b")->expire_at_ms(), 500);
  EXPECT_EQ(keyspace_.next_expiry_ms(), 500);
  EXPECT_EQ(keyspace_.expiring_count(0), 1u);
  Set("c", "3");
  Apply(Mutation::Rename(0, keyspace_.Ref("c"), keyspace_.Ref("b")));
  EXPECT_FALSE(Find("b")->has_expiry());
  EXPECT_EQ(keyspace_.next_expiry_ms(), INT64_MAX);
}

TEST_F(KeyspaceTest, SwappedDatabasesKeepTheirExpiries) {
  Set("a", "1", 500);
  Apply(Mutation::SwapDb(0, 3));
  EXPECT_EQ(keyspace_.CollectExpired(600, 10, [](uint32_t db, std::string_view) { EXPECT_EQ(db, 3u); }), 1u);
  Apply(Mutation::FlushDb(0));
  EXPECT_EQ(keyspace_.next_expiry_ms(), 500);
}

TEST_F(KeyspaceTest, LongKeysAreKeys) {
  const std::string longest(70000, 'k');
  Set(longest, "1", 77);
  ASSERT_NE(Find(longest), nullptr);
  EXPECT_EQ(Find(longest)->key(), longest);
  EXPECT_EQ(Find(longest)->expire_at_ms(), 77);
  EXPECT_EQ(Find(std::string(65536, 'k')), nullptr);
  Push(std::string(65535, 'k'), "x");
  Push(std::string(65536, 'k'), "y");
  EXPECT_EQ(Find(std::string(65535, 'k'))->list().Front(), "x");
  EXPECT_EQ(Find(std::string(65536, 'k'))->list().Front(), "y");
  Set("", "empty");
  EXPECT_EQ(Find("")->string(), "empty");
}

TEST_F(KeyspaceTest, NewEntriesGetTheAccessTimeOfNow) {
  keyspace_.set_now_seconds(123);
  Set("a", "1");
  Push("b", "1");
  EXPECT_EQ(Find("a")->access_seconds(), 123u);
  EXPECT_EQ(Find("b")->access_seconds(), 123u);
  Find("a")->Touch(200);
  Apply(Mutation::Rename(0, keyspace_.Ref("a"), keyspace_.Ref("c")));
  EXPECT_EQ(Find("c")->access_seconds(), 200u);
}

TEST_F(KeyspaceTest, ElementsOfAShortListCanBePushedToItAgain) {
  // Of every two neighbouring lengths one leaves room in the entry, where the elements are moved in place.
  for (size_t extra = 0; extra < 24; ++extra) {
    const std::string key = "list" + std::to_string(extra);
    for (const std::string& value : {std::string("first"), std::string("second"), std::string(20 + extra, 'x')}) {
      Push(key, value);
    }
    Push(key, std::string(16, 'y'));
    Pop(key, Side::kRight);
    const ListView list = Find(key)->list();
    const std::vector<std::string_view> own = {list.At(1), list.At(0)};
    Apply(Mutation::Push(0, keyspace_.Ref(key), Side::kLeft, own));
    std::string all;
    for (auto cursor = Find(key)->list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
      all.append(cursor.element()).append(" ");
    }
    EXPECT_EQ(all, "first second first second " + std::string(20 + extra, 'x') + " ");
  }
}

TEST_F(KeyspaceTest, MemoryUsageOfALongListIsAboutWhatItTakes) {
  const std::vector<std::string_view> values(1000, "0123456789012345678901234567890123456789");
  for (int i = 0; i < 300; ++i) Apply(Mutation::Push(0, keyspace_.Ref("list"), Side::kRight, values));
  FreeAll();
  const auto usage = static_cast<double>(keyspace_.MemoryUsage(*Find("list")));
  EXPECT_NEAR(usage / static_cast<double>(keyspace_.allocated_bytes()), 1.0, 0.05);
}

TEST_F(KeyspaceTest, AShortListThatWasLongGivesItsMemoryBack) {
  const std::string value(64, 'v');
  for (int i = 0; i < 10000; ++i) Push("list", value);
  Pop("list", Side::kRight, 9990);
  FreeAll();
  EXPECT_LT(keyspace_.allocated_bytes(), 4096u);
  Pop("list", Side::kLeft, 9);
  FreeAll();
  EXPECT_LT(keyspace_.allocated_bytes(), 300u);
  EXPECT_EQ(Find("list")->list().Front(), value);
}

TEST_F(KeyspaceTest, ALoneHugeElementIsNeverCopiedByItsNeighbours) {
  const std::string huge(10 << 20, 'h');
  Push("list", huge);
  auto snapshot = keyspace_.TakeSnapshot();
  const size_t before = keyspace_.allocated_bytes();
  Push("list", "small", Side::kLeft);
  Push("list", "small", Side::kRight);
  EXPECT_LT(keyspace_.allocated_bytes(), before + 200000);
  Pop("list", Side::kLeft);
  EXPECT_EQ(Find("list")->list().Front(), huge);
  keyspace_.ReleaseSnapshot(std::move(snapshot));
}

TEST_F(KeyspaceTest, AnOldSnapshotSeesItsOwnTimeWhileNewerOnesCome) {
  Set("a", "1");
  auto first = keyspace_.TakeSnapshot();
  Set("a", "2");
  auto second = keyspace_.TakeSnapshot();
  Apply(Mutation::Delete(0, keyspace_.Ref("a")));
  const auto value = [](const Snapshot& snapshot) {
    std::string found;
    snapshot.Visit(0, [&](const Entry& entry) {
      found = entry.string();
      return true;
    });
    return found;
  };
  FreeAll();
  EXPECT_EQ(value(*first), "1");
  EXPECT_EQ(value(*second), "2");
  keyspace_.ReleaseSnapshot(std::move(second));
  Set("b", "3");
  FreeAll();
  EXPECT_EQ(value(*first), "1");
  EXPECT_EQ(first->size(0), 1u);
  keyspace_.ReleaseSnapshot(std::move(first));
  Apply(Mutation::FlushAll());
  FreeAll();
  EXPECT_EQ(keyspace_.allocated_bytes(), 0u);
}

}  // namespace
}  // namespace baton
