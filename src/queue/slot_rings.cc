#include "queue/slot_rings.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace baton {
namespace {

// A heap that is mostly empty gives its memory back, unless that is little.
constexpr size_t kShrinksFrom = 64;

}  // namespace

void SlotRings::Clear() {
  chunks_.clear();
  free_chunks_.clear();
  orders_.clear();
  free_orders_.clear();
  homes_.clear();
  due_.clear();
  chunks_count_ = homes_count_ = 0;
}

SlotRings::Order SlotRings::New() {
  if (free_orders_.empty()) {
    orders_.emplace_back();
    return static_cast<Order>(orders_.size() - 1);
  }
  const Order order = free_orders_.back();
  free_orders_.pop_back();
  orders_[order] = OrderEnds{};
  return order;
}

void SlotRings::LetGo(Order order) {
  orders_[order].let_go = true;
  if (orders_[order].size == 0) free_orders_.push_back(order);
}

void SlotRings::Append(Order order, uint32_t slot) {
  OrderEnds& ends = orders_[order];
  uint32_t number = ends.last;
  if (number == kNone || chunks_[number]->count == kPerChunk) number = NewChunk(order);
  Chunk& chunk = *chunks_[number];
  chunk.slots[chunk.count++] = slot;
  ++ends.size;
  SetHome(slot, number);
}

void SlotRings::Remove(uint32_t slot) {
  const uint32_t number = HomeOf(slot);
  if (number == kNone) return;
  SetHome(slot, kNone);
  Chunk& chunk = *chunks_[number];
  uint32_t* const end = chunk.slots.data() + chunk.count;
  uint32_t* const found = std::find(chunk.slots.data(), end, slot);
  CHECK(found != end);
  std::copy(found + 1, end, found);
  --chunk.count;
  OrderEnds& ends = orders_[chunk.order];
  --ends.size;
  if (ends.size == 0 && ends.let_go) free_orders_.push_back(chunk.order);
  if (chunk.count == 0) {
    Unlink(number);
  } else if (chunk.count < kPerChunk / 4) {
    JoinSparse(number);
  }
}

// Appended to its order.
uint32_t SlotRings::NewChunk(Order order) {
  uint32_t number;
  if (free_chunks_.empty()) {
    number = static_cast<uint32_t>(chunks_.size());
    chunks_.emplace_back();
  } else {
    number = free_chunks_.back();
    free_chunks_.pop_back();
  }
  OrderEnds& ends = orders_[order];
  chunks_[number] = std::make_unique<Chunk>();
  ++chunks_count_;
  Chunk& chunk = *chunks_[number];
  chunk.order = order;
  chunk.previous = ends.last;
  chunk.next = kNone;
  (ends.last == kNone ? ends.first : chunks_[ends.last]->next) = number;
  ends.last = number;
  return number;
}

void SlotRings::Unlink(uint32_t number) {
  SetDue(number, INT64_MAX);
  const Chunk& chunk = *chunks_[number];
  OrderEnds& ends = orders_[chunk.order];
  (chunk.previous == kNone ? ends.first : chunks_[chunk.previous]->next) = chunk.next;
  (chunk.next == kNone ? ends.last : chunks_[chunk.next]->previous) = chunk.previous;
  chunks_[number].reset();
  free_chunks_.push_back(number);
  --chunks_count_;
}

// A few that stay long must not each keep a chunk. What is joined is far from full, so that it isn't soon cut up again.
void SlotRings::JoinSparse(uint32_t number) {
  const Chunk& chunk = *chunks_[number];
  const auto fits = [&](uint32_t other) {
    return other != kNone && chunks_[other]->count + chunk.count <= kPerChunk / 2;
  };
  if (fits(chunk.previous)) {
    Join(chunk.previous, number);
  } else if (fits(chunk.next)) {
    Join(number, chunk.next);
  }
}

// Of two neighbours, `from` comes behind `into`.
void SlotRings::Join(uint32_t into, uint32_t from) {
  Chunk& first = *chunks_[into];
  const Chunk& second = *chunks_[from];
  for (size_t i = 0; i < second.count; ++i) {
    first.slots[first.count++] = second.slots[i];
    SetHome(second.slots[i], into);
  }
  SetDue(into, std::min(first.due_ms, second.due_ms));
  Unlink(from);
}

void SlotRings::SetHome(uint32_t slot, uint32_t chunk) {
  const size_t page = slot / kPerPage;
  if (page >= homes_.size()) homes_.resize(page + 1);
  if (homes_[page] == nullptr) {
    homes_[page] = std::make_unique<Homes>();
    homes_[page]->chunk.fill(kNone);
    ++homes_count_;
  }
  uint32_t& home = homes_[page]->chunk[slot % kPerPage];
  homes_[page]->used += (home == kNone) - static_cast<size_t>(chunk == kNone);
  home = chunk;
  if (homes_[page]->used > 0) return;
  homes_[page].reset();
  --homes_count_;
}

// --- times

void SlotRings::WaitUntil(uint32_t slot, int64_t at_ms) {
  const uint32_t number = HomeOf(slot);
  CHECK(number != kNone);
  if (at_ms < chunks_[number]->due_ms) SetDue(number, at_ms);
}

void SlotRings::SetDue(uint32_t number, int64_t due_ms) {
  Chunk& chunk = *chunks_[number];
  const int64_t before_ms = std::exchange(chunk.due_ms, due_ms);
  if (due_ms == before_ms) return;
  if (due_ms == INT64_MAX) {
    LeaveDue(number);
  } else if (chunk.place == kNone) {
    due_.push_back(number);
    SiftUp(due_.size() - 1, number);
  } else if (due_ms < before_ms) {
    SiftUp(chunk.place, number);
  } else {
    SiftDown(chunk.place, number);
  }
}

void SlotRings::LeaveDue(uint32_t number) {
  const uint32_t place = std::exchange(chunks_[number]->place, kNone);
  const uint32_t last = due_.back();
  due_.pop_back();
  if (due_.capacity() >= kShrinksFrom && due_.size() * 8 < due_.capacity()) {
    due_ = std::vector<uint32_t>(due_);  // shrink_to_fit does nothing where there are no exceptions
  }
  if (last == number) return;
  // The last one takes its place, and goes to where it belongs from there.
  if (place > 0 && Sooner(last, due_[(place - 1) / 4])) {
    SiftUp(place, last);
  } else {
    SiftDown(place, last);
  }
}

void SlotRings::PlaceDue(size_t place, uint32_t number) {
  due_[place] = number;
  chunks_[number]->place = static_cast<uint32_t>(place);
}

void SlotRings::SiftUp(size_t place, uint32_t number) {
  while (place > 0) {
    const size_t parent = (place - 1) / 4;
    if (!Sooner(number, due_[parent])) break;
    PlaceDue(place, due_[parent]);
    place = parent;
  }
  PlaceDue(place, number);
}

void SlotRings::SiftDown(size_t place, uint32_t number) {
  while (true) {
    const size_t first = 4 * place + 1;
    if (first >= due_.size()) break;
    size_t soonest = first;
    for (size_t child = first + 1; child < std::min(first + 4, due_.size()); ++child) {
      if (Sooner(due_[child], due_[soonest])) soonest = child;
    }
    if (!Sooner(due_[soonest], number)) break;
    PlaceDue(place, due_[soonest]);
    place = soonest;
  }
  PlaceDue(place, number);
}

}  // namespace baton
