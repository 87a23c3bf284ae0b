#include "log/manifest.h"

#include <gtest/gtest.h>

#include "doubles/sim_file_system.h"

namespace baton {
namespace {

TEST(Manifest, IsWrittenAsRedisWritesIt) {
  Manifest manifest;
  manifest.base = Manifest::File{"appendonly.aof.2.base.aof", 2};
  manifest.segments = {{"appendonly.aof.2.incr.aof", 2}, {"appendonly.aof.3.incr.aof", 3}};
  manifest.history = {{"appendonly.aof.1.base.aof", 1}};
  EXPECT_EQ(manifest.Format(),
            "file appendonly.aof.2.base.aof seq 2 type b\n"
            "file appendonly.aof.1.base.aof seq 1 type h\n"
            "file appendonly.aof.2.incr.aof seq 2 type i\n"
            "file appendonly.aof.3.incr.aof seq 3 type i\n");
}

TEST(Manifest, IsReadBackAlsoWithNamesThatNeedQuotes) {
  Manifest manifest;
  manifest.base = Manifest::File{"my log \"x\"\n.1.base.aof", 1};
  manifest.segments = {{"it's.1.incr.aof", 1}, {"back\\slash.2.incr.aof", 2}, {"\x01\xff.3.incr.aof", 3}};
  auto read = Manifest::Parse(manifest.Format());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->base->name, manifest.base->name);
  ASSERT_EQ(read->segments.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(read->segments[i].name, manifest.segments[i].name);
}

TEST(Manifest, TakesCommentsUnknownFieldsAndAnyOrderOfFields) {
  auto read = Manifest::Parse("# a comment\nseq 4 file a.4.incr.aof colour red type i\nfile 'b' seq 1 type b\n");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->segments.at(0).sequence, 4u);
  EXPECT_EQ(read->base->name, "b");
}

TEST(Manifest, SaysWhichLineIsWrong) {
  const auto message = [](std::string_view text) {
    auto read = Manifest::Parse(text);
    return read.ok() ? "ok" : read.status().message();
  };
  EXPECT_EQ(message(""), "the manifest names no file");
  EXPECT_EQ(message("file a seq 1 type b\nfile b seq 2 type b\n"), "line 2 of the manifest names a second base file");
  EXPECT_EQ(message("file a seq 2 type i\nfile b seq 2 type i\n"),
            "line 2 of the manifest is out of order: seq must go up");
  EXPECT_EQ(message("file a seq 1 type b"), "line 1 of the manifest is not ended by a newline");
  const std::string form = "line 1 of the manifest is not of the form \"file <name> seq <number> type <b|i|h>\"";
  for (const char* bad : {"file a seq 0 type b\n", "file a seq x type b\n", "file a seq 1 type q\n", "file a seq 1\n",
                          "file ../a seq 1 type b\n", "file \"a seq 1 type b\n", "\n", "file a seq 1 type\n"}) {
    EXPECT_EQ(message(bad), form) << bad;
  }
}

TEST(Manifest, NumberedNamesAreRecognised) {
  const LogFileNames names{"dir", "appendonly.aof"};
  uint64_t sequence = 0;
  bool is_base = false;
  EXPECT_TRUE(names.IsNumbered(names.base(12), &sequence, &is_base));
  EXPECT_EQ(sequence, 12u);
  EXPECT_TRUE(is_base);
  EXPECT_TRUE(names.IsNumbered("appendonly.aof.3.incr.aof", &sequence, &is_base));
  EXPECT_FALSE(is_base);
  for (const char* other : {"appendonly.aof", "appendonly.aof.manifest", "appendonly.aof.x.incr.aof",
                            "appendonly.aof.0.incr.aof", "appendonly.aof.1.incr.aof.77.cut", "other.1.base.aof",
                            "appendonly.aof.base.aof", "appendonly.aof.1.base.rdb"}) {
    EXPECT_FALSE(names.IsNumbered(other, &sequence, &is_base)) << other;
  }
}

TEST(Manifest, ASwapThatIsInterruptedLeavesTheOldOneOrTheNewOne) {
  const LogFileNames names{"dir", "a"};
  for (uint64_t call = 1;; ++call) {
    SimFileSystem disk(call);
    Manifest before, after;
    before.segments = {{"a.1.incr.aof", 1}};
    after.segments = {{"a.1.incr.aof", 1}, {"a.2.incr.aof", 2}};
    disk.SetContent("dir/a.manifest", before.Format());
    const uint64_t first = disk.calls();
    disk.PowerOffAtCall(first + call);
    bool in_force = false;
    const Status status = SwapManifest(disk, names, after, &in_force);
    const bool off = disk.powered_off();
    disk.Crash();
    const std::string left = disk.Content("dir/a.manifest").value_or("");
    if (status.ok()) {
      EXPECT_EQ(left, after.Format());
    } else {
      EXPECT_TRUE(left == before.Format() || left == after.Format()) << left;
      EXPECT_TRUE(in_force || left == before.Format());
    }
    if (!off) break;
  }
}

}  // namespace
}  // namespace baton
