#include "queue/message_table.h"

#include <algorithm>

#include "base/check.h"

namespace baton {
namespace {

// A table that is mostly empty gives its memory back, unless that is little.
constexpr size_t kShrinksFrom = 64;

}  // namespace

std::string_view StateName(MessageState state) {
  constexpr std::string_view kNames[] = {"ready", "leased", "delayed", "dead"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view ReasonName(ReturnReason reason) {
  constexpr std::string_view kNames[] = {"none", "expired", "nack", "disconnect", "moved-back", "redriven",
                                         "pushed-again"};
  return kNames[static_cast<size_t>(reason)];
}

MessageTable::MessageTable() { Clear(); }

void MessageTable::Clear() {
  pages_.Clear();
  rings_.Clear();
  timer_pages_.clear();
  equals_.assign(kEqualsShards, EqualsMap());
  const ById by_id{&pages_};
  const ByPlace by_place{&pages_};
  ids_.assign(kShards, IdSet(0, by_id, by_id));
  places_.assign(kShards, PlaceSet(0, by_place, by_place));
  timers_.clear();
  size_ = equals_count_ = timer_pages_count_ = 0;
  sets_bytes_ = kShards * (sizeof(IdSet) + sizeof(PlaceSet));
}

// What a set takes: a slot and a byte of control for each of its places.
template <typename Set>
void MessageTable::InsertInto(Set& set, uint32_t slot) {
  const size_t before = set.capacity();
  CHECK(set.insert(slot).second);
  sets_bytes_ += (set.capacity() - before) * (sizeof(uint32_t) + 1);
}

template <typename Set, typename Key>
void MessageTable::EraseFrom(Set& set, const Key& key) {
  CHECK(set.erase(key) == 1);
  const size_t before = set.capacity();
  if (before < kShrinksFrom || set.size() * 8 > before) return;
  set.rehash(0);
  sets_bytes_ -= (before - set.capacity()) * (sizeof(uint32_t) + 1);
}

uint32_t MessageTable::Add(const Message& message) {
  CHECK(message.id != 0);
  const uint32_t slot = pages_.Add();
  Message& added = pages_.Edit(slot);
  added = message;
  added.list = Message::kNowhere;
  timer_pages_.resize(pages_.slots() / MessagePages::kPerPage);
  if (auto& page = timer_pages_[slot / MessagePages::kPerPage]; page == nullptr) {
    page = std::make_unique<TimerPage>();
    ++timer_pages_count_;
  }
  timer(slot) = kNone;
  InsertInto(ids(message.id), slot);
  ++size_;
  return slot;
}

void MessageTable::Remove(uint32_t slot) {
  Leave(slot);
  rings_.Remove(slot);
  const uint64_t id = at(slot).id;
  EraseFrom(ids(id), id);
  pages_.Remove(slot);
  --size_;
  if (!pages_.IsVacant(slot)) return;
  timer_pages_[slot / MessagePages::kPerPage].reset();
  --timer_pages_count_;
}

uint32_t MessageTable::Find(uint64_t id) const {
  const IdSet& set = ids(id);
  const auto found = set.find(id);
  return found == set.end() ? kNone : *found;
}

void MessageTable::Enter(uint32_t slot, uint32_t list, MessageState state, int64_t at_ms) {
  Leave(slot);
  Message& message = pages_.Edit(slot);
  message.list = list;
  message.state = state;
  const PlaceKey key = PlaceOf(message);
  PlaceSet& set = places(key);
  if (const auto found = set.find(key); found != set.end()) {
    const uint32_t first = *found;
    SetEquals(slot, {first, kNone});
    SetEquals(first, {EqualsOf(first).next, slot});
    EraseFrom(set, key);
  }
  InsertInto(set, slot);
  SetTime(slot, at_ms);
}

void MessageTable::Leave(uint32_t slot) {
  if (at(slot).list == Message::kNowhere) return;
  StopTimer(slot);
  const Equals equals = EqualsOf(slot);
  if (equals.next != kNone) SetEquals(equals.next, {EqualsOf(equals.next).next, equals.previous});
  if (equals.previous != kNone) {
    SetEquals(equals.previous, {equals.next, EqualsOf(equals.previous).previous});
  } else {
    const PlaceKey key = PlaceOf(at(slot));
    PlaceSet& set = places(key);
    const auto found = set.find(key);
    CHECK(found != set.end() && *found == slot);
    EraseFrom(set, key);
    if (equals.next != kNone) InsertInto(set, equals.next);
  }
  if (equals.next != kNone || equals.previous != kNone) SetEquals(slot, {});
  pages_.Edit(slot).list = Message::kNowhere;
}

void MessageTable::SetEquals(uint32_t slot, const Equals& equals) {
  EqualsMap& map = equals_[slot % kEqualsShards];
  if (equals.next == kNone && equals.previous == kNone) {
    equals_count_ -= map.erase(slot);
    if (map.capacity() >= kShrinksFrom && map.size() * 8 < map.capacity()) map.rehash(0);
  } else {
    equals_count_ += map.insert_or_assign(slot, equals).second;
  }
}

uint32_t MessageTable::FirstEqual(uint32_t list, const PayloadHash& payload) const {
  const PlaceKey key{list, payload};
  const PlaceSet& set = places(key);
  const auto found = set.find(key);
  return found == set.end() ? kNone : *found;
}

// --- timers

void MessageTable::SetTime(uint32_t slot, int64_t at_ms) {
  StopTimer(slot);
  Message& message = pages_.Edit(slot);
  message.at_ms = at_ms;
  if (at_ms == INT64_MAX || !HasTime(message.state)) return;
  timers_.push_back(slot);
  SiftUp(timers_.size() - 1, slot);
}

void MessageTable::StopTimer(uint32_t slot) {
  const uint32_t place = timer(slot);
  if (place == kNone) return;
  timer(slot) = kNone;
  const uint32_t last = timers_.back();
  timers_.pop_back();
  if (timers_.capacity() >= kShrinksFrom && timers_.size() * 8 < timers_.capacity()) {
    timers_ = std::vector<uint32_t>(timers_);  // shrink_to_fit does nothing where there are no exceptions
  }
  if (last == slot) return;
  // The last one takes its place, and goes to where it belongs from there.
  if (place > 0 && Sooner(last, timers_[(place - 1) / 4])) {
    SiftUp(place, last);
  } else {
    SiftDown(place, last);
  }
}

void MessageTable::PlaceTimer(size_t place, uint32_t slot) {
  timers_[place] = slot;
  timer(slot) = static_cast<uint32_t>(place);
}

void MessageTable::SiftUp(size_t place, uint32_t slot) {
  while (place > 0) {
    const size_t parent = (place - 1) / 4;
    if (!Sooner(slot, timers_[parent])) break;
    PlaceTimer(place, timers_[parent]);
    place = parent;
  }
  PlaceTimer(place, slot);
}

void MessageTable::SiftDown(size_t place, uint32_t slot) {
  while (true) {
    const size_t first = 4 * place + 1;
    if (first >= timers_.size()) break;
    size_t soonest = first;
    for (size_t child = first + 1; child < std::min(first + 4, timers_.size()); ++child) {
      if (Sooner(timers_[child], timers_[soonest])) soonest = child;
    }
    if (!Sooner(timers_[soonest], slot)) break;
    PlaceTimer(place, timers_[soonest]);
    place = soonest;
  }
  PlaceTimer(place, slot);
}

}  // namespace baton
