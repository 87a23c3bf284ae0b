// A snapshot is read on another thread while the loop thread goes on changing everything. Run it under TSan.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "unit/data/keyspace_model.h"

namespace baton {
namespace {

void ReadWhileWriting(uint64_t seed, const Workload& workload, int rounds) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  Keyspace keyspace(workload.databases, random.Next());
  KeyspaceModel model(workload.databases);
  uint64_t position = 0;
  const auto change = [&] {
    const OwnedMutation m = RandomMutation(random, workload, model);
    ++position;
    ASSERT_EQ(m.ApplyTo(keyspace, position), model.Apply(m, position)) << m.ToString();
    if (random.OneIn(3)) keyspace.FreeSome(20);
    const Entry* entry = keyspace.RandomEntry(0, random.Next());
    if (entry != nullptr) entry->Touch(static_cast<uint32_t>(random.Next()));
  };
  for (int i = 0; i < 2000; ++i) change();
  for (int round = 0; round < rounds; ++round) {
    std::unique_ptr<Snapshot> snapshot = keyspace.TakeSnapshot();
    const KeyspaceModel then = model;
    std::string difference;
    std::atomic<bool> done = false;
    std::thread reader([&] {
      for (int pass = 0; pass < 3 && difference.empty(); ++pass) difference = Difference(*snapshot, then);
      done = true;
    });
    while (!done) change();
    reader.join();
    EXPECT_EQ(difference, "");
    keyspace.ReleaseSnapshot(std::move(snapshot));
  }
  EXPECT_EQ(Difference(keyspace, model), "");
}

TEST(SnapshotThreadTest, IsReadWithoutLocksWhileShortListsChange) {
  Workload workload;
  workload.keys = 300;
  workload.list_length = 8;
  ReadWhileWriting(1, workload, 20);
}

TEST(SnapshotThreadTest, IsReadWithoutLocksWhileLongListsChange) {
  Workload workload;
  workload.keys = 10;
  workload.list_length = 1000;
  workload.push_max = 100;
  workload.spare_lists = true;
  workload.sizes = {1, 64, 128, 1000, 20000};
  ReadWhileWriting(2, workload, 4);
}

}  // namespace
}  // namespace baton
