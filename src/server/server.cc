// Start, turns and stop of one server.

#include "server/server.h"

#include <algorithm>

#include "base/check.h"

namespace baton {
namespace {

constexpr size_t kReadAreaBytes = size_t{64} << 10;
constexpr size_t kNodesFreedPerTurn = 2000;    // a slice of well under a millisecond
constexpr size_t kKeysExpiredPerTurn = 500;    // the same
constexpr size_t kClientsSentToPerTurn = 400;  // each some microseconds of the kernel's
constexpr int64_t kTickNs = 100'000'000;       // rates, replies that wait too long
constexpr int64_t kTendSessionsNs = 1'000'000'000;  // idle clients, limits over time
constexpr int64_t kQuietMs = 2000;             // a client that did nothing for so long keeps no spare memory
constexpr size_t kBufferedWhileBlockedMax = size_t{1} << 20;

}  // namespace

Server::Server(Parts parts)
    : parts_(std::move(parts)),
      keyspace_(static_cast<uint32_t>(parts_.config.Integer("databases")), parts_.random_seed),
      queues_(keyspace_, parts_.random_seed),
      read_area_(kReadAreaBytes) {
  ReadClocks();
  queue_clock_ms_ = now_ms_ - now_ns_ / 1'000'000;
  tick_timer_ns_ = now_ns_ + kTickNs;
}

Server::~Server() {
  log_.reset();  // its jobs look at snapshots of the keyspace
}

Result<RecoveryReport> Server::Start(const std::function<void()>& while_loading) {
  Status applied = ApplyConfig({});
  if (!applied.ok()) return applied;
  while_loading_ = while_loading;
  Result<RecoveryReport> report = OpenLog();
  while_loading_ = nullptr;
  return report;
}

Result<RecoveryReport> Server::OpenLog() {
  loading_ = true;
  keyspace_.set_replaying(true);
  ReadClocks();
  loading_reported_ns_ = now_ns_;
  LogOptions options = MakeLogOptions();
  options.random_seed = parts_.random_seed;
  log_ = std::make_unique<Log>(options, parts_.files, parts_.clock, parts_.sync_runner, parts_.job_runner,
                               parts_.logger, keyspace_, [this] { log_moved_ = true; });
  log_->set_queues(&queues_);
  log_->set_on_took([this](std::string_view event, int64_t took_ns) { NoteLatency(event, took_ns); });
  Result<RecoveryReport> report = log_->Open(*this);
  loading_ = false;
  keyspace_.set_replaying(false);
  ReadClocks();
  log_timer_ns_ = now_ns_;
  if (!report.ok()) return report;
  if (Status status = TakeUpQueues(report->foreign); !status.ok()) return status;
  return report;
}

// --- sessions

Session& Server::OpenSession(Peer& peer, std::string address, std::string local_address, int fd, bool unix_socket) {
  uint64_t id = next_session_id_++;
  auto session = std::make_unique<Session>(id, peer);
  session->address = std::move(address);
  session->local_address = std::move(local_address);
  session->fd = fd;
  session->unix_socket = unix_socket;
  session->authenticated = !settings_.needs_password;
  session->connected_ms = session->last_used_ms = now_ns_ / 1'000'000;
  ++counters_.connections_received;
  return *(sessions_[id] = std::move(session));
}

void Server::Disconnected(Session& session) {
  session.peer_gone = true;
  EndSession(session);
}

bool Server::EndOfInput(Session& session) {
  if (session.ended || session.blocked || session.output().size() == 0) return false;
  session.close_after_reply = true;
  UpdateReading(session);
  return true;
}

// From here on the session takes part in nothing; it is closed and destroyed at the end of the turn.
void Server::EndSession(Session& session) {
  if (session.ended) return;
  session.ended = true;
  if (session.blocked) Unpark(session);
  Unwatch(session);
  channels_.Forget(session);
  ended_.push_back(session.id);
}

void Server::BuryEnded() {
  if (ended_.empty()) return;
  auto has_ended = [](const Session* session) { return session->ended; };
  std::erase_if(gate_, has_ended);
  std::erase_if(writable_, has_ended);
  std::erase_if(send_later_, has_ended);
  std::erase_if(resumed_, has_ended);
  std::erase_if(stalled_, has_ended);
  for (uint64_t id : std::exchange(ended_, {})) {
    auto found = sessions_.find(id);
    CHECK(found != sessions_.end());
    if (queues_.active()) LeaveLeases(*found->second);
    if (!found->second->peer_gone) found->second->peer().Close();
    sessions_.erase(found);
  }
}

void Server::OnSent(Session& session) {
  if (session.ended) return;
  if (session.close_after_reply && session.output().size() == 0) EndSession(session);
}

// The session's buffered input may be executed (again), later in this turn.
void Server::Resume(Session& session) {
  if (session.in_resumed || session.ended) return;
  session.in_resumed = true;
  resumed_.push_back(&session);
}

void Server::UpdateReading(Session& session) {
  if (session.ended) return;
  bool wanted = !session.stalled && !session.close_after_reply &&
                !(session.blocked && session.input().size() > kBufferedWhileBlockedMax);
  if (wanted == session.reading) return;
  session.reading = wanted;
  session.peer().SetReading(wanted);
}

// --- turns

void Server::ReadClocks() {
  now_ns_ = parts_.clock.MonotonicNs();
  now_ms_ = parts_.clock.UnixMs();
  keyspace_.set_now_seconds(static_cast<uint32_t>(now_ms_ / 1000));
}

// The order matters: input that was held back runs before the flush, so that it shares this turn's write; replies are released
// after the flush, since `written` moves there; sessions are destroyed last, since the lists name them until then.
bool Server::EndTurn() {
  ReadClocks();
  if (loading_) {
    const bool more = SendReplies();
    BuryEnded();
    return more;
  }
  RunTimers();
  WakeStalled();
  for (Session* session : std::exchange(resumed_, {})) {
    session->in_resumed = false;
    RunInput(*session);
  }
  bool more = ExpireSome();
  more |= TendQueues();
  more |= keyspace_.FreeSome(kNodesFreedPerTurn);
  more |= keyspace_.BuildSomeIndex();
  // Who waits for the log says nothing more before it has been answered.
  const bool more_to_hear = std::exchange(heard_, false) && gate_.size() < sessions_.size();
  log_->Flush(more_to_hear || log_moved_);
  more |= log_->sync_waits();
  log_moved_ = false;
  ServeSyncWaiters();
  ReleaseReplies();
  more |= SendReplies();
  BuryEnded();
  return more || !resumed_.empty() || log_moved_ || connections_left();
}

int64_t Server::NextDeadlineNs() const {
  if (loading_) return INT64_MAX;
  int64_t next = std::min(tick_timer_ns_, log_timer_ns_);
  if (!stalled_.empty() && pause_until_ns_ > now_ns_) next = std::min(next, pause_until_ns_);
  if (!blocked_deadlines_.empty()) next = std::min(next, blocked_deadlines_.begin()->first);
  if (connections_left()) return now_ns_;
  if (int64_t due_ms = queues_.next_due_ms(); due_ms != INT64_MAX && !log_->congested()) {
    next = std::min(next, now_ns_ + std::max<int64_t>(due_ms - queue_now_ms(), 0) * 1'000'000);
  }
  if (active_expire_) {
    int64_t expiry_ms = keyspace_.next_expiry_ms();
    if (expiry_ms - now_ms_ < 1000) next = std::min(next, now_ns_ + std::max<int64_t>(expiry_ms - now_ms_, 0) * 1'000'000);
  }
  return next;
}

void Server::RunTimers() {
  if (now_ns_ >= log_timer_ns_) log_timer_ns_ = log_->OnTimer();
  while (!blocked_deadlines_.empty() && blocked_deadlines_.begin()->first <= now_ns_) {
    TimeOut(*sessions_.at(blocked_deadlines_.begin()->second));
  }
  if (now_ns_ >= tick_timer_ns_) {
    Tick();
    tick_timer_ns_ = now_ns_ + kTickNs;
  }
}

bool Server::ExpireSome() {
  if (!active_expire_ || keyspace_.next_expiry_ms() > now_ms_) return false;
  std::vector<std::pair<uint32_t, std::string>> due;
  size_t taken = keyspace_.CollectExpired(now_ms_, kKeysExpiredPerTurn, [&](uint32_t db, std::string_view name) {
    due.emplace_back(db, std::string(name));
  });
  for (const auto& [db, name] : due) {
    // What was done for the ones before may have met it, and have made it anew.
    const KeyRef key = keyspace_.Ref(name);
    const Entry* entry = keyspace_.Find(db, key);
    if (entry == nullptr || !entry->ExpiredAt(now_ms_)) continue;
    ExpireKey(db, key);
    EndCommand();
    ++counters_.expired_keys;
  }
  return taken == kKeysExpiredPerTurn;
}

void Server::WakeStalled() {
  if (stalled_.empty() || log_->congested()) return;
  for (Session* session : std::exchange(stalled_, {})) {
    session->stalled = false;  // its request is looked at again and may stall again
    Resume(*session);
  }
}

void Server::ReleaseReplies() {
  auto released = [this](uint64_t position) { return log_->Released(position); };
  std::erase_if(gate_, [&](Session* session) {
    if (session->Release(released)) session->held_since_ns = now_ns_;
    if (session->has_sendable() && !session->in_writable) {
      session->in_writable = true;
      writable_.push_back(session);
    }
    session->in_gate = session->holds_replies();
    return !session->in_gate;
  });
}

// One push may serve ten thousand clients that wait for it, and ten thousand writes to sockets take long. So a turn sends to
// so many only: first to those who have asked for something in it, then to others, in order. True: some are left.
bool Server::SendReplies() {
  std::vector<Session*> now = std::exchange(writable_, {});
  const size_t later = std::min(send_later_.size(), kClientsSentToPerTurn / 2);
  const size_t of_this_turn = std::min(now.size(), kClientsSentToPerTurn - later);
  send_later_.insert(send_later_.end(), now.begin() + static_cast<ptrdiff_t>(of_this_turn), now.end());
  now.resize(of_this_turn);
  while (!send_later_.empty() && now.size() < kClientsSentToPerTurn) {
    now.push_back(send_later_.front());
    send_later_.pop_front();
  }
  for (Session* session : now) SendReply(*session);
  return !send_later_.empty();
}

void Server::SendEarly(Session& session) {
  // Whom it tells of a lease is for the end of the turn, as is whoever is to be cut off.
  if (session.ended || session.untold != nullptr || session.over_output_limit || !session.has_sendable()) return;
  (void)SendSendable(session);
}

// Returns how many bytes the peer has taken.
uint64_t Server::SendSendable(Session& session) {
  const uint64_t before = session.output().begin_offset();
  session.peer().Send(session);
  const uint64_t sent = session.output().begin_offset() - before;
  counters_.net_output_bytes += sent;
  return sent;
}

void Server::SendReply(Session& session) {
  session.in_writable = false;
  if (session.ended) return;
  if (session.over_output_limit) return CheckOutputLimit(session);
  if (session.has_sendable()) {
    if (session.untold != nullptr) [[unlikely]] {
      StartLeases(session);
      EndCommand();
    }
    // What a client is told is use, too: it may have waited long for it.
    if (SendSendable(session) > 0) session.last_used_ms = now_ns_ / 1'000'000;
  }
  if (session.ended) return;
  if (session.close_after_reply && session.output().size() == 0) {
    EndSession(session);
  } else {
    CheckOutputLimit(session);
  }
}

// client-output-buffer-limit: a client that does not read what it asked for, or what it is subscribed to.
void Server::CheckOutputLimit(Session& session) {
  auto held = static_cast<int64_t>(session.output().size());
  const Settings::OutputLimit& limit = OutputLimitOf(session);
  bool over_hard = (limit.hard > 0 && held > limit.hard) || session.over_output_limit;
  bool over_soft = limit.soft > 0 && held > limit.soft;
  if (!over_soft) session.output_soft_limit_since_ns = 0;
  if (over_soft && session.output_soft_limit_since_ns == 0) session.output_soft_limit_since_ns = now_ns_;
  if (over_hard || (over_soft && now_ns_ - session.output_soft_limit_since_ns > limit.soft_ns)) {
    ++counters_.output_limit_disconnections;
    parts_.logger.Warning("client id=%llu addr=%s: output buffer over client-output-buffer-limit; closing",
                          static_cast<unsigned long long>(session.id), session.address.c_str());
    EndSession(session);
  }
}

void Server::Tick() {
  int64_t ticks_per_second = 1'000'000'000 / kTickNs;
  auto rate = [&](uint64_t now, uint64_t& before, int64_t& shown) {
    int64_t sample = static_cast<int64_t>(now - before) * ticks_per_second;
    shown += (sample - shown) / 8;  // smoothed over about a second
    before = now;
  };
  rate(counters_.commands_processed, ops_at_sample_, counters_.instantaneous_ops);
  rate(counters_.net_input_bytes, input_at_sample_, counters_.instantaneous_input_bytes);
  rate(counters_.net_output_bytes, output_at_sample_, counters_.instantaneous_output_bytes);
  counters_.peak_memory_bytes = std::max<uint64_t>(counters_.peak_memory_bytes, keyspace_.allocated_bytes());
  for (Session* session : gate_) {
    if (settings_.sync_timeout_ns == 0 || now_ns_ - session->held_since_ns < settings_.sync_timeout_ns) continue;
    // An error reply would say that the change did not happen, and it may have: the connection says "unknown".
    ++counters_.sync_timeout_disconnections;
    parts_.logger.Warning(
        "client id=%llu addr=%s: its reply waited for the disk longer than sync-timeout; closing the connection: the "
        "outcome of its last writes is unknown to it",
        static_cast<unsigned long long>(session->id), session->address.c_str());
    EndSession(*session);
  }
  if (now_ns_ - sessions_tended_ns_ >= kTendSessionsNs) TendSessions();
}

void Server::TendSessions() {
  sessions_tended_ns_ = now_ns_;
  int64_t now_ms = now_ns_ / 1'000'000;
  int64_t timeout_ms = settings_.idle_timeout_ns / 1'000'000;
  for (auto& [id, session] : sessions_) {
    int64_t idle_ms = now_ms - session->last_used_ms;
    bool waits = session->blocked || session->subscribed || session->holds_replies();
    if (timeout_ms > 0 && idle_ms >= timeout_ms && !waits) {
      parts_.logger.Verbose("Closing idle client id=%llu", static_cast<unsigned long long>(id));
      EndSession(*session);
      continue;
    }
    if (session->output().size() > 0) {
      CheckOutputLimit(*session);
    } else if (idle_ms >= kQuietMs) {
      session->output().Trim();
    }
  }
}

Status Server::Stop() {
  if (in_batch_) log_->EndBatch();
  in_batch_ = false;
  Status closed = log_->Close();
  for (auto& [id, session] : sessions_) session->untold.reset();  // leases run on in the log, where the next start finds them
  // Everything is synced: whoever waited for that may still hear it.
  ReleaseReplies();
  while (SendReplies()) {
  }
  for (auto& [id, session] : sessions_) EndSession(*session);
  BuryEnded();
  return closed;
}

// --- recovery

ApplyOutcome Server::Replay(const Mutation& mutation) {
  if (std::max(mutation.db, mutation.other_db) >= keyspace_.databases()) return ApplyOutcome::kDoesNotFit;
  if (queues_.active() || mutation.kind == MutationKind::kQueue) queues_.Apply(mutation, {});
  (void)queues_.TakeWoken();  // nobody waits yet, or everybody is asked when all is loaded
  return keyspace_.Apply(mutation, log_->open_position());
}

// Another server's vocabulary: run as a client of our own would run it.
Status Server::ReplayForeign(uint32_t db, std::span<const std::string_view> argv) {
  const CommandRow* row = table_.Find(argv[0]);
  if (row == nullptr || row->handler == nullptr || (row->flags & kWrite) == 0) {
    return Status::Error("'" + std::string(argv[0]) + "' is not a command that Baton can load");
  }
  if (db >= keyspace_.databases()) {
    return Status::Error("there is no database " + std::to_string(db) + " (see `databases`)");
  }
  ClientState client;
  client.db = db;
  client.authenticated = true;
  OutputBuffer replies;
  ReplyBuilder reply(replies, 2);
  std::vector<std::string_view> words(argv.begin(), argv.end());
  if (row->arity >= 0 ? words.size() != static_cast<size_t>(row->arity)
                      : words.size() < static_cast<size_t>(-row->arity)) {
    return Status::Error(errors::WrongArity(row->name));
  }
  CommandContext context(*this, client, *row, words, reply);
  context.set_may_block(false);
  row->handler(context);
  return reply.first_error().empty() ? Status::Ok() : Status::Error(reply.first_error());
}

void Server::Progress(uint64_t bytes_done, uint64_t bytes_total) {
  ReadClocks();
  counters_.loading_bytes_done = bytes_done;
  counters_.loading_bytes_total = bytes_total;
  if (now_ns_ - loading_reported_ns_ > 2'000'000'000) {
    loading_reported_ns_ = now_ns_;
    parts_.logger.Notice("Loading the append-only log: %llu of %llu MiB (%.0f %%)",
                         static_cast<unsigned long long>(bytes_done >> 20),
                         static_cast<unsigned long long>(bytes_total >> 20),
                         bytes_total == 0 ? 100.0
                                          : 100.0 * static_cast<double>(bytes_done) / static_cast<double>(bytes_total));
  }
  if (while_loading_) while_loading_();
}

}  // namespace baton
