// MEMORY ...: what keys and the process cost.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "commands/context.h"
#include "commands/counters.h"
#include "commands/families.h"
#include "commands/help_reply.h"
#include "commands/memory_summary.h"

namespace baton {
namespace {

// The sample count is checked and not needed: nodes know their sizes.
void MemoryUsage(CommandContext& context) {
  for (size_t i = 3; i < context.argc(); i += 2) {
    if (!EqualsIgnoreCase(context.arg(i), "samples") || i + 1 == context.argc()) return context.Error(errors::kSyntax);
    int64_t samples;
    if (!context.IntegerArg(i + 1, &samples)) return;
    if (samples < 0) return context.Error(errors::kSyntax);
  }
  const Entry* entry = context.Inspect(context.Ref(context.arg(2)));
  if (entry == nullptr) return context.reply().Null();
  context.reply().Integer(static_cast<int64_t>(context.keyspace().MemoryUsage(*entry)));
}

void MemoryDoctor(CommandContext& context) {
  MemorySummary memory = SummarizeMemory(context.host());
  constexpr uint64_t kTooLittleToJudge = 5 << 20, kWorthMentioning = 10 << 20;
  std::string report;
  if (memory.process.used < kTooLittleToJudge) {
    report = "Hardly any memory is in use: there is nothing to look into.\n";
  } else {
    if (memory.peak > memory.process.used + memory.process.used / 2) {
      report +=
          "- Peak: memory use was more than 1.5 times what it is now. What was freed may not be back at the "
          "operating system yet; MEMORY PURGE asks for it.\n";
    }
    if (memory.fragmentation() > 1.4 && memory.process.resident > memory.process.used + kWorthMentioning) {
      report += "- Fragmentation: the process holds more than 1.4 times the memory that is in use.\n";
    }
    if (memory.clients > kWorthMentioning && memory.clients > memory.process.used / 4) {
      report +=
          "- Clients: more than a quarter of the memory is in the buffers of connections. CLIENT LIST shows whose "
          "(tot-mem).\n";
    }
    if (report.empty()) report = "No memory problem found.\n";
  }
  context.reply().Verbatim("txt", report);
}

void MemoryStats(CommandContext& context) {
  Host& host = context.host();
  MemorySummary memory = SummarizeMemory(host);
  const Keyspace& keyspace = host.keyspace();
  int64_t used_databases = 0;
  uint64_t keys = 0;
  for (uint32_t db = 0; db < keyspace.databases(); ++db) {
    used_databases += keyspace.size(db) > 0 ? 1 : 0;
    keys += keyspace.size(db);
  }
  ReplyBuilder& reply = context.reply();
  auto number = [&](std::string_view name, uint64_t value) {
    reply.Bulk(name);
    reply.Integer(static_cast<int64_t>(value));
  };
  auto ratio = [&](std::string_view name, double value) {
    reply.Bulk(name);
    reply.Double(value);
  };
  const MemoryFigures& process = memory.process;
  reply.Map(25 + used_databases);
  number("peak.allocated", memory.peak);
  number("total.allocated", process.used);
  number("replication.backlog", 0);
  number("clients.slaves", 0);
  number("clients.normal", memory.clients);
  number("cluster.links", 0);
  number("lua.caches", 0);
  number("functions.caches", 0);
  for (uint32_t db = 0; db < keyspace.databases(); ++db) {
    if (keyspace.size(db) == 0) continue;
    // One tree holds keys, values and times to live: there are no tables beside it.
    reply.Bulk("db." + std::to_string(db));
    reply.Map(3);
    number("overhead.hashtable.main", 0);
    number("overhead.hashtable.expires", 0);
    number("overhead.hashtable.slot-to-keys", 0);
  }
  number("overhead.total", memory.overhead());
  number("keys.count", keys);
  number("keys.bytes-per-key", keys == 0 ? 0 : memory.dataset / keys);
  number("dataset.bytes", memory.dataset);
  ratio("dataset.percentage", memory.dataset_percent());
  ratio("peak.percentage", memory.peak_percent());
  number("allocator.allocated", process.allocator_allocated);
  number("allocator.active", process.allocator_active);
  number("allocator.resident", process.allocator_resident);
  ratio("allocator-fragmentation.ratio", Ratio(process.allocator_active, process.allocator_allocated));
  reply.Bulk("allocator-fragmentation.bytes");
  reply.Integer(Difference(process.allocator_active, process.allocator_allocated));
  ratio("allocator-rss.ratio", Ratio(process.allocator_resident, process.allocator_active));
  reply.Bulk("allocator-rss.bytes");
  reply.Integer(Difference(process.allocator_resident, process.allocator_active));
  ratio("rss-overhead.ratio", Ratio(process.resident, process.allocator_resident));
  reply.Bulk("rss-overhead.bytes");
  reply.Integer(Difference(process.resident, process.allocator_resident));
  ratio("fragmentation", memory.fragmentation());
  reply.Bulk("fragmentation.bytes");
  reply.Integer(Difference(process.resident, process.used));
}

void MemoryPurge(CommandContext& context) {
  PurgeAllocator();
  context.reply().Ok();
}

void MemoryMallocStats(CommandContext& context) { context.reply().Verbatim("txt", AllocatorReport()); }

void MemoryHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    Return memory problems reports.",
      "MALLOC-STATS",
      "    Return internal statistics report from the memory allocator.",
      "PURGE",
      "    Attempt to purge dirty pages for reclamation by the allocator.",
      "STATS",
      "    Return information about the memory usage of the server.",
      "USAGE <key> [SAMPLES <count>]",
      "    Return memory in bytes used by <key> and its value. Nested values are",
      "    sampled up to <count> times (default: 5, 0 means sample all).",
  };
  ReplyHelp(context, kLines);
}

constexpr CommandRow kSubcommands[] = {
    {.name = "doctor",
     .arity = 2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Outputs memory problems report",
     .complexity = "O(1)",
     .since = "4.0.0",
     .handler = MemoryDoctor},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "4.0.0",
     .handler = MemoryHelp},
    {.name = "malloc-stats",
     .arity = 2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Show allocator internal stats",
     .complexity = "Depends on how much memory is allocated, could be slow",
     .since = "4.0.0",
     .handler = MemoryMallocStats},
    {.name = "purge",
     .arity = 2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Ask the allocator to release memory",
     .complexity = "Depends on how much memory is allocated, could be slow",
     .since = "4.0.0",
     .handler = MemoryPurge},
    {.name = "stats",
     .arity = 2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Show memory usage details",
     .complexity = "O(1)",
     .since = "4.0.0",
     .handler = MemoryStats},
    {.name = "usage",
     .arity = -3,
     .flags = kReadonly,
     .categories = "read slow",
     .first_key = 2,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kServer,
     .syntax = "key [SAMPLES count]",
     .summary = "Estimate the memory usage of a key",
     .complexity = "O(N) where N is the number of samples.",
     .since = "4.0.0",
     .handler = MemoryUsage},
};

constexpr CommandRow kRows[] = {
    {.name = "memory",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "A container for memory diagnostics commands",
     .complexity = "Depends on subcommand.",
     .since = "4.0.0",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> MemoryCommands() { return kRows; }

}  // namespace baton
