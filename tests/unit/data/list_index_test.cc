#include "data/list_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "base/random.h"
#include "data/keyspace.h"
#include "data/list_editor.h"
#include "data/packed.h"

namespace baton {
namespace {

std::vector<const Chunk*> ChunksOf(const ListRoot& root) {
  std::vector<const Chunk*> chunks;
  const auto add = [&](const Chunk* chunk) {
    if (chunks.empty() || chunks.back() != chunk) chunks.push_back(chunk);
  };
  add(root.ends[0]);
  for (auto at = static_cast<int64_t>(root.ends[0]->count); at < root.count - root.ends[1]->count;) {
    uint32_t within;
    const Chunk* chunk = root.Find(at, &within);
    add(chunk);
    at += chunk->count;
  }
  add(root.ends[1]);
  return chunks;
}

// One list in its long form, a deque that should hold the same, and snapshots that freeze nodes now and then.
class ListIndexTest : public testing::Test {
 protected:
  ListIndexTest() { editor_.Begin({}, 0, 100, Side::kRight); }
  ~ListIndexTest() override {
    for (uint32_t snapshot : snapshots_) heap_.Thaw(snapshot);
    heap_.EndChange();
    heap_.Retire(NodeKind::kChunk, root_.ends[0]);
    if (!root_.single()) heap_.Retire(NodeKind::kChunk, root_.ends[1]);
    if (root_.middle != nullptr) heap_.RetireTree(NodeKind::kChunkTree, root_.middle);
    editor_.DropIndex();
  }

  void Push(Side side, const std::string& element) {
    editor_.Push(side, element);
    model_.insert(side == Side::kLeft ? model_.begin() : model_.end(), element);
  }
  void ExpectNearest(const ListView::Equals& equals, Side from, const std::string& element) {
    EXPECT_EQ(equals.nearest.data() != nullptr, equals.count > 0);
    if (equals.count == 0) return;
    EXPECT_EQ(equals.nearest, element);
    const auto first = std::find(model_.begin(), model_.end(), element) - model_.begin();
    const auto last = model_.rend() - std::find(model_.rbegin(), model_.rend(), element) - 1;
    const auto at = from == Side::kLeft ? first : last;
    EXPECT_EQ(equals.nearest.data(), View().At(at).data());
    Side end;
    EXPECT_EQ(View().StandsAtAnEnd(equals.nearest, &end), at == 0 || at == std::ssize(model_) - 1);
    if (at == 0) {
      EXPECT_EQ(end, Side::kLeft);
    } else if (at == std::ssize(model_) - 1) {
      EXPECT_EQ(end, Side::kRight);
    }
  }
  int64_t Remove(Side from, int64_t limit, const std::string& element) {
    const bool indexed = root_.index != nullptr && root_.index->complete();
    const ListView::Equals equals = View().FindEqual(element, from, limit);
    if (indexed) {
      EXPECT_EQ(equals.walked, 0);
    }
    ExpectNearest(equals, from, element);
    const int64_t removed = editor_.Remove(from, limit, element);
    EXPECT_EQ(equals.count, removed);
    int64_t expected = 0;
    const auto size = static_cast<ptrdiff_t>(model_.size());
    for (ptrdiff_t i = 0, at = from == Side::kLeft ? 0 : size - 1; i < size && expected < limit; ++i) {
      if (model_[static_cast<size_t>(at)] == element) {
        model_.erase(model_.begin() + at);
        ++expected;
        if (from == Side::kRight) --at;
      } else {
        at += from == Side::kLeft ? 1 : -1;
      }
    }
    EXPECT_EQ(removed, expected);
    return removed;
  }
  // The list holds what the model holds, its labels go up, and the index has each covered element exactly once.
  void Check() {
    heap_.EndChange();
    ASSERT_EQ(root_.count, static_cast<int64_t>(model_.size()));
    const std::vector<const Chunk*> chunks = ChunksOf(root_);
    size_t at = 0;
    size_t covered = 0;
    for (size_t i = 0; i < chunks.size(); ++i) {
      const Chunk& chunk = *chunks[i];
      if (i > 0) {
        ASSERT_LT(chunks[i - 1]->label(), chunk.label());
      }
      ASSERT_EQ(root_.FindLabel(chunk.label()), &chunk);
      std::vector<std::string_view> elements;
      const char* packed = chunk.first();
      for (uint32_t within = 0; within < chunk.count; ++within) {
        elements.push_back(ElementAt(packed));
        packed = PackedEnd(elements.back());
        ASSERT_EQ(elements.back(), model_[at++]);
      }
      if (root_.index == nullptr || chunk.label() >= root_.index->covered_until()) continue;
      covered += chunk.count;
      std::vector<uint64_t> hashes;
      // The index keeps what of a hash leaves room for a label.
      for (const std::string_view element : elements) {
        hashes.push_back(root_.index->Hash(element) & ~ListIndex::kBehindAll);
      }
      std::sort(hashes.begin(), hashes.end());
      for (size_t begin = 0; begin < hashes.size();) {
        size_t end = begin;
        while (end < hashes.size() && hashes[end] == hashes[begin]) ++end;
        ASSERT_EQ(root_.index->Count(hashes[begin], chunk.label()), end - begin);
        begin = end;
      }
    }
    if (root_.index != nullptr) {
      ASSERT_EQ(root_.index->size(), covered);
    }
  }
  void BuildWhole() {
    while (!editor_.BuildIndex(hasher_, 100)) {
    }
  }
  // A view of the list, as an entry gives it.
  ListView View() const { return ListView(root_); }

