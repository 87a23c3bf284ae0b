#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "queue/message.h"

namespace baton {

// Messages in pages of 4 KiB. A page that a snapshot can see is cloned before it is changed, so that a snapshot is a
// copy of the list of pages. Loop thread only, but for what a PageView hands out.
class MessagePages {
 public:
  static constexpr size_t kPerPage = (4096 - sizeof(uint64_t)) / sizeof(Message);
  struct Page {
    uint64_t epoch;
    Message messages[kPerPage];
  };

  // What stood in the pages at one instant, for a reader on any one thread.
  class View {
   public:
    template <typename Visit>
    void ForEach(const Visit& visit) const {
      for (const Page* page : pages_) {
        for (const Message& message : page->messages) {
          if (message.id != 0) visit(message);
        }
      }
    }

   private:
    friend class MessagePages;
    std::vector<Page*> pages_;
  };

  MessagePages() = default;
  ~MessagePages();
  MessagePages(const MessagePages&) = delete;
  MessagePages& operator=(const MessagePages&) = delete;

  const Message& at(uint32_t slot) const { return pages_[slot / kPerPage]->messages[slot % kPerPage]; }
  Message& Edit(uint32_t slot) {
    Page*& page = pages_[slot / kPerPage];
    if (page->epoch < epoch_) [[unlikely]] {
      if (views_ > 0) page = Clone(page);
      page->epoch = epoch_;
    }
    return page->messages[slot % kPerPage];
  }
  uint32_t Add();
  void Remove(uint32_t slot);
  size_t slots() const { return pages_.size() * kPerPage; }
  size_t allocated_bytes() const { return (pages_.size() + superseded_.size()) * sizeof(Page); }

  View TakeView();
  // On the loop thread, when the reader has finished.
  void ReleaseView(const View& view);
  void Clear();

 private:
  Page* Clone(Page* old);

  std::vector<Page*> pages_;
  std::vector<uint32_t> free_;
  uint64_t epoch_ = 0;  // pages of an older one may be seen by a view
  uint32_t views_ = 0;
  std::vector<Page*> superseded_;  // freed when there is no view
};

// The records of all messages, found by id and by (list, payload), and in the order in which their time comes.
//
// Sets of 4-byte slots, in many small tables, so that growing never stops the loop for long. Loop thread only.
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

  // The record's element is in `list` from now on. `at_ms`: when its time comes; INT64_MAX: never.
  void Enter(uint32_t slot, uint32_t list, MessageState state, int64_t at_ms);
  void Leave(uint32_t slot);
  void SetTime(uint32_t slot, int64_t at_ms);
  // Its time is not waited for any more; at_ms stays.
  void StopTimer(uint32_t slot);
  // For fields that are in no index: deliveries, failures, holder ...
  Message& Edit(uint32_t slot) { return pages_.Edit(slot); }

  // The first record of that payload in that list, and from there the next one; kNone at the end. Newest entered first.
  uint32_t FirstEqual(uint32_t list, const PayloadHash& payload) const;
  uint32_t NextEqual(uint32_t slot) const { return EqualsOf(slot).next; }

  // The record whose time comes first; kNone when none has one.
  uint32_t Earliest() const { return timers_.empty() ? kNone : timers_.front(); }

  size_t allocated_bytes() const;
  void Clear();

  MessagePages::View TakeView() { return pages_.TakeView(); }
  void ReleaseView(const MessagePages::View& view) { pages_.ReleaseView(view); }

 private:
  static constexpr size_t kShards = 300;
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
    using is_transparent = void;
    const MessagePages* pages;
    size_t operator()(uint32_t slot) const { return Mix(pages->at(slot).id); }
    size_t operator()(uint64_t id) const { return Mix(id); }
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t slot, uint64_t id) const { return pages->at(slot).id == id; }
  };
  struct ByPlace {
    using is_transparent = void;
    const MessagePages* pages;
    size_t operator()(uint32_t slot) const { return HashOf(PlaceOf(pages->at(slot))); }
    size_t operator()(const PlaceKey& key) const { return HashOf(key); }
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t slot, const PlaceKey& key) const {
      const Message& message = pages->at(slot);
      return message.list == key.list && message.payload() == key.payload;
    }
  };
  using IdSet = absl::flat_hash_set<uint32_t, ById, ById>;
  using PlaceSet = absl::flat_hash_set<uint32_t, ByPlace, ByPlace>;  // the first of each payload in each list

  IdSet& ids(uint64_t id) { return ids_[Mix(id) % kShards]; }
  const IdSet& ids(uint64_t id) const { return ids_[Mix(id) % kShards]; }
  PlaceSet& places(const PlaceKey& key) { return places_[HashOf(key) % kShards]; }
  const PlaceSet& places(const PlaceKey& key) const { return places_[HashOf(key) % kShards]; }

  // The places of slots in timers_, beside the pages: no snapshot needs them.
  using TimerPage = std::array<uint32_t, MessagePages::kPerPage>;
  uint32_t& timer(uint32_t slot) {
    return (*timer_pages_[slot / MessagePages::kPerPage])[slot % MessagePages::kPerPage];
  }

  // Neighbours of equal payload in the same list; only of those that have any.
  struct Equals {
    uint32_t next = kNone, previous = kNone;
  };
  using EqualsMap = absl::flat_hash_map<uint32_t, Equals>;
  Equals EqualsOf(uint32_t slot) const {
    const EqualsMap& map = equals_[slot % kEqualsShards];
    const auto found = map.find(slot);
    return found == map.end() ? Equals{} : found->second;
  }
  void SetEquals(uint32_t slot, const Equals& equals);

  // timers_ is a heap of slots, four below each, earliest on top.
  bool Sooner(uint32_t a, uint32_t b) const {
    const Message& first = at(a);
    const Message& second = at(b);
    return first.at_ms != second.at_ms ? first.at_ms < second.at_ms : first.id < second.id;
  }
  void PlaceTimer(size_t place, uint32_t slot);
  void SiftUp(size_t place, uint32_t slot);
  void SiftDown(size_t place, uint32_t slot);

  MessagePages pages_;
  std::vector<std::unique_ptr<TimerPage>> timer_pages_;
  std::vector<EqualsMap> equals_;
  std::vector<IdSet> ids_;
  std::vector<PlaceSet> places_;
  std::vector<uint32_t> timers_;
  size_t size_ = 0;
};

}  // namespace baton
