// INFO stats, commandstats, errorstats, latencystats: what the server has counted since the last CONFIG RESETSTAT.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "commands/channels.h"
#include "commands/command_names.h"
#include "commands/command_table.h"
#include "commands/counters.h"
#include "commands/info_sections.h"
#include "config/config.h"

namespace baton {

void WriteInfoStats(Host& host, InfoText& text) {
  const ServerCounters& counters = host.counters();
  text.Line("total_connections_received", counters.connections_received);
  text.Line("total_commands_processed", counters.commands_processed);
  text.Line("instantaneous_ops_per_sec", counters.instantaneous_ops);
  text.Line("total_net_input_bytes", counters.net_input_bytes);
  text.Line("total_net_output_bytes", counters.net_output_bytes);
  text.Line("total_net_repl_input_bytes", 0);
  text.Line("total_net_repl_output_bytes", 0);
  text.Decimal("instantaneous_input_kbps", static_cast<double>(counters.instantaneous_input_bytes) / 1024, 2);
  text.Decimal("instantaneous_output_kbps", static_cast<double>(counters.instantaneous_output_bytes) / 1024, 2);
  constexpr InfoText::Constant kNoReplicas[] = {{"instantaneous_input_repl_kbps", "0.00"},
                                                {"instantaneous_output_repl_kbps", "0.00"}};
  text.Constants(kNoReplicas);
  text.Line("rejected_connections", counters.rejected_connections);
  constexpr InfoText::Constant kNoSyncs[] = {{"sync_full", "0"}, {"sync_partial_ok", "0"}, {"sync_partial_err", "0"}};
  text.Constants(kNoSyncs);
  text.Line("expired_keys", counters.expired_keys);
  // No key is ever evicted, here: queues are not caches.
  constexpr InfoText::Constant kNoEviction[] = {{"evicted_keys", "0"},
                                                {"evicted_clients", "0"},
                                                {"total_eviction_exceeded_time", "0"},
                                                {"current_eviction_exceeded_time", "0"}};
  text.Constants(kNoEviction);
  text.Line("keyspace_hits", counters.keyspace_hits);
  text.Line("keyspace_misses", counters.keyspace_misses);
  const Channels& channels = host.channels();
  text.Line("pubsub_channels", channels.Count(ChannelKind::kChannel));
  text.Line("pubsub_patterns", channels.Count(ChannelKind::kPattern));
  text.Line("pubsubshard_channels", channels.Count(ChannelKind::kShardChannel));
  constexpr InfoText::Constant kNotHere[] = {{"latest_fork_usec", "0"},         {"total_forks", "0"},
                                             {"migrate_cached_sockets", "0"},   {"slave_expires_tracked_keys", "0"},
                                             {"active_defrag_hits", "0"},       {"active_defrag_misses", "0"},
                                             {"active_defrag_key_hits", "0"},   {"active_defrag_key_misses", "0"},
                                             {"total_active_defrag_time", "0"}, {"current_active_defrag_time", "0"},
                                             {"tracking_total_keys", "0"},      {"tracking_total_items", "0"},
                                             {"tracking_total_prefixes", "0"},  {"unexpected_error_replies", "0"}};
  text.Constants(kNotHere);
  text.Line("total_error_replies", counters.error_replies);
  text.Line("client_query_buffer_limit_disconnections", counters.query_limit_disconnections);
  text.Line("client_output_buffer_limit_disconnections", counters.output_limit_disconnections);

  text.Line("sync_timeout_disconnections", counters.sync_timeout_disconnections);
  text.Line("protocol_errors", counters.protocol_errors);
  text.Line("total_blocked_clients", counters.blocked_clients);
  text.Line("total_served_waiters", counters.served_waiters);
}

void WriteInfoCommandStats(Host& host, InfoText& text) {
  const ServerCounters& counters = host.counters();
  ForEachCommand(host.command_table(), [&](const CommandRow& row, const std::string& name) {
    auto found = counters.commands.find(&row);
    if (found == counters.commands.end()) return;
    const ServerCounters::PerCommand& figures = found->second;
    if (figures.calls == 0 && figures.rejected == 0 && figures.failed == 0) return;
    char line[192];
    std::snprintf(line, sizeof line,
                  "calls=%" PRIu64 ",usec=%" PRIu64 ",usec_per_call=%.2f,rejected_calls=%" PRIu64
                  ",failed_calls=%" PRIu64,
                  figures.calls, figures.usec,
                  figures.calls == 0 ? 0 : static_cast<double>(figures.usec) / static_cast<double>(figures.calls),
                  figures.rejected, figures.failed);
    text.Line("cmdstat_" + name, line);
  });
}

void WriteInfoErrorStats(Host& host, InfoText& text) {
  const auto& errors = host.counters().errors_by_code;
  for (const auto& [code, count] : std::map<std::string, uint64_t>(errors.begin(), errors.end())) {
    text.Line("errorstat_" + code, "count=" + std::to_string(count));
  }
}

void WriteInfoLatencyStats(Host& host, InfoText& text) {
  const ServerCounters& counters = host.counters();
  const std::vector<std::string> percentiles = host.config().Words("latency-tracking-info-percentiles");
  ForEachCommand(host.command_table(), [&](const CommandRow& row, const std::string& name) {
    auto found = counters.commands.find(&row);
    if (found == counters.commands.end() || found->second.latency.total() == 0) return;
    std::string line;
    for (const std::string& percentile : percentiles) {
      char us[64];
      std::snprintf(us, sizeof us, "=%.3f", found->second.latency.PercentileUs(std::atof(percentile.c_str())));
      if (!line.empty()) line += ',';
      line += "p" + percentile + us;
    }
    text.Line("latency_percentiles_usec_" + name, line);
  });
}

}  // namespace baton
