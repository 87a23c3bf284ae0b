#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "commands/latency_histogram.h"

namespace baton {

struct CommandRow;

// Figures that INFO shows and CONFIG RESETSTAT clears.
struct ServerCounters {
  struct PerCommand {
    uint64_t calls = 0, usec = 0, rejected = 0, failed = 0;
    LatencyHistogram latency;  // LATENCY HISTOGRAM, INFO latencystats; recorded when latency-tracking is on
  };
  uint64_t connections_received = 0, rejected_connections = 0;
  uint64_t commands_processed = 0;
  uint64_t net_input_bytes = 0, net_output_bytes = 0;
  uint64_t expired_keys = 0, keyspace_hits = 0, keyspace_misses = 0;
  uint64_t error_replies = 0, protocol_errors = 0;
  uint64_t output_limit_disconnections = 0, query_limit_disconnections = 0, sync_timeout_disconnections = 0;
  uint64_t blocked_clients = 0, served_waiters = 0;
  uint64_t peak_memory_bytes = 0;
  uint64_t loading_bytes_done = 0, loading_bytes_total = 0;  // of the log, while the server loads it
  int64_t instantaneous_ops = 0, instantaneous_input_bytes = 0, instantaneous_output_bytes = 0;
  std::unordered_map<const CommandRow*, PerCommand> commands;   // subcommand rows count for themselves
  // The same, and as it is mostly asked for the command of a moment ago, without a search then.
  PerCommand& Of(const CommandRow& row) {
    if (&row != recent_row) {
      recent_row = &row;
      recent = &commands[&row];
    }
    return *recent;
  }
  const CommandRow* recent_row = nullptr;
  PerCommand* recent = nullptr;
  std::unordered_map<std::string, uint64_t> errors_by_code;     // "ERR", "WRONGTYPE" ...
};

}  // namespace baton
