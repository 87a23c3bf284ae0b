// The simulated disk itself: that it loses what real disks lose, and nothing else.

#include "doubles/sim_file_system.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace baton {
namespace {

constexpr uint64_t kSeeds = 60;

std::unique_ptr<AppendFile> Create(SimFileSystem& disk, const std::string& path) {
  auto file = disk.OpenAppend(path, FileSystem::OpenMode::kCreateOrTruncate);
  EXPECT_TRUE(file.ok());
  return std::move(*file);
}
void Append(AppendFile& file, const std::string& bytes) {
  size_t written = 0;
  ASSERT_TRUE(file.Append(bytes, &written).ok());
  ASSERT_EQ(written, bytes.size());
}

TEST(SimFileSystem, KeepsWhatWasSyncedAndLosesOfTheRestInManyWays) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    auto file = Create(disk, "a");
    Append(*file, "safe");
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(disk.SyncDirectory(".").ok());
    Append(*file, std::string(1200, 'x'));
    disk.Crash();
    ASSERT_TRUE(disk.Content("a").has_value());
    ASSERT_TRUE(disk.Content("a")->starts_with("safe"));
    seen.insert(*disk.Content("a"));
  }
  EXPECT_GT(seen.size(), 10u);
  EXPECT_TRUE(seen.contains("safe"));
  EXPECT_TRUE(seen.contains("safe" + std::string(1200, 'x')));
}

TEST(SimFileSystem, KeepsEverythingWrittenWhenOnlyTheProcessDies) {
  SimFileSystem disk(1);
  auto file = Create(disk, "a");
  Append(*file, "written");
  disk.Kill();
  EXPECT_EQ(disk.Content("a"), "written");
  size_t written = 0;
  EXPECT_FALSE(file->Append("by a dead process", &written).ok());
  EXPECT_EQ(disk.Content("a"), "written");
}

TEST(SimFileSystem, ForgetsARenameWithoutItsDirectorySyncOrKeepsItButNeverHalf) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    disk.SetContent("to", "old");
    Append(*Create(disk, "from"), "");
    ASSERT_TRUE(disk.SyncDirectory(".").ok());
    disk.SetContent("from", "new");
    ASSERT_TRUE(disk.Rename("from", "to").ok());
    disk.Crash();
    seen.insert(*disk.Content("to") + (disk.Content("from") ? " and from" : ""));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"new", "old and from"}));
}

// The pages of a failed sync: clean in memory, not on the disk.
class FailedSyncOnDisk : public testing::Test {
 protected:
  void Prepare(SimFileSystem& disk) {
    file = Create(disk, "a");
    ASSERT_TRUE(disk.SyncDirectory(".").ok());
    Append(*file, content);
    disk.FailKind("sync", SimFileSystem::Fault::kIo);
    ASSERT_FALSE(file->Sync().ok());
    disk.Heal();
  }
  const std::string content = std::string(4096, 'x');
  std::unique_ptr<AppendFile> file;
};

TEST_F(FailedSyncOnDisk, ItsPagesAreReadFromMemoryAndALaterSyncPassesThemOver) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    Prepare(disk);
    ASSERT_EQ(disk.Content("a"), content);
    ASSERT_TRUE(file->Sync().ok());
    disk.Crash();
    lost += disk.Content("a") != content;
  }
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, static_cast<int>(kSeeds));
}

TEST_F(FailedSyncOnDisk, WhatIsWrittenAgainIsSyncedAgain) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    Prepare(disk);
    size_t written = 0;
    ASSERT_TRUE(file->WriteOver(0, content, &written).ok());
    ASSERT_TRUE(file->Sync().ok());
    EXPECT_FALSE(disk.has_dropped_pages());
    disk.Crash();
    ASSERT_EQ(disk.Content("a"), content) << "seed " << seed;
  }
}

TEST_F(FailedSyncOnDisk, TheNextProcessMaySeeItsPagesOrNot) {
  std::set<bool> seen;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    Prepare(disk);
    if (!disk.has_dropped_pages()) continue;
    disk.Kill();
    seen.insert(*disk.Content("a") == content);
  }
  EXPECT_EQ(seen, (std::set<bool>{false, true}));
}

// Of what was written over, each block is the old one or the new one after a power cut; what was synced is the new one.
TEST(SimFileSystem, OfBlocksWrittenOverThePowerCutLeavesOldAndNew) {
  constexpr size_t kBlock = 512, kBlocks = 8;
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SimFileSystem disk(seed);
    disk.SetContent("a", std::string(kBlocks * kBlock, 'a'));
    auto opened = disk.OpenAppend("a", FileSystem::OpenMode::kAppendExisting);
    ASSERT_TRUE(opened.ok());
    auto& file = *opened;
    size_t written = 0;
    ASSERT_TRUE(file->WriteOver(0, std::string(kBlock, 'b'), &written).ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(file->WriteOver(kBlock, std::string(2 * kBlock + 100, 'c'), &written).ok());
    ASSERT_TRUE(file->WriteOver(3 * kBlock + 100, std::string(kBlock, 'd'), &written).ok());
    ASSERT_EQ(written, kBlock);
    disk.Crash();
    const std::string content = *disk.Content("a");
    ASSERT_EQ(content.size(), kBlocks * kBlock);
    ASSERT_EQ(content.substr(0, kBlock), std::string(kBlock, 'b')) << "seed " << seed;
    std::string blocks;
    for (size_t begin = 0; begin < content.size(); begin += kBlock) {
      const std::string block = content.substr(begin, kBlock);
      const std::string mixed[] = {std::string(100, 'c') + std::string(412, 'd'), std::string(100, 'c') + std::string(412, 'a'),
                                   std::string(100, 'd') + std::string(412, 'a')};
      const auto found = std::find(std::begin(mixed), std::end(mixed), block);
      if (found == std::end(mixed)) {
        ASSERT_EQ(block, std::string(kBlock, block[0])) << "seed " << seed;
      }
      blocks += found == std::end(mixed) ? block[0] : "123"[found - std::begin(mixed)];
    }
    seen.insert(blocks);
  }
  EXPECT_TRUE(seen.contains("baaaaaaa"));
  EXPECT_TRUE(seen.contains("bcc13aaa"));
  EXPECT_TRUE(seen.contains("bcaaaaaa"));  // from the front
  EXPECT_TRUE(seen.contains("baa13aaa"));  // out of order
  EXPECT_TRUE(seen.contains("bcc23aaa"));  // the one that was written twice, as it was in between
}

TEST(SimFileSystem, AForkGoesOnAloneFromWhereItWasMade) {
  SimFileSystem disk(1);
  auto file = Create(disk, "a");
  Append(*file, "safe");
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(disk.SyncDirectory(".").ok());
  Append(*file, "more");
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    auto fork = disk.Fork(seed);
    EXPECT_EQ(fork->UnsyncedBytes("a"), 4u);
    fork->Crash();
    ASSERT_TRUE(fork->Content("a")->starts_with("safe"));
  }
  EXPECT_EQ(disk.Content("a"), "safemore");
}

}  // namespace
}  // namespace baton
