#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/client_state.h"
#include "commands/command.h"
#include "commands/host.h"
#include "data/keyspace.h"
#include "resp/reply_builder.h"
#include "resp/reply_errors.h"

namespace baton {

// What a handler has in its hands: the request, the data to look at, the reply to write, and Commit.
// A handler looks (Find), checks everything, then commits mutations and writes exactly one reply. Positions
// are kept for it: every Find raises the position that the reply waits for, every Commit too.
// A context lives for one command; argument views die with it.
class CommandContext {
 public:
  CommandContext(Host& host, ClientState& client, const CommandRow& row, const std::vector<std::string_view>& argv,
                 ReplyBuilder& reply)
      : host_(host), keyspace_(host.keyspace()), client_(client), row_(row), argv_(argv), reply_(reply) {}

  // --- the request
  const std::vector<std::string_view>& argv() const { return argv_; }
  std::string_view arg(size_t i) const { return argv_[i]; }
  size_t argc() const { return argv_.size(); }
  const CommandRow& row() const { return row_; }
  ClientState& client() { return client_; }
  uint32_t db() const { return client_.db; }
  int64_t now_ms() const { return host_.now_ms(); }  // wall clock, the same for a whole command, MULTI included

  // --- looking
  KeyRef Ref(std::string_view name) const { return keyspace_.Ref(name); }
  const Keyspace& keyspace() const { return keyspace_; }
  // The live entry, or nullptr. An entry whose time is up is deleted (as a mutation) and is not there.
  // The pointer dies at the next Commit, and so does every pointer found before: that deletion is a Commit.
  // A find is a use of the key (its idle time starts again) and, in a readonly command, a keyspace hit or miss.
  const Entry* Find(const KeyRef& key) { return FindIn(client_.db, key); }
  const Entry* FindIn(uint32_t db, const KeyRef& key);
  // The same, but an entry of another type is an error reply: then *ok is false and the handler returns.
  const Entry* FindTyped(const KeyRef& key, ValueType type, bool* ok);
  // As Find, but not a use of the key: for commands that only ask about it (EXISTS, TYPE, TTL, OBJECT).
  // OBJECT does it in silence: nobody is told of a miss.
  enum class Miss : uint8_t { kIsTold, kIsNotTold };
  const Entry* Peek(const KeyRef& key, Miss miss = Miss::kIsTold);
  // The entry as it stands, its time up or not: no use, no lookup and no expiry (MEMORY USAGE, DEBUG OBJECT).
  const Entry* Inspect(const KeyRef& key);
  // For the few writes that Redis counts as a lookup too (GETSET, GETDEL, GETEX, SET with GET, COPY), and for
  // what SCAN looks at to see its type: Find counts reads only. To be called right after the Find.
  void CountLookup(const KeyRef& key, bool hit, Miss miss = Miss::kIsTold);
  // LREM found nothing: acknowledges the message of a managed queue that was given back meanwhile, or went to somebody
  // else, if that is what is meant. False: it isn't.
  bool AcknowledgeLate(const KeyRef& list, std::string_view value);
  // LREM of one element that this client has pushed again: the policy's COALESCE has taken it from its list already, where
  // Redis would have left it, and it is not to be acknowledged.
  bool TakePushedAgain(const KeyRef& list, std::string_view value);
  // A search by value has walked over that many elements of the list: it may get an index.
  void WalkedOver(const KeyRef& key, int64_t walked) { keyspace_.WalkedOver(db(), key, walked); }

  // For commands that look at the whole keyspace (KEYS, SCAN, DBSIZE ...): the reply waits for the newest change of all.
  void LooksAtEverything() { WaitFor(keyspace_.changed_position()); }

  // --- changing
  void Commit(const Mutation& mutation) { Commit(std::span<const Mutation>(&mutation, 1)); }
  void Commit(std::span<const Mutation> batch) { WaitFor(host_.Commit(batch)); }

  void NoteAsChange(const Mutation& mutation) { host_.NoteAsChange(mutation, reply_position_); }

  // --- answering
  ReplyBuilder& reply() { return reply_; }
  // What has been written so far is no reply but messages, and sent whatever CLIENT REPLY says.
  void SettleMessages() { client_.settled_offset = reply_.end_offset(); }
  void Error(std::string_view text) { reply_.Error(text); }
  // Each parses an argument or replies with the error and returns false.
  bool IntegerArg(size_t i, int64_t* value, std::string_view error = errors::kNotInteger);

  // --- blocking: see Host::Block
  // Inside MULTI (or EXEC) a blocking command must not block; it answers as on a timeout.
  bool may_block() const { return may_block_; }
  void set_may_block(bool may) { may_block_ = may; }
  // When a blocked command is run again because one of its keys got elements: that key's index in argv; else 0.
  size_t served_key() const { return served_key_; }
  void set_served_key(size_t index) { served_key_ = index; }

  Host& host() { return host_; }

  // The position that this command's reply waits for.
  uint64_t reply_position() const { return reply_position_; }
  void WaitFor(uint64_t position) {
    if (position > reply_position_) reply_position_ = position;
  }

 private:
  const Entry* FindLive(uint32_t db, const KeyRef& key) {
    const Entry* entry = keyspace_.Find(db, key);
    if (entry != nullptr && !entry->has_expiry()) [[likely]] {
      WaitFor(keyspace_.ChangePosition(*entry));
      return entry;
    }
    return FindAbsentOrExpiring(db, key, entry);
  }
  const Entry* FindAbsentOrExpiring(uint32_t db, const KeyRef& key, const Entry* entry);
  void CountMiss(const KeyRef& key, Miss miss);

  Host& host_;
  Keyspace& keyspace_;
  ClientState& client_;
  const CommandRow& row_;
  const std::vector<std::string_view>& argv_;
  ReplyBuilder& reply_;
  uint64_t reply_position_ = 0;
  size_t served_key_ = 0;
  bool may_block_ = true;
};

inline const Entry* CommandContext::FindIn(uint32_t db, const KeyRef& key) {
  const Entry* entry = FindLive(db, key);
  if ((row_.flags & kReadonly) != 0) CountLookup(key, entry != nullptr);
  if (entry != nullptr && !client_.no_touch) entry->Touch(keyspace_.now_seconds());
  return entry;
}

inline const Entry* CommandContext::FindTyped(const KeyRef& key, ValueType type, bool* ok) {
  const Entry* entry = Find(key);
  *ok = entry == nullptr || entry->type() == type;
  if (!*ok) [[unlikely]]
    Error(errors::kWrongType);
  return entry;
}

}  // namespace baton
