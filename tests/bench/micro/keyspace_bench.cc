// What keys cost in the data layer alone: time for each operation at several sizes, and memory for each key. The memory
// figures are of the whole process (RSS), so ask for one at a time: --benchmark_filter=MemoryOfLists

#include <benchmark/benchmark.h>

#include <unistd.h>
#include <cstdio>
#include <string>
#include <vector>

#include "base/random.h"
#include "data/keyspace.h"

namespace baton {
namespace {

double ResidentBytes() {
  long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%*d %ld", &pages) != 1) std::abort();
  std::fclose(file);
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// 12 bytes: "key:" and 8 digits.
struct Key {
  explicit Key(uint64_t number) { std::snprintf(name, sizeof name, "key:%08u", static_cast<uint32_t>(number)); }
  operator std::string_view() const { return {name, 12}; }
  char name[16];
};

void FillStrings(Keyspace& keyspace, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const Key key(static_cast<uint64_t>(i));
    keyspace.Apply(Mutation::Set(0, keyspace.Ref(key), "value", 0, false), 1);
  }
}

void BM_Find(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillStrings(keyspace, state.range(0));
  Random random(1);
  for (auto _ : state) {
    const Key key(random.Below(static_cast<uint64_t>(state.range(0))));
    benchmark::DoNotOptimize(keyspace.Find(0, keyspace.Ref(key)));
  }
}
BENCHMARK(BM_Find)->Arg(1)->Arg(1000)->Arg(100000)->Arg(1000000)->Arg(4000000);

// What BM_Find spends on making up names.
void BM_MakeKey(benchmark::State& state) {
  Random random(1);
  for (auto _ : state) benchmark::DoNotOptimize(Key(random.Below(1000000)));
}
BENCHMARK(BM_MakeKey);

void BM_InsertAndRemove(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillStrings(keyspace, state.range(0));
  uint64_t next = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    const Key in(next);
    const Key out(next - static_cast<uint64_t>(state.range(0)));
    keyspace.Apply(Mutation::Set(0, keyspace.Ref(in), "value", 0, false), 1);
    keyspace.Apply(Mutation::Delete(0, keyspace.Ref(out)), 1);
    ++next;
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(BM_InsertAndRemove)->Arg(1000)->Arg(1000000);

void BM_OverwriteString(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillStrings(keyspace, 1000);
  Random random(1);
  for (auto _ : state) {
    const Key key(random.Below(1000));
    keyspace.Apply(Mutation::Set(0, keyspace.Ref(key), "other", 0, false), 1);
  }
}
BENCHMARK(BM_OverwriteString);

// During a snapshot: every first write clones entry, leaf and way.
void BM_WriteAtRandomDuringSnapshot(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillStrings(keyspace, 1000000);
  Random random(1);
  auto snapshot = keyspace.TakeSnapshot();
  int64_t writes = 0;
  for (auto _ : state) {
    const Key key(random.Below(1000000));
    keyspace.Apply(Mutation::Set(0, keyspace.Ref(key), "other", 0, false), 1);
    if (++writes == 200000) {
      state.PauseTiming();
      keyspace.ReleaseSnapshot(std::move(snapshot));
      while (keyspace.FreeSome(100000)) {
      }
      snapshot = keyspace.TakeSnapshot();
      writes = 0;
      state.ResumeTiming();
    }
  }
  keyspace.ReleaseSnapshot(std::move(snapshot));
}
BENCHMARK(BM_WriteAtRandomDuringSnapshot);

void BM_ExpireAt(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillStrings(keyspace, 1000000);
  Random random(1);
  for (auto _ : state) {
    const Key key(random.Below(1000000));
    keyspace.Apply(Mutation::ExpireAt(0, keyspace.Ref(key), static_cast<int64_t>(random.Below(1000000))), 1);
  }
}
BENCHMARK(BM_ExpireAt);

void BM_MemoryOfLists(benchmark::State& state) {
  const std::string value(64, 'x');
  const std::string_view view = value;
  for (auto _ : state) {
    const double before = ResidentBytes();
    Keyspace keyspace(16, 1);
    for (int64_t i = 0; i < state.range(0); ++i) {
      const Key key(static_cast<uint64_t>(i));
      keyspace.Apply(Mutation::Push(0, keyspace.Ref(key), Side::kLeft, {&view, 1}), 1);
    }
    const auto count = static_cast<double>(state.range(0));
    state.counters["rss_above_payload_each"] = (ResidentBytes() - before) / count - 64;
    state.counters["nodes_above_payload_each"] = static_cast<double>(keyspace.allocated_bytes()) / count - 64;
  }
}
BENCHMARK(BM_MemoryOfLists)->Arg(1000000)->Iterations(1);

}  // namespace
}  // namespace baton

BENCHMARK_MAIN();
