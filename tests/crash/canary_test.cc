// Servers that forget something: each of them must be caught breaking a promise, or the campaigns prove nothing.

#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

#include "crash/campaign.h"

namespace baton {
namespace {

constexpr uint64_t kCampaignsMax = 400;

bool IsCaught(Campaign campaign) {
  Tally tally;
  for (campaign.seed = 1; campaign.seed <= kCampaignsMax; ++campaign.seed) {
    const std::string wrong = campaign.Run(tally);
    if (wrong.empty()) continue;
    std::printf("caught after %llu crashes: %s\n", static_cast<unsigned long long>(tally.total()),
                wrong.substr(0, wrong.find('\n')).substr(0, 250).c_str());
    return true;
  }
  return false;
}

bool IsSegment(const std::string& path) { return path.ends_with(".incr.aof"); }
bool IsBase(const std::string& path) { return path.ends_with(".base.aof"); }
bool IsManifest(const std::string& path) { return path.ends_with(".manifest"); }

TEST(Canary, ASyncThatIsNeverDoneIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [](std::string_view kind, const std::string&) { return kind == "sync"; }}));
}

TEST(Canary, ASyncThatIsLeftOutNowAndThenIsCaught) {
  EXPECT_TRUE(
      IsCaught({.rewrites = false, .leave_out = [count = 0](std::string_view kind, const std::string& path) mutable {
                  return kind == "sync" && IsSegment(path) && ++count % 8 == 0;
                }}));
}

TEST(Canary, AReplyBeforeItsSyncIsCaught) {
  EXPECT_TRUE(IsCaught({.policy = "everysec", .promise = "always"}));
  EXPECT_TRUE(IsCaught({.policy = "no", .promise = "everysec", .steps = 400}));
}

TEST(Canary, AFailedSyncThatIsTriedAgainIsCaught) { EXPECT_TRUE(IsCaught({.faults = true, .retries_syncs = true})); }

// --- the order of a rotation and of a rewrite

TEST(Canary, AManifestThatNamesABaseBeforeItsSyncIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [](std::string_view kind, const std::string& path) {
    return kind == "sync" && IsBase(path) && !path.ends_with(".1.base.aof");  // the first one is another story
  }}));
}

TEST(Canary, AManifestThatNamesASegmentBeforeItsSyncIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [opened = std::string()](std::string_view kind, const std::string& path) mutable {
    if (kind == "open") opened = path;
    return kind == "sync" && IsSegment(path) && std::exchange(opened, "") == path;
  }}));
}

TEST(Canary, ARotationWithoutASyncOfTheSegmentBeforeIsCaught) {
  // While a newer segment is there, the older one is not synced any more.
  EXPECT_TRUE(IsCaught({.leave_out = [newest = std::string()](std::string_view kind, const std::string& path) mutable {
    if (!IsSegment(path)) return false;
    if (kind == "open") newest = path;
    return kind == "sync" && path != newest;
  }}));
}

TEST(Canary, AManifestThatIsRenamedBeforeItsSyncIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [count = 0](std::string_view kind, const std::string& path) mutable {
    return kind == "sync" && IsManifest(path) && ++count > 1;
  }}));
}

// --- directory syncs

TEST(Canary, DirectorySyncsThatAreLeftOutAreCaught) {
  EXPECT_TRUE(
      IsCaught({.leave_out = [](std::string_view kind, const std::string&) { return kind == "sync directory"; }}));
}

TEST(Canary, ADirectorySyncLeftOutBehindARenameIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [renamed = false](std::string_view kind, const std::string&) mutable {
    if (kind == "rename") renamed = true;
    return kind == "sync directory" && std::exchange(renamed, false);
  }}));
}

TEST(Canary, ADirectorySyncLeftOutBehindACreationIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [created = false](std::string_view kind, const std::string&) mutable {
    if (kind == "open") created = true;
    if (kind == "rename") created = false;
    return kind == "sync directory" && created;
  }}));
}

// --- cuts

TEST(Canary, ACutThatTakesAGoodGroupIsCaught) {
  auto cut_newest_segment = [](SimFileSystem& disk) {
    std::string newest;
    for (const std::string& path : disk.Paths()) {
      if (IsSegment(path) && path > newest) newest = path;
    }
    if (newest.empty()) return;
    const std::string content = *disk.Content(newest);
    if (size_t at = content.rfind("\n*"); at != std::string::npos) disk.SetContent(newest, content.substr(0, at + 1));
  };
  EXPECT_TRUE(IsCaught({.rewrites = false, .after_crash = cut_newest_segment}));
}

TEST(Canary, ATornTailThatIsNotCutIsCaught) {
  EXPECT_TRUE(IsCaught({.leave_out = [](std::string_view kind, const std::string&) { return kind == "truncate"; }}));
}

// --- queues

TEST(Canary, AMessageThatLeavesItsListAndIsPlacedNowhereIsCaught) {
  EXPECT_TRUE(IsCaught({.queues = true, .after_start = [](Server& server) {
                          QueueBook& book = server.queues();
                          for (uint32_t slot = 0; slot < book.messages().slots(); ++slot) {
                            const Message& message = book.messages().at(slot);
                            if (message.id == 0) continue;
                            const QueueNotes leave{{{.kind = NoteKind::kLeave, .message = message}}};
                            const std::string list(book.NameOf(message.list));
                            Mutation mutation =
                                Mutation::ListRemove(book.DbOf(message.list), server.keyspace().Ref(list), -1, "");
                            mutation.notes = &leave;
                            return book.Apply(mutation, {});
                          }
                        }}));
}

TEST(Canary, AnAccountThatMissesAMessageIsCaught) {
  EXPECT_TRUE(IsCaught({.queues = true, .after_start = [](Server& server) {
                          const auto queues = server.queues().DescribeAll(0);
                          if (queues.empty()) return;
                          const KeyRef key = server.keyspace().Ref(queues.front().name);
                          const std::string_view values[] = {"never pushed"};
                          server.queues().Apply(Mutation::Push(queues.front().db, key, Side::kLeft, values), {});
                        }}));
}

}  // namespace
}  // namespace baton
