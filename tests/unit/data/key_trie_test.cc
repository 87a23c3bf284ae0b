#include "data/key_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/random.h"

namespace baton {
namespace {

class KeyTrieTest : public testing::Test {
 protected:
  explicit KeyTrieTest(uint64_t kept_bits = UINT64_MAX) : hasher_(7, kept_bits), trie_(heap_, hasher_) {}

  KeyRef Ref(const std::string& name) const { return {name, hasher_.Hash(name)}; }
  void Insert(const std::string& name) {
    Entry* entry = Entry::New(heap_, name, std::nullopt, EntryForm::kInlineString, 2);
    entry->set_inline_length(0);
    trie_.Insert(Ref(name), entry);
    heap_.EndChange();
  }
  void Remove(const std::string& name) {
    Entry* entry = trie_.Remove(Ref(name));
    ASSERT_EQ(entry->key(), name);
    heap_.Retire(NodeKind::kEntry, entry);
    heap_.EndChange();
  }
  void FreeAll() {
    trie_.Clear();
    while (heap_.FreeSome(1000)) {
    }
    EXPECT_EQ(heap_.allocated_bytes(), 0u);
  }
  size_t TrieBytes() const {
    size_t entries = 0;
    KeyTrie::VisitAll(trie_.root(), [&](const Entry& entry) {
      entries += entry.allocated_bytes();
      return true;
    });
    return heap_.allocated_bytes() - entries;
  }

  // Every leaf spans exactly the slots of its depth, and holds what belongs there under the right tag.
  void CheckShape() {
    if (!trie_.root().empty()) CheckShape(trie_.root(), 0, 0, 0);
  }
  void CheckShape(TrieChild child, unsigned levels, uint64_t prefix, unsigned prefix_bits) {
    if (!child.is_inner()) {
      const TrieLeaf& leaf = *child.leaf();
      ASSERT_LE(leaf.count, leaf.capacity);
      const unsigned level = levels == 0 ? 0 : levels - 1;
      for (size_t i = 0; i < leaf.count; ++i) {
        const uint64_t hash = hasher_.Hash(leaf.entries()[i]->key());
        ASSERT_EQ(leaf.tags()[i], static_cast<uint16_t>((hash << (8 * level)) >> 48));
        if (prefix_bits > 0) {
          ASSERT_EQ(hash >> (64 - prefix_bits), prefix);
        }
      }
      return;
    }
    const TrieInner& inner = *child.inner();
    ASSERT_GE(inner.bits, 1u);
    ASSERT_LE(inner.bits, 8u);
    for (size_t i = 0; i < inner.slot_count();) {
      const TrieChild below = inner.slots()[i];
      const unsigned depth = below.is_inner() ? 8 : below.leaf()->depth;
      if (below.is_inner()) {
        ASSERT_EQ(inner.bits, 8u);
      } else {
        ASSERT_GE(depth, 1u);
      }
      ASSERT_LE(depth, inner.bits);
      const size_t span = size_t{1} << (inner.bits - depth);
      ASSERT_EQ(i % span, 0u);
      for (size_t j = i; j < i + span; ++j) ASSERT_EQ(inner.slots()[j], below);
      CheckShape(below, levels + 1, (prefix << depth) | (i / span), prefix_bits + depth);
      i += span;
    }
  }

