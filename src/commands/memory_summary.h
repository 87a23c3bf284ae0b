#pragma once

#include <cstdint>

#include "commands/host.h"
#include "commands/process_figures.h"

namespace baton {

// Where the memory is: for INFO memory and MEMORY STATS.
struct MemorySummary {
  MemoryFigures process;
  uint64_t peak = 0;     // of process.used, as far as anybody has looked
  uint64_t dataset = 0;  // keys and values, those still to be freed included
  uint64_t clients = 0;  // buffers of all connections

  uint64_t overhead() const { return process.used > dataset ? process.used - dataset : 0; }
  double dataset_percent() const;
  double peak_percent() const;
  double fragmentation() const;
};
// Also raises the peak that counters() remembers.
MemorySummary SummarizeMemory(Host& host);

// a / b; 0 when b is 0.
double Ratio(uint64_t a, uint64_t b);
int64_t Difference(uint64_t a, uint64_t b);

}  // namespace baton
