#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "data/mutation.h"
#include "data/packed.h"

namespace baton {

class KeyHasher;
struct ListRoot;

// LREM's count: from which side it removes, and how many at most. The smallest count, which has no positive twin, is
// more than any list has.
inline Side RemovesFrom(int64_t count) { return count < 0 ? Side::kRight : Side::kLeft; }
inline int64_t RemovesAtMost(int64_t count) {
  if (count == 0 || count == INT64_MIN) return INT64_MAX;
  return count < 0 ? -count : count;
}

// A read-only look at one list. Elements are views into chunks, valid until the list changes (or, in a Snapshot, until
// it is released). O(1) at both ends, O(log n) elsewhere.
class ListView {
 public:
  // For the data layer: others get a list from its entry.
  explicit ListView(const ListRoot& root) : root_(&root), inline_{nullptr, nullptr, 0} {}

  int64_t size() const;  // never 0: an empty list has no entry
  std::string_view Front() const;
  std::string_view Back() const;
  std::string_view At(int64_t index) const;  // 0 <= index < size()

  // The elements that equal `value` among those that LREM would find.
  struct Equals {
    int64_t count = 0;
    std::string_view nearest;  // the first of them, seen from that side; of none: data() is nullptr
    int64_t walked = 0;        // how many elements were looked at to find them
  };
  // The first `limit` of them, seen from that side. Through the list's index where it has one (loop thread only; then
  // `walked` is 0), else by a walk.
  Equals FindEqual(std::string_view value, Side from, int64_t limit) const;

  // Whether this element of the list stands at an end of it, and at which.
  bool StandsAtAnEnd(std::string_view element, Side* end) const;
  // Whether the one element that LREM takes away, seen from that side, is sure to stand at an end of the list, and at
  // which. A look that would take long is not taken.
  bool RemovesAtAnEnd(std::string_view value, Side from, Side* end) const;

  // Whether there is a complete index that `hasher` was used for.
  bool IsIndexed(const KeyHasher& hasher) const;
  // An element with that hash, which `hasher` made, for which `is_it` says yes. As CountEqual otherwise.
  std::optional<std::string_view> FindHashed(uint64_t hash, const KeyHasher& hasher,
                                             const std::function<bool(std::string_view)>& is_it, int64_t* walked) const;

  // Calls `visit` with each of `count` elements from `start` on, left to right. The quickest way to see many.
  template <typename Visit>
  void ForEach(int64_t start, int64_t count, const Visit& visit) const {
    ForEachRun(start, count, [&](const char* at, int64_t here) { ForEachPacked(at, here, visit); });
  }
  // The same in pieces: `here` packed elements (packed.h) stand from `at` on.
  template <typename Visit>
  void ForEachRun(int64_t start, int64_t count, const Visit& visit) const {
    while (count > 0) {
      uint32_t within;
      const Run run = RunOf(start, &within);
      const int64_t here = std::min<int64_t>(count, run.count - within);
      visit(PackedBegin(ElementOf(run.begin, run.end, run.count, within)), here);
      start += here;
      count -= here;
    }
  }

  // Walks from an element towards either end:
  //   for (auto cursor = list.CursorAt(i, Side::kRight); cursor.valid(); cursor.Next()) use(cursor.element());
  class Cursor;
  // `towards`: kRight walks to higher indexes, kLeft to lower ones. An index outside gives an invalid cursor.
  Cursor CursorAt(int64_t index, Side towards) const;

 private:
  friend class Entry;
  // A run of packed elements (packed.h).
  struct Run {
    const char* begin;
    const char* end;
    uint32_t count;
  };

  ListView(const char* packed, uint32_t bytes, uint32_t count) : inline_{packed, packed + bytes, count} {}
  // The run that holds element `index`, and *within, its place in there.
  Run RunOf(int64_t index, uint32_t* within) const;

  const ListRoot* root_ = nullptr;  // nullptr: all elements stand in the entry
  Run inline_;
};

class ListView::Cursor {
 public:
  bool valid() const { return valid_; }
  std::string_view element() const { return element_; }
  void Next();

 private:
  friend class ListView;
  Cursor(const ListView& list, int64_t index, Side towards);
  void EnterRun();  // the one that holds index_

  ListView list_;
  Run run_{};
  std::string_view element_;
  int64_t index_;
  Side towards_;
  bool valid_;
};

}  // namespace baton
