#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace baton {

// Slots of messages in several orders, each that of Append. A slot is in one order at most, can be taken out wherever
// it stands, and the n-th of an order is found without walking over those before it: an order is a chain of small
// chunks.
//
// Slots may wait for a time. A chunk knows a time before which none of its slots' comes, and chunks, not slots, stand
// in a heap by it. Only a sooner time moves it: a slot that leaves, or waits for longer, leaves the chunk's time as it
// is, and when that has come the chunk is looked through. So a message that is settled in time never touches the heap.
//
// Eight bytes for each slot, twenty at worst. Loop thread only.
class SlotRings {
 public:
  using Order = uint32_t;
  static constexpr Order kNoOrder = UINT32_MAX;

  // An order goes by itself when it was let go and its last slot has left.
  Order New();
  void LetGo(Order order);

  void Append(Order order, uint32_t slot);
  // Nothing happens when it is in no order.
  void Remove(uint32_t slot);
  bool Contains(uint32_t slot) const { return HomeOf(slot) != kNone; }
  size_t size(Order order) const { return orders_[order].size; }
  // So that Remove waits less, soon: first the one, and when that has come the other.
  void PrefetchHome(uint32_t slot) const {
    const size_t page = slot / kPerPage;
    if (page < homes_.size() && homes_[page] != nullptr) __builtin_prefetch(&homes_[page]->chunk[slot % kPerPage]);
  }
  void PrefetchChunk(uint32_t slot) const {
    const uint32_t number = HomeOf(slot);
    if (number == kNone) return;
    const char* chunk = reinterpret_cast<const char*>(chunks_[number].get());
    for (size_t line = 0; line < sizeof(Chunk); line += 64) __builtin_prefetch(chunk + line);
  }

  // The slot, which is in an order, waits until then.
  void WaitUntil(uint32_t slot, int64_t at_ms);
  // No time that is waited for comes sooner; INT64_MAX: none comes.
  int64_t due_ms() const { return due_.empty() ? INT64_MAX : chunks_[due_.front()]->due_ms; }
  // Looks through the chunk that due_ms() is of: `look(slot)` says until when the slot waits, INT64_MAX: for nothing.
  // It may not change what is in the orders. Returns how many it has looked at.
  template <typename Look>
  size_t LookAtSoonest(const Look& look) {
    const uint32_t number = due_.front();
    const Chunk& chunk = *chunks_[number];
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < chunk.count; ++i) due_ms = std::min<int64_t>(due_ms, look(chunk.slots[i]));
    SetDue(number, due_ms);
    return chunk.count;
  }

  // Calls visit(slot) for each from the skip-th on, until that returns false.
  template <typename Visit>
  void Walk(Order order, uint64_t skip, const Visit& visit) const {
    for (uint32_t at = orders_[order].first; at != kNone; at = chunks_[at]->next) {
      const Chunk& chunk = *chunks_[at];
      if (skip >= chunk.count) {
        skip -= chunk.count;
        continue;
      }
      for (size_t i = skip; i < chunk.count; ++i) {
        if (!visit(chunk.slots[i])) return;
      }
      skip = 0;
    }
  }

  size_t allocated_bytes() const {
    return chunks_count_ * sizeof(Chunk) + homes_count_ * sizeof(Homes) + orders_.capacity() * sizeof(OrderEnds) +
           (chunks_.capacity() + homes_.capacity()) * sizeof(void*) + due_.capacity() * sizeof(uint32_t);
  }
  void Clear();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kPerChunk = 121, kPerPage = 1023;  // 512 bytes, and 4 KiB

  struct Chunk {
    int64_t due_ms = INT64_MAX;  // none of the slots' times comes sooner
    uint32_t place = kNone;      // in due_; kNone: due_ms is INT64_MAX
    uint32_t order, next, previous;
    uint32_t count = 0;
    std::array<uint32_t, kPerChunk> slots;
  };
  static_assert(sizeof(Chunk) == 512);
  struct OrderEnds {
    uint32_t first = kNone, last = kNone;
    size_t size = 0;
    bool let_go = false;
  };
  // The chunk that each slot is in.
  struct Homes {
    uint32_t used = 0;
    std::array<uint32_t, kPerPage> chunk;
  };
  static_assert(sizeof(Homes) == 4096);

  uint32_t NewChunk(Order order);
  void Unlink(uint32_t number);
  void JoinSparse(uint32_t number);
  void Join(uint32_t into, uint32_t from);
  uint32_t HomeOf(uint32_t slot) const {
    const size_t page = slot / kPerPage;
    return page >= homes_.size() || homes_[page] == nullptr ? kNone : homes_[page]->chunk[slot % kPerPage];
  }
  void SetHome(uint32_t slot, uint32_t chunk);

  void SetDue(uint32_t number, int64_t due_ms);
  void LeaveDue(uint32_t number);
  bool Sooner(uint32_t a, uint32_t b) const { return chunks_[a]->due_ms < chunks_[b]->due_ms; }
  void PlaceDue(size_t place, uint32_t number);
  void SiftUp(size_t place, uint32_t number);
  void SiftDown(size_t place, uint32_t number);

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<uint32_t> free_chunks_;  // numbers
  std::vector<OrderEnds> orders_;
  std::vector<Order> free_orders_;
  std::vector<std::unique_ptr<Homes>> homes_;
  std::vector<uint32_t> due_;  // chunks by due_ms: a heap, four below each, the soonest on top
  size_t chunks_count_ = 0, homes_count_ = 0;
};

}  // namespace baton
