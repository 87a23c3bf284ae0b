#include "data/chunk_tree.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace baton {

namespace {

constexpr unsigned kFanout = ChunkTreeNode::kFanout;

void InsertSlot(ChunkTreeNode* node, unsigned slot, void* child, uint64_t count, uint64_t label) {
  const unsigned behind = node->size - slot;
  std::memmove(&node->labels[slot + 1], &node->labels[slot], behind * sizeof(uint64_t));
  std::memmove(&node->children[slot + 1], &node->children[slot], behind * sizeof(void*));
  std::memmove(&node->counts[slot + 1], &node->counts[slot], behind * sizeof(uint64_t));
  node->children[slot] = child;
  node->counts[slot] = count;
  node->labels[slot] = label;
  ++node->size;
}
void InsertSlot(ChunkTreeNode* node, unsigned slot, Chunk* chunk) {
  InsertSlot(node, slot, chunk, chunk->count, chunk->label());
}
void InsertSlot(ChunkTreeNode* node, unsigned slot, ChunkTreeNode* child) {
  InsertSlot(node, slot, child, child->Sum(), child->labels[0]);
}

void RemoveSlots(ChunkTreeNode* node, unsigned from, unsigned to) {
  const unsigned behind = node->size - to;
  std::memmove(&node->children[from], &node->children[to], behind * sizeof(void*));
  std::memmove(&node->counts[from], &node->counts[to], behind * sizeof(uint64_t));
  std::memmove(&node->labels[from], &node->labels[to], behind * sizeof(uint64_t));
  node->size = static_cast<uint16_t>(node->size - (to - from));
}

void MoveSlots(ChunkTreeNode* to, ChunkTreeNode* from, unsigned first) {
  const unsigned moved = from->size - first;
  std::memcpy(&to->children[to->size], &from->children[first], moved * sizeof(void*));
  std::memcpy(&to->counts[to->size], &from->counts[first], moved * sizeof(uint64_t));
  std::memcpy(&to->labels[to->size], &from->labels[first], moved * sizeof(uint64_t));
  to->size = static_cast<uint16_t>(to->size + moved);
  from->size = static_cast<uint16_t>(first);
}

unsigned EndSlot(const ChunkTreeNode* node, Side side) { return side == Side::kLeft ? 0 : node->size - 1u; }

bool HasRoomAtEnd(const ChunkTreeNode* node, Side side) {
  for (;;) {
    if (node->size < kFanout) return true;
    if (node->height == 0) return false;
    node = node->node(EndSlot(node, side));
  }
}

// The last slot that begins at or before `label`, or the first.
unsigned SlotOfLabel(const ChunkTreeNode* node, uint64_t label) {
  const uint64_t* behind = std::upper_bound(node->labels, node->labels + node->size, label);
  return behind == node->labels ? 0 : static_cast<unsigned>(behind - node->labels) - 1;
}

}  // namespace

uint64_t ChunkTreeNode::Sum() const {
  uint64_t sum = 0;
  for (unsigned i = 0; i < size; ++i) sum += counts[i];
  return sum;
}

uint64_t ChunkPath::ElementsBefore() const {
  uint64_t sum = 0;
  for (unsigned level = 0; level <= depth; ++level) {
    for (unsigned slot_before = 0; slot_before < slots[level]; ++slot_before) sum += nodes[level]->counts[slot_before];
  }
  return sum;
}

Chunk* ChunkTree::Find(const ChunkTreeNode* root, uint64_t index, uint32_t* within) {
  const ChunkTreeNode* node = root;
  for (;;) {
    unsigned slot = 0;
    while (index >= node->counts[slot]) index -= node->counts[slot++];
    if (node->height == 0) {
      *within = static_cast<uint32_t>(index);
      return node->chunk(slot);
    }
    node = node->node(slot);
  }
}

Chunk* ChunkTree::FindLabel(const ChunkTreeNode* root, uint64_t label) {
  const ChunkTreeNode* node = root;
  while (node->height > 0) node = node->node(SlotOfLabel(node, label));
  return node->chunk(SlotOfLabel(node, label));
}

void ChunkTree::PushEnd(Side side, Chunk* chunk) {
  if (root_ == nullptr) {
    root_ = Spine(0, chunk);
  } else if (HasRoomAtEnd(root_, side)) {
    PushInto(root_, side, chunk);
  } else {
    ChunkTreeNode* top = NewNode(root_->height + 1u);
    InsertSlot(top, 0, root_);
    InsertSlot(top, side == Side::kLeft ? 0 : 1, Spine(root_->height, chunk));
    root_ = top;
  }
}

void ChunkTree::PushInto(ChunkTreeNode*& link, Side side, Chunk* chunk) {
  ChunkTreeNode* node = Writable(link);
  const unsigned end = side == Side::kLeft ? 0 : node->size;
  if (node->height == 0) {
    InsertSlot(node, end, chunk);
    return;
  }
  const unsigned slot = EndSlot(node, side);
  if (HasRoomAtEnd(node->node(slot), side)) {
    ChunkTreeNode* child = node->node(slot);
    PushInto(child, side, chunk);
    node->children[slot] = child;
    node->counts[slot] += chunk->count;
    node->labels[slot] = child->labels[0];
  } else {
    // A new node of one child rather than two halves: what was filled in order stays full.
    InsertSlot(node, end, Spine(node->height - 1u, chunk));
  }
}

