#include "queue/message_table.h"

#include <algorithm>

#include "base/check.h"

namespace baton {

std::string_view StateName(MessageState state) {
  constexpr std::string_view kNames[] = {"ready", "leased", "delayed", "dead"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view ReasonName(ReturnReason reason) {
  constexpr std::string_view kNames[] = {"none", "expired", "nack", "disconnect", "moved-back", "redriven"};
  return kNames[static_cast<size_t>(reason)];
}

// --- pages

static_assert(sizeof(Message) == 48);

MessagePages::~MessagePages() { Clear(); }

void MessagePages::Clear() {
  for (Page* page : pages_) {
    views_ == 0 ? delete page : superseded_.push_back(page);
  }
  pages_.clear();
  free_.clear();
}

uint32_t MessagePages::Add() {
  if (free_.empty()) {
    const auto first = static_cast<uint32_t>(slots());
    pages_.push_back(new Page{});
    pages_.back()->epoch = epoch_;
    for (uint32_t i = kPerPage; i > 0; --i) free_.push_back(first + i - 1);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void MessagePages::Remove(uint32_t slot) {
  Edit(slot) = Message{};
  free_.push_back(slot);
}

MessagePages::Page* MessagePages::Clone(Page* old) {
  Page* page = new Page(*old);
  superseded_.push_back(old);
  return page;
}

MessagePages::View MessagePages::TakeView() {
  View view;
  view.pages_ = pages_;
  ++epoch_;
  ++views_;
  return view;
}

void MessagePages::ReleaseView(const View&) {
  CHECK(views_ > 0);
  if (--views_ > 0) return;
  for (Page* page : superseded_) delete page;
  superseded_.clear();
}

// --- table

MessageTable::MessageTable() { Clear(); }

void MessageTable::Clear() {
  pages_.Clear();
  timer_pages_.clear();
  equals_.assign(kEqualsShards, EqualsMap());
  const ById by_id{&pages_};
  const ByPlace by_place{&pages_};
  ids_.assign(kShards, IdSet(0, by_id, by_id));
  places_.assign(kShards, PlaceSet(0, by_place, by_place));
  timers_.clear();
  size_ = 0;
}

uint32_t MessageTable::Add(const Message& message) {
  CHECK(message.id != 0);
  const uint32_t slot = pages_.Add();
  Message& added = pages_.Edit(slot);
  added = message;
  added.list = Message::kNowhere;
  if (timer_pages_.size() * MessagePages::kPerPage < pages_.slots()) {
    timer_pages_.push_back(std::make_unique<TimerPage>());
  }
  timer(slot) = kNone;
  CHECK(ids(message.id).insert(slot).second);
  ++size_;
  return slot;
}

void MessageTable::Remove(uint32_t slot) {
  Leave(slot);
  const uint64_t id = at(slot).id;
  CHECK(ids(id).erase(id) == 1);
  pages_.Remove(slot);
  --size_;
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
    set.erase(found);
  }
  set.insert(slot);
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
    set.erase(found);
    if (equals.next != kNone) set.insert(equals.next);
  }
  if (equals.next != kNone || equals.previous != kNone) SetEquals(slot, {});
  pages_.Edit(slot).list = Message::kNowhere;
}

void MessageTable::SetEquals(uint32_t slot, const Equals& equals) {
  EqualsMap& map = equals_[slot % kEqualsShards];
  if (equals.next == kNone && equals.previous == kNone) {
    map.erase(slot);
  } else {
    map[slot] = equals;
  }
}

uint32_t MessageTable::FirstEqual(uint32_t list, const PayloadHash& payload) const {
  const PlaceKey key{list, payload};
  const PlaceSet& set = places(key);
  const auto found = set.find(key);
  return found == set.end() ? kNone : *found;
}

size_t MessageTable::allocated_bytes() const {
  size_t bytes =
      pages_.allocated_bytes() + timer_pages_.size() * sizeof(TimerPage) + timers_.capacity() * sizeof(uint32_t);
  for (const IdSet& set : ids_) bytes += sizeof set + set.capacity() * 5;
  for (const PlaceSet& set : places_) bytes += sizeof set + set.capacity() * 5;
  for (const EqualsMap& map : equals_) bytes += sizeof map + map.capacity() * (sizeof(EqualsMap::value_type) + 1);
  return bytes;
}

// --- timers

void MessageTable::SetTime(uint32_t slot, int64_t at_ms) {
  StopTimer(slot);
  pages_.Edit(slot).at_ms = at_ms;
  if (at_ms == INT64_MAX) return;
  timers_.push_back(slot);
  SiftUp(timers_.size() - 1, slot);
}

void MessageTable::StopTimer(uint32_t slot) {
  const uint32_t place = timer(slot);
  if (place == kNone) return;
  timer(slot) = kNone;
  const uint32_t last = timers_.back();
  timers_.pop_back();
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
