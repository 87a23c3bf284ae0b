#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace baton {

// Slots of messages in several orders, each that of Append. A slot is in one order at most, can be taken out wherever it
// stands, and the n-th of an order is found without walking over those before it: an order is a chain of small chunks.
// Eight bytes for each slot, twenty at worst. Loop thread only.
class SlotRings {
 public:
  using Order = uint32_t;

  // An order goes by itself when it was let go and its last slot has left.
  Order New();
  void LetGo(Order order);

  void Append(Order order, uint32_t slot);
  // Nothing happens when it is in no order.
  void Remove(uint32_t slot);
  size_t size(Order order) const { return orders_[order].size; }

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
           (chunks_.capacity() + homes_.capacity()) * sizeof(void*);
  }
  void Clear();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kPerChunk = 124, kPerPage = 1024;

  struct Chunk {
    uint32_t next, previous, order, count;
    std::array<uint32_t, kPerChunk> slots;
  };
  struct OrderEnds {
    uint32_t first = kNone, last = kNone;
    size_t size = 0;
    bool let_go = false;
  };
  // The chunk that each slot is in.
  struct Homes {
    std::array<uint32_t, kPerPage> chunk;
    size_t used = 0;
  };

  uint32_t NewChunk(Order order);
  void Unlink(uint32_t number);
  void JoinSparse(uint32_t number);
  void Join(uint32_t into, uint32_t from);
  void SetHome(uint32_t slot, uint32_t chunk);

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<uint32_t> free_chunks_;  // numbers
  std::vector<OrderEnds> orders_;
  std::vector<Order> free_orders_;
  std::vector<std::unique_ptr<Homes>> homes_;
  size_t chunks_count_ = 0, homes_count_ = 0;
};

}  // namespace baton
