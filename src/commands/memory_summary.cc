#include "commands/memory_summary.h"

#include <algorithm>

#include "commands/client_state.h"
#include "commands/counters.h"
#include "queue/book.h"

namespace baton {

double Ratio(uint64_t a, uint64_t b) { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }

int64_t Difference(uint64_t a, uint64_t b) { return static_cast<int64_t>(a) - static_cast<int64_t>(b); }

double MemorySummary::dataset_percent() const { return 100 * Ratio(dataset, process.used); }
double MemorySummary::peak_percent() const { return 100 * Ratio(process.used, peak); }
double MemorySummary::fragmentation() const { return Ratio(process.resident, process.used); }

MemorySummary SummarizeMemory(Host& host) {
  MemorySummary memory;
  memory.process = ReadMemoryFigures();
  uint64_t& peak = host.counters().peak_memory_bytes;
  peak = std::max(peak, memory.process.used);
  memory.peak = peak;
  memory.dataset = host.keyspace().allocated_bytes() + host.queues().allocated_bytes();
  host.ForEachClient([&](ClientState& client) { memory.clients += client.total_bytes; });
  return memory;
}

}  // namespace baton
