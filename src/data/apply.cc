// What each mutation does: Redis 7.0.15's effects, found by asking it.

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "data/keyspace.h"
#include "data/list_editor.h"
#include "data/packed.h"

namespace baton {

namespace {

// Lengths in nodes have 32 bits, the packed form included.
constexpr size_t kBytesMax = UINT32_MAX / 2;

bool IsString(const Entry& entry) { return entry.type() == ValueType::kString; }
bool IsList(const Entry& entry) { return entry.type() == ValueType::kList; }

void AppendPacked(std::string* packed, std::string_view element) {
  const size_t before = packed->size();
  packed->resize(before + PackedBytes(element.size()));
  PackElement(packed->data() + before, element);
}

}  // namespace

inline ApplyOutcome Keyspace::ApplyKind(const Mutation& m) {
  if (!ValidDb(std::max(m.db, m.other_db))) return ApplyOutcome::kDoesNotFit;
  if ((m.value.size() | m.key.name.size() | m.other.name.size()) > kBytesMax) return ApplyOutcome::kDoesNotFit;
  switch (m.kind) {
    case MutationKind::kSet:
      return Set(m);
    case MutationKind::kAppend:
      return Append(m);
    case MutationKind::kSetRange:
      return SetRange(m);
    case MutationKind::kPush:
      return Push(m);
    case MutationKind::kPop:
      return Pop(m);
    case MutationKind::kMove:
      return Move(m);
    case MutationKind::kListSet:
      return ListSet(m);
    case MutationKind::kListInsert:
      return ListInsert(m);
    case MutationKind::kListRemove:
      return ListRemove(m);
    case MutationKind::kTrim:
      return Trim(m);
    case MutationKind::kDelete:
      return Delete(m);
    case MutationKind::kExpireAt:
      return ExpireAt(m);
    case MutationKind::kPersist:
      return Persist(m);
    case MutationKind::kRename:
      return Rename(m);
    case MutationKind::kCopy:
      return Copy(m);
    case MutationKind::kMoveToDb:
      return MoveToDb(m);
    case MutationKind::kSwapDb:
      return SwapDb(m);
    case MutationKind::kFlushDb:
      return FlushDb(m);
    case MutationKind::kFlushAll:
      return FlushAll(m);
    case MutationKind::kQueue:
      return ApplyOutcome::kChanged;
  }
  return ApplyOutcome::kDoesNotFit;
}

ApplyOutcome Keyspace::Apply(const Mutation& mutation, uint64_t position) {
  position_ = position;
  const ApplyOutcome outcome = ApplyKind(mutation);
  heap_.EndChange();
  if (outcome == ApplyOutcome::kChanged) changed_position_ = std::max(changed_position_, position);
  return outcome;
}

ApplyOutcome Keyspace::Set(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* old = db.keys.Find(m.key);
  std::optional<int64_t> expiry;
  if (m.flag) {
    if (old != nullptr) expiry = old->expiry();
  } else if (m.a != 0) {
    expiry = m.a;
  }
  if (old != nullptr && old->form() == EntryForm::kInlineString && heap_.MayChange(old->epoch()) &&
      old->expiry() == expiry && 2 + m.value.size() <= old->value_capacity() &&
      2 + m.value.size() >= old->value_capacity() / 2) {
    if (!m.value.empty()) std::memmove(old->value() + 2, m.value.data(), m.value.size());
    old->set_inline_length(m.value.size());
    old->set_edited(false);
    old->set_text(m.text);
    old->Touch(now_seconds_);
    Changed(*old);
    return ApplyOutcome::kChanged;
  }
  Entry* entry = NewString(m.key.name, expiry, m.value);
  entry->set_text(m.text);
  Changed(*entry);
  if (old == nullptr) {
    Add(db, m.key, entry);
  } else {
    ReplaceWithValue(db, m.key, old, entry);
  }
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Append(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return Set(m);
  if (!IsString(*entry)) return ApplyOutcome::kDoesNotFit;
  const size_t old_length = entry->string().size();
  if (old_length + m.value.size() > kBytesMax) return ApplyOutcome::kDoesNotFit;
  entry = Writable(db, m.key, entry);
  char* bytes = StringRoom(db, m.key, entry, old_length + m.value.size());
  if (!m.value.empty()) std::memmove(bytes + old_length, m.value.data(), m.value.size());
  entry->set_edited(!replaying_);
  Changed(*entry);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::SetRange(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry != nullptr && !IsString(*entry)) return ApplyOutcome::kDoesNotFit;
  if (m.a < 0 || static_cast<uint64_t>(m.a) > kBytesMax - m.value.size()) return ApplyOutcome::kDoesNotFit;
  if (m.value.empty()) return ApplyOutcome::kNothing;
  if (entry == nullptr) {
    entry = NewString(m.key.name, std::nullopt, {});
    Add(db, m.key, entry);
  } else {
    entry = Writable(db, m.key, entry);
  }
  const auto offset = static_cast<size_t>(m.a);
  const size_t old_length = entry->string().size();
  char* bytes = StringRoom(db, m.key, entry, std::max(old_length, offset + m.value.size()));
  if (offset > old_length) std::memset(bytes + old_length, 0, offset - old_length);
  std::memmove(bytes + offset, m.value.data(), m.value.size());
  entry->set_edited(!replaying_);
  Changed(*entry);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Push(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry != nullptr && !IsList(*entry)) return ApplyOutcome::kDoesNotFit;
  if (m.values.empty()) return ApplyOutcome::kNothing;
  for (std::string_view value : m.values) {
    if (value.size() > kBytesMax) return ApplyOutcome::kDoesNotFit;
  }
  if (entry == nullptr) {
    // Room for all of them, or at least for the first.
    size_t packed = 0;
    for (std::string_view value : m.values) packed += PackedBytes(value.size());
    if (packed > Chunk::kAloneBytes) packed = PackedBytes(m.values[0].size());
    entry = NewList(m.key.name, m.from, packed);
    Add(db, m.key, entry);
  } else {
    entry = Writable(db, m.key, entry);
    if (entry->form() == EntryForm::kInlineList) {
      // A short list is moved in place. A long one never moves what a view may point to.
      const bool from_itself = std::any_of(m.values.begin(), m.values.end(), [&](std::string_view value) {
        return Overlaps(value, entry, entry->allocated_bytes());
      });
      if (from_itself) {
        const std::vector<std::string> own(m.values.begin(), m.values.end());
        const std::vector<std::string_view> views(own.begin(), own.end());
        Mutation copy = m;
        copy.values = views;
        return Push(copy);
      }
    }
  }
  if (entry->form() == EntryForm::kListTree) [[likely]] {
    ListEditor editor(heap_, entry->list_root());
    for (std::string_view value : m.values) editor.Push(m.from, value);
  } else {
    for (std::string_view value : m.values) PushElement(db, m.key, entry, m.from, value);
  }
  db.list_elements += m.values.size();
  Changed(*entry);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Pop(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return ApplyOutcome::kNothing;
  if (!IsList(*entry)) return ApplyOutcome::kDoesNotFit;
  if (m.a <= 0) return ApplyOutcome::kNothing;
  if (m.a >= entry->list_size()) {
    RemoveEntry(db, m.key, entry);
    return ApplyOutcome::kChanged;
  }
  entry = Writable(db, m.key, entry);
  Changed(*entry);
  DropElements(db, m.key, entry, m.from, m.a);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Move(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* from = db.keys.Find(m.key);
  if (from == nullptr) return ApplyOutcome::kNothing;
  if (!IsList(*from)) return ApplyOutcome::kDoesNotFit;
  if (SameBytes(m.key.name, m.other.name)) return Rotate(m, from);

  Entry* to = db.keys.Find(m.other);
  if (to != nullptr && !IsList(*to)) return ApplyOutcome::kDoesNotFit;
  const std::string_view element = PeekElement(*from, m.from);
  if (to == nullptr) {
    to = NewList(m.other.name, m.to, PackedBytes(element.size()));
    Add(db, m.other, to);
  } else {
    to = Writable(db, m.other, to);
  }
  PushElement(db, m.other, to, m.to, element);
  ++db.list_elements;
  Changed(*to);
  if (from->list_size() == 1) {
    RemoveEntry(db, m.key, from);
  } else {
    from = Writable(db, m.key, from);
    Changed(*from);
    DropElements(db, m.key, from, m.from, 1);
  }
  return ApplyOutcome::kChanged;
}

// A move from a list to itself.
ApplyOutcome Keyspace::Rotate(const Mutation& m, Entry* entry) {
  Database& db = databases_[m.db];
  entry = Writable(db, m.key, entry);
  Changed(*entry);
  if (m.from == m.to || entry->list_size() == 1) return ApplyOutcome::kChanged;
  const std::string_view element = PeekElement(*entry, m.from);
  if (entry->form() == EntryForm::kInlineList) {
    char copy[Entry::kInlineListMax];
    std::memcpy(copy, element.data(), element.size());
    const size_t used = entry->inline_used();
    const size_t packed = PackedBytes(element.size());
    char* bytes = entry->inline_packed();
    if (m.from == Side::kLeft) {
      std::memmove(bytes, bytes + packed, used - packed);
      PackElement(bytes + used - packed, {copy, element.size()});
    } else {
      std::memmove(bytes + packed, bytes, used - packed);
      PackElement(bytes, {copy, element.size()});
    }
    return ApplyOutcome::kChanged;
  }
  // The view stays good: a push never moves elements in place.
  ListEditor editor(heap_, entry->list_root());
  editor.Push(m.to, element);
  editor.Pop(m.from);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::ListSet(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr || !IsList(*entry)) return ApplyOutcome::kDoesNotFit;
  const int64_t size = entry->list_size();
  const int64_t index = m.a < 0 ? m.a + size : m.a;
  if (index < 0 || index >= size) return ApplyOutcome::kDoesNotFit;
  entry = Writable(db, m.key, entry);
  Changed(*entry);
  if (entry->form() == EntryForm::kInlineList) {
    const std::string_view old = entry->list().At(index);
    const char* begin = entry->inline_packed();
    std::string packed(begin, PackedBegin(old));
    AppendPacked(&packed, m.value);
    packed.append(PackedEnd(old), begin + entry->inline_used());
    if (packed.size() <= Entry::kInlineListMax) {
      SetInlineList(db, m.key, entry, packed, entry->inline_count());
      return ApplyOutcome::kChanged;
    }
    entry = ToLongList(db, m.key, entry, 0, Side::kRight);
  }
  ListEditor(heap_, entry->list_root()).Set(index, m.value);
  Settle(db, m.key, entry);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::ListInsert(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return ApplyOutcome::kNothing;
  if (!IsList(*entry)) return ApplyOutcome::kDoesNotFit;
  int64_t index = 0;
  auto cursor = entry->list().CursorAt(0, Side::kRight);
  while (cursor.valid() && !SameBytes(cursor.element(), m.pivot)) {
    cursor.Next();
    ++index;
  }
  if (!cursor.valid()) return ApplyOutcome::kNothing;
  if (!m.flag) ++index;
  ++db.list_elements;
  entry = Writable(db, m.key, entry);
  Changed(*entry);
  if (entry->form() == EntryForm::kInlineList) {
    const char* begin = entry->inline_packed();
    const char* end = begin + entry->inline_used();
    const char* at = index == entry->inline_count() ? end : PackedBegin(entry->list().At(index));
    std::string packed(begin, at);
    AppendPacked(&packed, m.value);
    packed.append(at, end);
    if (packed.size() <= Entry::kInlineListMax) {
      SetInlineList(db, m.key, entry, packed, entry->inline_count() + 1u);
      return ApplyOutcome::kChanged;
    }
    entry = ToLongList(db, m.key, entry, 0, Side::kRight);
  }
  ListEditor(heap_, entry->list_root()).Insert(index, m.value);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::ListRemove(const Mutation& m) {
  if (m.flag) {  // it has been found at an end
    Mutation pop = m;
    pop.a = 1;
    return Pop(pop);
  }
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return ApplyOutcome::kNothing;
  if (!IsList(*entry)) return ApplyOutcome::kDoesNotFit;
  const Side from = RemovesFrom(m.a);
  const int64_t limit = RemovesAtMost(m.a);

  entry = Writable(db, m.key, entry);
  int64_t removed = 0;
  if (entry->form() == EntryForm::kInlineList) {
    std::string packed;
    const int64_t equal = entry->list().FindEqual(m.value, Side::kLeft, INT64_MAX).count;
    removed = std::min(equal, limit);
    // The ones that stay among the equal ones are the last from the side where removing begins.
    int64_t skip = from == Side::kLeft ? 0 : equal - removed;
    int64_t remove = removed;
    for (auto cursor = entry->list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
      if (SameBytes(cursor.element(), m.value)) {
        if (skip > 0) {
          --skip;
        } else if (remove > 0) {
          --remove;
          continue;
        }
      }
      AppendPacked(&packed, cursor.element());
    }
    if (removed == 0) return ApplyOutcome::kNothing;
    Changed(*entry);
    if (packed.empty()) {
      RemoveEntry(db, m.key, entry);
    } else {
      db.list_elements -= static_cast<uint64_t>(removed);
      SetInlineList(db, m.key, entry, packed, static_cast<size_t>(entry->inline_count() - removed));
    }
    return ApplyOutcome::kChanged;
  }
  ListEditor editor(heap_, entry->list_root());
  // Nobody waits for a slice while a log is loaded, and a log is full of LREM.
  if (replaying_ && entry->list_size() > ListEditor::kIndexPays) editor.BuildIndex(element_hasher(), INT64_MAX);
  removed = editor.Remove(from, limit, m.value);
  if (removed == 0) return ApplyOutcome::kNothing;
  db.list_elements -= static_cast<uint64_t>(removed);
  Changed(*entry);
  if (entry->list_size() == 0) {
    RemoveEntry(db, m.key, entry);
  } else {
    Settle(db, m.key, entry);
  }
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Trim(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return ApplyOutcome::kNothing;
  if (!IsList(*entry)) return ApplyOutcome::kDoesNotFit;
  const int64_t size = entry->list_size();
  const int64_t start = std::max<int64_t>(m.a < 0 ? m.a + size : m.a, 0);
  const int64_t stop = std::min(m.b < 0 ? m.b + size : m.b, size - 1);
  if (start > stop) {
    RemoveEntry(db, m.key, entry);
    return ApplyOutcome::kChanged;
  }
  const int64_t from_right = size - 1 - stop;
  if (start == 0 && from_right == 0) return ApplyOutcome::kNothing;
  entry = Writable(db, m.key, entry);
  Changed(*entry);
  if (start > 0) {
    DropElements(db, m.key, entry, Side::kLeft, start);
    entry = db.keys.Find(m.key);  // it may have become a short one
  }
  if (from_right > 0) DropElements(db, m.key, entry, Side::kRight, from_right);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Delete(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return ApplyOutcome::kNothing;
  RemoveEntry(db, m.key, entry);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::ExpireAt(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr) return ApplyOutcome::kNothing;
  if (entry->has_expiry()) {
    entry = Writable(db, m.key, entry);
    entry->set_expire_at_ms(m.a);
    db.expiry.Update(*entry);
  } else {
    Entry* expiring = Remade(*entry, entry->key(), m.a);
    Replace(db, m.key, entry, expiring);
    entry = expiring;
  }
  Changed(*entry);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Persist(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr || !entry->has_expiry()) return ApplyOutcome::kNothing;
  Entry* lasting = Remade(*entry, entry->key(), std::nullopt);
  Changed(*lasting);
  Replace(db, m.key, entry, lasting);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Rename(const Mutation& m) {
  Database& db = databases_[m.db];
  Entry* from = db.keys.Find(m.key);
  if (from == nullptr) return ApplyOutcome::kDoesNotFit;
  if (SameBytes(m.key.name, m.other.name)) return ApplyOutcome::kNothing;
  Entry* renamed = Remade(*from, m.other.name, from->expiry());
  Changed(*renamed);
  Detach(db, m.key, from);
  heap_.Retire(NodeKind::kEntry, from);
  Put(db, m.other, renamed);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::Copy(const Mutation& m) {
  const Entry* from = databases_[m.db].keys.Find(m.key);
  if (from == nullptr) return ApplyOutcome::kNothing;
  if (m.db == m.other_db && SameBytes(m.key.name, m.other.name)) return ApplyOutcome::kDoesNotFit;
  Entry* copy = DeepCopy(*from, m.other.name);
  Changed(*copy);
  databases_[m.other_db].list_elements += copy->list_elements();
  Put(databases_[m.other_db], m.other, copy);
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::MoveToDb(const Mutation& m) {
  Database& db = databases_[m.db];
  Database& other = databases_[m.other_db];
  if (m.db == m.other_db) return ApplyOutcome::kDoesNotFit;
  Entry* entry = db.keys.Find(m.key);
  if (entry == nullptr || other.keys.Find(m.key) != nullptr) return ApplyOutcome::kNothing;
  Detach(db, m.key, entry);
  if (!heap_.MayChange(entry->epoch())) {
    Entry* old = entry;
    entry = Entry::Clone(heap_, *old);
    heap_.Retire(NodeKind::kEntry, old);
  }
  Changed(*entry);
  Add(other, m.key, entry);
  db.list_elements -= entry->list_elements();
  other.list_elements += entry->list_elements();
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::SwapDb(const Mutation& m) {
  if (m.db == m.other_db) return ApplyOutcome::kNothing;
  Database& a = databases_[m.db];
  Database& b = databases_[m.other_db];
  std::swap(a, b);
  a.removed_position = b.removed_position = position_;
  swapped_position_ = position_;
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::FlushDb(const Mutation& m) {
  Database& db = databases_[m.db];
  if (db.keys.size() == 0) return ApplyOutcome::kNothing;
  db.keys.Clear();
  if (db.expiry.size() > 0) dropped_expiries_.push_back(std::move(db.expiry));
  db.expiry = ExpiryHeap();
  db.list_elements = 0;
  db.removed_position = position_;
  return ApplyOutcome::kChanged;
}

ApplyOutcome Keyspace::FlushAll(const Mutation&) {
  ApplyOutcome outcome = ApplyOutcome::kNothing;
  for (uint32_t i = 0; i < databases(); ++i) {
    if (FlushDb(Mutation::FlushDb(i)) == ApplyOutcome::kChanged) outcome = ApplyOutcome::kChanged;
  }
  return outcome;
}

}  // namespace baton
