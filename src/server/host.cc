// What commands ask of the server that runs them, as far as it isn't about one request or about blocking.

#include <algorithm>

#include "base/check.h"
#include "server/server.h"

namespace baton {

void Server::ForEachClient(const std::function<void(ClientState&)>& visit) {
  for (auto& [id, session] : sessions_) {
    if (session->ended) continue;
    session->query_buffer_bytes = session->input().size();
    session->query_buffer_free = session->input().capacity() - session->input().size();
    session->output_bytes = session->output().size();
    session->multi_bytes = 0;
    for (const auto& request : session->queued) {
      for (const std::string& word : request->words) session->multi_bytes += word.size();
    }
    session->total_bytes = sizeof(Session) + session->input().capacity() + session->output().allocated_bytes() +
                           session->multi_bytes;
    visit(*session);
  }
}

ClientState* Server::FindClient(uint64_t id) {
  auto found = sessions_.find(id);
  return found == sessions_.end() || found->second->ended ? nullptr : found->second.get();
}

void Server::KillClient(ClientState& client) {
  auto& session = static_cast<Session&>(client);
  if (&session == current_) {
    session.close_after_reply = true;
  } else {
    EndSession(session);
  }
}

void Server::PauseClients(PauseMode mode, int64_t until_monotonic_ns) {
  if (mode == PauseMode::kNone) {
    pause_mode_ = PauseMode::kNone;
    pause_until_ns_ = 0;
    return;
  }
  bool active = pause_mode_ != PauseMode::kNone && now_ns_ < pause_until_ns_;
  if (!active || mode == PauseMode::kAll) pause_mode_ = mode;
  pause_until_ns_ = active ? std::max(pause_until_ns_, until_monotonic_ns) : until_monotonic_ns;
}

void Server::ResetConnection(ClientState& client) {
  Unwatch(client);
  client.queued.clear();
  channels_.Forget(client);
  client.in_multi = client.multi_failed = false;
  client.db = 0;
  client.protocol = 2;
  client.name.clear();
  client.no_touch = false;  // no_evict stays, as in Redis
  client.replies_off = client.next_reply_skipped = false;  // RESET itself may be what is to be skipped
  client.authenticated = !settings_.needs_password;
}

Status Server::ApplyConfig(const std::vector<std::string>& names) {
  const Config& config = parts_.config;
  settings_.limits.bulk_bytes_max = config.Integer("proto-max-bulk-len");
  settings_.needs_password = !config.String("requirepass").empty();
  settings_.maxmemory_bytes = config.Integer("maxmemory");
  settings_.slowlog_slower_than_us = config.Integer("slowlog-log-slower-than");
  settings_.slowlog_length_max = config.Integer("slowlog-max-len");
  settings_.latency_tracking = config.Bool("latency-tracking");
  settings_.latency_threshold_ns = config.Integer("latency-monitor-threshold") * 1'000'000;
  settings_.slow_ns = INT64_MAX;
  if (settings_.latency_threshold_ns > 0) settings_.slow_ns = settings_.latency_threshold_ns;
  if (settings_.slowlog_slower_than_us >= 0) {
    settings_.slow_ns = std::min(settings_.slow_ns, std::min(settings_.slowlog_slower_than_us, INT64_MAX / 1000) * 1000);
  }
  settings_.idle_timeout_ns = config.Integer("timeout") * 1'000'000'000;
  settings_.sync_timeout_ns = config.Integer("sync-timeout") * 1'000'000'000;
  settings_.query_buffer_max = config.Integer("client-query-buffer-limit");
  const auto output_limit = [&config](std::string_view client_class) -> Settings::OutputLimit {
    OutputLimits limits = config.ClientOutputLimits(client_class);
    return {limits.hard_bytes, limits.soft_bytes, limits.soft_seconds * 1'000'000'000};
  };
  settings_.output_limits[0] = output_limit("normal");
  settings_.output_limits[1] = output_limit("pubsub");
  event_classes_ = EventClasses(config.String("notify-keyspace-events"));
  slowlog_.Trim(static_cast<size_t>(settings_.slowlog_length_max));

  const std::string level = config.String("loglevel");
  parts_.logger.set_level(level == "debug"     ? LogLevel::kDebug
                          : level == "verbose" ? LogLevel::kVerbose
                          : level == "warning" ? LogLevel::kWarning
                                               : LogLevel::kNotice);
  if (log_ != nullptr) {
    LogOptions options = MakeLogOptions();
    log_->set_policy(options.policy);
    log_->options().unwritten_bytes_max = options.unwritten_bytes_max;
    log_->options().rewrite_percentage = options.rewrite_percentage;
    log_->options().rewrite_bytes_min = options.rewrite_bytes_min;
    log_->options().rewrite_bytes_per_second_max = options.rewrite_bytes_per_second_max;
    log_->options().reserve_bytes = options.reserve_bytes;
    log_->options().preallocate_bytes = options.preallocate_bytes;
  }
  for (const std::string& name : names) {
    // Connections that were let in without a password stay, as in Redis; new ones need it.
    parts_.logger.Verbose("configuration: %s is now '%s'", name.c_str(), config.Printed(name).c_str());
  }
  return Status::Ok();
}

LogOptions Server::MakeLogOptions() const {
  const Config& config = parts_.config;
  LogOptions options;
  options.enabled = config.Bool("appendonly");
  options.directory = config.String("dir") + "/" + config.String("appenddirname");
  options.file_name = config.String("appendfilename");
  const std::string policy = config.String("appendfsync");
  options.policy = policy == "always"     ? SyncPolicy::kAlways
                   : policy == "everysec" ? SyncPolicy::kEverySecond
                                          : SyncPolicy::kNo;
  options.load_truncated = config.Bool("aof-load-truncated");
  options.unwritten_bytes_max = config.Integer("unwritten-bytes-max");
  options.rewrite_percentage = config.Integer("auto-aof-rewrite-percentage");
  options.rewrite_bytes_min = config.Integer("auto-aof-rewrite-min-size");
  options.rewrite_bytes_per_second_max = config.Integer("aof-rewrite-bytes-per-second");
  options.reserve_bytes = config.Integer("aof-disk-reserve");
  options.preallocate_bytes = config.Integer("aof-preallocate");
  return options;
}

Status Server::Shutdown(ShutdownMode, bool, bool force) {
  if (!force && log_->failing()) {
    parts_.logger.Warning("SHUTDOWN refused: the log cannot be written: %s", std::string(log_->growth_refused()).c_str());
    return Status::Error("ERR Errors trying to SHUTDOWN. Check logs.");
  }
  stopping_ = true;
  return Status::Ok();
}

Status Server::AbortShutdown() { return Status::Error("ERR No shutdown in progress."); }

// DEBUG RELOAD and LOADAOF: what a restart would do, without one.
Status Server::ReloadFromLog() {
  if (!parts_.config.Bool("appendonly")) return Status::Error("ERR appendonly is off: there is nothing to load from");
  if (loading_) return Status::Error(std::string(errors::kLoading));
  if (in_batch_) {
    log_->EndBatch();
    in_batch_ = false;
  }
  Status closed = log_->Close();
  if (!closed.ok()) return closed;
  // All is synced: nobody who finds a key missing from now on has anything to wait for.
  NoteEffectsOnDatabases(Mutation::FlushAll());  // WATCH cannot tell what comes back from what was there
  keyspace_.Apply(Mutation::FlushAll(), log_->synced());
  queues_.Clear();
  auto report = OpenLog();
  WakeForQueues();
  if (report.ok()) return Status::Ok();
  // There is no log to write to and the data is gone from memory: nothing may be served from here on.
  parts_.logger.Warning("The log could not be loaded again: %s. Stopping.", report.status().message().c_str());
  loading_ = true;
  stopping_ = true;
  return Status::Error("ERR " + report.status().message());
}

void Server::SleepForDebug(int64_t us) { parts_.clock.SleepUs(us); }

}  // namespace baton
