#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "data/list.h"
#include "data/list_root.h"
#include "data/node_heap.h"

namespace baton {

enum class ValueType : uint8_t { kString, kList };

// How a value stands in its entry. New types add forms here.
enum class EntryForm : uint8_t { kInlineString, kBlob, kInlineList, kListTree };

// A string too long to stand in its entry.
struct Blob {
  uint32_t epoch;
  uint32_t length;
  uint32_t capacity;

  static Blob* New(NodeHeap& heap, size_t capacity);
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  size_t allocated_bytes() const { return RoundToClass(sizeof(Blob) + capacity); }
};

// One key with its value: one node of the copy-on-write tree, of variable size:
//
//   0   epoch, change stamp, access seconds     4 bytes each
//   12  form and flags, size class              1 byte each
//   14  length of the key                       2 bytes
//   16  expiry: time, place in the expiry heap  8 + 4 bytes, only when it has one
//       length of a key of 64 KiB or more       4 bytes, only then
//       key
//       value   short string: length (2 bytes), bytes
//               short list: count, bytes used (1 byte each), packed elements
//               else, aligned to 8: pointer to a Blob, or a ListRoot
//
// A list of one 64-byte element under a 12-byte key is 16 + 12 + 2 + 66 = 96 bytes, one size class exactly.
// Access seconds and the place in the expiry heap are no part of a snapshot: the loop thread writes them also in frozen
// entries, and no reader of a snapshot looks at them.
class Entry {
 public:
  std::string_view key() const;
  ValueType type() const {
    return form() == EntryForm::kInlineString || form() == EntryForm::kBlob ? ValueType::kString : ValueType::kList;
  }

  bool has_expiry() const { return (flags_ & kHasExpiry) != 0; }
  int64_t expire_at_ms() const { return Load<int64_t>(16); }  // only with has_expiry()
  bool ExpiredAt(int64_t now_ms) const { return has_expiry() && expire_at_ms() <= now_ms; }

  std::string_view string() const;  // kString
  // Made by INCRBYFLOAT: OBJECT ENCODING never says int, though it may read as one. Gone after a restart, as in Redis.
  bool string_is_text() const { return (flags_ & kText) != 0; }
  bool string_was_edited() const { return (flags_ & kEdited) != 0; }  // by APPEND or SETRANGE: OBJECT ENCODING says raw
  ListView list() const;                                              // kList
  int64_t list_size() const { return form() == EntryForm::kListTree ? list_root().count : inline_count(); }  // kList
  uint64_t list_elements() const { return type() == ValueType::kList ? static_cast<uint64_t>(list_size()) : 0; }

  uint32_t change_stamp() const { return change_stamp_; }            // low half of the change position
  uint32_t access_seconds() const { return access_seconds_; }        // for OBJECT IDLETIME; not part of any snapshot
  void Touch(uint32_t seconds) const { access_seconds_ = seconds; }  // loop thread only

  // --- For the data layer only, from here on.

  static constexpr size_t kInlineStringMax = 1024;
  static constexpr size_t kInlineListMax = 255;  // packed bytes

  // Without its value: the caller writes `value_bytes` at value().
  static Entry* New(NodeHeap& heap, std::string_view key, std::optional<int64_t> expire_at_ms, EntryForm form,
                    size_t value_bytes);
  static Entry* Clone(NodeHeap& heap, const Entry& from);
  // A new entry with the stamps and the flags of `from`, again without its value.
  static Entry* Remake(NodeHeap& heap, const Entry& from, std::string_view key, std::optional<int64_t> expire_at_ms,
                       EntryForm form, size_t value_bytes);

  uint32_t epoch() const { return epoch_; }
  EntryForm form() const { return static_cast<EntryForm>(flags_ & kFormMask); }
  size_t allocated_bytes() const { return ClassBytes(size_class_); }
  std::optional<int64_t> expiry() const { return has_expiry() ? std::optional(expire_at_ms()) : std::nullopt; }

  void set_change_stamp(uint32_t stamp) { change_stamp_ = stamp; }
  void set_text(bool text) { flags_ = static_cast<uint8_t>(text ? flags_ | kText : flags_ & ~kText); }
  void set_edited(bool edited) { flags_ = static_cast<uint8_t>(edited ? flags_ | kEdited : flags_ & ~kEdited); }
  void set_expire_at_ms(int64_t at_ms) { Store(16, at_ms); }  // only with has_expiry()
  uint32_t expiry_place() const { return Load<uint32_t>(24); }
  void set_expiry_place(uint32_t place) const { const_cast<Entry*>(this)->Store(24, place); }

  char* value() { return reinterpret_cast<char*>(this) + ValueOffset(); }
  const char* value() const { return reinterpret_cast<const char*>(this) + ValueOffset(); }
  size_t value_bytes() const;
  size_t value_capacity() const { return allocated_bytes() - ValueOffset(); }

  uint16_t inline_length() const;  // kInlineString
  void set_inline_length(size_t length);
  Blob* blob() const;  // kBlob
  void set_blob(Blob* blob);
  uint8_t inline_count() const { return static_cast<uint8_t>(value()[0]); }  // kInlineList
  uint8_t inline_used() const { return static_cast<uint8_t>(value()[1]); }
  void set_inline_list(size_t count, size_t used) {
    value()[0] = static_cast<char>(count);
    value()[1] = static_cast<char>(used);
  }
  char* inline_packed() { return value() + 2; }
  const char* inline_packed() const { return value() + 2; }
  ListRoot& list_root() { return *InNode<ListRoot>(this, ValueOffset()); }  // kListTree
  const ListRoot& list_root() const { return *InNode<ListRoot>(this, ValueOffset()); }

 private:
  static constexpr uint8_t kFormMask = 7;
  static constexpr uint8_t kHasExpiry = 8;
  static constexpr uint8_t kLongKey = 16;
  static constexpr uint8_t kEdited = 32;
  static constexpr uint8_t kText = 64;

  template <typename T>
  T Load(size_t offset) const {
    T value;
    std::memcpy(&value, reinterpret_cast<const char*>(this) + offset, sizeof value);
    return value;
  }
  template <typename T>
  void Store(size_t offset, T value) {
    std::memcpy(reinterpret_cast<char*>(this) + offset, &value, sizeof value);
  }
  size_t KeyOffset() const { return 16 + (has_expiry() ? 12 : 0) + ((flags_ & kLongKey) != 0 ? 4 : 0); }
  size_t KeyLength() const;
  size_t ValueOffset() const {
    const size_t end = KeyOffset() + KeyLength();
    return form() == EntryForm::kBlob || form() == EntryForm::kListTree ? (end + 7) & ~size_t{7} : end;
  }

  uint32_t epoch_;
  uint32_t change_stamp_;
  mutable uint32_t access_seconds_;
  uint8_t flags_;
  uint8_t size_class_;
  uint16_t short_key_length_;
};
static_assert(sizeof(Entry) == 16);

inline size_t Entry::KeyLength() const {
  if ((flags_ & kLongKey) == 0) [[likely]]
    return short_key_length_;
  return Load<uint32_t>(KeyOffset() - 4);
}

inline std::string_view Entry::key() const { return {reinterpret_cast<const char*>(this) + KeyOffset(), KeyLength()}; }

}  // namespace baton
