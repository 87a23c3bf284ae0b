#pragma once

#include <cstdint>
#include <string_view>

namespace baton {

// A read-only look at one list. Elements are views into chunks, valid until the list changes (or, in a Snapshot, until it is
// released). O(1) at both ends, O(log n) elsewhere.
class ListView {
 public:
  int64_t size() const;                        // never 0: an empty list has no entry
  std::string_view Front() const;
  std::string_view Back() const;
  std::string_view At(int64_t index) const;    // 0 <= index < size()

  // Walks from an element towards either end:
  //   for (auto cursor = list.CursorAt(i, Side::kRight); cursor.valid(); cursor.Next()) use(cursor.element());
  class Cursor {
   public:
    bool valid() const;
    std::string_view element() const;
    void Next();
  };
  // `towards`: kRight walks to higher indexes, kLeft to lower ones. An index outside gives an invalid cursor.
  Cursor CursorAt(int64_t index, enum Side towards) const;
};

}  // namespace baton
