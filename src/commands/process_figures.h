#pragma once

#include <cstdint>
#include <string>

namespace baton {

// What the operating system and the allocator say about this process at this moment. For people to read: nothing in the
// server decides by these figures.
struct MemoryFigures {
  uint64_t used = 0;           // bytes handed out by the allocator; resident bytes where the allocator does not tell
  uint64_t resident = 0;       // physical memory of the process
  uint64_t physical = 0;       // of the machine
  bool has_allocator = false;  // the figures of jemalloc below are there
  uint64_t allocator_allocated = 0, allocator_active = 0, allocator_resident = 0;
  std::string allocator_name;
};
MemoryFigures ReadMemoryFigures();

struct CpuFigures {
  double system = 0, user = 0;  // seconds, all threads
  double system_children = 0, user_children = 0;
  double system_thread = 0, user_thread = 0;  // of the calling thread
};
CpuFigures ReadCpuFigures();

// Gives freed memory back to the operating system.
void PurgeAllocator();
// The allocator's own report, a page or more of text.
std::string AllocatorReport();

// "Linux 6.1.0 x86_64"
std::string OperatingSystem();

}  // namespace baton
