#include "data/chunk_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "base/random.h"

namespace baton {
namespace {

// A chunk of `count` elements; the number in its first one tells chunks apart.
Chunk* MakeChunk(NodeHeap& heap, uint32_t number, uint32_t count, uint64_t label) {
  Chunk* chunk = Chunk::New(heap, 16 + count * 2, label);
  chunk->Push(Side::kRight, std::to_string(number));
  while (chunk->count < count) chunk->Push(Side::kRight, "");
  return chunk;
}

uint64_t CheckedCount(const ChunkTreeNode& node, std::vector<const Chunk*>* chunks) {
  EXPECT_GT(node.size, 0u);
  EXPECT_LE(node.size, ChunkTreeNode::kFanout);
  uint64_t sum = 0;
  for (unsigned i = 0; i < node.size; ++i) {
    uint64_t below = 0;
    if (node.height == 0) {
      below = node.chunk(i)->count;
      EXPECT_EQ(node.labels[i], node.chunk(i)->label());
      chunks->push_back(node.chunk(i));
    } else {
      EXPECT_EQ(node.node(i)->height + 1, node.height);
      EXPECT_EQ(node.labels[i], node.node(i)->labels[0]);
      below = CheckedCount(*node.node(i), chunks);
    }
    EXPECT_EQ(below, node.counts[i]);
    sum += below;
  }
  return sum;
}

class ChunkTreeTest : public testing::Test {
 protected:
  void Check() {
    std::vector<const Chunk*> chunks;
    if (root_ != nullptr) CheckedCount(*root_, &chunks);
    ASSERT_EQ(chunks.size(), model_.size());
    ASSERT_TRUE(std::equal(chunks.begin(), chunks.end(), model_.begin(), [](const Chunk* chunk, const Item& item) {
      return chunk->element(Side::kLeft) == std::to_string(item.number) && chunk->count == item.count &&
             chunk->label() == item.label;
    }));
    for (size_t i = 0; i < chunks.size(); i += 1 + chunks.size() / 50) {
      ASSERT_EQ(ChunkTree::FindLabel(root_, chunks[i]->label()), chunks[i]);
      ASSERT_EQ(ChunkTree::FindLabel(root_, chunks[i]->label() + 1), chunks[i]);
    }
  }
  // The next label on that side.
  uint64_t Beyond(Side side) const {
    if (model_.empty()) return Chunk::kFirstLabel;
    constexpr uint64_t kGap = 1 << 20;
    return side == Side::kLeft ? model_.front().label - kGap : model_.back().label + kGap;
  }
  void FreeAll() {
    heap_.EndChange();
    if (root_ != nullptr) heap_.RetireTree(NodeKind::kChunkTree, root_);
    while (heap_.FreeSome(1000)) {
    }
    EXPECT_EQ(heap_.allocated_bytes(), 0u);
  }
  uint64_t ElementsBefore(size_t chunk) const {
    uint64_t sum = 0;
    for (size_t i = 0; i < chunk; ++i) sum += model_[i].count;
    return sum;
  }

