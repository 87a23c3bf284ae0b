#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "data/entry.h"

namespace baton {

// When the keys of one database expire: a 4-ary heap by time. Each entry with an expiry knows its place in it (no part
// of any snapshot), so changing or dropping an expiry is exact and nothing stale is ever left behind. Kept in blocks,
// so that growing to millions copies nothing. One heap for each database: SWAPDB swaps it, FLUSHDB drops it.
class ExpiryHeap {
 public:
  size_t size() const { return size_; }
  int64_t earliest_ms() const { return size_ == 0 ? INT64_MAX : At(0).at_ms; }
  const Entry& entry(size_t place) const { return *At(place).entry; }
  int64_t at_ms(size_t place) const { return At(place).at_ms; }

  // The entry has an expiry.
  void Add(const Entry& entry);
  void Remove(const Entry& entry);
  // The entry's time was changed.
  void Update(const Entry& entry);
  // `entry` stands for the one it was made from, with the same expiry and place.
  void Moved(const Entry& entry) { At(entry.expiry_place()).entry = &entry; }

  // Gives the memory of about `blocks` blocks back, when the heap is no longer used. True when some is left.
  bool FreeSome(size_t blocks);

  static constexpr size_t kArity = 4;

 private:
  struct Item {
    int64_t at_ms;
    const Entry* entry;
  };
  static constexpr size_t kBlockBits = 12;
  static constexpr size_t kBlockItems = size_t{1} << kBlockBits;

  Item& At(size_t place) const { return blocks_[place >> kBlockBits][place & (kBlockItems - 1)]; }
  void Put(size_t place, const Item& item) {
    At(place) = item;
    item.entry->set_expiry_place(static_cast<uint32_t>(place));
  }
  void Up(size_t place, const Item& item);
  void Down(size_t place, const Item& item);

  std::vector<std::unique_ptr<Item[]>> blocks_;
  size_t size_ = 0;
};

}  // namespace baton
