#include "queue/message_table.h"

#include "base/check.h"

namespace baton {
namespace {

// A map that is mostly empty gives its memory back, unless that is little.
constexpr size_t kShrinksFrom = 64;

}  // namespace

std::string_view StateName(MessageState state) {
  constexpr std::string_view kNames[] = {"ready", "leased", "delayed", "dead"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view ReasonName(ReturnReason reason) {
  constexpr std::string_view kNames[] = {"none",       "expired",  "nack",        "disconnect",
                                         "moved-back", "redriven", "pushed-again"};
  return kNames[static_cast<size_t>(reason)];
}

MessageTable::MessageTable() { Clear(); }

void MessageTable::Clear() {
  pages_.Clear();
  rings_.Clear();
  others_ = rings_.New();
  equals_.assign(kEqualsShards, EqualsMap());
  ids_.Clear();
  places_.Clear();
  size_ = equals_count_ = 0;
}

uint32_t MessageTable::Add(const Message& message) {
  CHECK(message.id != 0);
  const uint32_t slot = pages_.Add();
  Message& added = pages_.Edit(slot);
  added = message;
  added.list = Message::kNowhere;
  added.timed = false;
  ids_.Insert(Mix(message.id), slot);
  ++size_;
  return slot;
}

void MessageTable::Remove(uint32_t slot) {
  Leave(slot);
  ids_.Erase(Mix(at(slot).id), slot);
  pages_.Remove(slot);
  --size_;
}

uint32_t MessageTable::Find(uint64_t id) const {
  return ids_.Find(Mix(id), [&](uint32_t slot) { return at(slot).id == id; });
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
  const uint64_t place = HashOf(PlaceOf(at(slot)));
  const uint32_t first = FirstEqual(list, at(slot).payload());
  if (first == kNone) return places_.Insert(place, slot);
  SetEquals(slot, {first, kNone});
  SetEquals(first, {EqualsOf(first).next, slot});
  places_.Replace(place, first, slot);
}

void MessageTable::LeavePlace(uint32_t slot) {
  const Equals equals = EqualsOf(slot);
  if (equals.next != kNone) SetEquals(equals.next, {EqualsOf(equals.next).next, equals.previous});
  if (equals.previous != kNone) {
    SetEquals(equals.previous, {equals.next, EqualsOf(equals.previous).previous});
  } else {
    const uint64_t place = HashOf(PlaceOf(at(slot)));
    equals.next != kNone ? places_.Replace(place, slot, equals.next) : places_.Erase(place, slot);
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
  return places_.Find(HashOf(PlaceKey{list, payload}), [&](uint32_t slot) {
    const Message& message = at(slot);
    return message.list == list && message.payload() == payload;
  });
}

void MessageTable::PrefetchRecord(uint32_t list, const PayloadHash& payload) const {
  const uint32_t slot = places_.Guess(HashOf(PlaceKey{list, payload}));
  if (slot == kNone) return;
  pages_.Prefetch(slot);
  rings_.PrefetchHome(slot);
}

void MessageTable::PrefetchLeaving(uint32_t slot) const {
  rings_.PrefetchHome(slot);
  ids_.Prefetch(Mix(at(slot).id));
  places_.Prefetch(HashOf(PlaceOf(at(slot))));
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
