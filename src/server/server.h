#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/job_runner.h"
#include "base/logging.h"
#include "base/status.h"
#include "commands/channels.h"
#include "commands/command_table.h"
#include "commands/context.h"
#include "commands/counters.h"
#include "commands/host.h"
#include "commands/latency_monitor.h"
#include "commands/slowlog.h"
#include "config/config.h"
#include "data/keyspace.h"
#include "env/file_system.h"
#include "log/log.h"
#include "queue/book.h"
#include "resp/request_parser.h"
#include "server/keyspace_events.h"
#include "server/session.h"
#include "server/waiters.h"

namespace baton {

// One running server without sockets, clock or disk of its own. Bytes come in through ReadSpace/OnRead, replies go out through
// Peer::Send, and time passes in turns: read from whoever is ready, then EndTurn. Loop thread only.
//
//   loop:  wait until NextDeadlineNs() or input  →  OnRead(...) for each  →  EndTurn()
//
// The code stands in seven files: server.cc (start, turns, stop), execute.cc (one request), serve_waiters.cc (blocking),
// managed_queues.cc (leases), take_up_queues.cc (the same at a start), publish.cc (messages to other clients) and host.cc
// (what commands ask for).
class Server final : public Host, private ReplayTarget {
 public:
  // What the server stands on. All of it outlives the server.
  struct Parts {
    Config& config;
    FileSystem& files;
    Clock& clock;
    JobRunner& sync_runner;
    JobRunner& job_runner;
    Logger& logger;
    uint64_t random_seed;
    ServerFacts facts;
  };
  explicit Server(Parts parts);
  ~Server() override;

  // Loads the data. `while_loading` is called now and then, so that clients can be answered with -LOADING meanwhile.
  Result<RecoveryReport> Start(const std::function<void()>& while_loading);

  // --- sessions. The reference is good until the peer has called Disconnected, or has been told to Close.
  Session& OpenSession(Peer& peer, std::string address, std::string local_address, int fd, bool unix_socket);
  void Disconnected(Session& session);
  // The client will send nothing more, though it may still read (it closed its own half only). False: nothing is on its
  // way to it, and the peer calls Disconnected. Else it is told to Close when all has been sent.
  bool EndOfInput(Session& session);
  // Where the next bytes from the client are to be put; at least 1 byte. Good until the next call for any session.
  std::span<char> ReadSpace(Session& session);
  void OnRead(Session& session, size_t bytes);
  // The peer has sent what was sendable and the buffer got shorter: a stalled reader may go on.
  void OnSent(Session& session);

  // --- turns
  // Timers, leftovers, one write of the log, replies. True when there is more to do at once (do not wait for input).
  bool EndTurn();
  int64_t NextDeadlineNs() const;  // monotonic; INT64_MAX: none

  // --- the end
  bool stopping() const { return stopping_; }
  // Writes and syncs everything. To be called once, when the loop has ended.
  Status Stop();

  size_t session_count() const { return sessions_.size(); }
  // What was handed to clients in replies that have not reached the kernel yet.
  void ForEachUntold(const std::function<void(const Delivery&)>& visit) const;

  // What a start does with a change in a log, and with a command there that only other servers write: that it runs as a
  // client would. For baton-check-aof, too.
  ApplyOutcome Replay(const Mutation& mutation) override;
  Status ReplayForeign(uint32_t db, std::span<const std::string_view> argv) override;

