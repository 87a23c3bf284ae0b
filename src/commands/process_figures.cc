#include "commands/process_figures.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>

#ifndef BATON_NO_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

namespace baton {
namespace {

uint64_t PageBytes() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

// The second number of /proc/self/statm, in pages. 0 where there is no /proc.
uint64_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long long total = 0, resident = 0;
  int read = std::fscanf(file, "%llu %llu", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * PageBytes() : 0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

#ifndef BATON_NO_JEMALLOC
uint64_t ReadStatistic(const char* name) {
  size_t value = 0, bytes = sizeof value;
  return mallctl(name, &value, &bytes, nullptr, 0) == 0 ? value : 0;
}

// jemalloc's statistics stand still until the epoch is written (jemalloc(3), "epoch").
void RefreshStatistics() {
  uint64_t epoch = 1;
  size_t bytes = sizeof epoch;
  mallctl("epoch", &epoch, &bytes, &epoch, bytes);
}

void AppendTo(void* text, const char* part) { static_cast<std::string*>(text)->append(part); }
#endif

}  // namespace

MemoryFigures ReadMemoryFigures() {
  MemoryFigures figures;
  figures.resident = ResidentBytes();
  figures.physical = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * PageBytes();
#ifndef BATON_NO_JEMALLOC
  RefreshStatistics();
  figures.has_allocator = true;
  figures.allocator_allocated = ReadStatistic("stats.allocated");
  figures.allocator_active = ReadStatistic("stats.active");
  figures.allocator_resident = ReadStatistic("stats.resident");
  figures.used = figures.allocator_allocated;
  const std::string version = JEMALLOC_VERSION;
  figures.allocator_name = "jemalloc-" + version.substr(0, version.find('-'));
#else
  figures.used = figures.resident;
  figures.allocator_name = "libc";
#endif
  return figures;
}

CpuFigures ReadCpuFigures() {
  CpuFigures figures;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.system = Seconds(usage.ru_stime);
    figures.user = Seconds(usage.ru_utime);
  }
  if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
    figures.system_children = Seconds(usage.ru_stime);
    figures.user_children = Seconds(usage.ru_utime);
  }
  if (getrusage(RUSAGE_THREAD, &usage) == 0) {
    figures.system_thread = Seconds(usage.ru_stime);
    figures.user_thread = Seconds(usage.ru_utime);
  }
  return figures;
}

void PurgeAllocator() {
#ifndef BATON_NO_JEMALLOC
  static_assert(MALLCTL_ARENAS_ALL == 4096);  // the number in the name below
  mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
#endif
}

std::string AllocatorReport() {
#ifndef BATON_NO_JEMALLOC
  std::string report;
  malloc_stats_print(AppendTo, &report, nullptr);
  return report;
#else
  return "Stats not supported for the current allocator";
#endif
}

std::string OperatingSystem() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

}  // namespace baton
