#include "data/expiry_heap.h"

#include <algorithm>

namespace baton {

void ExpiryHeap::Add(const Entry& entry) {
  if (size_ == blocks_.size() * kBlockItems) blocks_.push_back(std::make_unique_for_overwrite<Item[]>(kBlockItems));
  Up(size_++, {entry.expire_at_ms(), &entry});
}

void ExpiryHeap::Remove(const Entry& entry) {
  const size_t place = entry.expiry_place();
  const Item last = At(--size_);
  if (place != size_) {
    if (last.at_ms < At(place).at_ms) {
      Up(place, last);
    } else {
      Down(place, last);
    }
  }
  // One spare block, so that adding and removing around a border doesn't allocate each time.
  if (blocks_.size() > size_ / kBlockItems + 2) blocks_.pop_back();
}

void ExpiryHeap::Update(const Entry& entry) {
  const size_t place = entry.expiry_place();
  const Item item{entry.expire_at_ms(), &entry};
  if (item.at_ms < At(place).at_ms) {
    Up(place, item);
  } else {
    Down(place, item);
  }
}

bool ExpiryHeap::FreeSome(size_t blocks) {
  while (blocks-- > 0 && !blocks_.empty()) blocks_.pop_back();
  return !blocks_.empty();
}

// `place` is free; the item belongs there or above.
void ExpiryHeap::Up(size_t place, const Item& item) {
  while (place > 0) {
    const size_t parent = (place - 1) / kArity;
    if (At(parent).at_ms <= item.at_ms) break;
    Put(place, At(parent));
    place = parent;
  }
  Put(place, item);
}

// `place` is free; the item belongs there or below.
void ExpiryHeap::Down(size_t place, const Item& item) {
  for (;;) {
    const size_t first = place * kArity + 1;
    if (first >= size_) break;
    size_t least = first;
    for (size_t child = first + 1; child < std::min(first + kArity, size_); ++child) {
      if (At(child).at_ms < At(least).at_ms) least = child;
    }
    if (At(least).at_ms >= item.at_ms) break;
    Put(place, At(least));
    place = least;
  }
  Put(place, item);
}

}  // namespace baton