  // --- Host
  Keyspace& keyspace() override { return keyspace_; }
  int64_t now_ms() const override { return now_ms_; }
  int64_t monotonic_ns() const override { return now_ns_; }
  int64_t unix_us() override { return parts_.clock.UnixUs(); }
  QueueBook& queues() override { return queues_; }
  int64_t queue_now_ms() const override { return now_ns_ / 1'000'000 + queue_clock_ms_; }
  uint64_t Commit(std::span<const Mutation> batch) override;
  uint64_t ExpireKey(uint32_t db, const KeyRef& key) override;
  void NoteAsChange(const Mutation& mutation, uint64_t position) override;
  void NoteMiss(uint32_t db, std::string_view key, uint64_t position) override;
  uint64_t CommitTransfer(const QueueTransfer& transfer) override;
  uint64_t Adopt(const Policy& policy, uint32_t db) override;
  void Block(CommandContext& context, std::span<const int> key_indexes, int64_t timeout_ms) override;
  bool Unblock(uint64_t id, bool with_error) override;
  size_t WaitingFor(uint32_t db, std::string_view key) const override;
  void Watch(ClientState& client, std::string_view name) override;
  void Unwatch(ClientState& client) override;
  void ExecuteQueued(CommandContext& context) override;
  Channels& channels() override { return channels_; }
  int64_t Publish(ChannelKind kind, std::string_view channel, std::string_view message) override;
  void ForEachClient(const std::function<void(ClientState&)>& visit) override;
  ClientState* FindClient(uint64_t id) override;
  void KillClient(ClientState& client) override;
  void PauseClients(PauseMode mode, int64_t until_monotonic_ns) override;
  void ResetConnection(ClientState& client) override;
  const CommandTable& command_table() const override { return table_; }
  Config& config() override { return parts_.config; }
  Status ApplyConfig(const std::vector<std::string>& names) override;
  Log& log() override { return *log_; }
  ServerCounters& counters() override { return counters_; }
  Slowlog& slowlog() override { return slowlog_; }
  LatencyMonitor& latency_monitor() override { return latency_monitor_; }
  Logger& logger() override { return parts_.logger; }
  bool loading() const override { return loading_; }
  const ServerFacts& facts() const override { return parts_.facts; }
  Status Shutdown(ShutdownMode mode, bool now, bool force) override;
  Status AbortShutdown() override;
  Status ReloadFromLog() override;
  void SetActiveExpire(bool on) override { active_expire_ = on; }
  void SleepForDebug(int64_t us) override;
  void WaitForSync(CommandContext& context, uint64_t position, int64_t timeout_ms,
                   std::function<void(ReplyBuilder&, bool synced)> write) override;

 private:
  // Options that the hot path looks at, copied from the configuration by ApplyConfig.
  struct Settings {
    RequestLimits limits;
    bool needs_password = false;
    int64_t maxmemory_bytes = 0;
    int64_t slowlog_slower_than_us = 10'000;
    int64_t slowlog_length_max = 128;
    bool latency_tracking = true;
    int64_t latency_threshold_ns = 0;  // of the latency monitor; 0: off
    int64_t slow_ns = 0;               // what takes less is of no interest to slow log and latency monitor
    int64_t idle_timeout_ns = 0;
    int64_t sync_timeout_ns = 0;
    int64_t query_buffer_max = 0;
    struct OutputLimit {
      int64_t hard = 0, soft = 0, soft_ns = 0;
    };
    OutputLimit output_limits[2];  // of normal clients, and of those that are subscribed to something
  };
  enum class Verdict : uint8_t { kDone, kStalled };
  // What a request may do; EXEC may do what the requests that it runs may.
  struct Reach {
    uint32_t flags = 0;
    bool grows = false;
  };

  // execute.cc
  size_t RunRequests(Session& session, std::string_view bytes);
  static Reach ReachOf(const Session& session, const CommandRow& row);
  void RunInput(Session& session);
  bool MayRun(const Session& session) const;
  Verdict Execute(Session& session, const std::vector<std::string_view>& argv);
  // Why the request is refused before its handler runs, in the order in which redis-server checks; empty: it is not.
  std::string_view Refusal(Session& session, const CommandRow& row, Reach reach);
  static uint64_t AddedBytesMax(Session& session, const CommandRow& row);
  bool MustStall(const Session& session, Reach reach) const;
  void RunHandler(Session& session, const CommandRow& row, const std::vector<std::string_view>& argv);
  void Reject(Session& session, const CommandRow* row, std::string_view error);
  void Account(const Session& session, const CommandRow& row, const std::vector<std::string_view>& argv,
               std::string_view error);
  void NoteLatency(std::string_view event, int64_t took_ns);
  void AccountTime(const Session& session, const CommandRow& row, const std::vector<std::string_view>& argv,
                   ServerCounters::PerCommand& figures);
  void NoteSlow(const Session& session, const CommandRow& row, const std::vector<std::string_view>& argv,
                int64_t took_ns);
  void Carry(const Mutation& mutation, uint64_t position);  // to log and keyspace
  void CarryInSilence(const Mutation& mutation, uint64_t position);
  void CarryAndTell(const Mutation& mutation, uint64_t position);
  Mutation WithItsEnd(Mutation removal) const;
  void EndCommand();  // closes the batch, serves waiters
  void CountError(const CommandRow* row, std::string_view error, bool rejected);
  void Answered(Session& session, uint64_t start_offset, uint64_t position);
  void SendOnceSafe(Session& session, uint64_t position);

