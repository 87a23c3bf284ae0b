#include "commands/info_sections.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "commands/client_state.h"
#include "commands/counters.h"
#include "commands/memory_summary.h"
#include "commands/process_figures.h"
#include "commands/version.h"
#include "config/config.h"

namespace baton {
namespace {

void WriteServer(Host& host, InfoText& text) {
  const ServerFacts& facts = host.facts();
  const Config& config = host.config();
  int64_t uptime_s = (host.monotonic_ns() - facts.started_monotonic_ns) / 1'000'000'000;
  text.Line("redis_version", kRedisVersion);
  text.Line("baton_version", kBatonVersion);
  constexpr InfoText::Constant kBuild[] = {
      {"redis_git_sha1", "00000000"}, {"redis_git_dirty", "0"}, {"redis_build_id", "0"}, {"redis_mode", "standalone"}};
  text.Constants(kBuild);
  text.Line("os", OperatingSystem());
  text.Line("arch_bits", static_cast<int>(8 * sizeof(void*)));
  constexpr InfoText::Constant kParts[] = {
      {"monotonic_clock", "POSIX clock_gettime"}, {"multiplexing_api", "libuv"}, {"gcc_version", __VERSION__}};
  text.Constants(kParts);
  text.Line("process_id", facts.pid);
  text.Line("process_supervised", config.String("supervised"));
  text.Line("run_id", facts.run_id);
  text.Line("tcp_port", config.Integer("port"));
  text.Line("server_time_usec", host.unix_us());
  text.Line("uptime_in_seconds", uptime_s);
  text.Line("uptime_in_days", uptime_s / 86400);
  text.Line("hz", config.Integer("hz"));
  text.Line("configured_hz", config.Integer("hz"));
  text.Line("lru_clock", host.unix_us() / 1'000'000 & 0xffffff);  // Redis's has 24 bits
  text.Line("executable", facts.executable);
  text.Line("config_file", config.file_path());
  text.Line("io_threads_active", 0);
}

void WriteClients(Host& host, InfoText& text) {
  uint64_t connected = 0, blocked = 0, largest_input = 0, largest_output = 0;
  host.ForEachClient([&](ClientState& client) {
    ++connected;
    blocked += client.blocked ? 1 : 0;
    largest_input = std::max(largest_input, client.query_buffer_bytes);
    largest_output = std::max(largest_output, client.output_bytes);
  });
  text.Line("connected_clients", connected);
  text.Line("cluster_connections", 0);
  text.Line("maxclients", host.config().Integer("maxclients"));
  text.Line("client_recent_max_input_buffer", largest_input);
  text.Line("client_recent_max_output_buffer", largest_output);
  text.Line("blocked_clients", blocked);
  text.Line("tracking_clients", 0);
}

void WriteMemory(Host& host, InfoText& text) {
  MemorySummary memory = SummarizeMemory(host);
  const MemoryFigures& process = memory.process;
  const Config& config = host.config();
  text.Bytes("used_memory", process.used);
  text.Bytes("used_memory_rss", process.resident);
  text.Bytes("used_memory_peak", memory.peak);
  text.Decimal("used_memory_peak_perc", memory.peak_percent(), 2, "%");
  text.Line("used_memory_overhead", memory.overhead());
  text.Line("used_memory_dataset", memory.dataset);
  text.Decimal("used_memory_dataset_perc", memory.dataset_percent(), 2, "%");
  if (process.has_allocator) {
    text.Line("allocator_allocated", process.allocator_allocated);
    text.Line("allocator_active", process.allocator_active);
    text.Line("allocator_resident", process.allocator_resident);
  }
  text.Bytes("total_system_memory", process.physical);
  constexpr InfoText::Constant kScripts[] = {
      {"used_memory_lua", "0"},          {"used_memory_vm_eval", "0"},      {"used_memory_lua_human", "0B"},
      {"used_memory_scripts_eval", "0"}, {"number_of_cached_scripts", "0"}, {"number_of_functions", "0"},
      {"number_of_libraries", "0"},      {"used_memory_scripts", "0"},      {"used_memory_scripts_human", "0B"}};
  text.Constants(kScripts);
  text.Bytes("maxmemory", static_cast<uint64_t>(config.Integer("maxmemory")));
  text.Line("maxmemory_policy", config.String("maxmemory-policy"));
  if (process.has_allocator) {
    text.Decimal("allocator_frag_ratio", Ratio(process.allocator_active, process.allocator_allocated), 2);
    text.Line("allocator_frag_bytes", Difference(process.allocator_active, process.allocator_allocated));
    text.Decimal("allocator_rss_ratio", Ratio(process.allocator_resident, process.allocator_active), 2);
    text.Line("allocator_rss_bytes", Difference(process.allocator_resident, process.allocator_active));
    text.Decimal("rss_overhead_ratio", Ratio(process.resident, process.allocator_resident), 2);
    text.Line("rss_overhead_bytes", Difference(process.resident, process.allocator_resident));
  }
  text.Decimal("mem_fragmentation_ratio", memory.fragmentation(), 2);
  text.Line("mem_fragmentation_bytes", Difference(process.resident, process.used));
  constexpr InfoText::Constant kNoCopies[] = {{"mem_not_counted_for_evict", "0"},
                                              {"mem_replication_backlog", "0"},
                                              {"mem_total_replication_buffers", "0"},
                                              {"mem_clients_slaves", "0"}};
  text.Constants(kNoCopies);
  text.Line("mem_clients_normal", memory.clients);
  text.Line("mem_cluster_links", 0);
  text.Line("mem_allocator", process.allocator_name);
  text.Line("active_defrag_running", 0);
}

void WriteReplication(Host&, InfoText& text) {
  constexpr InfoText::Constant kAlone[] = {{"role", "master"},
                                           {"connected_slaves", "0"},
                                           {"master_failover_state", "no-failover"},
                                           {"master_replid", "0000000000000000000000000000000000000000"},
                                           {"master_replid2", "0000000000000000000000000000000000000000"},
                                           {"master_repl_offset", "0"},
                                           {"second_repl_offset", "-1"},
                                           {"repl_backlog_active", "0"},
                                           {"repl_backlog_size", "0"},
                                           {"repl_backlog_first_byte_offset", "0"},
                                           {"repl_backlog_histlen", "0"}};
  text.Constants(kAlone);
}

void WriteCpu(Host&, InfoText& text) {
  CpuFigures cpu = ReadCpuFigures();
  text.Decimal("used_cpu_sys", cpu.system, 6);
  text.Decimal("used_cpu_user", cpu.user, 6);
  text.Decimal("used_cpu_sys_children", cpu.system_children, 6);
  text.Decimal("used_cpu_user_children", cpu.user_children, 6);
  text.Decimal("used_cpu_sys_main_thread", cpu.system_thread, 6);
  text.Decimal("used_cpu_user_main_thread", cpu.user_thread, 6);
}

void WriteModules(Host&, InfoText&) {}

void WriteCluster(Host&, InfoText& text) { text.Line("cluster_enabled", 0); }

// The mean of a few keys that expire, in milliseconds: an estimate, as Redis's is.
int64_t AverageTtl(const Keyspace& keyspace, uint32_t db, int64_t now_ms) {
  if (keyspace.expiring_count(db) == 0) return 0;
  constexpr int kLookedAtMax = 256;
  int looked_at = 0, found = 0;
  int64_t sum_ms = 0;
  keyspace.Visit(db, 0, [&](const Entry& entry) {
    if (entry.has_expiry() && entry.expire_at_ms() > now_ms) {
      sum_ms += std::min(entry.expire_at_ms() - now_ms, INT64_MAX / kLookedAtMax);
      ++found;
    }
    return ++looked_at < kLookedAtMax;
  });
  return found == 0 ? 0 : sum_ms / found;
}

void WriteKeyspace(Host& host, InfoText& text) {
  const Keyspace& keyspace = host.keyspace();
  for (uint32_t db = 0; db < keyspace.databases(); ++db) {
    if (keyspace.size(db) == 0) continue;
    text.Line("db" + std::to_string(db), "keys=" + std::to_string(keyspace.size(db)) +
                                             ",expires=" + std::to_string(keyspace.expiring_count(db)) +
                                             ",avg_ttl=" + std::to_string(AverageTtl(keyspace, db, host.now_ms())));
  }
}

constexpr InfoSection kSections[] = {
    {"server", "Server", true, WriteServer},
    {"clients", "Clients", true, WriteClients},
    {"memory", "Memory", true, WriteMemory},
    {"persistence", "Persistence", true, WriteInfoPersistence},
    {"stats", "Stats", true, WriteInfoStats},
    {"replication", "Replication", true, WriteReplication},
    {"cpu", "CPU", true, WriteCpu},
    {"modules", "Modules", true, WriteModules},
    {"commandstats", "Commandstats", false, WriteInfoCommandStats},
    {"errorstats", "Errorstats", true, WriteInfoErrorStats},
    {"latencystats", "Latencystats", false, WriteInfoLatencyStats},
    {"cluster", "Cluster", true, WriteCluster},
    {"keyspace", "Keyspace", true, WriteKeyspace},
    {"queues", "Queues", false, WriteInfoQueues},
};

}  // namespace

std::span<const InfoSection> InfoSections() { return kSections; }

void InfoText::Title(std::string_view title) {
  if (!text_.empty()) text_ += "\r\n";
  text_.append("# ").append(title).append("\r\n");
}

void InfoText::Line(std::string_view name, std::string_view value) {
  text_.append(name).append(":").append(value).append("\r\n");
}

void InfoText::Decimal(std::string_view name, double value, int digits, std::string_view unit) {
  char number[64];
  std::snprintf(number, sizeof number, "%.*f", digits, value);
  Line(name, std::string(number).append(unit));
}

void InfoText::Bytes(std::string_view name, uint64_t value) {
  Line(name, value);
  Line(std::string(name) + "_human", HumanBytes(static_cast<double>(value)));
}

void InfoText::Constants(std::span<const Constant> constants) {
  for (const Constant& constant : constants) Line(constant.name, constant.value);
}

}  // namespace baton
