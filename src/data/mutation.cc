#include "data/mutation.h"

namespace baton {

namespace {

Mutation Of(MutationKind kind, uint32_t db, KeyRef key = {}) {
  Mutation mutation{};
  mutation.kind = kind;
  mutation.db = db;
  mutation.key = key;
  return mutation;
}

}  // namespace

Mutation Mutation::Set(uint32_t db, KeyRef key, std::string_view value, int64_t expire_at_ms, bool keep_ttl) {
  Mutation m = Of(MutationKind::kSet, db, key);
  m.value = value;
  m.a = expire_at_ms;
  m.flag = keep_ttl;
  return m;
}

Mutation Mutation::Append(uint32_t db, KeyRef key, std::string_view value) {
  Mutation m = Of(MutationKind::kAppend, db, key);
  m.value = value;
  return m;
}

Mutation Mutation::SetRange(uint32_t db, KeyRef key, int64_t offset, std::string_view value) {
  Mutation m = Of(MutationKind::kSetRange, db, key);
  m.a = offset;
  m.value = value;
  return m;
}

Mutation Mutation::Push(uint32_t db, KeyRef key, Side side, std::span<const std::string_view> values) {
  Mutation m = Of(MutationKind::kPush, db, key);
  m.from = side;
  m.values = values;
  return m;
}

Mutation Mutation::Pop(uint32_t db, KeyRef key, Side side, int64_t count) {
  Mutation m = Of(MutationKind::kPop, db, key);
  m.from = side;
  m.a = count;
  return m;
}

Mutation Mutation::Move(uint32_t db, KeyRef from_key, KeyRef to_key, Side from, Side to) {
  Mutation m = Of(MutationKind::kMove, db, from_key);
  m.other = to_key;
  m.from = from;
  m.to = to;
  return m;
}

Mutation Mutation::ListSet(uint32_t db, KeyRef key, int64_t index, std::string_view value) {
  Mutation m = Of(MutationKind::kListSet, db, key);
  m.a = index;
  m.value = value;
  return m;
}

Mutation Mutation::ListInsert(uint32_t db, KeyRef key, bool before, std::string_view pivot, std::string_view value) {
  Mutation m = Of(MutationKind::kListInsert, db, key);
  m.flag = before;
  m.pivot = pivot;
  m.value = value;
  return m;
}

Mutation Mutation::ListRemove(uint32_t db, KeyRef key, int64_t count, std::string_view value) {
  Mutation m = Of(MutationKind::kListRemove, db, key);
  m.a = count;
  m.value = value;
  return m;
}

Mutation Mutation::Trim(uint32_t db, KeyRef key, int64_t start, int64_t stop) {
  Mutation m = Of(MutationKind::kTrim, db, key);
  m.a = start;
  m.b = stop;
  return m;
}

Mutation Mutation::Delete(uint32_t db, KeyRef key) { return Of(MutationKind::kDelete, db, key); }

Mutation Mutation::Expire(uint32_t db, KeyRef key) {
  Mutation m = Of(MutationKind::kDelete, db, key);
  m.flag = true;
  return m;
}

Mutation Mutation::ExpireAt(uint32_t db, KeyRef key, int64_t at_ms) {
  Mutation m = Of(MutationKind::kExpireAt, db, key);
  m.a = at_ms;
  return m;
}

Mutation Mutation::Persist(uint32_t db, KeyRef key) { return Of(MutationKind::kPersist, db, key); }

Mutation Mutation::Rename(uint32_t db, KeyRef key, KeyRef to) {
  Mutation m = Of(MutationKind::kRename, db, key);
  m.other = to;
  return m;
}

Mutation Mutation::Copy(uint32_t db, KeyRef key, uint32_t to_db, KeyRef to) {
  Mutation m = Of(MutationKind::kCopy, db, key);
  m.other_db = to_db;
  m.other = to;
  return m;
}

Mutation Mutation::MoveToDb(uint32_t db, KeyRef key, uint32_t to_db) {
  Mutation m = Of(MutationKind::kMoveToDb, db, key);
  m.other_db = to_db;
  return m;
}

Mutation Mutation::SwapDb(uint32_t db, uint32_t other_db) {
  Mutation m = Of(MutationKind::kSwapDb, db);
  m.other_db = other_db;
  return m;
}

Mutation Mutation::FlushDb(uint32_t db) { return Of(MutationKind::kFlushDb, db); }

Mutation Mutation::FlushAll() { return Of(MutationKind::kFlushAll, 0); }

Mutation Mutation::Queue(uint32_t db, const QueueNotes& notes) {
  Mutation m = Of(MutationKind::kQueue, db);
  m.notes = &notes;
  return m;
}

}  // namespace baton
