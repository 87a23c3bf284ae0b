#include "data/node_heap.h"

#include <algorithm>
#include <cstdlib>

#include "base/check.h"
#include "data/chunk.h"
#include "data/chunk_tree.h"
#include "data/entry.h"
#include "data/key_trie.h"
#include "data/list_index.h"

#ifndef BATON_NO_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

namespace baton {

namespace {

#ifdef BATON_NO_JEMALLOC
void* AllocateBytes(size_t bytes) { return std::malloc(bytes); }
void FreeBytes(void* memory, size_t) { std::free(memory); }
#else
// From 16 KiB on, jemalloc adds a page to each allocation and moves its begin by a random offset ("cache oblivious";
// Debian's can't be told to stop), which touches one page more than asked for: an eighth of a full chunk. Alignment to
// a page leaves no room for the offset, so the page is reserved but never touched. Such allocations don't come from the
// thread's cache, and must not go into it: there they would only lie.
constexpr size_t kLargeBytes = 16 * 1024;
int LargeFlags() { return MALLOCX_ALIGN(4096) | MALLOCX_TCACHE_NONE; }

void* AllocateBytes(size_t bytes) { return bytes < kLargeBytes ? std::malloc(bytes) : mallocx(bytes, LargeFlags()); }
void FreeBytes(void* memory, size_t bytes) { sdallocx(memory, bytes, bytes < kLargeBytes ? 0 : LargeFlags()); }
#endif

size_t NodeBytes(NodeKind kind, const void* node) {
  switch (kind) {
    case NodeKind::kEntry:
      return static_cast<const Entry*>(node)->allocated_bytes();
    case NodeKind::kBlob:
      return static_cast<const Blob*>(node)->allocated_bytes();
    case NodeKind::kChunk:
      return static_cast<const Chunk*>(node)->allocated_bytes();
    case NodeKind::kChunkTree:
      return RoundToClass(sizeof(ChunkTreeNode));
    case NodeKind::kListIndex:
      break;
    case NodeKind::kTrieLeaf:
      return static_cast<const TrieLeaf*>(node)->allocated_bytes();
    case NodeKind::kTrieInner:
      return static_cast<const TrieInner*>(node)->allocated_bytes();
  }
  CHECK(false);
}

template <typename Visit>
void ForEachChild(NodeKind kind, void* node, const Visit& visit) {
  switch (kind) {
    case NodeKind::kBlob:
    case NodeKind::kChunk:
    case NodeKind::kListIndex:
      return;
    case NodeKind::kEntry: {
      auto* entry = static_cast<Entry*>(node);
      if (entry->form() == EntryForm::kBlob) visit(NodeKind::kBlob, static_cast<void*>(entry->blob()));
      if (entry->form() == EntryForm::kListTree) {
        ListRoot& root = entry->list_root();
        visit(NodeKind::kChunk, static_cast<void*>(root.ends[0]));
        if (root.ends[1] != root.ends[0]) visit(NodeKind::kChunk, static_cast<void*>(root.ends[1]));
        if (root.middle != nullptr) visit(NodeKind::kChunkTree, static_cast<void*>(root.middle));
        if (root.index != nullptr) visit(NodeKind::kListIndex, static_cast<void*>(root.index));
      }
      return;
    }
    case NodeKind::kChunkTree: {
      auto* tree = static_cast<ChunkTreeNode*>(node);
      const NodeKind child_kind = tree->height == 0 ? NodeKind::kChunk : NodeKind::kChunkTree;
      for (unsigned i = 0; i < tree->size; ++i) visit(child_kind, tree->children[i]);
      return;
    }
    case NodeKind::kTrieLeaf: {
      auto* leaf = static_cast<TrieLeaf*>(node);
      for (unsigned i = 0; i < leaf->count; ++i) visit(NodeKind::kEntry, static_cast<void*>(leaf->entries()[i]));
      return;
    }
    case NodeKind::kTrieInner: {
      auto* inner = static_cast<TrieInner*>(node);
      for (size_t i = 0; i < inner->slot_count(); ++i) {
        const TrieChild child = inner->slots()[i];
        if (i > 0 && child == inner->slots()[i - 1]) continue;  // a leaf may span several slots
        if (child.is_inner()) {
          visit(NodeKind::kTrieInner, static_cast<void*>(child.inner()));
        } else {
          visit(NodeKind::kTrieLeaf, static_cast<void*>(child.leaf()));
        }
      }
      return;
    }
  }
}

}  // namespace

NodeHeap::~NodeHeap() {
  // A reader that was given up with its process (a job that never ran) leaves its snapshot behind; nobody reads it now.
  live_.clear();
  frozen_ = 0;
  while (FreeSome(1 << 20)) {
  }
  CHECK(allocated_bytes_ == 0);
}

void* NodeHeap::Allocate(size_t bytes) {
  const size_t size = RoundToClass(bytes);
  void* node = AllocateBytes(size);
  CHECK(node != nullptr);
  allocated_bytes_ += size;
  return node;
}

void NodeHeap::Deallocate(void* memory, size_t bytes) {
  const size_t size = RoundToClass(bytes);
  allocated_bytes_ -= size;
  FreeBytes(memory, size);
}

uint32_t NodeHeap::Freeze() {
  CHECK(epoch_ != UINT32_MAX);
  frozen_ = epoch_++;
  live_.push_back(frozen_);
  return frozen_;
}

void NodeHeap::Thaw(uint32_t snapshot) {
  const auto found = std::find(live_.begin(), live_.end(), snapshot);
  CHECK(found != live_.end());
  live_.erase(found);
  frozen_ = live_.empty() ? 0 : live_.back();
}

bool NodeHeap::FreeSome(size_t budget) {
  EndChange();
  while (budget > 0) {
    if (!pending_.empty()) {
      const Garbage garbage = pending_.back();
      pending_.pop_back();
      if (SeenBySnapshot(garbage)) {
        waiting_.push_back(garbage);
      } else {
        Free(garbage);
      }
    } else if (FirstWaitingIsFree()) {
      const Garbage garbage = waiting_.front();
      waiting_.pop_front();
      Free(garbage);
    } else {
      break;
    }
    --budget;
  }
  return !pending_.empty() || FirstWaitingIsFree();
}

bool NodeHeap::SeenBySnapshot(const Garbage& garbage) const {
  const uint32_t born = *static_cast<const uint32_t*>(garbage.node);
  return std::any_of(live_.begin(), live_.end(),
                     [&](uint32_t snapshot) { return born <= snapshot && snapshot < garbage.removed; });
}

bool NodeHeap::FirstWaitingIsFree() const {
  return !waiting_.empty() && (live_.empty() || live_.front() >= waiting_.front().removed);
}

void NodeHeap::Free(const Garbage& garbage) {
  if (garbage.kind == NodeKind::kListIndex) return FreeIndex(garbage);
  if (garbage.deep) {
    ForEachChild(garbage.kind, garbage.node, [&](NodeKind kind, void* child) {
      pending_.push_back({child, garbage.removed, kind, true});
    });
  }
  const size_t bytes = NodeBytes(garbage.kind, garbage.node);
  allocated_bytes_ -= bytes;
  FreeBytes(garbage.node, bytes);
}

void NodeHeap::FreeIndex(const Garbage& garbage) {
  // One step of FreeSome frees about as much time as a large chunk takes.
  if (!ListIndex::FreeSome(static_cast<ListIndex*>(garbage.node), 16)) pending_.push_back(garbage);
}

void NodeHeap::FreeDoomed() {
  for (const Garbage& garbage : doomed_) Free(garbage);
  doomed_.clear();
}

}  // namespace baton
