#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/logging.h"
#include "base/status.h"
#include "data/keyspace.h"
#include "data/mutation.h"

namespace baton {

class Channels;
class CommandTable;
class CommandContext;
class Config;
class Log;
enum class ChannelKind : uint8_t;
struct ClientState;
struct CommandRow;
struct ServerCounters;
class Slowlog;
class LatencyMonitor;
class QueueBook;
struct Policy;
struct QueueTransfer;

// Which connections CLIENT PAUSE holds back.
enum class PauseMode : uint8_t { kNone, kWrite, kAll };

enum class ShutdownMode : uint8_t { kDefault, kSave, kNoSave };

// What is true of this process for as long as it runs.
struct ServerFacts {
  std::string run_id;            // 40 hex digits, new at every start
  std::string executable;        // absolute path
  std::string config_file;       // absolute path; empty when none was loaded
  int64_t pid = 0;
  int64_t started_unix_ms = 0;
  int64_t started_monotonic_ns = 0;
};

// What handlers may ask of the server that runs them. server/Server is the real one.
class Host {
 public:
  virtual ~Host() = default;

  // --- data and time
  virtual Keyspace& keyspace() = 0;               // handlers look; only Commit applies
  virtual int64_t now_ms() const = 0;             // wall clock, fixed for the command (and for a whole EXEC)
  virtual int64_t monotonic_ns() const = 0;       // of this turn
  virtual int64_t unix_us() = 0;                  // wall clock, read at this moment: TIME, INFO
  virtual QueueBook& queues() = 0;
  virtual int64_t queue_now_ms() const = 0;       // the clock of leases and delays: see QueueBook
  // Applies the batch to the keyspace and appends it to the log; returns the position the reply must wait for.
  virtual uint64_t Commit(std::span<const Mutation> batch) = 0;
  // Deletes a key whose time is up. Messages that managed queues have in it are saved before.
  virtual uint64_t ExpireKey(uint32_t db, const KeyRef& key) = 0;
  // What Redis calls a change though it changes nothing (LTRIM that keeps all): breaks WATCH, and is told of. `position` is
  // that of what was looked at.
  virtual void NoteAsChange(const Mutation& mutation, uint64_t position) = 0;
  // Somebody looked for a key that is not there, and may be told so once the log has reached `position`.
  virtual void NoteMiss(uint32_t db, std::string_view key, uint64_t position) = 0;
  // The same as Commit for a message that goes from one list to another, as QueueBook has planned it.
  virtual uint64_t CommitTransfer(const QueueTransfer& transfer) = 0;
  // Leases what stands in the processing lists of a policy with ADOPT and in no lease; returns the position, 0: nothing.
  virtual uint64_t Adopt(const Policy& policy, uint32_t db) = 0;

  // --- blocking
  // Parks the client of `context` until one of the keys at argv indexes `key_indexes` holds a list, or until timeout_ms from
  // now has passed (0 = never). When a key is ready the same handler runs again with served_key() set; it must then
  // either answer, or write nothing (and is parked on in its old place). On timeout the reply is a null array.
  virtual void Block(CommandContext& context, std::span<const int> key_indexes, int64_t timeout_ms) = 0;
  virtual size_t WaitingFor(uint32_t db, std::string_view key) const = 0;  // clients parked for it
  // CLIENT UNBLOCK: true when `id` was blocked.
  virtual bool Unblock(uint64_t id, bool with_error) = 0;

  // --- transactions
  virtual void Watch(ClientState& client, std::string_view name) = 0;
  virtual void Unwatch(ClientState& client) = 0;
  // Runs what `context`'s client has queued, as one batch, writing the array of replies. MULTI state is left.
  virtual void ExecuteQueued(CommandContext& context) = 0;
  // Runs one stored request in place (scripts, later).

  // --- messages
  virtual Channels& channels() = 0;
  // To those who listen to that channel or, of a kChannel, to a pattern that it matches. Returns how many times it was sent.
  virtual int64_t Publish(ChannelKind kind, std::string_view channel, std::string_view message) = 0;

  // --- connections
  virtual void ForEachClient(const std::function<void(ClientState&)>& visit) = 0;  // by id, figures filled in
  virtual ClientState* FindClient(uint64_t id) = 0;
  virtual void KillClient(ClientState& client) = 0;  // after its pending reply when it is the caller's own
  virtual void PauseClients(PauseMode mode, int64_t until_monotonic_ns) = 0;  // longer and stricter wins; kNone ends
  virtual void ResetConnection(ClientState& client) = 0;  // RESET: db 0, RESP2, no MULTI, no WATCH, unauthenticated

  // --- parts that admin commands show or steer
  virtual const CommandTable& command_table() const = 0;
  virtual Config& config() = 0;
  // Called after CONFIG SET changed the named options: puts them into force. Not ok: the message is the reply's reason and
  // the caller puts the old values back.
  virtual Status ApplyConfig(const std::vector<std::string>& names) = 0;
  virtual Log& log() = 0;
  virtual ServerCounters& counters() = 0;
  virtual Slowlog& slowlog() = 0;
  // Whoever sees something take latency-monitor-threshold milliseconds or more (0: nobody looks) adds it here.
  virtual LatencyMonitor& latency_monitor() = 0;
  virtual Logger& logger() = 0;
  virtual bool loading() const = 0;
  virtual const ServerFacts& facts() const = 0;

  // SHUTDOWN: not ok when it can't (the message is the error reply). Ok: no reply is sent and the loop ends.
  virtual Status Shutdown(ShutdownMode mode, bool now, bool force) = 0;
  virtual Status AbortShutdown() = 0;
  // DEBUG RELOAD / LOADAOF: writes everything out, empties the keyspace and loads it again.
  virtual Status ReloadFromLog() = 0;
  virtual void SetActiveExpire(bool on) = 0;
  virtual void SleepForDebug(int64_t us) = 0;
  // WAIT / WAITAOF: parks the client until the log has synced `position` or timeout_ms has passed (0 = never), then replies with
  // what write(synced) puts into the reply.
  virtual void WaitForSync(CommandContext& context, uint64_t position, int64_t timeout_ms,
                           std::function<void(class ReplyBuilder&, bool synced)> write) = 0;
};

}  // namespace baton
