#include "queue/message_table.h"

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
  others_ = rings_.New();
  equals_.assign(kEqualsShards, EqualsMap());
  const ById by_id{&pages_};
  const ByPlace by_place{&pages_};
  ids_.assign(kShards, IdSet(0, by_id, by_id));
  places_.assign(kShards, PlaceSet(0, by_place, by_place));
  size_ = equals_count_ = 0;
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
  added.timed = false;
  InsertInto(ids(message.id), slot);
  ++size_;
  return slot;
}

void MessageTable::Remove(uint32_t slot) {
  Leave(slot);
  const uint64_t id = at(slot).id;
  EraseFrom(ids(id), id);
  pages_.Remove(slot);
  --size_;
}

uint32_t MessageTable::Find(uint64_t id) const {
  const IdSet& set = ids(id);
  const auto found = set.find(id);
  return found == set.end() ? kNone : *found;
}

void MessageTable::Enter(uint32_t slot, uint32_t list, MessageState state, int64_t at_ms, SlotRings::Order order) {
  Leave(slot);
  EnterPlace(slot, list);
  pages_.Edit(slot).state = state;
  if (order != SlotRings::kNoOrder) rings_.Append(order, slot);
  SetTime(slot, at_ms);
}

void MessageTable::Leave(uint32_t slot) {
  StopTimer(slot);
  rings_.Remove(slot);
  if (at(slot).list != Message::kNowhere) LeavePlace(slot);
}

void MessageTable::SetList(uint32_t slot, uint32_t list) {
  LeavePlace(slot);
  EnterPlace(slot, list);
}

void MessageTable::SetPayload(uint32_t slot, const PayloadHash& payload) {
  const uint32_t list = at(slot).list;
  LeavePlace(slot);
  pages_.Edit(slot).set_payload(payload);
  EnterPlace(slot, list);
}

void MessageTable::EnterPlace(uint32_t slot, uint32_t list) {
  pages_.Edit(slot).list = list;
  const PlaceKey key = PlaceOf(at(slot));
  PlaceSet& set = places(key);
  if (const auto found = set.find(key); found != set.end()) {
    const uint32_t first = *found;
    SetEquals(slot, {first, kNone});
    SetEquals(first, {EqualsOf(first).next, slot});
    EraseFrom(set, key);
  }
  InsertInto(set, slot);
}

void MessageTable::LeavePlace(uint32_t slot) {
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

// --- times

void MessageTable::SetTime(uint32_t slot, int64_t at_ms) {
  Message& message = pages_.Edit(slot);
  message.at_ms = at_ms;
  message.timed = at_ms != INT64_MAX && HasTime(message.state) && message.list != Message::kNowhere;
  if (!message.timed) return;
  if (!rings_.Contains(slot)) rings_.Append(others_, slot);
  rings_.WaitUntil(slot, at_ms);
}

void MessageTable::StopTimer(uint32_t slot) {
  if (IsTimed(slot)) pages_.Edit(slot).timed = false;
}

void MessageTable::MoveToEnd(uint32_t slot, SlotRings::Order order) {
  rings_.Remove(slot);
  rings_.Append(order, slot);
  if (IsTimed(slot)) rings_.WaitUntil(slot, at(slot).at_ms);
}

}  // namespace baton
