// What list work costs in the data layer alone: time for each operation, and memory for each element above its payload.
// The memory figures are of the whole process (RSS), so ask for one at a time: --benchmark_filter=Memory.*64

#include <benchmark/benchmark.h>

#include <unistd.h>
#include <cstdio>
#include <string>
#include <vector>

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

void Push(Keyspace& keyspace, std::string_view key, Side side, std::string_view value) {
  keyspace.Apply(Mutation::Push(0, keyspace.Ref(key), side, {&value, 1}), 1);
}

void FillList(Keyspace& keyspace, std::string_view key, size_t bytes, int64_t count) {
  const std::string value(bytes, 'x');
  for (int64_t i = 0; i < count; ++i) Push(keyspace, key, Side::kLeft, value);
}

void BM_Push(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  const std::string value(static_cast<size_t>(state.range(0)), 'x');
  int64_t length = 0;
  for (auto _ : state) {
    Push(keyspace, "queue", Side::kLeft, value);
    if (++length * state.range(0) > (256 << 20)) {
      state.PauseTiming();
      keyspace.Apply(Mutation::FlushAll(), 1);
      while (keyspace.FreeSome(100000)) {
      }
      length = 0;
      state.ResumeTiming();
    }
  }
}
BENCHMARK(BM_Push)->Arg(16)->Arg(64)->Arg(1024)->Arg(20000);

void BM_QueuePushPop(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "queue", 64, state.range(0));
  const std::string value(64, 'y');
  for (auto _ : state) {
    Push(keyspace, "queue", Side::kLeft, value);
    keyspace.Apply(Mutation::Pop(0, keyspace.Ref("queue"), Side::kRight, 1), 1);
  }
}
BENCHMARK(BM_QueuePushPop)->Arg(0)->Arg(1)->Arg(3)->Arg(100)->Arg(10000)->Arg(1000000);

void BM_StackPushPop(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "stack", 64, 1000000);
  const std::string value(64, 'y');
  for (auto _ : state) {
    for (int i = 0; i < state.range(0); ++i) Push(keyspace, "stack", Side::kLeft, value);
    for (int i = 0; i < state.range(0); ++i) {
      keyspace.Apply(Mutation::Pop(0, keyspace.Ref("stack"), Side::kLeft, 1), 1);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * 2);
}
BENCHMARK(BM_StackPushPop)->Arg(1)->Arg(3)->Arg(1000);

void BM_Move(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "from", 64, state.range(0));
  FillList(keyspace, "to", 64, state.range(0));
  bool back = false;
  int64_t moved = 0;
  for (auto _ : state) {
    const KeyRef from = keyspace.Ref(back ? "to" : "from");
    const KeyRef to = keyspace.Ref(back ? "from" : "to");
    keyspace.Apply(Mutation::Move(0, from, to, Side::kRight, Side::kLeft), 1);
    if (++moved == state.range(0) - 1) {
      back = !back;
      moved = 0;
    }
  }
}
BENCHMARK(BM_Move)->Arg(10)->Arg(1000000);

void BM_Index(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "list", 64, state.range(0));
  const Entry* entry = keyspace.Find(0, keyspace.Ref("list"));
  uint64_t index = 12345;
  for (auto _ : state) {
    index = index * 6364136223846793005u + 1442695040888963407u;
    const auto at = static_cast<int64_t>((index >> 33) % static_cast<uint64_t>(state.range(0)));
    benchmark::DoNotOptimize(entry->list().At(at));
  }
}
BENCHMARK(BM_Index)->Arg(3)->Arg(1000)->Arg(1000000);

void BM_Walk100(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "list", 64, 100000);
  const Entry* entry = keyspace.Find(0, keyspace.Ref("list"));
  for (auto _ : state) {
    auto cursor = entry->list().CursorAt(0, Side::kRight);
    for (int i = 0; i < 100; ++i, cursor.Next()) benchmark::DoNotOptimize(cursor.element());
  }
}
BENCHMARK(BM_Walk100);

// LREM of a value that is not there, and of the oldest one: a scan until the index for acknowledging by value comes.
void BM_RemoveMissing(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "list", 64, state.range(0));
  const std::string value(64, 'y');
  for (auto _ : state) keyspace.Apply(Mutation::ListRemove(0, keyspace.Ref("list"), 1, value), 1);
}
BENCHMARK(BM_RemoveMissing)->Arg(100)->Arg(10000)->Arg(1000000);

void BM_FirstPushAfterSnapshot(benchmark::State& state) {
  Keyspace keyspace(16, 1);
  FillList(keyspace, "list", 64, 1000000);
  const std::string value(64, 'y');
  for (auto _ : state) {
    auto snapshot = keyspace.TakeSnapshot();
    Push(keyspace, "list", Side::kLeft, value);
    keyspace.ReleaseSnapshot(std::move(snapshot));
    keyspace.FreeSome(1000);
  }
}
BENCHMARK(BM_FirstPushAfterSnapshot);

void BM_MemoryOfOneList(benchmark::State& state) {
  for (auto _ : state) {
    const double before = ResidentBytes();
    Keyspace keyspace(16, 1);
    FillList(keyspace, "list", static_cast<size_t>(state.range(0)), state.range(1));
    const auto payload = static_cast<double>(state.range(0) * state.range(1));
    const auto count = static_cast<double>(state.range(1));
    state.counters["rss_above_payload_each"] = (ResidentBytes() - before - payload) / count;
    state.counters["nodes_above_payload_each"] = (static_cast<double>(keyspace.allocated_bytes()) - payload) / count;
  }
}
BENCHMARK(BM_MemoryOfOneList)->Args({64, 10000000})->Args({1024, 1000000})->Args({16, 10000000})->Iterations(1);

}  // namespace
}  // namespace baton

BENCHMARK_MAIN();
