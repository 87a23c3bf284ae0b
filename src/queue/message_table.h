#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <vector>

#include "queue/message_pages.h"
#include "queue/slot_rings.h"
#include "queue/slot_set.h"

namespace baton {

// The records of all messages, found by id and by (list, payload), and told when their time has come.
//
// What is not used any more is given back. Loop thread only.
class MessageTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  MessageTable();

  size_t size() const { return size_; }
  const Message& at(uint32_t slot) const { return pages_.at(slot); }
  uint32_t slots() const { return static_cast<uint32_t>(pages_.slots()); }

  // Adds a record; its id is new. It is in no list until Enter.
  uint32_t Add(const Message& message);
  void Remove(uint32_t slot);
  uint32_t Find(uint64_t id) const;  // kNone when there is none

  // The record's element is in `list` from now on. `at_ms`: when its time comes; INT64_MAX: never. It goes to the end
  // of `order`, one of the owner's, until it leaves.
  void Enter(uint32_t slot, uint32_t list, MessageState state, int64_t at_ms,
             SlotRings::Order order = SlotRings::kNoOrder);
  void Leave(uint32_t slot);
  // Nothing but the list, or the payload, becomes another one. It is in a list.
  void SetList(uint32_t slot, uint32_t list);
  void SetPayload(uint32_t slot, const PayloadHash& payload);
  // In its order, which is one of the owner's.
  void MoveToEnd(uint32_t slot, SlotRings::Order order);
  void SetTime(uint32_t slot, int64_t at_ms);
  // Its time is not waited for any more; at_ms stays.
  void StopTimer(uint32_t slot);
  // For fields that are in no index: deliveries, failures, holder ...
  Message& Edit(uint32_t slot) { return pages_.Edit(slot); }

  // The first record of that payload in that list, and from there the next one; kNone at the end. Newest entered first.
  uint32_t FirstEqual(uint32_t list, const PayloadHash& payload) const;
  uint32_t NextEqual(uint32_t slot) const { return EqualsOf(slot).next; }

  // A record is one of very many, and hardly anything of it is in the cache. These ask for what comes next, so that it
  // is there by then: for FirstEqual; for the record that this will find, most likely; for its leaving, in two steps.
  void PrefetchEqual(uint32_t list, const PayloadHash& payload) const {
    places_.Prefetch(HashOf(PlaceKey{list, payload}));
  }
  void PrefetchRecord(uint32_t list, const PayloadHash& payload) const;
  void PrefetchLeaving(uint32_t slot) const;
  void PrefetchOrder(uint32_t slot) const { rings_.PrefetchChunk(slot); }

  // Whether its time is waited for.
  bool IsTimed(uint32_t slot) const { return at(slot).timed; }
  // No time that is waited for comes sooner; INT64_MAX: none is. Once CollectDue has been there it is later.
  int64_t due_ms() const { return rings_.due_ms(); }
  // Calls take(slot) for those whose time comes at `until_ms` or sooner, in no order; it is not waited for any more.
  // Looks at about `looked_at` records; false when that was not enough.
  template <typename Take>
  bool CollectDue(int64_t until_ms, size_t looked_at, const Take& take) {
    for (size_t i = 0; rings_.due_ms() <= until_ms;) {
      if (i >= looked_at) return false;
      i += rings_.LookAtSoonest([&](uint32_t slot) {
        const Message& message = at(slot);
        if (!message.timed) return INT64_MAX;
        if (message.at_ms > until_ms) return message.at_ms;
        StopTimer(slot);
        take(slot);
        return INT64_MAX;
      });
    }
    return true;
  }

  // Orders that the owner keeps.
  SlotRings::Order NewOrder() { return rings_.New(); }
  void LetGo(SlotRings::Order order) { rings_.LetGo(order); }
  const SlotRings& rings() const { return rings_; }

  size_t allocated_bytes() const {
    return pages_.allocated_bytes() + rings_.allocated_bytes() + ids_.allocated_bytes() + places_.allocated_bytes() +
           equals_count_ * kEqualsBytes;
  }
  // Memory that a snapshot has kept is freed in slices: so many pages. True when some are left.
  bool FreeSome(size_t pages) { return pages_.FreeSome(pages); }
  void Clear();

  MessagePages::View TakeView() { return pages_.TakeView(); }
  void ReleaseView(const MessagePages::View& view) { pages_.ReleaseView(view); }

 private:
  static constexpr size_t kEqualsShards = 64;

  struct PlaceKey {
    uint32_t list;
    PayloadHash payload;
  };
  static uint64_t Mix(uint64_t value) {
    value *= 0x9e3779b97f4a7c15;
    return value ^ (value >> 32);
  }
  static uint64_t HashOf(const PlaceKey& key) { return Mix(key.payload.hash ^ key.list); }
  static PlaceKey PlaceOf(const Message& message) { return {message.list, message.payload()}; }

  struct ById {
    const MessagePages* pages;
    uint64_t HashOf(uint32_t slot) const { return Mix(pages->at(slot).id); }
    void Prefetch(uint32_t slot) const { pages->Prefetch(slot); }
  };
  struct ByPlace {
    const MessagePages* pages;
    uint64_t HashOf(uint32_t slot) const { return MessageTable::HashOf(PlaceOf(pages->at(slot))); }
    void Prefetch(uint32_t slot) const { pages->Prefetch(slot); }
  };

  void EnterPlace(uint32_t slot, uint32_t list);
  void LeavePlace(uint32_t slot);

  // Neighbours of equal payload in the same list; only of those that have any.
  struct Equals {
    uint32_t next = kNone, previous = kNone;
  };
  using EqualsMap = absl::flat_hash_map<uint32_t, Equals>;
  static constexpr size_t kEqualsBytes = 2 * (sizeof(EqualsMap::value_type) + 1);  // a map is half full or more
  Equals EqualsOf(uint32_t slot) const {
    if (equals_count_ == 0) return {};
    const EqualsMap& map = equals_[slot % kEqualsShards];
    const auto found = map.find(slot);
    return found == map.end() ? Equals{} : found->second;
  }
  void SetEquals(uint32_t slot, const Equals& equals);

  MessagePages pages_;
  SlotRings rings_;
  SlotRings::Order others_ = SlotRings::kNoOrder;  // what waits and is in none of the owner's orders
  std::vector<EqualsMap> equals_;
  SlotSet<ById> ids_{ById{&pages_}};
  SlotSet<ByPlace> places_{ByPlace{&pages_}};  // the first of each payload in each list
  size_t size_ = 0, equals_count_ = 0;
};

}  // namespace baton
