#include "data/list_editor.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/check.h"

namespace baton {

namespace {

// Growing starts here.
constexpr size_t kFirstChunkBytes = 512;

}  // namespace

// An element that stands alone takes its own bytes and no more, so that nothing is ever pushed beside it: a clone
// would then have to copy it.
size_t ListEditor::NewChunkCapacity(size_t packed) const {
  return packed > Chunk::kAloneBytes ? packed : FullBytes(packed) - sizeof(Chunk);
}

void ListEditor::Begin(std::string_view packed, uint32_t count, size_t room, Side side) {
  const size_t needed = packed.size() + room;
  const size_t capacity =
      room > Chunk::kAloneBytes && count == 0 ? room : Capacity(std::max(kFirstChunkBytes, sizeof(Chunk) + needed));
  Chunk* chunk = Chunk::New(heap_, capacity, Chunk::kFirstLabel);
  const size_t spare = capacity - packed.size();
  chunk->begin = static_cast<uint32_t>(side == Side::kLeft ? spare : 0);
  chunk->end = chunk->begin + static_cast<uint32_t>(packed.size());
  chunk->count = count;
  if (!packed.empty()) std::memcpy(chunk->bytes() + chunk->begin, packed.data(), packed.size());
  root_ = {count, {chunk, chunk}, nullptr, nullptr};
}

// The end chunk can't take an element of `packed` bytes as it is. Nothing that it holds is moved in place: the element
// may be a view into it.
Chunk* ListEditor::MakeRoom(Side side, size_t packed) {
  Chunk* chunk = root_.end(side);
  const size_t used = chunk->used();
  const size_t total = used + packed;
  const bool fits = total <= chunk->capacity;
  size_t capacity = 0;  // of its successor; 0: the chunk is full

  if (used == 0 && fits && heap_.MayChange(chunk->epoch)) {
    chunk->Clear(side);
    return chunk;
  }
  if (used > 0 && chunk->gap(side) >= packed) {
    capacity = chunk->capacity;  // only frozen
  } else if (fits && total <= chunk->capacity / 4 * 3) {
    capacity = chunk->capacity;  // enough room, but on the other side
  } else {
    const size_t full = packed > Chunk::kAloneBytes ? Chunk::kFullBytesMax : FullBytes(packed);
    if (sizeof(Chunk) + total <= full && packed <= Chunk::kAloneBytes && Allocation(*chunk) < full) {
      capacity = Capacity(std::min(full, std::max(Allocation(*chunk) * 2, sizeof(Chunk) + total * 4 / 3)));
    }
  }

  if (used == 0) {
    SetEnd(side, Chunk::New(heap_, std::max(NewChunkCapacity(packed), capacity), chunk->label()));
    root_.end(side)->Clear(side);
    heap_.Retire(NodeKind::kChunk, chunk);
    return root_.end(side);
  }
  if (capacity > 0) {
    // A list of one chunk may grow on its other side too: leave a quarter of the room there.
    const size_t spare = capacity - used;
    const size_t other_gap = root_.single() ? std::min(spare / 4, spare - packed) : 0;
    const size_t front_gap = side == Side::kLeft ? spare - other_gap : other_gap;
    Chunk* copy = Chunk::Copy(heap_, *chunk, capacity, front_gap);
    SetEnd(side, copy);
    heap_.Retire(NodeKind::kChunk, chunk);
    return copy;
  }

  // The chunk moves into the middle, without the room that it won't need there.
  const uint64_t label = LabelBeyond(side);
  chunk = root_.end(side);
  Chunk* next = Chunk::New(heap_, NewChunkCapacity(packed), label);
  next->Clear(side);
  if (used < chunk->capacity / 4 * 3) {
    Chunk* copy = Chunk::Copy(heap_, *chunk, Capacity(sizeof(Chunk) + used), 0);
    SetEnd(side, copy);
    heap_.Retire(NodeKind::kChunk, chunk);
    chunk = copy;
  }
  if (!root_.single()) ChunkTree(heap_, root_.middle).PushEnd(side, chunk);
  root_.end(side) = next;
  return next;
}

// False when the element has been taken away already.
bool ListEditor::PrepareToPop(Side side) {
  if (root_.end(side)->count == 0) RefillEnd(side);
  Chunk* chunk = root_.end(side);
  if (chunk->count == 1) {
    CHECK(!root_.single());
    if (root_.index != nullptr) root_.index->Remove(chunk->element(side), chunk->label());
    const bool keep =
        root_.middle != nullptr && heap_.MayChange(chunk->epoch) && Allocation(*chunk) <= Chunk::kFullBytesMax;
    if (keep) {
      chunk->Clear(side);
    } else {
      RefillEnd(side);
    }
    --root_.count;
    return false;
  }
  if (!heap_.MayChange(chunk->epoch)) {
    SetEnd(side, Chunk::Copy(heap_, *chunk, chunk->capacity, chunk->begin));
    heap_.Retire(NodeKind::kChunk, chunk);
  }
  return true;
}

// Retires the chunk at that end and takes the next one.
void ListEditor::RefillEnd(Side side) {
  heap_.Retire(NodeKind::kChunk, root_.end(side));
  root_.end(side) = root_.middle != nullptr ? ChunkTree(heap_, root_.middle).PopEnd(side) : root_.end(Other(side));
  // With the middle used up, an empty chunk at the other end is not needed any more.
  if (root_.middle == nullptr && !root_.single() && root_.end(Other(side))->count == 0) {
    heap_.Retire(NodeKind::kChunk, root_.end(Other(side)));
    root_.end(Other(side)) = root_.end(side);
  }
}

// Where one chunk is both ends it stays so.
void ListEditor::SetEnd(Side side, Chunk* chunk) {
  if (root_.single()) root_.end(Other(side)) = chunk;
  root_.end(side) = chunk;
}

void ListEditor::Shrink() {
  Chunk* chunk = root_.ends[0];
  const size_t allocation = std::max(kFirstChunkBytes, RoundToClass(sizeof(Chunk) + chunk->used() * size_t{2}));
  if (allocation > Allocation(*chunk) / 2) return;
  const size_t capacity = Capacity(allocation);
  SetEnd(Side::kLeft, Chunk::Copy(heap_, *chunk, capacity, (capacity - chunk->used()) / 2));
  heap_.Retire(NodeKind::kChunk, chunk);
}

void ListEditor::Drop(Side side, int64_t elements) {
  CHECK(elements < root_.count);
  if (root_.index != nullptr) {
    // Each has to be taken out of the index, too.
    if (elements <= kIndexPays) {
      for (; elements > 0; --elements) Pop(side);
      return;
    }
    DropIndex();
  }
  while (elements > 0) {
    Chunk* chunk = root_.end(side);
    if (elements >= chunk->count) {
      elements -= chunk->count;
      root_.count -= chunk->count;
      if (root_.middle != nullptr) {
        const auto dropped =
            static_cast<int64_t>(ChunkTree(heap_, root_.middle).Drop(side, static_cast<uint64_t>(elements)));
        elements -= dropped;
        root_.count -= dropped;
      }
      RefillEnd(side);
      continue;
    }
    uint32_t from = 0;
    uint32_t to = chunk->used();
    const auto kept = chunk->count - static_cast<uint32_t>(elements);
    if (side == Side::kLeft) {
      from = static_cast<uint32_t>(PackedBegin(chunk->At(static_cast<uint32_t>(elements))) - chunk->first());
    } else {
      to = static_cast<uint32_t>(PackedEnd(chunk->At(kept - 1)) - chunk->first());
    }
    if (!heap_.MayChange(chunk->epoch)) {
      Chunk* copy = Chunk::Copy(heap_, *chunk, chunk->capacity, chunk->begin);
      SetEnd(side, copy);
      heap_.Retire(NodeKind::kChunk, chunk);
      chunk = copy;
    }
    chunk->end = chunk->begin + to;
    chunk->begin += from;
    chunk->count = kept;
    root_.count -= elements;
    elements = 0;
  }
}

void ListEditor::Set(int64_t index, std::string_view element) {
  for (;;) {
    Place place = Find(index);
    const std::string_view old = place.chunk->At(place.within);
    if (old.size() == element.size() && heap_.MayChange(place.chunk->epoch)) {
      if (root_.index != nullptr) {
        root_.index->Remove(old, place.chunk->label());
        root_.index->Add(element, place.chunk->label());
      }
      if (!old.empty()) std::memmove(const_cast<char*>(old.data()), element.data(), element.size());
      return;
    }
    const auto offset = static_cast<uint32_t>(PackedBegin(old) - place.chunk->first());
    if (Splice(place, offset, static_cast<uint32_t>(PackedBytes(old.size())), element)) return;
    Split(place);
  }
}

void ListEditor::Insert(int64_t index, std::string_view element) {
  if (index == 0) return Push(Side::kLeft, element);
  if (index == root_.count) return Push(Side::kRight, element);
  for (;;) {
    Place place = Find(index);
    const auto offset = static_cast<uint32_t>(PackedBegin(place.chunk->At(place.within)) - place.chunk->first());
    if (Splice(place, offset, 0, element)) break;
    Split(place);
  }
  ++root_.count;
}

void ListEditor::CollectEqual(const Chunk& chunk, Side from, int64_t limit, std::string_view element,
                              std::vector<std::string_view>* found) {
  found->clear();
  const Sought sought(element);
  WalkPacked(chunk.first(), chunk.last(), chunk.count, from, [&](std::string_view at) {
    if (!sought.Is(at)) return true;
    found->push_back(at);
    return static_cast<int64_t>(found->size()) < limit;
  });
  if (from == Side::kRight) std::reverse(found->begin(), found->end());
}

int64_t ListEditor::Remove(Side from, int64_t limit, std::string_view element) {
  if (root_.index != nullptr && root_.index->complete()) return RemoveIndexed(from, limit, element);
  std::string own;  // the element may be a view into a chunk that is about to be changed
  std::vector<std::string_view> doomed;
  int64_t removed = 0;
  int64_t seen = 0;  // elements on the `from` side that stay
  while (seen < root_.count && removed < limit) {
    // Looks first without making anything writable.
    uint32_t within;
    const int64_t index = from == Side::kLeft ? seen : root_.count - 1 - seen;
    const Chunk* chunk = root_.Find(index, &within);
    CollectEqual(*chunk, from, limit - removed, element, &doomed);
    // What stays is seen. In a chunk that was joined with one that had been seen, that part is seen twice: there is
    // nothing in it to find.
    const uint32_t ahead = from == Side::kLeft ? chunk->count - within : within + 1;
    seen += ahead - static_cast<int64_t>(doomed.size());
    if (doomed.empty()) continue;
    if (own.empty() && chunk->Contains(element)) element = own = std::string(element);
    removed += static_cast<int64_t>(doomed.size());
    Place place = Find(index);
    RemoveFromChunk(place, doomed);
  }
  return removed;
}

int64_t ListEditor::RemoveIndexed(Side from, int64_t limit, std::string_view element) {
  ListIndex& index = *root_.index;
  index.WasAsked();
  const uint64_t hash = index.Hash(element);
  std::string own;
  std::vector<std::string_view> doomed;
  int64_t removed = 0;
  uint64_t behind = from == Side::kLeft ? ListIndex::kBeforeAll : ListIndex::kBehindAll;
  while (removed < limit) {
    const std::optional<uint64_t> label = index.Next(hash, from, behind);
    if (!label) break;
    const Chunk* chunk = root_.FindLabel(*label);
    CHECK(chunk->label() == *label);
    behind = *label;
    CollectEqual(*chunk, from, limit - removed, element, &doomed);
    if (doomed.empty()) continue;  // another element of that hash
    if (own.empty() && chunk->Contains(element)) element = own = std::string(element);
    removed += static_cast<int64_t>(doomed.size());
    // The chunk may be joined with the one on its right, and what is there gets its label: look at it again.
    if (from == Side::kLeft) --behind;
    Place place = FindLabel(*label);
    RemoveFromChunk(place, doomed);
  }
  return removed;
}

ListEditor::Place ListEditor::Find(int64_t index) {
  Place place{};
  const int64_t left = root_.ends[0]->count;
  const int64_t right_begin = root_.count - root_.ends[1]->count;
  if (index < left) {
    place.part = Place::kLeftEnd;
    place.chunk = root_.ends[0];
    place.within = static_cast<uint32_t>(index);
  } else if (index >= right_begin) {
    place.part = Place::kRightEnd;
    place.chunk = root_.ends[1];
    place.within = static_cast<uint32_t>(index - right_begin);
  } else {
    place.part = Place::kMiddle;
    place.path = ChunkTree(heap_, root_.middle).PathTo(static_cast<uint64_t>(index - left), &place.within);
    place.chunk = place.path.chunk();
  }
  return place;
}

ListEditor::Place ListEditor::FindLabel(uint64_t label) {
  Place place{};
  if (root_.ends[1]->label() == label) {
    place.part = Place::kRightEnd;
    place.chunk = root_.ends[1];
  } else if (root_.ends[0]->label() == label) {
    place.part = Place::kLeftEnd;
    place.chunk = root_.ends[0];
  } else {
    place.part = Place::kMiddle;
    place.path = ChunkTree(heap_, root_.middle).PathToLabel(label);
    place.chunk = place.path.chunk();
  }
  CHECK(place.chunk->label() == label);
  return place;
}

// `pieces` stand for the chunk at `place` from now on, in this order. place.chunk becomes the first of them.
void ListEditor::ReplaceChunk(Place& place, std::span<Chunk* const> pieces) {
  const bool labelled = pieces.size() == 1 || LabelPieces(place, pieces);
  if (!labelled) DropIndex();
  for (Chunk* piece : pieces.subspan(1)) MoveInIndex(*piece, pieces[0]->label(), piece->label());
  Chunk* old = place.chunk;
  ChunkTree middle(heap_, root_.middle);
  place.chunk = pieces.front();
  if (place.part == Place::kMiddle) {
    const uint64_t begin = place.path.ElementsBefore();
    middle.Replace(place.path, pieces.front());
    for (size_t i = pieces.size() - 1; i > 0; --i) {
      uint32_t within;
      middle.InsertAfter(middle.PathTo(begin, &within), pieces[i]);
    }
  } else if (root_.single()) {
    root_.ends[0] = pieces.front();
    root_.ends[1] = pieces.back();
    for (size_t i = 1; i + 1 < pieces.size(); ++i) middle.PushEnd(Side::kRight, pieces[i]);
  } else if (place.part == Place::kLeftEnd) {
    root_.ends[0] = pieces.front();
    for (size_t i = pieces.size() - 1; i > 0; --i) middle.PushEnd(Side::kLeft, pieces[i]);
  } else {
    root_.ends[1] = pieces.back();
    for (size_t i = 0; i + 1 < pieces.size(); ++i) middle.PushEnd(Side::kRight, pieces[i]);
  }
  heap_.Retire(NodeKind::kChunk, old);
  if (!labelled) RenewLabels();
}

// The last chunk of all stays where it is: the list is empty and its entry goes, with everything below.
void ListEditor::DropChunk(Place& place) {
  if (place.part == Place::kMiddle) {
    ChunkTree(heap_, root_.middle).Remove(place.path);
    heap_.Retire(NodeKind::kChunk, place.chunk);
  } else if (!root_.single()) {
    RefillEnd(place.part == Place::kLeftEnd ? Side::kLeft : Side::kRight);
  }
}

bool ListEditor::Splice(Place& place, uint32_t offset, uint32_t old_bytes, std::string_view element) {
  Chunk* chunk = place.chunk;
  const size_t packed = PackedBytes(element.size());
  const uint32_t after = chunk->used() - offset - old_bytes;
  const size_t new_used = offset + packed + after;
  const uint32_t count_after = chunk->count - place.within - (old_bytes > 0 ? 1 : 0);
  const char* tail = chunk->last() - after;

  // A large element that became a small one must not leave its chunk mostly air. (An end chunk may well be.)
  const bool roomy = old_bytes > packed && new_used < chunk->capacity / 4 &&
                     (place.part == Place::kMiddle || Allocation(*chunk) > Chunk::kFullBytesMax);
  const bool keeps_size = new_used <= chunk->capacity && !roomy;
  if (keeps_size && heap_.MayChange(chunk->epoch) && !chunk->Contains(element)) {
    IndexSpliced(*chunk, offset, old_bytes, element);
    SpliceInPlace(chunk, offset, old_bytes, element);
    chunk->count = place.within + 1 + count_after;
    if (place.part == Place::kMiddle) ChunkTree(heap_, root_.middle).Replace(place.path, chunk);
    return true;
  }
  const bool alone = packed > Chunk::kAloneBytes;
  if (!alone && (keeps_size || sizeof(Chunk) + new_used <= Chunk::kFullBytesMax)) {
    const size_t capacity = keeps_size ? chunk->capacity : Capacity(sizeof(Chunk) + new_used + new_used / 8);
    Chunk* copy = Chunk::New(heap_, capacity, chunk->label());
    copy->begin = static_cast<uint32_t>((capacity - new_used) / 2);
    copy->end = copy->begin + static_cast<uint32_t>(new_used);
    copy->count = place.within + 1 + count_after;
    char* to = copy->bytes() + copy->begin;
    std::memcpy(to, chunk->first(), offset);
    PackElement(to + offset, element);
    std::memcpy(to + offset + packed, tail, after);
    IndexSpliced(*chunk, offset, old_bytes, element);
    ReplaceChunk(place, {{copy}});
    return true;
  }
  if (!alone && chunk->count > 1) return false;

  // What stands before, the element by itself, what stands behind.
  std::vector<Chunk*> pieces;
  const auto keep = [&](const char* from, uint32_t bytes, uint32_t count) {
    if (count == 0) return;
    // A lone neighbour keeps its exact size, see NewChunkCapacity.
    Chunk* piece = Chunk::New(heap_, count == 1 ? bytes : Capacity(sizeof(Chunk) + bytes), chunk->label());
    piece->end = bytes;
    piece->count = count;
    std::memcpy(piece->bytes(), from, bytes);
    pieces.push_back(piece);
  };
  keep(chunk->first(), offset, place.within);
  Chunk* own =
      Chunk::New(heap_, alone ? packed : Capacity(std::max(kFirstChunkBytes, sizeof(Chunk) + packed)), chunk->label());
  own->Push(Side::kRight, element);
  pieces.push_back(own);
  keep(tail, after, count_after);
  IndexSpliced(*chunk, offset, old_bytes, element);
  ReplaceChunk(place, pieces);
  return true;
}

// Moves the smaller part when the room is on its side, else the larger one, else both.
void ListEditor::SpliceInPlace(Chunk* chunk, uint32_t offset, uint32_t old_bytes, std::string_view element) {
  const auto packed = static_cast<uint32_t>(PackedBytes(element.size()));
  const uint32_t after = chunk->used() - offset - old_bytes;
  char* const first = chunk->bytes() + chunk->begin;
  char* const tail = chunk->bytes() + chunk->end - after;
  uint32_t begin = chunk->begin;
  if (packed > old_bytes) {
    const uint32_t more = packed - old_bytes;
    const auto behind = static_cast<uint32_t>(chunk->gap(Side::kRight));
    if (chunk->begin >= more && (offset < after || behind < more)) {
      begin -= more;
    } else if (behind < more) {
      begin = 0;
    }
  } else if (offset < after) {
    begin += old_bytes - packed;
  }
  char* const to = chunk->bytes() + begin;
  // The one that moves away from the other goes first.
  if (begin <= chunk->begin) {
    std::memmove(to, first, offset);
    std::memmove(to + offset + packed, tail, after);
  } else {
    std::memmove(to + offset + packed, tail, after);
    std::memmove(to, first, offset);
  }
  PackElement(to + offset, element);
  chunk->begin = begin;
  chunk->end = begin + offset + packed + after;
}

// At the element border nearest the middle. The chunk has at least two elements.
void ListEditor::Split(Place& place) {
  Chunk* chunk = place.chunk;
  const char* border = PackedEnd(ElementAt(chunk->first()));
  uint32_t count = 1;
  const char* half = chunk->first() + chunk->used() / 2;
  while (count + 1 < chunk->count && border < half) {
    border = PackedEnd(ElementAt(border));
    ++count;
  }
  const auto piece = [&](const char* from, const char* to, uint32_t elements) {
    const auto bytes = static_cast<size_t>(to - from);
    Chunk* made = Chunk::New(heap_, Capacity(sizeof(Chunk) + bytes + bytes / 8), chunk->label());
    made->begin = static_cast<uint32_t>((made->capacity - bytes) / 2);
    made->end = made->begin + static_cast<uint32_t>(bytes);
    made->count = elements;
    std::memcpy(made->bytes() + made->begin, from, bytes);
    return made;
  };
  Chunk* pieces[] = {piece(chunk->first(), border, count), piece(border, chunk->last(), chunk->count - count)};
  ReplaceChunk(place, pieces);
}

// `doomed`: views into the chunk, in its order.
void ListEditor::RemoveFromChunk(Place& place, const std::vector<std::string_view>& doomed) {
  Chunk* chunk = place.chunk;
  const auto gone = static_cast<uint32_t>(doomed.size());
  root_.count -= gone;
  if (root_.index != nullptr) {
    for (std::string_view element : doomed) root_.index->Remove(element, chunk->label());
  }
  if (gone == chunk->count) return DropChunk(place);

  if (heap_.MayChange(chunk->epoch)) {
    if (gone == 1) {
      const auto offset = static_cast<uint32_t>(PackedBegin(doomed[0]) - chunk->first());
      const auto bytes = static_cast<uint32_t>(PackedBytes(doomed[0].size()));
      CloseGap(chunk, offset, bytes);
    } else {
      char* to = const_cast<char*>(PackedBegin(doomed[0]));
      const char* last = chunk->last();
      for (size_t i = 0; i < doomed.size(); ++i) {
        const char* from = PackedEnd(doomed[i]);
        const char* until = i + 1 < doomed.size() ? PackedBegin(doomed[i + 1]) : last;
        std::memmove(to, from, static_cast<size_t>(until - from));
        to += until - from;
      }
      chunk->end = static_cast<uint32_t>(to - chunk->bytes());
    }
    chunk->count -= gone;
    if (place.part == Place::kMiddle) ChunkTree(heap_, root_.middle).Replace(place.path, chunk);
  } else {
    Chunk* copy = Chunk::New(heap_, chunk->capacity, chunk->label());
    char* to = copy->bytes() + chunk->begin;
    const char* from = chunk->first();
    for (size_t i = 0; i <= doomed.size(); ++i) {
      const char* until = i < doomed.size() ? PackedBegin(doomed[i]) : chunk->last();
      std::memcpy(to, from, static_cast<size_t>(until - from));
      to += until - from;
      if (i < doomed.size()) from = PackedEnd(doomed[i]);
    }
    copy->begin = chunk->begin;
    copy->end = static_cast<uint32_t>(to - copy->bytes());
    copy->count = chunk->count - gone;
    ReplaceChunk(place, {{copy}});
  }
  if (place.part == Place::kMiddle && place.chunk->used() < place.chunk->capacity / 4) JoinSmall(place);
}

// Takes `bytes` at `offset` out by moving the shorter side.
void ListEditor::CloseGap(Chunk* chunk, uint32_t offset, uint32_t bytes) {
  char* first = chunk->bytes() + chunk->begin;
  const uint32_t after = chunk->used() - offset - bytes;
  if (offset < after) {
    std::memmove(first + bytes, first, offset);
    chunk->begin += bytes;
  } else {
    std::memmove(first + offset, first + offset + bytes, after);
    chunk->end -= bytes;
  }
}

// A chunk in the middle that has become mostly empty is joined with a neighbour, or at least cut to what it needs.
void ListEditor::JoinSmall(Place& place) {
  ChunkTree middle(heap_, root_.middle);
  const ChunkTreeNode* leaf = place.path.leaf();
  const unsigned slot = place.path.slot();
  const size_t bytes_max =
      root_.index != nullptr ? Chunk::IndexedBytes(place.chunk->used() / place.chunk->count) : Chunk::kFullBytesMax / 2;
  const auto fits = [&](unsigned left) {
    return left + 1 < leaf->size &&
           leaf->chunk(left)->used() + leaf->chunk(left + 1)->used() <= bytes_max - sizeof(Chunk);
  };
  unsigned left = slot;
  if (slot > 0 && fits(slot - 1)) {
    left = slot - 1;
  } else if (!fits(slot)) {
    Chunk* copy =
        Chunk::Copy(heap_, *place.chunk, Capacity(sizeof(Chunk) + place.chunk->used() + place.chunk->used() / 4), 0);
    ReplaceChunk(place, {{copy}});
    return;
  }
  Chunk* a = leaf->chunk(left);
  Chunk* b = leaf->chunk(left + 1);
  const size_t used = size_t{a->used()} + b->used();
  MoveInIndex(*b, b->label(), a->label());
  Chunk* joined = Chunk::Copy(heap_, *a, Capacity(sizeof(Chunk) + used + used / 4), 0);
  std::memcpy(joined->bytes() + joined->end, b->first(), b->used());
  joined->end += b->used();
  joined->count += b->count;
  // The right one goes while its count is still known to the tree, then the left one takes both.
  ChunkPath right = place.path;
  right.slots[right.depth] = left + 1;
  const uint64_t begin = right.ElementsBefore() - a->count;
  middle.Remove(right);
  uint32_t within;
  middle.Replace(middle.PathTo(begin, &within), joined);
  heap_.Retire(NodeKind::kChunk, a);
  heap_.Retire(NodeKind::kChunk, b);
}

}  // namespace baton
