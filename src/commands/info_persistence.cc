// INFO persistence: Redis's fields about its AOF, which mean the same here, and the log's own figures.

#include <algorithm>

#include "commands/counters.h"
#include "commands/info_sections.h"
#include "config/config.h"
#include "log/log.h"

namespace baton {
namespace {

std::string_view OkOrErr(bool ok) { return ok ? "ok" : "err"; }

// Clients that see loading:1 come back after loading_eta_seconds.
void WriteLoading(Host& host, InfoText& text) {
  const ServerCounters& counters = host.counters();
  uint64_t done = counters.loading_bytes_done, total = counters.loading_bytes_total;
  int64_t elapsed_s = std::max<int64_t>((host.monotonic_ns() - host.facts().started_monotonic_ns) / 1'000'000'000, 0);
  text.Line("loading_start_time", host.facts().started_unix_ms / 1000);
  text.Line("loading_total_bytes", total);
  text.Line("loading_loaded_bytes", done);
  text.Decimal("loading_loaded_perc", total == 0 ? 0 : 100 * static_cast<double>(done) / static_cast<double>(total), 2);
  text.Line("loading_eta_seconds",
            done == 0 || total <= done
                ? int64_t{1}
                : static_cast<int64_t>(static_cast<double>(elapsed_s) / static_cast<double>(done) *
                                       static_cast<double>(total - done)));
}

}  // namespace

void WriteInfoPersistence(Host& host, InfoText& text) {
  text.Line("loading", host.loading());
  text.Line("async_loading", 0);
  // No snapshot file is ever written: the log is all there is, and these stay as they are after a start of Redis.
  constexpr InfoText::Constant kNoSnapshots[] = {{"rdb_bgsave_in_progress", "0"},
                                                 {"rdb_changes_since_last_save", "0"},
                                                 {"rdb_last_bgsave_status", "ok"},
                                                 {"rdb_last_bgsave_time_sec", "-1"},
                                                 {"rdb_current_bgsave_time_sec", "-1"},
                                                 {"rdb_saves", "0"},
                                                 {"rdb_last_cow_size", "0"}};
  text.Constants(kNoSnapshots);
  text.Line("rdb_last_save_time", host.facts().started_unix_ms / 1000);

  bool enabled = host.config().Bool("appendonly");
  LogFigures log = host.log().figures();
  text.Line("aof_enabled", enabled);
  text.Line("aof_rewrite_in_progress", log.rewrite_running);
  text.Line("aof_rewrite_scheduled", log.rewrite_scheduled);
  text.Line("aof_last_rewrite_time_sec", log.last_rewrite_seconds);
  text.Line("aof_current_rewrite_time_sec",
            log.rewrite_running ? std::max<int64_t>(host.unix_us() / 1'000'000 - log.rewrite_started_unix_s, 0)
                                : int64_t{-1});
  text.Line("aof_last_bgrewrite_status", OkOrErr(log.last_rewrite_ok));
  text.Line("aof_rewrites", log.rewrites);
  text.Line("aof_last_write_status", OkOrErr(log.last_write_ok));
  text.Line("aof_last_cow_size", 0);
  text.Line("current_save_keys_processed", log.rewrite_running ? log.rewrite_keys_done : 0);
  text.Line("current_save_keys_total", log.rewrite_running ? log.rewrite_keys_total : 0);
  text.Line("module_fork_in_progress", 0);
  text.Line("module_fork_last_cow_size", 0);
  if (enabled) {
    text.Line("aof_current_size", log.file_bytes);
    text.Line("aof_base_size", log.base_bytes);
    text.Line("aof_pending_rewrite", log.rewrite_scheduled);
    text.Line("aof_pending_bio_fsync", log.written > log.synced);
    text.Line("aof_delayed_fsync", log.delayed_syncs);

    text.Line("log_policy", host.config().String("appendfsync"));
    text.Line("log_position_appended", log.appended);
    text.Line("log_position_written", log.written);
    text.Line("log_position_synced", log.synced);
    text.Line("log_groups", log.groups);
    text.Line("log_bytes_appended", log.bytes_appended);
    text.Line("log_group_bytes_average", log.groups == 0 ? 0 : log.bytes_appended / log.groups);
    text.Line("log_syncs", log.syncs);
    text.Line("log_failed_syncs", log.failed_syncs);
    text.Line("log_failed_writes", log.failed_writes);
    text.Line("log_sync_us_last", log.last_sync_us);
    text.Line("log_sync_us_p50", log.sync_us_p50);
    text.Line("log_sync_us_p99", log.sync_us_p99);
    text.Line("log_sync_us_max", log.sync_us_max);
    text.Line("log_congested", host.log().congested());
    text.Line("log_growth_refused", !host.log().growth_refused().empty());
    text.Line("log_live_bytes", log.live_bytes);
    text.Line("log_rewrite_bytes", log.rewrite_bytes_done);
    text.Line("log_rewrite_stop_us_max", log.rewrite_stop_us_max);
    text.Line("log_disk_free_bytes", log.free_bytes);
    text.Line("log_disk_wanted_bytes", log.free_bytes_wanted);
    text.Line("log_disk_reserve_bytes", log.reserve_bytes);
  }
  if (host.loading()) WriteLoading(host, text);
}

}  // namespace baton