Chunk* ChunkTree::PopEnd(Side side) {
  Chunk* chunk = PopFrom(root_, side);
  Collapse();
  return chunk;
}

Chunk* ChunkTree::PopFrom(ChunkTreeNode*& link, Side side) {
  ChunkTreeNode* node = Writable(link);
  const unsigned slot = EndSlot(node, side);
  if (node->height == 0) {
    Chunk* chunk = node->chunk(slot);
    RemoveSlots(node, slot, slot + 1);
    return chunk;
  }
  ChunkTreeNode* child = node->node(slot);
  Chunk* chunk = PopFrom(child, side);
  node->children[slot] = child;
  node->counts[slot] -= chunk->count;
  if (child->size == 0) {
    heap_.Retire(NodeKind::kChunkTree, child);
    RemoveSlots(node, slot, slot + 1);
  } else {
    node->labels[slot] = child->labels[0];
  }
  return chunk;
}

uint64_t ChunkTree::Drop(Side side, uint64_t elements) {
  if (root_ == nullptr) return 0;
  const uint64_t dropped = DropFrom(root_, side, elements);
  Collapse();
  return dropped;
}

uint64_t ChunkTree::DropFrom(ChunkTreeNode*& link, Side side, uint64_t elements) {
  ChunkTreeNode* node = Writable(link);
  uint64_t left = elements;
  unsigned gone = 0;
  while (gone < node->size) {
    const unsigned slot = side == Side::kLeft ? gone : node->size - 1u - gone;
    if (node->counts[slot] > left) break;
    left -= node->counts[slot];
    if (node->height == 0) {
      heap_.Retire(NodeKind::kChunk, node->chunk(slot));
    } else {
      heap_.RetireTree(NodeKind::kChunkTree, node->node(slot));
    }
    ++gone;
  }
  if (side == Side::kLeft) {
    RemoveSlots(node, 0, gone);
  } else {
    RemoveSlots(node, node->size - gone, node->size);
  }
  if (node->size > 0 && node->height > 0 && left > 0) {
    const unsigned slot = EndSlot(node, side);
    ChunkTreeNode* child = node->node(slot);
    const uint64_t dropped = DropFrom(child, side, left);  // not all of it: its count was larger
    node->children[slot] = child;
    node->counts[slot] -= dropped;
    node->labels[slot] = child->labels[0];
    left -= dropped;
  }
  return elements - left;
}

template <typename Choose>
ChunkPath ChunkTree::WritablePath(const Choose& choose) {
  ChunkPath path;
  ChunkTreeNode* node = Writable(root_);
  for (;;) {
    CHECK(path.depth < ChunkPath::kHeightMax);
    const unsigned slot = choose(node);
    path.nodes[path.depth] = node;
    path.slots[path.depth] = slot;
    if (node->height == 0) return path;
    ChunkTreeNode* child = node->node(slot);
    node->children[slot] = Writable(child);
    node = child;
    ++path.depth;
  }
}

ChunkPath ChunkTree::PathTo(uint64_t index, uint32_t* within) {
  const ChunkPath path = WritablePath([&](const ChunkTreeNode* node) {
    unsigned slot = 0;
    while (index >= node->counts[slot]) index -= node->counts[slot++];
    return slot;
  });
  *within = static_cast<uint32_t>(index);
  return path;
}

ChunkPath ChunkTree::PathToLabel(uint64_t label) {
  return WritablePath([&](const ChunkTreeNode* node) { return SlotOfLabel(node, label); });
}

void ChunkTree::Replace(const ChunkPath& path, Chunk* chunk) {
  path.leaf()->children[path.slot()] = chunk;
  path.leaf()->counts[path.slot()] = chunk->count;
  path.leaf()->labels[path.slot()] = chunk->label();
  FixCounts(path, path.depth);
}

void ChunkTree::InsertAfter(const ChunkPath& path, Chunk* chunk) {
  void* child = chunk;
  uint64_t count = chunk->count;
  uint64_t label = chunk->label();
  for (unsigned level = path.depth;; --level) {
    ChunkTreeNode* node = path.nodes[level];
    const unsigned slot = path.slots[level] + 1;
    if (node->size < kFanout) {
      InsertSlot(node, slot, child, count, label);
      FixCounts(path, level);
      return;
    }
    ChunkTreeNode* right = NewNode(node->height);
    MoveSlots(right, node, kFanout / 2);
    if (slot <= node->size) {
      InsertSlot(node, slot, child, count, label);
    } else {
      InsertSlot(right, slot - node->size, child, count, label);
    }
    child = right;
    count = right->Sum();
    label = right->labels[0];
    if (level == 0) {
      ChunkTreeNode* top = NewNode(node->height + 1u);
      InsertSlot(top, 0, node);
      InsertSlot(top, 1, right);
      root_ = top;
      return;
    }
    path.nodes[level - 1]->counts[path.slots[level - 1]] = node->Sum();
  }
}