  NodeHeap heap_;
  KeyHasher hasher_;
  KeyTrie trie_;
};

TEST_F(KeyTrieTest, FindsEachOfManyKeysAndNoOther) {
  for (int i = 0; i < 100000; ++i) Insert("key:" + std::to_string(i));
  CheckShape();
  EXPECT_EQ(trie_.size(), 100000u);
  for (int i = 0; i < 100000; ++i) {
    const std::string name = "key:" + std::to_string(i);
    const Entry* entry = trie_.Find(Ref(name));
    ASSERT_NE(entry, nullptr);
    ASSERT_EQ(entry->key(), name);
    ASSERT_EQ(trie_.Find(Ref("no" + name)), nullptr);
  }
  FreeAll();
}

TEST_F(KeyTrieTest, CostsAtMost18BytesAKeyAtEverySize) {
  size_t next = 1000;
  for (size_t i = 1; i <= 200000; ++i) {
    Insert("key:" + std::to_string(i));
    if (i < next) continue;
    EXPECT_LE(static_cast<double>(TrieBytes()) / static_cast<double>(i), 18.0) << "at " << i;
    next += next / 10;
  }
  FreeAll();
}

TEST_F(KeyTrieTest, ShrinksAsKeysGo) {
  for (int i = 0; i < 100000; ++i) Insert(std::to_string(i));
  for (int i = 0; i < 100000; ++i) {
    Remove(std::to_string(i));
    const int left = 100000 - i - 1;
    if (left == 50000 || left == 10000 || left == 1000) {
      CheckShape();
      EXPECT_LE(TrieBytes(), static_cast<size_t>(left) * 30) << left;
    }
  }
  EXPECT_TRUE(trie_.root().empty());
  EXPECT_EQ(heap_.allocated_bytes(), 0u);
}

TEST_F(KeyTrieTest, VisitsInHashOrderFromAnyHash) {
  std::map<uint64_t, std::string> ordered;
  for (int i = 0; i < 5000; ++i) {
    Insert(std::to_string(i));
    ordered[hasher_.Hash(std::to_string(i))] = std::to_string(i);
  }
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const uint64_t from = round == 0 ? 0 : random.Next();
    auto expected = ordered.lower_bound(from);
    int visited = 0;
    KeyTrie::VisitInOrder(trie_.root(), hasher_, from, [&](const Entry& entry) {
      EXPECT_EQ(entry.key(), expected->second);
      ++expected;
      return ++visited < 100;
    });
    EXPECT_TRUE(visited == 100 || expected == ordered.end());
  }
  FreeAll();
}

TEST_F(KeyTrieTest, DrawsEveryKeyAboutAsOften) {
  std::map<std::string, int> drawn;
  for (int i = 0; i < 500; ++i) Insert(std::to_string(i));
  Random random(5);
  for (int i = 0; i < 500 * 200; ++i) ++drawn[std::string(trie_.RandomEntry(random.Next())->key())];
  EXPECT_EQ(drawn.size(), 500u);
  for (const auto& [key, times] : drawn) {
    EXPECT_GT(times, 50) << key;
    EXPECT_LT(times, 800) << key;
  }
  FreeAll();
}

// Inserts and removes at random while snapshots come and go: each snapshot keeps what was there.
void RunAtRandom(NodeHeap& heap, const KeyHasher& hasher, KeyTrie& trie, uint64_t seed, uint64_t keys,
                 const std::function<void()>& check) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  std::map<std::string, uint32_t> model;
  struct Taken {
    uint32_t number;
    TrieChild root;
    std::map<std::string, uint32_t> model;
  };
  std::vector<Taken> taken;
  const auto compare = [&](TrieChild root, std::map<std::string, uint32_t> expected) {
    KeyTrie::VisitAll(root, [&](const Entry& entry) {
      const auto found = expected.find(std::string(entry.key()));
      EXPECT_TRUE(found != expected.end() && found->second == entry.change_stamp());
      if (found == expected.end()) return false;
      expected.erase(found);
      return true;
    });
    EXPECT_TRUE(expected.empty());
  };
  for (uint32_t step = 0; step < 20000; ++step) {
    const std::string name = std::to_string(random.Below(keys));
    const KeyRef key{name, hasher.Hash(name)};
    Entry* found = trie.Find(key);
    ASSERT_EQ(found != nullptr, model.contains(name));
    if (found == nullptr) {
      Entry* entry = Entry::New(heap, name, std::nullopt, EntryForm::kInlineString, 2);
      entry->set_inline_length(0);
      entry->set_change_stamp(step);
      trie.Insert(key, entry);
      model[name] = step;
    } else if (random.OneIn(3)) {
      Entry* entry = Entry::Clone(heap, *found);
      entry->set_change_stamp(step);
      trie.Replace(key, entry);
      ASSERT_EQ(trie.Find(key), entry);
      heap.Retire(NodeKind::kEntry, found);
      model[name] = step;
    } else {
      heap.Retire(NodeKind::kEntry, trie.Remove(key));
      model.erase(name);
    }
    heap.EndChange();
    ASSERT_EQ(trie.size(), model.size());
    if (random.OneIn(300)) taken.push_back({heap.Freeze(), trie.root(), model});
    if (taken.size() > random.Below(6)) {
      const size_t i = random.Below(taken.size());
      compare(taken[i].root, taken[i].model);
      heap.Thaw(taken[i].number);
      taken.erase(taken.begin() + static_cast<ptrdiff_t>(i));
    }
    if (random.OneIn(3)) heap.FreeSome(5);
    if (random.OneIn(1000)) check();
  }
  compare(trie.root(), model);
  check();
  for (const Taken& each : taken) heap.Thaw(each.number);
}

TEST_F(KeyTrieTest, KeepsSnapshotsWhileItChanges) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    RunAtRandom(heap_, hasher_, trie_, seed, seed == 1 ? 50 : 5000, [&] { CheckShape(); });
    FreeAll();
  }
}

// Hashes of 4 bits at the very end: the trie goes through all eight levels, and hundreds of keys share a hash.
class CollidingKeyTrieTest : public KeyTrieTest {
 protected:
  CollidingKeyTrieTest() : KeyTrieTest(15) {}
};

TEST_F(CollidingKeyTrieTest, HoldsKeysOfEqualHash) {
  RunAtRandom(heap_, hasher_, trie_, 11, 3000, [&] { CheckShape(); });
  FreeAll();
}

TEST_F(CollidingKeyTrieTest, VisitsKeysOfEqualHashOnce) {
  for (int i = 0; i < 1000; ++i) Insert(std::to_string(i));
  int visited = 0;
  uint64_t last = 0;
  KeyTrie::VisitInOrder(trie_.root(), hasher_, 0, [&](const Entry& entry) {
    const uint64_t hash = hasher_.Hash(entry.key());
    EXPECT_GE(hash, last);
    last = hash;
    ++visited;
    return true;
  });
  EXPECT_EQ(visited, 1000);
  FreeAll();
}

// Hashes that differ in few top bits only.
class CrowdedKeyTrieTest : public KeyTrieTest {
 protected:
  CrowdedKeyTrieTest() : KeyTrieTest(0xf0f000000000000f) {}
};

TEST_F(CrowdedKeyTrieTest, DividesWhatItCan) {
  RunAtRandom(heap_, hasher_, trie_, 12, 8000, [&] { CheckShape(); });
  FreeAll();
}

}  // namespace
}  // namespace baton
