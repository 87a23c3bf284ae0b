#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace baton {

// A key's name with its keyed hash, computed once per command (Keyspace::Ref).
struct KeyRef {
  std::string_view name;
  uint64_t hash = 0;
};

enum class Side : uint8_t { kLeft, kRight };

// Commands whose effect is a kSet, but which clients are told of by other names (server/keyspace_events.h).
enum class SetBy : uint8_t { kSet, kAppend, kIncrBy, kIncrByFloat };

// The closed set of changes. Data changes only by Keyspace::Apply of one of these; the log records the same
// values in Redis's own vocabulary (the command in the comment), and recovery applies them again. A mutation is the
// effect, never the request: it needs no clock, no randomness and no policy to be replayed.
enum class MutationKind : uint8_t {
  kSet,         // SET key value [PXAT at_ms | KEEPTTL]
  kAppend,      // APPEND key value
  kSetRange,    // SETRANGE key offset value
  kPush,        // LPUSH | RPUSH key values...
  kPop,         // LPOP | RPOP key [count]
  kMove,        // RPOPLPUSH key other | LMOVE key other from to
  kListSet,     // LSET key index value
  kListInsert,  // LINSERT key BEFORE|AFTER pivot value
  kListRemove,  // LREM key count value, or, at an end, LPOP | RPOP key
  kTrim,        // LTRIM key start stop
  kDelete,      // DEL key
  kExpireAt,    // PEXPIREAT key at_ms
  kPersist,     // PERSIST key
  kRename,      // RENAME key other
  kCopy,        // COPY key other DB other_db REPLACE
  kMoveToDb,    // MOVE key other_db
  kSwapDb,      // SWAPDB db other_db
  kFlushDb,     // FLUSHDB
  kFlushAll,    // FLUSHALL
  kQueue,       // no command: notes only, for queue/QueueBook
};

struct QueueNotes;

// Views only: a mutation lives no longer than the call that makes it. Build one with the functions below.
struct Mutation {
  MutationKind kind;
  Side from = Side::kLeft;  // kPush: the side pushed to; kPop, kMove: the side taken from; kListRemove, at an end: which
  Side to = Side::kLeft;    // kMove: the side put to
  bool flag = false;        // kSet: KEEPTTL; kListInsert: before; kListRemove: the one element stands at an end; kDelete:
                            // because its time is up (not logged)
  bool text = false;        // kSet: never shown as an integer (INCRBYFLOAT); not logged
  SetBy by = SetBy::kSet;   // kSet; not logged
  uint32_t db = 0;
  uint32_t other_db = 0;  // kCopy, kMoveToDb, kSwapDb
  KeyRef key;
  KeyRef other;                              // kMove, kRename, kCopy
  std::string_view value;                    // kSet, kAppend, kSetRange, kListSet, kListInsert, kListRemove
  std::string_view pivot;                    // kListInsert
  std::span<const std::string_view> values;  // kPush, in the order of the request
  int64_t a = 0;                             // at_ms | offset | count | index | start; kSet: at_ms, or 0 for none; kMove: see QueueBook::Plan
  int64_t b = 0;                             // stop
  // What the change means to managed queues, for QueueBook and the log; nullptr: nothing. The keyspace does not look.
  const QueueNotes* notes = nullptr;

  static Mutation Set(uint32_t db, KeyRef key, std::string_view value, int64_t expire_at_ms, bool keep_ttl);
  static Mutation Append(uint32_t db, KeyRef key, std::string_view value);
  static Mutation SetRange(uint32_t db, KeyRef key, int64_t offset, std::string_view value);
  static Mutation Push(uint32_t db, KeyRef key, Side side, std::span<const std::string_view> values);
  static Mutation Pop(uint32_t db, KeyRef key, Side side, int64_t count);
  static Mutation Move(uint32_t db, KeyRef from_key, KeyRef to_key, Side from, Side to);
  static Mutation ListSet(uint32_t db, KeyRef key, int64_t index, std::string_view value);
  static Mutation ListInsert(uint32_t db, KeyRef key, bool before, std::string_view pivot, std::string_view value);
  static Mutation ListRemove(uint32_t db, KeyRef key, int64_t count, std::string_view value);
  static Mutation Trim(uint32_t db, KeyRef key, int64_t start, int64_t stop);
  static Mutation Delete(uint32_t db, KeyRef key);
  static Mutation Expire(uint32_t db, KeyRef key);  // a kDelete
  static Mutation ExpireAt(uint32_t db, KeyRef key, int64_t at_ms);
  static Mutation Persist(uint32_t db, KeyRef key);
  static Mutation Rename(uint32_t db, KeyRef key, KeyRef to);
  static Mutation Copy(uint32_t db, KeyRef key, uint32_t to_db, KeyRef to);  // replaces the target
  static Mutation MoveToDb(uint32_t db, KeyRef key, uint32_t to_db);
  static Mutation SwapDb(uint32_t db, uint32_t other_db);
  static Mutation FlushDb(uint32_t db);
  static Mutation FlushAll();
  static Mutation Queue(uint32_t db, const QueueNotes& notes);

