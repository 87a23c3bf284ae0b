// The part of Keyspace that handles entries: putting them in, replacing them, taking them out, and the two ways in
// which each type of value stands in one. What a mutation means is in apply.cc.

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "data/keyspace.h"
#include "data/list_editor.h"
#include "data/packed.h"

namespace baton {

namespace {

// Appending little by little must not copy everything each time.
size_t BlobCapacity(size_t length) { return length < (1u << 20) ? length * 2 : length + length / 4; }

void RetireValue(NodeHeap& heap, Entry& entry) {
  if (entry.form() == EntryForm::kBlob) heap.Retire(NodeKind::kBlob, entry.blob());
  if (entry.form() != EntryForm::kListTree) return;
  const ListRoot& root = entry.list_root();
  heap.Retire(NodeKind::kChunk, root.ends[0]);
  if (!root.single()) heap.Retire(NodeKind::kChunk, root.ends[1]);
  if (root.middle != nullptr) heap.RetireTree(NodeKind::kChunkTree, root.middle);
  if (root.index != nullptr) heap.RetireTree(NodeKind::kListIndex, root.index);
}

}  // namespace

Entry* Keyspace::CloneToChange(Database& db, const KeyRef& key, Entry* old) {
  Entry* entry = Entry::Clone(heap_, *old);
  Replace(db, key, old, entry);
  return entry;
}

void Keyspace::Add(Database& db, const KeyRef& key, Entry* entry) {
  db.keys.Insert(key, entry);
  if (entry->has_expiry()) db.expiry.Add(*entry);
}

void Keyspace::Replace(Database& db, const KeyRef& key, Entry* old, Entry* entry) {
  db.keys.Replace(key, entry);
  if (old->has_expiry() && entry->has_expiry()) {
    entry->set_expiry_place(old->expiry_place());
    db.expiry.Update(*entry);
  } else if (old->has_expiry()) {
    db.expiry.Remove(*old);
  } else if (entry->has_expiry()) {
    db.expiry.Add(*entry);
  }
  heap_.Retire(NodeKind::kEntry, old);
}

void Keyspace::ReplaceWithValue(Database& db, const KeyRef& key, Entry* old, Entry* entry) {
  db.list_elements -= old->list_elements();
  RetireValue(heap_, *old);
  Replace(db, key, old, entry);
}

void Keyspace::Put(Database& db, const KeyRef& key, Entry* entry) {
  Entry* old = db.keys.Find(key);
  if (old == nullptr) {
    Add(db, key, entry);
  } else {
    ReplaceWithValue(db, key, old, entry);
  }
}

void Keyspace::Detach(Database& db, const KeyRef& key, Entry* entry) {
  db.keys.Remove(key);
  if (entry->has_expiry()) db.expiry.Remove(*entry);
  db.removed_position = position_;
}

void Keyspace::RemoveEntry(Database& db, const KeyRef& key, Entry* entry) {
  db.list_elements -= entry->list_elements();
  Detach(db, key, entry);
  RetireValue(heap_, *entry);
  heap_.Retire(NodeKind::kEntry, entry);
}

Entry* Keyspace::Remade(const Entry& from, std::string_view name, std::optional<int64_t> expire_at_ms) {
  Entry* entry = Entry::Remake(heap_, from, name, expire_at_ms, from.form(), from.value_bytes());
  std::memcpy(entry->value(), from.value(), from.value_bytes());
  return entry;
}

Entry* Keyspace::DeepCopy(const Entry& from, std::string_view name) {
  Entry* entry = Remade(from, name, from.expiry());
  if (entry->form() == EntryForm::kBlob) {
    const Blob& old = *from.blob();
    Blob* blob = Blob::New(heap_, old.length);
    blob->length = old.length;
    std::memcpy(blob->bytes(), old.bytes(), old.length);
    entry->set_blob(blob);
  } else if (entry->form() == EntryForm::kListTree) {
    const ListRoot& old = from.list_root();
    ListRoot& root = entry->list_root();
    root.ends[0] = Chunk::Copy(heap_, *old.ends[0], old.ends[0]->capacity, old.ends[0]->begin);
    root.ends[1] =
        old.single() ? root.ends[0] : Chunk::Copy(heap_, *old.ends[1], old.ends[1]->capacity, old.ends[1]->begin);
    if (old.middle != nullptr) root.middle = ChunkTree::CloneAll(heap_, *old.middle);
    root.index = nullptr;
  }
  entry->Touch(now_seconds_);
  return entry;
}

Entry* Keyspace::NewString(std::string_view name, std::optional<int64_t> expire_at_ms, std::string_view value) {
  Entry* entry;
  if (value.size() <= Entry::kInlineStringMax) {
    entry = Entry::New(heap_, name, expire_at_ms, EntryForm::kInlineString, 2 + value.size());
    entry->set_inline_length(value.size());
    if (!value.empty()) std::memcpy(entry->value() + 2, value.data(), value.size());
  } else {
    entry = Entry::New(heap_, name, expire_at_ms, EntryForm::kBlob, sizeof(Blob*));
    Blob* blob = Blob::New(heap_, value.size());
    blob->length = static_cast<uint32_t>(value.size());
    std::memcpy(blob->bytes(), value.data(), value.size());
    entry->set_blob(blob);
  }
  entry->Touch(now_seconds_);
  return entry;
}

char* Keyspace::StringRoom(Database& db, const KeyRef& key, Entry*& entry, size_t length) {
  if (entry->form() == EntryForm::kInlineString) {
    const size_t old_length = entry->inline_length();
    if (length <= Entry::kInlineStringMax) {
      if (entry->value_capacity() < 2 + length) {
        Entry* larger =
            Entry::Remake(heap_, *entry, entry->key(), entry->expiry(), EntryForm::kInlineString, 2 + length);
        std::memcpy(larger->value() + 2, entry->value() + 2, old_length);
        Replace(db, key, entry, larger);
        entry = larger;
      }
      entry->set_inline_length(length);
      return entry->value() + 2;
    }
    Blob* blob = Blob::New(heap_, BlobCapacity(length));
    std::memcpy(blob->bytes(), entry->value() + 2, old_length);
    blob->length = static_cast<uint32_t>(length);
    Entry* larger = Entry::Remake(heap_, *entry, entry->key(), entry->expiry(), EntryForm::kBlob, sizeof(Blob*));
    larger->set_blob(blob);
    Replace(db, key, entry, larger);
    entry = larger;
    return blob->bytes();
  }
  Blob* blob = entry->blob();
  if (!heap_.MayChange(blob->epoch) || blob->capacity < length) {
    Blob* old = blob;
    blob = Blob::New(heap_, length <= old->capacity ? old->capacity : BlobCapacity(length));
    std::memcpy(blob->bytes(), old->bytes(), old->length);
    entry->set_blob(blob);
    heap_.Retire(NodeKind::kBlob, old);
  }
  blob->length = static_cast<uint32_t>(length);
  return blob->bytes();
}

Entry* Keyspace::NewList(std::string_view name, Side side, size_t packed) {
  Entry* entry;
  if (packed <= Entry::kInlineListMax) {
    entry = Entry::New(heap_, name, std::nullopt, EntryForm::kInlineList, 2 + packed);
    entry->set_inline_list(0, 0);
  } else {
    entry = Entry::New(heap_, name, std::nullopt, EntryForm::kListTree, sizeof(ListRoot));
    ListEditor(heap_, entry->list_root()).Begin({}, 0, packed, side);
  }
  entry->Touch(now_seconds_);
  return entry;
}

void Keyspace::PushElement(Database& db, const KeyRef& key, Entry*& entry, Side side, std::string_view element) {
  if (entry->form() == EntryForm::kListTree) [[likely]] {
    ListEditor(heap_, entry->list_root()).Push(side, element);
    return;
  }
  const size_t packed = PackedBytes(element.size());
  const size_t count = entry->inline_count();
  const size_t used = entry->inline_used();
  if (used + packed > Entry::kInlineListMax) {
    entry = ToLongList(db, key, entry, packed, side);
    ListEditor(heap_, entry->list_root()).Push(side, element);
    return;
  }
  const size_t shift = side == Side::kLeft ? packed : 0;
  char* bytes = entry->inline_packed();
  if (entry->value_capacity() < 2 + used + packed) {
    Entry* larger =
        Entry::Remake(heap_, *entry, entry->key(), entry->expiry(), EntryForm::kInlineList, 2 + used + packed);
    std::memcpy(larger->inline_packed() + shift, bytes, used);
    Replace(db, key, entry, larger);
    entry = larger;
    bytes = entry->inline_packed();
  } else if (shift > 0 && used > 0) {
    std::memmove(bytes + shift, bytes, used);
  }
  PackElement(bytes + (side == Side::kLeft ? 0 : used), element);
  entry->set_inline_list(count + 1, used + packed);
}

std::string_view Keyspace::PeekElement(const Entry& entry, Side side) const {
  if (entry.form() == EntryForm::kListTree) return entry.list_root().Peek(side);
  const char* packed = entry.inline_packed();
  return side == Side::kLeft ? ElementAt(packed) : ElementBefore(packed + entry.inline_used());
}

// `count` is less than the list has.
void Keyspace::DropElements(Database& db, const KeyRef& key, Entry* entry, Side side, int64_t count) {
  db.list_elements -= static_cast<uint64_t>(count);
  if (entry->form() == EntryForm::kListTree) {
    ListEditor editor(heap_, entry->list_root());
    if (count == 1) {
      editor.Pop(side);
    } else {
      editor.Drop(side, count);
    }
  } else {
    const auto kept = static_cast<uint32_t>(entry->inline_count() - count);
    char* packed = entry->inline_packed();
    size_t used = entry->inline_used();
    if (side == Side::kLeft) {
      const char* from = packed;
      for (int64_t i = 0; i < count; ++i) from = PackedEnd(ElementAt(from));
      used -= static_cast<size_t>(from - packed);
      std::memmove(packed, from, used);
    } else {
      const char* end = packed + used;
      for (int64_t i = 0; i < count; ++i) end = PackedBegin(ElementBefore(end));
      used = static_cast<size_t>(end - packed);
    }
    entry->set_inline_list(kept, used);
  }
  Settle(db, key, entry);
}

Entry* Keyspace::ToLongList(Database& db, const KeyRef& key, Entry* entry, size_t room, Side side) {
  if (entry->form() == EntryForm::kListTree) return entry;
  Entry* longer = Entry::Remake(heap_, *entry, entry->key(), entry->expiry(), EntryForm::kListTree, sizeof(ListRoot));
  ListEditor(heap_, longer->list_root())
      .Begin({entry->inline_packed(), entry->inline_used()}, entry->inline_count(), room, side);
  Replace(db, key, entry, longer);
  return longer;
}

// After a list has become shorter: gives room back.
void Keyspace::Settle(Database& db, const KeyRef& key, Entry* entry) {
  if (entry->form() == EntryForm::kListTree) {
    ListEditor editor(heap_, entry->list_root());
    if (!editor.IsShort()) [[likely]]
      return editor.Tidy();
    editor.DropIndex();
    Chunk* chunk = entry->list_root().ends[0];
    Entry* shorter =
        Entry::Remake(heap_, *entry, entry->key(), entry->expiry(), EntryForm::kInlineList, 2 + chunk->used());
    shorter->set_inline_list(chunk->count, chunk->used());
    std::memcpy(shorter->inline_packed(), chunk->first(), chunk->used());
    heap_.Retire(NodeKind::kChunk, chunk);
    Replace(db, key, entry, shorter);
  } else {
    const size_t unused = entry->value_capacity() - entry->value_bytes();
    if (unused > entry->allocated_bytes() / 2) Replace(db, key, entry, Remade(*entry, entry->key(), entry->expiry()));
  }
}

void Keyspace::SetInlineList(Database& db, const KeyRef& key, Entry* entry, std::string_view packed, size_t count) {
  if (entry->value_capacity() < 2 + packed.size()) {
    Entry* larger =
        Entry::Remake(heap_, *entry, entry->key(), entry->expiry(), EntryForm::kInlineList, 2 + packed.size());
    Replace(db, key, entry, larger);
    entry = larger;
  }
  entry->set_inline_list(count, packed.size());
  std::memcpy(entry->inline_packed(), packed.data(), packed.size());
  Settle(db, key, entry);
}

}  // namespace baton
