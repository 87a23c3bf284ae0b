// Blocking: who waits for which key, and what happens when a key gets elements, a time-out comes or a sync ends.
// Also WATCH, which looks at the same thing: which keys a mutation touches.

#include <algorithm>

#include "base/check.h"
#include "server/server.h"

namespace baton {
namespace {

// Which keys a kind of mutation touches (WATCH), and which may have become a list (waiters).
struct Effects {
  MutationKind kind;
  bool key, other;  // touched: `key` in db; `other` in other_db for kCopy, in db for the rest
  enum { kNobody, kKey, kOther } ready;
};
constexpr Effects kEffects[] = {
    {MutationKind::kSet, true, false, Effects::kNobody},
    {MutationKind::kAppend, true, false, Effects::kNobody},
    {MutationKind::kSetRange, true, false, Effects::kNobody},
    {MutationKind::kPush, true, false, Effects::kKey},
    {MutationKind::kPop, true, false, Effects::kNobody},
    {MutationKind::kMove, true, true, Effects::kOther},
    {MutationKind::kListSet, true, false, Effects::kNobody},
    {MutationKind::kListInsert, true, false, Effects::kNobody},
    {MutationKind::kListRemove, true, false, Effects::kNobody},
    {MutationKind::kTrim, true, false, Effects::kNobody},
    {MutationKind::kDelete, true, false, Effects::kNobody},
    {MutationKind::kExpireAt, true, false, Effects::kNobody},
    {MutationKind::kPersist, true, false, Effects::kNobody},
    {MutationKind::kRename, true, true, Effects::kOther},
    {MutationKind::kCopy, false, true, Effects::kOther},
};
constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < std::size(kEffects); ++i) {
    if (static_cast<size_t>(kEffects[i].kind) != i) return false;
  }
  return true;
}
static_assert(RowsFollowTheEnum());

}  // namespace

// Called after the mutation was applied.
void Server::NoteEffects(const Mutation& mutation) {
  auto kind = static_cast<size_t>(mutation.kind);
  if (kind < std::size(kEffects)) {
    const Effects& effects = kEffects[kind];
    uint32_t other_db = mutation.kind == MutationKind::kCopy ? mutation.other_db : mutation.db;
    if (effects.key) TouchWatchers(mutation.db, mutation.key.name);
    if (effects.other) TouchWatchers(other_db, mutation.other.name);
    if (effects.ready == Effects::kKey) waiters_.Touch(mutation.db, mutation.key.name);
    if (effects.ready == Effects::kOther) waiters_.Touch(other_db, mutation.other.name);
    return;
  }
  switch (mutation.kind) {
    case MutationKind::kMoveToDb:
      TouchWatchers(mutation.db, mutation.key.name);
      TouchWatchers(mutation.other_db, mutation.key.name);
      waiters_.Touch(mutation.other_db, mutation.key.name);
      break;
    case MutationKind::kSwapDb:
      waiters_.TouchAll(mutation.db);
      waiters_.TouchAll(mutation.other_db);
      break;
    default:
      break;  // flushed databases feed nobody; their watchers were told before
  }
}

// Called before a mutation that changes whole databases: WATCH cares for keys that exist on either side of it.
void Server::NoteEffectsOnDatabases(const Mutation& mutation) {
  auto touch = [this](uint32_t db, uint32_t replaced_by) {
    for (auto& [key, sessions] : watchers_) {
      if (key.db != db) continue;
      KeyRef ref = keyspace_.Ref(key.name);
      if (keyspace_.Find(db, ref) == nullptr && keyspace_.Find(replaced_by, ref) == nullptr) continue;
      for (Session* session : sessions) session->watch_dirty = true;
    }
  };
  switch (mutation.kind) {
    case MutationKind::kFlushDb:
      touch(mutation.db, mutation.db);
      break;
    case MutationKind::kFlushAll:
      for (uint32_t db = 0; db < keyspace_.databases(); ++db) touch(db, db);
      break;
    case MutationKind::kSwapDb:
      touch(mutation.db, mutation.other_db);
      touch(mutation.other_db, mutation.db);
      break;
    default:
      break;
  }
}

// --- WATCH

void Server::Watch(ClientState& client, std::string_view name) {
  for (const WatchedKey& key : client.watched) {
    if (key.db == client.db && key.name == name) return;
  }
  const Entry* entry = keyspace_.Find(client.db, keyspace_.Ref(name));
  bool expired = entry != nullptr && entry->ExpiredAt(now_ms_);
  client.watched.push_back({client.db, std::string(name), expired});
  watchers_[DbKey{client.db, std::string(name)}].push_back(static_cast<Session*>(&client));
}