 private:
  static Mutation Of(MutationKind kind, uint32_t db, KeyRef key = {}) {
    Mutation mutation{};
    mutation.kind = kind;
    mutation.db = db;
    mutation.key = key;
    return mutation;
  }
};

// What Apply did. A live commit is always kChanged (the handler has checked); a log written by somebody else may
// hold commands that do nothing (LPOP of a missing key), or that do not fit the data, which is damage.
enum class ApplyOutcome : uint8_t { kChanged, kNothing, kDoesNotFit };

// --- in the header, since every command makes one

inline Mutation Mutation::Set(uint32_t db, KeyRef key, std::string_view value, int64_t expire_at_ms, bool keep_ttl) {
  Mutation m = Of(MutationKind::kSet, db, key);
  m.value = value;
  m.a = expire_at_ms;
  m.flag = keep_ttl;
  return m;
}

inline Mutation Mutation::Append(uint32_t db, KeyRef key, std::string_view value) {
  Mutation m = Of(MutationKind::kAppend, db, key);
  m.value = value;
  return m;
}

inline Mutation Mutation::SetRange(uint32_t db, KeyRef key, int64_t offset, std::string_view value) {
  Mutation m = Of(MutationKind::kSetRange, db, key);
  m.a = offset;
  m.value = value;
  return m;
}

inline Mutation Mutation::Push(uint32_t db, KeyRef key, Side side, std::span<const std::string_view> values) {
  Mutation m = Of(MutationKind::kPush, db, key);
  m.from = side;
  m.values = values;
  return m;
}

inline Mutation Mutation::Pop(uint32_t db, KeyRef key, Side side, int64_t count) {
  Mutation m = Of(MutationKind::kPop, db, key);
  m.from = side;
  m.a = count;
  return m;
}

inline Mutation Mutation::Move(uint32_t db, KeyRef from_key, KeyRef to_key, Side from, Side to) {
  Mutation m = Of(MutationKind::kMove, db, from_key);
  m.other = to_key;
  m.from = from;
  m.to = to;
  return m;
}

inline Mutation Mutation::ListSet(uint32_t db, KeyRef key, int64_t index, std::string_view value) {
  Mutation m = Of(MutationKind::kListSet, db, key);
  m.a = index;
  m.value = value;
  return m;
}

inline Mutation Mutation::ListInsert(uint32_t db, KeyRef key, bool before, std::string_view pivot, std::string_view value) {
  Mutation m = Of(MutationKind::kListInsert, db, key);
  m.flag = before;
  m.pivot = pivot;
  m.value = value;
  return m;
}

inline Mutation Mutation::ListRemove(uint32_t db, KeyRef key, int64_t count, std::string_view value) {
  Mutation m = Of(MutationKind::kListRemove, db, key);
  m.a = count;
  m.value = value;
  return m;
}

inline Mutation Mutation::Trim(uint32_t db, KeyRef key, int64_t start, int64_t stop) {
  Mutation m = Of(MutationKind::kTrim, db, key);
  m.a = start;
  m.b = stop;
  return m;
}

inline Mutation Mutation::Delete(uint32_t db, KeyRef key) { return Of(MutationKind::kDelete, db, key); }

inline Mutation Mutation::Expire(uint32_t db, KeyRef key) {
  Mutation m = Of(MutationKind::kDelete, db, key);
  m.flag = true;
  return m;
}

inline Mutation Mutation::ExpireAt(uint32_t db, KeyRef key, int64_t at_ms) {
  Mutation m = Of(MutationKind::kExpireAt, db, key);
  m.a = at_ms;
  return m;
}

inline Mutation Mutation::Persist(uint32_t db, KeyRef key) { return Of(MutationKind::kPersist, db, key); }

inline Mutation Mutation::Rename(uint32_t db, KeyRef key, KeyRef to) {
  Mutation m = Of(MutationKind::kRename, db, key);
  m.other = to;
  return m;
}

inline Mutation Mutation::Copy(uint32_t db, KeyRef key, uint32_t to_db, KeyRef to) {
  Mutation m = Of(MutationKind::kCopy, db, key);
  m.other_db = to_db;
  m.other = to;
  return m;
}

inline Mutation Mutation::MoveToDb(uint32_t db, KeyRef key, uint32_t to_db) {
  Mutation m = Of(MutationKind::kMoveToDb, db, key);
  m.other_db = to_db;
  return m;
}

inline Mutation Mutation::SwapDb(uint32_t db, uint32_t other_db) {
  Mutation m = Of(MutationKind::kSwapDb, db);
  m.other_db = other_db;
  return m;
}

inline Mutation Mutation::FlushDb(uint32_t db) { return Of(MutationKind::kFlushDb, db); }

inline Mutation Mutation::FlushAll() { return Of(MutationKind::kFlushAll, 0); }

inline Mutation Mutation::Queue(uint32_t db, const QueueNotes& notes) {
  Mutation m = Of(MutationKind::kQueue, db);
  m.notes = &notes;
  return m;
}

}  // namespace baton