  NodeHeap heap_;
  KeyHasher hasher_{1};
  ListRoot root_{};
  ListEditor editor_{heap_, root_};
  std::deque<std::string> model_;
  std::vector<uint32_t> snapshots_;
};

TEST_F(ListIndexTest, FindsTheElementThatAWalkWouldFind) {
  for (int i = 0; i < 3000; ++i) Push(Side::kRight, "element " + std::to_string(i % 1000));
  BuildWhole();
  Check();
  for (int round = 0; round < 3; ++round) {
    for (int i : {0, 999, 500, 1, 7}) {
      EXPECT_EQ(Remove(round % 2 == 0 ? Side::kLeft : Side::kRight, 1, "element " + std::to_string(i)), 1);
      Check();
    }
  }
  EXPECT_EQ(Remove(Side::kLeft, 1, "element 500"), 0);
  EXPECT_EQ(Remove(Side::kLeft, INT64_MAX, "element 333"), 3);
  EXPECT_EQ(Remove(Side::kRight, 2, "element 334"), 2);
  EXPECT_EQ(Remove(Side::kLeft, INT64_MAX, "nobody"), 0);
  Check();
}

TEST_F(ListIndexTest, SplitsLargeChunksSoThatFindingWithinOneIsCheap) {
  for (int i = 0; i < 20'000; ++i) Push(Side::kRight, std::to_string(i));
  const size_t before = ChunksOf(root_).size();
  BuildWhole();
  EXPECT_GT(ChunksOf(root_).size(), before * 4);
  Check();
}

TEST_F(ListIndexTest, ElementsOfOneHashAreToldApart) {
  KeyHasher narrow(1, uint64_t{1} << 63);  // two hashes in all
  for (int i = 0; i < 2000; ++i) Push(Side::kRight, std::to_string(i % 300));
  while (!editor_.BuildIndex(narrow, 100)) {
  }
  for (int i = 0; i < 300; i += 7) {
    EXPECT_GT(Remove(i % 2 == 0 ? Side::kLeft : Side::kRight, 1 + i % 9, std::to_string(i)), 0);
    EXPECT_EQ(Remove(Side::kLeft, 1, "x" + std::to_string(i)), 0);
  }
  Check();
}

TEST_F(ListIndexTest, FindsWhatAJoinMovesBehindTheSearch) {
  const auto unique = [](size_t i) { return std::string(60, 'u') + std::to_string(i); };
  for (size_t i = 0; i < 2000; ++i) Push(Side::kRight, unique(i));
  BuildWhole();
  const std::vector<const Chunk*> chunks = ChunksOf(root_);
  ASSERT_GT(chunks.size(), 10u);
  const std::string doomed(62, 'x');
  const auto set = [&](size_t at) {
    editor_.Set(static_cast<int64_t>(at), doomed);
    model_[at] = doomed;
  };
  // The first chunk of the middle has little else, the second nothing else and only a few: they will be joined while a
  // search from the left stands at the first.
  const size_t begin = chunks[0]->count;
  const size_t first = chunks[1]->count;
  const size_t second = chunks[2]->count;
  for (size_t i = begin + 3; i < begin + first; ++i) set(i);
  for (size_t i = begin + first; i < begin + first + 10; ++i) set(i);
  for (size_t i = begin + first + 10; i < begin + first + second; ++i) {
    EXPECT_EQ(Remove(Side::kLeft, 1, unique(i)), 1);
  }
  Check();
  EXPECT_EQ(Remove(Side::kLeft, INT64_MAX, doomed), static_cast<int64_t>(first - 3 + 10));
  Check();
}

TEST_F(ListIndexTest, IsDroppedWhenNobodyAsksAnyMore) {
  for (int i = 0; i < 1000; ++i) Push(Side::kRight, std::to_string(i));
  BuildWhole();
  for (int i = 0; i < 2000; ++i) {
    Push(Side::kRight, "x");
    if (i % 100 == 0) Remove(Side::kRight, 1, "x");
  }
  ASSERT_NE(root_.index, nullptr);
  for (int i = 0; i < 20'000 && root_.index != nullptr; ++i) {
    Push(Side::kLeft, "x");
    editor_.Pop(Side::kRight);
    model_.pop_back();
  }
  EXPECT_EQ(root_.index, nullptr);
  Check();
}

TEST_F(ListIndexTest, NewLabelsAreGivenWhenThereIsNoRoomBetweenTwo) {
  for (int i = 0; i < 100; ++i) Push(Side::kRight, std::string(500, 'a'));
  BuildWhole();
  size_t times = 0;
  // Always in the same place, so that the gap between two labels is halved again and again.
  for (int i = 0; i < 8000; ++i) {
    editor_.Insert(50, std::string(200, 'b'));
    model_.insert(model_.begin() + 50, std::string(200, 'b'));
    if (root_.index == nullptr) {
      ++times;
      BuildWhole();
    }
  }
  EXPECT_GT(times, 0u);
  Check();
}

TEST_F(ListIndexTest, StaysTrueWhateverIsDoneToTheList) {
  const char* given = std::getenv("BATON_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const auto value = [&] {
      static constexpr size_t kSizes[] = {0, 3, 20, 64, 64, 64, 64, 130, 1000, 5000, 20'000};
      const size_t size = kSizes[random.Below(std::size(kSizes))];
      std::string text = std::to_string(random.Below(seed % 2 == 0 ? 8 : 200));
      text.resize(size, '.');
      return text;
    };
    const size_t target = seed % 3 == 0 ? 3000 : 600;
    for (int step = 0; step < 4000; ++step) {
      const uint64_t dice = random.Below(100);
      const Side side = random.OneIn(2) ? Side::kLeft : Side::kRight;
      const bool grow = model_.size() < target / 2 + random.Below(target);
      if (model_.size() < 10 || (grow && dice < 40)) {
        for (uint64_t i = random.Below(20) + 1; i > 0; --i) Push(side, value());
      } else if (dice < 55) {
        // Of what stands there, or of what does not.
        const std::string element = random.OneIn(8) ? value() : model_[random.Below(model_.size())];
        const int64_t limit = random.OneIn(3) ? INT64_MAX : static_cast<int64_t>(1 + random.Below(4));
        Remove(side, limit, element);
      } else if (dice < 65) {
        editor_.Pop(side);
        model_.erase(side == Side::kLeft ? model_.begin() : model_.end() - 1);
      } else if (dice < 70) {
        const auto count = static_cast<int64_t>(random.Below(random.OneIn(10) ? 400 : 30));
        if (count + 1 < root_.count) {
          editor_.Drop(side, count);
          const auto begin = side == Side::kLeft ? model_.begin() : model_.end() - count;
          model_.erase(begin, begin + count);
        }
      } else if (dice < 80) {
        const size_t at = random.Below(model_.size());
        const std::string element = value();
        editor_.Set(static_cast<int64_t>(at), element);
        model_[at] = element;
      } else if (dice < 90 && grow) {
        const size_t at = random.Below(model_.size() + 1);
        const std::string element = value();
        editor_.Insert(static_cast<int64_t>(at), element);
        model_.insert(model_.begin() + static_cast<ptrdiff_t>(at), element);
      } else if (dice < 97) {
        editor_.BuildIndex(hasher_, static_cast<int64_t>(random.Below(target / 2)));
      } else if (random.OneIn(20)) {
        editor_.DropIndex();
      }
      if (root_.count == 0) {
        heap_.Retire(NodeKind::kChunk, root_.ends[0]);
        if (!root_.single()) heap_.Retire(NodeKind::kChunk, root_.ends[1]);
        editor_.DropIndex();
        editor_.Begin({}, 0, 100, Side::kRight);
      }
      editor_.Tidy();
      heap_.EndChange();
      if (random.OneIn(60)) snapshots_.push_back(heap_.Freeze());
      if (snapshots_.size() > random.Below(6)) {
        heap_.Thaw(snapshots_.front());
        snapshots_.erase(snapshots_.begin());
      }
      heap_.FreeSome(100);
      if (random.OneIn(20)) Check();
      if (HasFailure()) return;
    }
    Check();
  }
}

// --- in the keyspace: who gets an index, and when it goes

class KeyspaceIndexTest : public testing::Test {
 protected:
  void Fill(int count) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) values.push_back("message " + std::to_string(i));
    const std::vector<std::string_view> views(values.begin(), values.end());
    keyspace_.Apply(Mutation::Push(0, Key(), Side::kRight, views), 1);
  }
  KeyRef Key() const { return keyspace_.Ref("backup"); }
  int64_t Walked(const std::string& element) {
    return keyspace_.Find(0, Key())->list().FindEqual(element, Side::kLeft, 1).walked;
  }
  void Build() {
    keyspace_.WalkedOver(0, Key(), 10'000);
    while (keyspace_.BuildSomeIndex()) {
    }
  }

  Keyspace keyspace_{2, 1};
};

TEST_F(KeyspaceIndexTest, AListThatIsSearchedForLongGetsOne) {
  Fill(5000);
  const size_t bytes = keyspace_.MemoryUsage(*keyspace_.Find(0, Key()));
  EXPECT_EQ(Walked("message 4999"), 5000);
  keyspace_.WalkedOver(0, Key(), 100);
  EXPECT_FALSE(keyspace_.BuildSomeIndex());
  EXPECT_EQ(Walked("message 4999"), 5000) << "a short walk is cheaper than an index";
  Build();
  EXPECT_EQ(Walked("message 4999"), 0);
  EXPECT_GT(keyspace_.MemoryUsage(*keyspace_.Find(0, Key())), bytes + 5000 * 6);
  EXPECT_EQ(keyspace_.Apply(Mutation::ListRemove(0, Key(), 1, "message 4000"), 2), ApplyOutcome::kChanged);
  EXPECT_EQ(keyspace_.Apply(Mutation::ListRemove(0, Key(), 1, "message 4000"), 3), ApplyOutcome::kNothing);
}

TEST_F(KeyspaceIndexTest, ItGoesWithTheListAndIsNotCopied) {
  Fill(5000);
  Build();
  EXPECT_EQ(keyspace_.Apply(Mutation::Copy(0, Key(), 1, keyspace_.Ref("backup")), 2), ApplyOutcome::kChanged);
  const auto renamed = keyspace_.Ref("renamed");
  EXPECT_EQ(keyspace_.Apply(Mutation::Rename(0, Key(), renamed), 3), ApplyOutcome::kChanged);
  EXPECT_EQ(keyspace_.Find(0, renamed)->list().FindEqual("message 4999", Side::kLeft, 1).walked, 0);
  EXPECT_EQ(keyspace_.Find(1, Key())->list().FindEqual("message 4999", Side::kLeft, 1).walked, 5000);
  // A snapshot keeps what it sees, but has no index to keep.
  auto snapshot = keyspace_.TakeSnapshot();
  EXPECT_EQ(keyspace_.Apply(Mutation::ListRemove(0, renamed, 1, "message 2500"), 4), ApplyOutcome::kChanged);
  EXPECT_EQ(keyspace_.Apply(Mutation::FlushAll(), 5), ApplyOutcome::kChanged);
  while (keyspace_.FreeSome(1000)) {
  }
  int64_t seen = 0;
  snapshot->Visit(0, [&](const Entry& entry) { return seen = entry.list().size(), true; });
  EXPECT_EQ(seen, 5000);
  keyspace_.ReleaseSnapshot(std::move(snapshot));
  while (keyspace_.FreeSome(1000)) {
  }
  EXPECT_LT(keyspace_.allocated_bytes(), 10'000u);
}

TEST_F(KeyspaceIndexTest, ALogFullOfLremIsLoadedWithOne) {
  keyspace_.set_replaying(true);
  Fill(100'000);
  for (int i = 99'999; i >= 300; --i) {
    const std::string element = "message " + std::to_string(i);
    ASSERT_EQ(keyspace_.Apply(Mutation::ListRemove(0, Key(), 1, element), 2), ApplyOutcome::kChanged);
    if (i == 99'999) {
      EXPECT_EQ(Walked("message 50000"), 0);
    }
  }
  EXPECT_EQ(keyspace_.Find(0, Key())->list().size(), 300);
}

TEST_F(KeyspaceIndexTest, AListThatIsGoneBeforeItsTurnIsPassedOver) {
  Fill(5000);
  keyspace_.WalkedOver(0, Key(), 5000);
  EXPECT_EQ(keyspace_.Apply(Mutation::Delete(0, Key()), 2), ApplyOutcome::kChanged);
  EXPECT_FALSE(keyspace_.BuildSomeIndex());
  keyspace_.WalkedOver(0, Key(), 5000);
  EXPECT_EQ(keyspace_.Apply(Mutation::Set(0, Key(), "v", 0, false), 3), ApplyOutcome::kChanged);
  EXPECT_FALSE(keyspace_.BuildSomeIndex());
}

}  // namespace
}  // namespace baton