void Server::Unwatch(ClientState& client) {
  for (const WatchedKey& key : client.watched) {
    auto found = watchers_.find(DbKeyView{key.db, key.name});
    CHECK(found != watchers_.end());
    std::erase(found->second, static_cast<Session*>(&client));
    if (found->second.empty()) watchers_.erase(found);
  }
  client.watched.clear();
  client.watch_dirty = false;
}

void Server::TouchWatchers(uint32_t db, std::string_view name) {
  auto found = watchers_.find(DbKeyView{db, name});
  if (found == watchers_.end()) return;
  bool exists = keyspace_.Find(db, keyspace_.Ref(name)) != nullptr;
  for (Session* session : found->second) {
    for (WatchedKey& key : session->watched) {
      if (key.db != db || key.name != name) continue;
      // A key whose time was up when it was watched is only now deleted: nothing has changed for the watcher.
      if (key.was_expired && !exists) {
        key.was_expired = false;
      } else {
        session->watch_dirty = true;
      }
    }
  }
}

// --- parking

void Server::Block(CommandContext& context, std::span<const int> key_indexes, int64_t timeout_ms) {
  auto& session = static_cast<Session&>(context.client());
  if (session.blocked) return;  // woken in vain: it keeps its place
  session.blocked = true;
  ++counters_.blocked_clients;
  session.blocked_request = StoredRequest::Copy(&context.row(), context.argv());
  for (int index : key_indexes) {
    std::string_view name = context.arg(static_cast<size_t>(index));
    bool twice = std::any_of(session.blocked_keys.begin(), session.blocked_keys.end(),
                             [&](const Session::BlockedKey& key) { return key.name == name; });
    if (twice) continue;
    session.blocked_keys.push_back({std::string(name), index, waiters_.Add(session.db, name, &session)});
  }
  SetBlockedDeadline(session, timeout_ms);
}

void Server::SetBlockedDeadline(Session& session, int64_t timeout_ms) {
  if (timeout_ms == 0) return;
  int64_t left_ms = (INT64_MAX - now_ns_) / 1'000'000 - 1;
  session.blocked_deadline_ns = now_ns_ + std::min(timeout_ms, left_ms) * 1'000'000;
  blocked_deadlines_.insert({session.blocked_deadline_ns, session.id});
}

void Server::Unpark(Session& session) {
  for (const Session::BlockedKey& key : session.blocked_keys) waiters_.Remove(session.db, key.name, key.place);
  session.blocked_keys.clear();
  if (session.blocked_deadline_ns != INT64_MAX) blocked_deadlines_.erase({session.blocked_deadline_ns, session.id});
  session.blocked_deadline_ns = INT64_MAX;
  if (session.sync_waited_reply) {
    std::erase(sync_waiters_, &session);
    session.sync_waited_reply = nullptr;
  }
  session.blocked_request.reset();
  session.blocked = false;
  --counters_.blocked_clients;
}

void Server::AnswerParked(Session& session, const std::function<void(ReplyBuilder&)>& write) {
  // Who waited for keys saw that they held nothing, which is as true as the newest removal. Who waited for a sync saw
  // none.
  uint64_t position = session.sync_waited_reply ? 0 : keyspace_.removed_position(session.db);
  uint64_t start = session.output().end_offset();
  ReplyBuilder reply(session.output(), session.protocol);
  write(reply);
  Unpark(session);
  Answered(session, start, position);
  Resume(session);
}

void Server::TimeOut(Session& session) {
  if (session.sync_waited_reply) {
    auto write = session.sync_waited_reply;
    AnswerParked(session, [&](ReplyBuilder& reply) { write(reply, log_->synced() >= session.sync_waited_position); });
    return;
  }
  AnswerParked(session, [](ReplyBuilder& reply) { reply.NullArray(); });
}

size_t Server::WaitingFor(uint32_t db, std::string_view key) const { return waiters_.Count(db, key); }

bool Server::Unblock(uint64_t id, bool with_error) {
  auto found = sessions_.find(id);
  if (found == sessions_.end() || !found->second->blocked) return false;
  Session& session = *found->second;
  if (with_error) {
    AnswerParked(session, [](ReplyBuilder& reply) { reply.Error(errors::kUnblocked); });
  } else {
    TimeOut(session);
  }
  return true;
}

// --- serving

// Keys are served in the order in which they were touched; what serving touches is served after them.
void Server::ServeWaiters() {
  serving_ = true;
  while (waiters_.has_touched()) {
    for (const DbKey& key : waiters_.TakeTouched()) ServeKey(key);
  }
  serving_ = false;
}

void Server::ServeKey(const DbKey& key) {
  if (ServePart(key, Waiters::Part::kFull)) ServePart(key, Waiters::Part::kNext);
}

