#include "commands/context.h"

#include "base/numbers.h"
#include "commands/counters.h"
#include "queue/book.h"

namespace baton {

std::unique_ptr<StoredRequest> StoredRequest::Copy(const CommandRow* row, const std::vector<std::string_view>& argv) {
  auto request = std::make_unique<StoredRequest>();
  request->row = row;
  request->words.assign(argv.begin(), argv.end());
  request->argv.assign(request->words.begin(), request->words.end());
  return request;
}

const Entry* CommandContext::Peek(const KeyRef& key, Miss miss) {
  const Entry* entry = FindLive(client_.db, key);
  if ((row_.flags & kReadonly) != 0) CountLookup(key, entry != nullptr, miss);
  return entry;
}

const Entry* CommandContext::Inspect(const KeyRef& key) {
  const Entry* entry = keyspace_.Find(client_.db, key);
  WaitFor(entry != nullptr ? keyspace_.ChangePosition(*entry) : keyspace_.removed_position(client_.db));
  return entry;
}

// What was seen must not be taken back by a power cut after the reply: a hit waits for the entry's newest change, a
// miss for whatever may have removed the key.
const Entry* CommandContext::FindAbsentOrExpiring(uint32_t db, const KeyRef& key, const Entry* entry) {
  if (entry == nullptr) {
    WaitFor(keyspace_.removed_position(db));
    return nullptr;
  }
  // What is replayed from a log was decided when it was written: time plays no part in it.
  if (entry->ExpiredAt(host_.now_ms()) && !host_.loading()) [[unlikely]] {
    WaitFor(host_.ExpireKey(db, key));
    ++host_.counters().expired_keys;
    return nullptr;
  }
  WaitFor(keyspace_.ChangePosition(*entry));
  return entry;
}

void CommandContext::CountLookup(const KeyRef& key, bool hit, Miss miss) {
  if (!hit) return CountMiss(key, miss);
  ++host_.counters().keyspace_hits;
}

void CommandContext::CountMiss(const KeyRef& key, Miss miss) {
  ++host_.counters().keyspace_misses;
  if (miss == Miss::kIsTold) host_.NoteMiss(client_.db, key.name, reply_position_);
}

bool CommandContext::AcknowledgeLate(const KeyRef& list, std::string_view value) {
  QueueBook& queues = host_.queues();
  if (!queues.active()) [[likely]]
    return false;
  const uint32_t slot = queues.FindLate(db(), list.name, value);
  if (slot == QueueBook::kNone) return false;
  const Message& message = queues.messages().at(slot);
  const NoteKind kind = message.state == MessageState::kLeased ? NoteKind::kSettleLate : NoteKind::kSettle;
  QueueNotes notes;
  notes.list.push_back({.kind = kind, .message = message});
  const std::string where(queues.NameOf(message.list));
  Mutation acknowledge = Mutation::ListRemove(db(), Ref(where), message.side == Side::kRight ? -1 : 1, value);
  acknowledge.notes = &notes;
  Commit(acknowledge);
  return true;
}

bool CommandContext::TakePushedAgain(const KeyRef& list, std::string_view value) {
  QueueBook& queues = host_.queues();
  return queues.active() && queues.TakePushedAgain(db(), list, value, static_cast<uint32_t>(client_.id));
}

bool CommandContext::IntegerArg(size_t i, int64_t* value, std::string_view error) {
  if (ParseInt64(argv_[i], value)) return true;
  Error(error);
  return false;
}

}  // namespace baton
