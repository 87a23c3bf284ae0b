#include "data/entry.h"

#include "base/check.h"

namespace baton {

Blob* Blob::New(NodeHeap& heap, size_t capacity) {
  CHECK(capacity <= UINT32_MAX);
  auto* blob = static_cast<Blob*>(heap.Allocate(sizeof(Blob) + capacity));
  *blob = {heap.epoch(), 0, static_cast<uint32_t>(capacity)};
  return blob;
}

std::string_view Entry::string() const {
  CHECK(type() == ValueType::kString);
  if (form() == EntryForm::kInlineString) return {value() + 2, inline_length()};
  return {blob()->bytes(), blob()->length};
}

ListView Entry::list() const {
  CHECK(type() == ValueType::kList);
  if (form() == EntryForm::kInlineList) return ListView(inline_packed(), inline_used(), inline_count());
  return ListView(list_root());
}

Entry* Entry::New(NodeHeap& heap, std::string_view key, std::optional<int64_t> expire_at_ms, EntryForm form,
                  size_t value_bytes) {
  const bool long_key = key.size() > UINT16_MAX;
  const bool aligned = form == EntryForm::kBlob || form == EntryForm::kListTree;
  const size_t key_offset = 16 + (expire_at_ms ? 12 : 0) + (long_key ? 4 : 0);
  const size_t bytes = RoundToClass(key_offset + key.size() + (aligned ? 7 : 0) + value_bytes);
  auto* entry = static_cast<Entry*>(heap.Allocate(bytes));
  entry->epoch_ = heap.epoch();
  entry->change_stamp_ = 0;
  entry->access_seconds_ = 0;
  entry->flags_ =
      static_cast<uint8_t>(static_cast<uint8_t>(form) | (expire_at_ms ? kHasExpiry : 0) | (long_key ? kLongKey : 0));
  entry->size_class_ = ClassIndex(bytes);
  entry->short_key_length_ = static_cast<uint16_t>(long_key ? 0 : key.size());
  if (expire_at_ms) entry->Store(16, *expire_at_ms);
  if (long_key) entry->Store(key_offset - 4, static_cast<uint32_t>(key.size()));
  if (!key.empty()) std::memcpy(reinterpret_cast<char*>(entry) + key_offset, key.data(), key.size());
  return entry;
}

Entry* Entry::Clone(NodeHeap& heap, const Entry& from) {
  auto* entry = static_cast<Entry*>(heap.Allocate(from.allocated_bytes()));
  std::memcpy(static_cast<void*>(entry), &from, from.ValueOffset() + from.value_bytes());
  entry->epoch_ = heap.epoch();
  return entry;
}

Entry* Entry::Remake(NodeHeap& heap, const Entry& from, std::string_view key, std::optional<int64_t> expire_at_ms,
                     EntryForm form, size_t value_bytes) {
  Entry* entry = New(heap, key, expire_at_ms, form, value_bytes);
  entry->change_stamp_ = from.change_stamp_;
  entry->access_seconds_ = from.access_seconds_;
  entry->flags_ |= from.flags_ & (kEdited | kText);
  if (expire_at_ms && from.has_expiry()) entry->set_expiry_place(from.expiry_place());
  return entry;
}

size_t Entry::value_bytes() const {
  switch (form()) {
    case EntryForm::kInlineString:
      return 2 + size_t{inline_length()};
    case EntryForm::kInlineList:
      return 2 + size_t{inline_used()};
    case EntryForm::kBlob:
      return sizeof(Blob*);
    case EntryForm::kListTree:
      return sizeof(ListRoot);
  }
  CHECK(false);
}

uint16_t Entry::inline_length() const { return Load<uint16_t>(ValueOffset()); }
void Entry::set_inline_length(size_t length) { Store(ValueOffset(), static_cast<uint16_t>(length)); }
Blob* Entry::blob() const { return Load<Blob*>(ValueOffset()); }
void Entry::set_blob(Blob* blob) { Store(ValueOffset(), blob); }

}  // namespace baton