// False: there is nothing, or nobody left to give it to.
bool Server::ServePart(const DbKey& key, Waiters::Part part) {
  Waiters::Lines* lines = waiters_.Find(key.db, key.name);
  if (lines == nullptr) return false;
  const KeyRef ref = keyspace_.Ref(key.name);
  auto next = lines->part(part).begin();
  while (next != lines->part(part).end()) {
    const Entry* entry = keyspace_.Find(key.db, ref);
    if (entry == nullptr || entry->type() != ValueType::kList || entry->ExpiredAt(now_ms_)) return false;
    if (part == Waiters::Part::kFull && !queues_.HasRoom(key.db, ref)) return true;
    Session* session = *next++;
    const auto waited = std::find_if(session->blocked_keys.begin(), session->blocked_keys.end(),
                                     [&](const Session::BlockedKey& one) { return one.name == key.name; });
    CHECK(waited != session->blocked_keys.end());
    (void)queues_.TakeRefusal();
    if (!ServeSession(*session, static_cast<size_t>(waited->argument))) {
      const QueueBook::Refusal refusal = queues_.TakeRefusal();
      if (refusal == QueueBook::Refusal::kFull) waiters_.Move(*lines, waited->place, Waiters::Part::kFull);
      if (refusal == QueueBook::Refusal::kHolds) waiters_.Move(*lines, waited->place, Waiters::Part::kHolds);
    }
    lines = waiters_.Find(key.db, key.name);  // gone when the last one was served
    if (lines == nullptr) return false;
  }
  return true;
}

// Managed queues may hand out again.
void Server::WakeForQueues() {
  if (queues_.TakeWokenAll()) {
    waiters_.ForEach([this](const DbKey& key, Waiters::Lines& lines) {
      for (Waiters::Part part : {Waiters::Part::kFull, Waiters::Part::kHolds}) {
        while (!lines.part(part).empty()) BringBack(*lines.part(part).back(), key.name, lines, part);
      }
      waiters_.Touch(key, lines);
    });
  }
  for (const QueueBook::Woken& woken : queues_.TakeWoken()) {
    const uint32_t db = queues_.DbOf(woken.list);
    const std::string_view name = queues_.NameOf(woken.list);
    Waiters::Lines* lines = waiters_.Find(db, name);
    if (lines == nullptr) continue;
    const auto found = sessions_.find(woken.connection);
    if (found != sessions_.end() && found->second->blocked && found->second->db == db) {
      BringBack(*found->second, name, *lines, Waiters::Part::kHolds);
    }
    waiters_.Touch(db, name);
  }
}

// If it is there, the session is asked again when the key is touched.
void Server::BringBack(Session& session, std::string_view name, Waiters::Lines& lines, Waiters::Part from) {
  for (Session::BlockedKey& key : session.blocked_keys) {
    if (key.name == name && key.place.part == from) waiters_.Move(lines, key.place, Waiters::Part::kNext);
  }
}

// Runs a parked command again for the key at argv[argument]. False when it could not be answered and stays parked.
bool Server::ServeSession(Session& session, size_t argument) {
  uint64_t start = session.output().end_offset();
  ReplyBuilder reply(session.output(), session.protocol);
  const StoredRequest& request = *session.blocked_request;
  CommandContext context(*this, session, *request.row, request.argv, reply);
  context.set_served_key(argument);
  current_ = &session;
  request.row->handler(context);
  current_ = nullptr;
  if (session.output().end_offset() == start) {
    EndCommand();
    return false;
  }
  ++counters_.served_waiters;
  if (!reply.first_error().empty()) CountError(request.row, reply.first_error(), false);
  AccountTime(session, *request.row, request.argv, counters_.Of(*request.row));
  Unpark(session);
  Answered(session, start, context.reply_position());
  EndCommand();
  Resume(session);
  return true;
}

// --- WAIT, WAITAOF

void Server::WaitForSync(CommandContext& context, uint64_t position, int64_t timeout_ms,
                         std::function<void(ReplyBuilder&, bool synced)> write) {
  auto& session = static_cast<Session&>(context.client());
  if (log_->synced() >= position || !context.may_block()) {
    write(context.reply(), log_->synced() >= position);
    return;
  }
  session.blocked = true;
  ++counters_.blocked_clients;
  session.sync_waited_position = position;
  session.sync_waited_reply = std::move(write);
  sync_waiters_.push_back(&session);
  log_->RequestSync();
  SetBlockedDeadline(session, timeout_ms);
}

void Server::ServeSyncWaiters() {
  for (size_t i = 0; i < sync_waiters_.size();) {
    Session& session = *sync_waiters_[i];
    if (log_->synced() >= session.sync_waited_position) {
      TimeOut(session);  // takes it out of the list
    } else {
      ++i;
    }
  }
}

}  // namespace baton
