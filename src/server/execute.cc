// One request, from bytes to an answer: find the row, refuse or queue or run it, commit, stamp the reply.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "commands/client_list.h"
#include "commands/debug_commands.h"
#include "server/server.h"

namespace baton {
namespace {

// A client that reads nothing makes us hold its replies. Its further requests wait once this much is unsent, far beyond
// what a client that writes a whole pipeline before it reads can mean.
constexpr size_t kUnsentBytesMax = size_t{64} << 20;
// A turn that changes much is written in pieces of about this size: they are still in the processor's cache then.
constexpr size_t kWriteEarlyBytes = size_t{512} << 10;

// So much of a reply is sent as soon as the client's requests have run, and not at the end of the turn, for the same
// reason.
constexpr size_t kSendEarlyBytes = size_t{32} << 10;

std::string FullName(const CommandRow& row, const CommandRow* container) {
  std::string name(container != nullptr ? container->name : row.name);
  if (container != nullptr) name.append("|").append(row.name);
  return name;
}

bool IsExec(const CommandRow& row) { return row.name == "exec"; }

bool ArityFits(const CommandRow& row, size_t count) {
  return row.arity >= 0 ? count == static_cast<size_t>(row.arity) : count >= static_cast<size_t>(-row.arity);
}

}  // namespace

std::span<char> Server::ReadSpace(Session& session) {
  InputBuffer& input = session.input();
  if (input.empty()) return read_area_;
  // A huge argument whose first part is here is read in place from now on; a mere claim reserves nothing.
  constexpr size_t kReadStep = size_t{16} << 10;
  size_t wanted = session.parser().bytes_wanted();
  size_t room = input.size() >= 2 * kReadStep && wanted > kReadStep ? wanted : kReadStep;
  return {input.Reserve(room), input.room()};
}

void Server::OnRead(Session& session, size_t bytes) {
  if (session.ended) return;
  ReadClocks();
  heard_ = true;
  counters_.net_input_bytes += bytes;
  session.last_used_ms = now_ns_ / 1'000'000;
  if (!session.input().empty()) {
    session.input().Commit(bytes);
    RunInput(session);
    UpdateReading(session);
  } else {
    std::string_view read(read_area_.data(), bytes);
    size_t used = MayRun(session) ? RunRequests(session, read) : 0;
    if (!session.ended) {
      session.input().Append(read.substr(used));
      if (used < bytes) UpdateReading(session);
    }
  }
  if (log_->unwritten_bytes() >= kWriteEarlyBytes) log_->WriteOpenGroup();
  if (session.output().size() >= kSendEarlyBytes) [[unlikely]]
    SendEarly(session);
}

void Server::RunInput(Session& session) {
  if (session.ended || !MayRun(session)) return;
  size_t used = RunRequests(session, session.input().view());
  session.input().Consume(used);
  session.input().ReleaseIfEmpty();
  if (static_cast<int64_t>(session.input().size()) > settings_.query_buffer_max) {
    ++counters_.query_limit_disconnections;
    parts_.logger.Warning("client id=%llu addr=%s: query buffer over client-query-buffer-limit; closing",
                          static_cast<unsigned long long>(session.id), session.address.c_str());
    EndSession(session);
    return;
  }
  UpdateReading(session);
}

inline bool Server::MayRun(const Session& session) const {
  return !session.blocked && !session.stalled && !session.close_after_reply && !session.ended;
}

// Executes whole requests until the bytes end, or until the session may not go on. Returns how many bytes are done
// with.
size_t Server::RunRequests(Session& session, std::string_view bytes) {
  size_t used = 0;
  command_started_ns_ = parts_.clock.StopwatchNs();
  RequestParser& parser = session.parser();
  while (used < bytes.size() && MayRun(session)) {
    RequestLimits& limits = settings_.limits;
    limits.authenticated = session.authenticated || !settings_.needs_password;
    switch (parser.Next(bytes.substr(used), limits)) {
      case RequestParser::Outcome::kNeedMore:
        return used;
      case RequestParser::Outcome::kError: {
        ++counters_.protocol_errors;
        uint64_t start = session.output().end_offset();
        ReplyBuilder reply(session.output(), session.protocol);
        reply.Error(parser.error());
        session.close_after_reply = true;
        Answered(session, start, 0);
        return bytes.size();
      }
      case RequestParser::Outcome::kRequest:
        if (!parser.argv().empty() && Execute(session, parser.argv()) == Verdict::kStalled) return used;
        used += parser.consumed();
        break;
    }
  }
  return session.close_after_reply ? bytes.size() : used;
}

inline Server::Verdict Server::Execute(Session& session, const std::vector<std::string_view>& argv) {
  const CommandRow* row = table_.Find(argv[0]);
  session.last_command = session.last_subcommand = nullptr;
  if (row == nullptr) {
    if (EqualsIgnoreCase(argv[0], "post") || EqualsIgnoreCase(argv[0], "host:")) {
      // A browser was made to talk to us (cross-protocol scripting): not one of its lines may be taken for a command.
      parts_.logger.Warning("client addr=%s speaks HTTP; closing, as this looks like an attack",
                            session.address.c_str());
      EndSession(session);
      return Verdict::kDone;
    }
    Reject(session, nullptr, errors::UnknownCommand(argv[0], argv.data() + 1, argv.size() - 1));
    return Verdict::kDone;
  }
  const CommandRow* container = nullptr;
  if (!row->subcommands.empty() && argv.size() > 1) {
    const CommandRow* inner = CommandTable::FindSubcommand(*row, argv[1]);
    if (inner == nullptr) {
      Reject(session, nullptr, errors::UnknownSubcommand(row->name, argv[1]));
      return Verdict::kDone;
    }
    container = row;
    row = inner;
  }
  session.last_command = container != nullptr ? container : row;
  session.last_subcommand = container != nullptr ? row : nullptr;
  if (!ArityFits(*row, argv.size()) || row->handler == nullptr) [[unlikely]] {
    Reject(session, row, errors::WrongArity(FullName(*row, container)));
    return Verdict::kDone;
  }
  const Reach reach = ReachOf(session, *row);
  if (std::string_view refusal = Refusal(session, *row, reach); !refusal.empty()) [[unlikely]] {
    Reject(session, row, refusal);
    return Verdict::kDone;
  }
  if (MustStall(session, reach)) [[unlikely]] {
    session.stalled = true;
    stalled_.push_back(&session);
    return Verdict::kStalled;
  }
  if (session.in_multi && (row->flags & kTransactionControl) == 0) {
    uint64_t start = session.output().end_offset();
    // What can only fail at EXEC needs no keeping.
    if (!session.multi_failed && !session.watch_dirty) session.queued.push_back(StoredRequest::Copy(row, argv));
    ReplyBuilder(session.output(), session.protocol).Simple("QUEUED");
    Answered(session, start, 0);
    return Verdict::kDone;
  }
  RunHandler(session, *row, argv);
  return Verdict::kDone;
}

inline Server::Reach Server::ReachOf(const Session& session, const CommandRow& row) {
  Reach reach;
  auto add = [&reach](uint32_t flags) {
    reach.flags |= flags;
    reach.grows |= (flags & (kDenyOom | kNeverGrows)) == kDenyOom;
  };
  add(row.flags);
  if (IsExec(row)) {
    for (const auto& request : session.queued) add(request->row->flags);
  }
  return reach;
}

inline std::string_view Server::Refusal(Session& session, const CommandRow& row, Reach reach) {
  if ((row.flags & kProtected) != 0) [[unlikely]] {
    if (std::string_view refusal = ProtectedCommandRefusal(row, session, parts_.config); !refusal.empty())
      return refusal;
  }
  if (settings_.needs_password && !session.authenticated && (row.flags & kNoAuth) == 0) return errors::kNoAuth;
  if (session.in_multi && (row.flags & kNoMulti) != 0) return errors::kNoMulti;
  if (reach.grows) {
    if (settings_.maxmemory_bytes > 0 &&
        keyspace_.allocated_bytes() + queues_.allocated_bytes() > static_cast<size_t>(settings_.maxmemory_bytes)) {
      return errors::kOom;
    }
    if (!loading_) {
      if (std::string_view reason = log_->growth_refused(); !reason.empty()) return reason;
      if (log_->room_is_short() && !log_->AdmitsGrowth(AddedBytesMax(session, row))) [[unlikely]] {
        const std::string_view reason = log_->growth_refused();
        return reason.empty() ? errors::kNoRoom : reason;
      }
    }
  }
  if (session.only_listens() && (row.flags & kForListeners) == 0) [[unlikely]]
    return refusal_ = errors::OnlyListens(NameOfLastCommand(session));
  if (loading_ && (row.flags & kLoading) == 0) return errors::kLoading;
  return {};
}

// By its size, how much the request that has just been parsed can add.
uint64_t Server::AddedBytesMax(Session& session, const CommandRow& row) {
  uint64_t bytes = session.parser().consumed();
  if (IsExec(row)) {
    for (const auto& request : session.queued) {
      for (std::string_view word : request->argv) bytes += word.size();
    }
  }
  return bytes;
}

// Commands that wait their turn instead of being refused: the log is behind, clients are paused, replies pile up
// unread.
inline bool Server::MustStall(const Session& session, Reach reach) const {
  if (!loading_ && (reach.flags & kWrite) != 0 && log_->congested()) return true;
  if (pause_mode_ != PauseMode::kNone && now_ns_ < pause_until_ns_) {
    if (pause_mode_ == PauseMode::kAll || (reach.flags & (kWrite | kMayReplicate)) != 0) return true;
  }
  return session.output().size() > kUnsentBytesMax;
}

inline void Server::RunHandler(Session& session, const CommandRow& row, const std::vector<std::string_view>& argv) {
  uint64_t start = session.output().end_offset();
  ReplyBuilder reply(session.output(), session.protocol);
  CommandContext context(*this, session, row, argv, reply);
  context.set_may_block(!session.in_multi);

  current_ = &session;
  row.handler(context);
  current_ = nullptr;
  Account(session, row, argv, reply.first_error());
  Answered(session, start, context.reply_position());
  EndCommand();
}

// For the latency monitor.
void Server::NoteLatency(std::string_view event, int64_t took_ns) {
  if (settings_.latency_threshold_ns == 0 || took_ns < settings_.latency_threshold_ns) [[likely]]
    return;
  latency_monitor_.Add(event, parts_.clock.UnixUs() / 1'000'000, took_ns / 1'000'000);
}

// For SLOWLOG and LATENCY.
void Server::NoteSlow(const Session& session, const CommandRow& row, const std::vector<std::string_view>& argv,
                      int64_t took_ns) {
  NoteLatency((row.flags & kFast) != 0 ? "fast-command" : "command", took_ns);
  const int64_t took_us = took_ns / 1000;
  if (took_us >= settings_.slowlog_slower_than_us && settings_.slowlog_slower_than_us >= 0 &&
      (row.flags & kSkipSlowlog) == 0) {
    slowlog_.Add(now_ms_ / 1000, took_us, argv, session.address, session.name,
                 static_cast<size_t>(settings_.slowlog_length_max));
  }
}

// Counts the command that has just run, for INFO.
inline void Server::Account(const Session& session, const CommandRow& row, const std::vector<std::string_view>& argv,
                            std::string_view error) {
  ++counters_.commands_processed;
  ServerCounters::PerCommand& figures = counters_.Of(row);
  ++figures.calls;
  if (!error.empty()) [[unlikely]]
    CountError(&row, error, false);
  // One that has blocked is over when it is served; time that runs out, and its waiting, is not the command's.
  if (!session.blocked) AccountTime(session, row, argv, figures);
}

// Runs when nothing of a command is left to do but its consequences. A batch that is open ends here, so that a command,
// or a whole EXEC, stands or falls together.
void Server::EndCommand() {
  if (in_batch_) {
    log_->EndBatch();
    in_batch_ = false;
    queues_.EndBatch();
  }
  if (own_events_of_ != nullptr) [[unlikely]]
    SendOwnEvents();
  if (waiters_.has_touched() && !serving_) ServeWaiters();
}

uint64_t Server::Commit(std::span<const Mutation> batch) {
  if (!in_batch_ && !loading_) {
    log_->BeginBatch();
    in_batch_ = true;
  }
  uint64_t position = log_->open_position();
  for (const Mutation& mutation : batch) {
    const auto carry = [&](const Mutation& carried) {
      if (queues_.active() || carried.kind == MutationKind::kQueue) [[unlikely]] {
        CarryManaged(carried, position);
      } else {
        Carry(carried, position);
      }
    };
    if (mutation.kind == MutationKind::kListRemove && !mutation.flag) {
      carry(WithItsEnd(mutation));
    } else {
      carry(mutation);
    }
  }
  return position;
}

// An LREM of which the log need not say the value.
Mutation Server::WithItsEnd(Mutation removal) const {
  const Entry* entry = keyspace_.Find(removal.db, removal.key);
  const bool takes_one = removal.a == 1 || removal.a == -1;
  if (takes_one && entry != nullptr && entry->type() == ValueType::kList) {
    removal.flag = entry->list().RemovesAtAnEnd(removal.value, RemovesFrom(removal.a), &removal.from);
  }
  return removal;
}

void Server::Carry(const Mutation& mutation, uint64_t position) {
  if (event_classes_ != 0) [[unlikely]]
    return CarryAndTell(mutation, position);
  CarryInSilence(mutation, position);
}

inline void Server::CarryInSilence(const Mutation& mutation, uint64_t position) {
  const bool noticed = !waiters_.empty() || !watchers_.empty();
  if (noticed) NoteEffectsOnDatabases(mutation);
  if (!loading_) log_->Append(mutation);
  // The handler has checked: a change that does not fit is a bug of ours, and the log must not get it.
  CHECK(keyspace_.Apply(mutation, position) == ApplyOutcome::kChanged);
  if (noticed) NoteEffects(mutation);
}

// While there are classes of events that somebody may be told of.
void Server::CarryAndTell(const Mutation& mutation, uint64_t position) {
  if (loading_ || channels_.empty()) return CarryInSilence(mutation, position);
  MutationEvents events(mutation, keyspace_, now_ms_);
  CarryInSilence(mutation, position);
  events.Complete(keyspace_);
  for (const KeyspaceEvent& event : events.list()) Tell(event, position);
}

void Server::ExecuteQueued(CommandContext& context) {
  auto& session = static_cast<Session&>(context.client());
  bool killed = false;  // a client that killed itself hears nothing behind that reply
  auto end_reply = [&](uint64_t start_offset) {
    if (killed || !session.wants_replies()) {
      session.output().TruncateTo(std::max(start_offset, session.settled_offset));
    }
    killed = session.close_after_reply;
  };
  uint64_t start = session.output().end_offset();
  context.reply().Array(static_cast<int64_t>(session.queued.size()));
  end_reply(start);
  for (const auto& request : session.queued) {  // nothing that can be queued touches the queue
    start = session.output().end_offset();
    ReplyBuilder reply(session.output(), session.protocol);
    CommandContext inner(*this, session, *request->row, request->argv, reply);
    inner.set_may_block(false);
    request->row->handler(inner);
    Account(session, *request->row, request->argv, reply.first_error());
    context.WaitFor(inner.reply_position());
    end_reply(start);
  }
  session.settled_offset = session.output().end_offset();
  session.queued.clear();
  session.in_multi = false;
}

// A request that never reached its handler. Inside MULTI it makes EXEC fail.
void Server::Reject(Session& session, const CommandRow* row, std::string_view error) {
  std::string aborted;
  if (row != nullptr && IsExec(*row)) {  // a refused EXEC ends the transaction, and says so
    aborted = "EXECABORT Transaction discarded because of: ";
    aborted += error.starts_with("ERR ") ? error.substr(4) : error;
    error = aborted;
    session.queued.clear();
    session.in_multi = session.multi_failed = false;
    Unwatch(session);
  }
  if (session.in_multi) session.multi_failed = true;
  CountError(row, error, true);
  uint64_t start = session.output().end_offset();
  ReplyBuilder(session.output(), session.protocol).Error(error);
  Answered(session, start, 0);
}

void Server::CountError(const CommandRow* row, std::string_view error, bool rejected) {
  ++counters_.error_replies;
  ++counters_.errors_by_code[std::string(error.substr(0, error.find(' ')))];
  if (row == nullptr) return;
  ServerCounters::PerCommand& figures = counters_.Of(*row);
  ++(rejected ? figures.rejected : figures.failed);
}

// The reply from `start_offset` on is whole: drop it (CLIENT REPLY), or stamp it and remember to send it.
void Server::Answered(Session& session, uint64_t start_offset, uint64_t position) {
  // A client that is parked has got no answer yet: what CLIENT REPLY SKIP skips is still to come.
  if (!session.blocked) {
    if (!session.wants_replies()) [[unlikely]] {
      session.output().TruncateTo(std::max(start_offset, session.settled_offset));
      if (session.untold != nullptr) StartLeases(session);
    }
    session.reply_skipped = std::exchange(session.next_reply_skipped, false);
  }
  if (in_batch_ && position > session.last_write_position) session.last_write_position = position;
  if (OutputLimitOf(session).hard > 0) CheckOutputLimit(session);
  SendOnceSafe(session, position);
}

}  // namespace baton