  struct Item {
    uint32_t number;
    uint32_t count;
    uint64_t label;
  };
  NodeHeap heap_;
  ChunkTreeNode* root_ = nullptr;
  std::deque<Item> model_;
};

TEST_F(ChunkTreeTest, StaysFullWhenFilledInOrder) {
  ChunkTree tree(heap_, root_);
  const uint32_t chunks = 63 * 63 + 10;
  for (uint32_t i = 0; i < chunks; ++i) {
    const uint64_t label = Beyond(Side::kRight);
    model_.push_back({i, 2, label});
    tree.PushEnd(Side::kRight, MakeChunk(heap_, i, 2, label));
  }
  Check();
  EXPECT_EQ(root_->height, 2);
  EXPECT_EQ(root_->size, 2);
  FreeAll();
}

TEST_F(ChunkTreeTest, KeepsItsHeightWhileAQueueRunsThroughIt) {
  ChunkTree tree(heap_, root_);
  uint32_t number = 0;
  for (int i = 0; i < 50000; ++i) {
    const uint64_t label = Beyond(Side::kRight);
    model_.push_back({number, 1, label});
    tree.PushEnd(Side::kRight, MakeChunk(heap_, number++, 1, label));
    if (i < 200) continue;
    Chunk* chunk = tree.PopEnd(Side::kLeft);
    ASSERT_EQ(chunk->element(Side::kLeft), std::to_string(model_.front().number));
    heap_.Retire(NodeKind::kChunk, chunk);
    heap_.EndChange();
    model_.pop_front();
    ASSERT_LE(root_->height, 2);
  }
  Check();
  FreeAll();
}

// Every operation at random places, with snapshots that freeze the nodes now and then, against a deque.
TEST_F(ChunkTreeTest, DoesWhatADequeDoes) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    ChunkTree tree(heap_, root_);
    std::vector<uint32_t> snapshots;
    uint32_t number = 0;
    const size_t target = seed % 2 == 0 ? 5000 : 300;
    for (int step = 0; step < 12000; ++step) {
      const bool grow = model_.size() < random.Below(2 * target);
      const uint64_t dice = random.Below(100);
      const auto count = static_cast<uint32_t>(1 + random.Below(4));
      const Side side = random.OneIn(2) ? Side::kLeft : Side::kRight;
      uint32_t within;
      if (model_.empty() || (grow && dice < 60)) {
        const uint64_t label = Beyond(side);
        if (side == Side::kLeft) {
          model_.push_front({number, count, label});
        } else {
          model_.push_back({number, count, label});
        }
        tree.PushEnd(side, MakeChunk(heap_, number++, count, label));
      } else if (grow) {
        const size_t at = random.Below(model_.size());
        const uint64_t before = model_[at].label;
        const uint64_t behind = at + 1 < model_.size() ? model_[at + 1].label : Beyond(Side::kRight);
        const uint64_t label = before + (behind - before) / 2;
        if (label == before) continue;
        const ChunkPath path = random.OneIn(2) ? tree.PathTo(ElementsBefore(at), &within) : tree.PathToLabel(label);
        tree.InsertAfter(path, MakeChunk(heap_, number, count, label));
        model_.insert(model_.begin() + static_cast<ptrdiff_t>(at) + 1, {number++, count, label});
      } else if (dice < 40) {
        heap_.Retire(NodeKind::kChunk, tree.PopEnd(side));
        if (side == Side::kLeft) {
          model_.pop_front();
        } else {
          model_.pop_back();
        }
      } else if (dice < 85) {
        const size_t at = random.Below(model_.size());
        const uint32_t inside = static_cast<uint32_t>(random.Below(model_[at].count));
        const ChunkPath path = tree.PathTo(ElementsBefore(at) + inside, &within);
        ASSERT_EQ(within, inside);
        ASSERT_EQ(path.ElementsBefore(), ElementsBefore(at));
        ASSERT_EQ(ChunkTree::Find(root_, ElementsBefore(at) + inside, &within), path.chunk());
        heap_.Retire(NodeKind::kChunk, path.chunk());
        if (dice < 50) {
          const uint64_t label = model_[at].label;
          tree.Replace(path, MakeChunk(heap_, number, count, label));
          model_[at] = {number++, count, label};
        } else {
          tree.Remove(path);
          model_.erase(model_.begin() + static_cast<ptrdiff_t>(at));
        }
      } else if (dice < 87) {
        uint64_t left = random.Below(random.OneIn(4) ? 4 * model_.size() : 40);
        uint64_t dropped = tree.Drop(side, left);
        while (!model_.empty()) {
          const uint32_t end = side == Side::kLeft ? model_.front().count : model_.back().count;
          if (end > left) break;
          left -= end;
          dropped -= end;
          if (side == Side::kLeft) {
            model_.pop_front();
          } else {
            model_.pop_back();
          }
        }
        ASSERT_EQ(dropped, 0u);
      }
      heap_.EndChange();
      if (random.OneIn(100)) snapshots.push_back(heap_.Freeze());
      if (snapshots.size() > random.Below(8)) {
        heap_.Thaw(snapshots.front());
        snapshots.erase(snapshots.begin());
      }
      if (random.OneIn(50)) Check();
      if (HasFatalFailure()) return;
    }
    Check();
    for (uint32_t snapshot : snapshots) heap_.Thaw(snapshot);
    FreeAll();
    root_ = nullptr;
    model_.clear();
  }
}

}  // namespace
}  // namespace baton