  // managed_queues.cc
  void CarryManaged(const Mutation& mutation, uint64_t position);
  QueueBook::Actor QueueActor() const;
  // take_up_queues.cc
  Status TakeUpQueues(bool foreign);
  Status ReadConfiguredPolicies(std::vector<Policy>* policies) const;
  void WarnOfUnknownMessages();

  bool TendQueues();
  std::vector<std::string_view> GiveBackPushed(const Mutation& push);
  void ForgetUnusedQueues();
  bool GiveBackSome();
  void GiveBackDue(uint32_t slot);
  void StartLeases(Session& session);
  void LeaveLeases(Session& session);
  // Connections have ended, and what becomes of their leases can be seen to.
  bool connections_left() const { return !gone_connections_.empty() || (!undone_.empty() && !log_->congested()); }
  bool UndoDeliveries();
  void ShortenLeases();
  void SaveMessages(uint32_t db, const KeyRef& key);

  // publish.cc
  struct Published {
    ChannelKind kind;
    std::string_view pattern, channel, payload;
    bool is_event = false;
    uint64_t position = 0;  // of what it tells of
  };
  int64_t Publish(Published message);
  void Deliver(Session& session, const Published& message);
  void TellOf(const Mutation& mutation, uint64_t position);
  void Tell(const KeyspaceEvent& event, uint64_t position);
  void SendOwnEvents();

  // serve_waiters.cc
  void NoteEffects(const Mutation& mutation);
  void TouchWatchers(uint32_t db, std::string_view name);
  void NoteEffectsOnDatabases(const Mutation& mutation);
  void ServeWaiters();
  void ServeKey(const DbKey& key);
  bool ServePart(const DbKey& key, Waiters::Part part);
  void WakeForQueues();
  void BringBack(Session& session, std::string_view name, Waiters::Lines& lines, Waiters::Part from);
  bool ServeSession(Session& session, size_t argument);
  void Unpark(Session& session);
  void AnswerParked(Session& session, const std::function<void(ReplyBuilder&)>& write);
  void TimeOut(Session& session);
  void ServeSyncWaiters();
  void SetBlockedDeadline(Session& session, int64_t timeout_ms);

  // server.cc
  void ReadClocks();
  void Resume(Session& session);
  void RunTimers();
  bool ExpireSome();
  void ReleaseReplies();
  void EndSession(Session& session);
  void BuryEnded();
  void WakeStalled();
  bool SendReplies();
  void SendReply(Session& session);
  void SendEarly(Session& session);
  uint64_t SendSendable(Session& session);
  void Tick();
  void TendSessions();
  void UpdateReading(Session& session);
  const Settings::OutputLimit& OutputLimitOf(const Session& session) const {
    return settings_.output_limits[session.subscribed ? 1 : 0];
  }
  void CheckOutputLimit(Session& session);
  KeyRef Ref(std::string_view name) override { return keyspace_.Ref(name); }
  void Progress(uint64_t bytes_done, uint64_t bytes_total) override;
  LogOptions MakeLogOptions() const;
  Result<RecoveryReport> OpenLog();

