// ListEditor: the index by value, and the labels that it stands on.

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "data/list_editor.h"

namespace baton {

namespace {

// Labels that are given anew begin here and leave room on both sides.
constexpr uint64_t kRenewedLabel = Chunk::kFirstLabel / 2;

template <typename Visit>
void ForEachElement(const Chunk& chunk, const Visit& visit) {
  ForEachPacked(chunk.first(), chunk.count, visit);
}

}  // namespace

// --- labels

// For a chunk that becomes the end on that side. May replace the chunks.
uint64_t ListEditor::LabelBeyond(Side side) {
  for (;;) {
    const uint64_t label = root_.end(side)->label();
    const uint64_t room = side == Side::kLeft ? label : ListIndex::kBehindAll - label;
    if (room > Chunk::kLabelGap) return side == Side::kLeft ? label - Chunk::kLabelGap : label + Chunk::kLabelGap;
    RenewLabels();
  }
}

// Spreads the pieces of the chunk at `place` between its label and that of the next chunk. False: there is no room.
bool ListEditor::LabelPieces(const Place& place, std::span<Chunk* const> pieces) {
  const uint64_t first = place.chunk->label();
  uint64_t step = Chunk::kLabelGap;
  if (place.chunk == root_.ends[1]) {
    if (ListIndex::kBehindAll - first <= step * pieces.size()) return false;
  } else {
    uint64_t next = root_.ends[1]->label();
    if (place.part == Place::kLeftEnd && root_.middle != nullptr) next = root_.middle->labels[0];
    if (place.part == Place::kMiddle) {
      const uint64_t behind = place.path.ElementsBefore() + place.path.leaf()->counts[place.path.slot()];
      uint32_t within;
      if (behind < root_.middle->Sum()) next = ChunkTree::Find(root_.middle, behind, &within)->label();
    }
    step = (next - first) / pieces.size();
    if (step == 0) return false;
  }
  for (size_t i = 0; i < pieces.size(); ++i) pieces[i]->set_label(first + i * step);
  return true;
}

// Seldom: 14 splits at one and the same place, or 2^25 chunks on one side, use up the numbers between two labels.
void ListEditor::RenewLabels() {
  DropIndex();
  uint64_t label = kRenewedLabel;
  const auto renewed = [&](Chunk* chunk) {
    if (!heap_.MayChange(chunk->epoch)) {
      Chunk* copy = Chunk::Copy(heap_, *chunk, chunk->capacity, chunk->begin);
      heap_.Retire(NodeKind::kChunk, chunk);
      chunk = copy;
    }
    chunk->set_label(label);
    label += Chunk::kLabelGap;
    return chunk;
  };
  const bool single = root_.single();
  root_.ends[0] = renewed(root_.ends[0]);
  if (root_.middle != nullptr) {
    ChunkTree middle(heap_, root_.middle);
    const uint64_t elements = root_.middle->Sum();
    for (uint64_t index = 0; index < elements;) {
      uint32_t within;
      const ChunkPath path = middle.PathTo(index, &within);
      Chunk* chunk = renewed(path.chunk());
      middle.Replace(path, chunk);
      index += chunk->count;
    }
  }
  root_.ends[1] = single ? root_.ends[0] : renewed(root_.ends[1]);
}

// --- building and dropping

bool ListEditor::BuildIndex(const KeyHasher& hasher, int64_t elements) {
  // One that was made with another secret is no use to those who look for a hash.
  if (root_.index != nullptr && &root_.index->hasher() != &hasher) DropIndex();
  if (root_.index == nullptr) root_.index = ListIndex::New(heap_, hasher);
  int64_t begin = FirstNotCovered();
  while (elements > 0 && begin < root_.count) {
    Place place = Find(begin);
    SplitForIndex(place);
    if (root_.index == nullptr) return false;  // no room for labels; they are new now, so next time there is
    const Chunk& chunk = *place.chunk;
    begin += chunk.count;
    elements -= chunk.count;
    uint32_t within;
    root_.index->set_covered_until(begin < root_.count ? root_.Find(begin, &within)->label() : ListIndex::kBehindAll);
    ForEachElement(chunk, [&](std::string_view element) { root_.index->Add(element, chunk.label()); });
  }
  if (begin == root_.count) root_.index->set_covered_until(ListIndex::kBehindAll);
  root_.index->WasAsked();
  return root_.index->complete();
}

// The index of the first element whose chunk is not covered.
int64_t ListEditor::FirstNotCovered() {
  const uint64_t covered_until = root_.index->covered_until();
  if (root_.ends[0]->label() >= covered_until) return 0;
  if (root_.ends[1]->label() < covered_until) return root_.count;
  int64_t index = root_.ends[0]->count;
  if (root_.middle != nullptr && root_.middle->labels[0] < covered_until) {
    const ChunkPath path = ChunkTree(heap_, root_.middle).PathToLabel(covered_until - 1);
    index += static_cast<int64_t>(path.ElementsBefore() + path.leaf()->counts[path.slot()]);
  }
  return index;
}

void ListEditor::SplitForIndex(Place& place) {
  const Chunk& chunk = *place.chunk;
  const size_t full = Chunk::IndexedBytes(chunk.used() / chunk.count);
  if (chunk.count < 2 || Allocation(chunk) <= 2 * full) return;
  std::vector<Chunk*> pieces;
  ForEachElement(chunk, [&](std::string_view element) {
    const size_t packed = PackedBytes(element.size());
    if (pieces.empty() || pieces.back()->gap(Side::kRight) < packed) {
      const size_t capacity = std::max(Capacity(full), packed);
      pieces.push_back(Chunk::New(heap_, capacity, chunk.label()));
    }
    pieces.back()->Push(Side::kRight, element);
  });
  if (pieces.size() == 1) {
    ReplaceChunk(place, {{pieces[0]}});
  } else {
    ReplaceChunk(place, pieces);
  }
}

void ListEditor::DropIndex() {
  if (root_.index == nullptr) return;
  heap_.RetireTree(NodeKind::kListIndex, root_.index);
  root_.index = nullptr;
}

// --- keeping it up to date

void ListEditor::IndexPushed(std::string_view element, uint64_t label) {
  root_.index->Add(element, label);
  if (!root_.index->Pays()) DropIndex();
}

void ListEditor::MoveInIndex(const Chunk& chunk, uint64_t from_label, uint64_t to_label) {
  if (root_.index == nullptr) return;
  ForEachElement(chunk, [&](std::string_view element) { root_.index->Move(element, from_label, to_label); });
}

// In `chunk`, the element at `offset` (none when old_bytes is 0) is about to become `element`.
void ListEditor::IndexSpliced(const Chunk& chunk, uint32_t offset, uint32_t old_bytes, std::string_view element) {
  if (root_.index == nullptr) return;
  if (old_bytes > 0) root_.index->Remove(ElementAt(chunk.first() + offset), chunk.label());
  root_.index->Add(element, chunk.label());
}

}  // namespace baton