void ChunkTree::Remove(const ChunkPath& path) {
  RemoveSlots(path.leaf(), path.slot(), path.slot() + 1);
  FixCounts(path, path.depth);
  for (unsigned level = path.depth; level > 0; --level) {
    ChunkTreeNode* parent = path.nodes[level - 1];
    const unsigned slot = path.slots[level - 1];
    if (path.nodes[level]->size == 0) {
      heap_.Retire(NodeKind::kChunkTree, path.nodes[level]);
      RemoveSlots(parent, slot, slot + 1);
    } else if (path.nodes[level]->size < kFanout / 4) {
      MergeSmall(parent, slot);
    }
  }
  Collapse();
}

// Joins the child in `slot` with a neighbour when both fit well into one node.
void ChunkTree::MergeSmall(ChunkTreeNode* parent, unsigned slot) {
  const auto fits = [&](unsigned left) {
    return left + 1 < parent->size && parent->node(left)->size + parent->node(left + 1)->size <= kFanout * 3 / 4;
  };
  unsigned left = slot;
  if (slot > 0 && fits(slot - 1)) {
    left = slot - 1;
  } else if (!fits(slot)) {
    return;
  }
  ChunkTreeNode* into = parent->node(left);
  parent->children[left] = Writable(into);
  ChunkTreeNode* from = parent->node(left + 1);
  std::memcpy(&into->children[into->size], from->children, from->size * sizeof(void*));
  std::memcpy(&into->counts[into->size], from->counts, from->size * sizeof(uint64_t));
  std::memcpy(&into->labels[into->size], from->labels, from->size * sizeof(uint64_t));
  into->size = static_cast<uint16_t>(into->size + from->size);
  parent->counts[left] += parent->counts[left + 1];
  heap_.Retire(NodeKind::kChunkTree, from);
  RemoveSlots(parent, left + 1, left + 2);
}

// A root of one child is not needed; one of none is no tree.
void ChunkTree::Collapse() {
  while (root_ != nullptr && (root_->size == 0 || (root_->size == 1 && root_->height > 0))) {
    ChunkTreeNode* old = root_;
    root_ = old->size == 0 ? nullptr : old->node(0);
    heap_.Retire(NodeKind::kChunkTree, old);
  }
}

void ChunkTree::FixCounts(const ChunkPath& path, unsigned from_level) {
  for (unsigned level = from_level; level > 0; --level) {
    const ChunkTreeNode* child = path.nodes[level];
    path.nodes[level - 1]->counts[path.slots[level - 1]] = child->Sum();
    if (child->size > 0) path.nodes[level - 1]->labels[path.slots[level - 1]] = child->labels[0];
  }
}

ChunkTreeNode* ChunkTree::Writable(ChunkTreeNode*& link) {
  if (heap_.MayChange(link->epoch)) return link;
  ChunkTreeNode* old = link;
  link = Clone(heap_, *old);
  heap_.Retire(NodeKind::kChunkTree, old);
  return link;
}

ChunkTreeNode* ChunkTree::NewNode(unsigned height) {
  auto* node = static_cast<ChunkTreeNode*>(heap_.Allocate(sizeof(ChunkTreeNode)));
  node->epoch = heap_.epoch();
  node->height = static_cast<uint16_t>(height);
  node->size = 0;
  return node;
}

// A chain of nodes of one child each, down to `chunk`.
ChunkTreeNode* ChunkTree::Spine(unsigned height, Chunk* chunk) {
  ChunkTreeNode* node = NewNode(0);
  InsertSlot(node, 0, chunk);
  for (unsigned h = 1; h <= height; ++h) {
    ChunkTreeNode* above = NewNode(h);
    InsertSlot(above, 0, node);
    node = above;
  }
  return node;
}

ChunkTreeNode* ChunkTree::Clone(NodeHeap& heap, const ChunkTreeNode& from) {
  auto* node = static_cast<ChunkTreeNode*>(heap.Allocate(sizeof(ChunkTreeNode)));
  node->epoch = heap.epoch();
  node->height = from.height;
  node->size = from.size;
  std::memcpy(node->counts, from.counts, from.size * sizeof(uint64_t));
  std::memcpy(node->labels, from.labels, from.size * sizeof(uint64_t));
  std::memcpy(node->children, from.children, from.size * sizeof(void*));
  return node;
}

ChunkTreeNode* ChunkTree::CloneAll(NodeHeap& heap, const ChunkTreeNode& from) {
  ChunkTreeNode* node = Clone(heap, from);
  for (unsigned i = 0; i < node->size; ++i) {
    if (node->height == 0) {
      node->children[i] = Chunk::Copy(heap, *from.chunk(i), from.chunk(i)->capacity, from.chunk(i)->begin);
    } else {
      node->children[i] = CloneAll(heap, *from.node(i));
    }
  }
  return node;
}

}  // namespace baton