  Parts parts_;
  Settings settings_;
  CommandTable table_;
  ServerCounters counters_;
  Slowlog slowlog_;
  LatencyMonitor latency_monitor_;
  Channels channels_;
  Keyspace keyspace_;
  QueueBook queues_;
  std::unique_ptr<Log> log_;
  Waiters waiters_;
  DbKeyMap<std::vector<Session*>> watchers_;

  std::map<uint64_t, std::unique_ptr<Session>> sessions_;
  uint64_t next_session_id_ = 1;
  std::vector<char> read_area_;
  std::vector<Session*> gate_;      // sessions with held replies
  std::vector<Session*> writable_;  // sessions with bytes to send at the end of this turn
  std::deque<Session*> send_later_;  // the same, when it has sent enough: those that had waited, and what turns have left
  std::vector<Session*> resumed_;   // sessions whose buffered input may be executed again
  std::vector<Session*> stalled_;   // sessions that wait for the log or for the end of a pause
  std::vector<uint64_t> ended_;     // sessions to close and destroy at the end of this turn
  std::set<std::pair<int64_t, uint64_t>> blocked_deadlines_;
  std::vector<Session*> sync_waiters_;

  int64_t now_ns_ = 0, now_ms_ = 0;
  int64_t command_started_ns_ = 0;  // by the stopwatch
  int64_t log_timer_ns_ = 0;
  int64_t tick_timer_ns_ = 0;
  int64_t queue_clock_ms_ = 0;  // to be added to monotonic time
  int64_t queues_ticked_ns_ = 0;
  std::vector<uint32_t> gone_connections_;  // whose leases may have to end sooner
  std::vector<Delivery> undone_;  // that clients of ended sessions never heard of, newest last
  int64_t sessions_tended_ns_ = 0;
  bool in_batch_ = false;        // a batch of the log is open
  bool serving_ = false;
  Session* current_ = nullptr;   // whose handler runs
  uint32_t event_classes_ = 0;   // that are told of: see EventClasses
  // Events that a client tells itself: they come behind the reply.
  OutputBuffer own_events_;
  Session* own_events_of_ = nullptr;
  uint64_t own_events_position_ = 0;
  std::string refusal_;          // a text that was made for one request
  bool log_moved_ = false;       // written or synced has moved since replies were last released
  bool heard_ = false;           // a client has sent something in this turn
  bool loading_ = false;
  bool active_expire_ = true;
  bool stopping_ = false;
  std::function<void()> while_loading_;
  int64_t loading_reported_ns_ = 0;

  PauseMode pause_mode_ = PauseMode::kNone;
  int64_t pause_until_ns_ = 0;

  uint64_t ops_at_sample_ = 0, input_at_sample_ = 0, output_at_sample_ = 0;
};

// What stands in the session's output now may leave once the log has released `position`. Every reply comes by here.
[[gnu::always_inline]] inline void Server::SendOnceSafe(Session& session, uint64_t position) {
  bool released = position == 0 || loading_ || log_->Released(position);
  session.Stamp(position, released);
  if (session.holds_replies() && !session.in_gate) {
    session.in_gate = true;
    session.held_since_ns = now_ns_;
    gate_.push_back(&session);
  }
  if (!session.in_writable && (session.has_sendable() || session.close_after_reply || session.over_output_limit)) {
    session.in_writable = true;
    if (serving_) {
      send_later_.push_back(&session);
    } else {
      writable_.push_back(&session);
    }
  }
}

// What the command cost, for INFO, SLOWLOG and LATENCY.
inline void Server::AccountTime(const Session& session, const CommandRow& row,
                                const std::vector<std::string_view>& argv, ServerCounters::PerCommand& figures) {
  // One look at the clock a command: where this one ends the next one begins.
  const int64_t ended_ns = parts_.clock.StopwatchNs();
  const int64_t took_ns = ended_ns - std::exchange(command_started_ns_, ended_ns);
  figures.usec += static_cast<uint64_t>(took_ns / 1000);
  if (settings_.latency_tracking) figures.latency.Record(took_ns);
  if (took_ns >= settings_.slow_ns) [[unlikely]]
    NoteSlow(session, row, argv, took_ns);
}

}  // namespace baton
