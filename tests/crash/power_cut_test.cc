// No client was ever told anything that recovery does not bear out. BATON_CAMPAIGNS=N runs N seeds of each (make torture),
// BATON_SEED=S starts at seed S.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "crash/campaign.h"

namespace baton {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Fresh seeds each time, so that campaigns add up; the seed is printed.
uint64_t FirstSeed() {
  static const uint64_t seed = FromEnvironment(
      "BATON_SEED", static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) >> 10);
  return seed;
}

void RunAll(Campaign campaign) {
  uint64_t count = FromEnvironment("BATON_CAMPAIGNS", 300);
  std::printf("%llu campaigns from seed %llu (BATON_SEED repeats them)\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(FirstSeed()));
  for (uint64_t i = 0; i < count; ++i) {
    campaign.seed = FirstSeed() + i;
    std::string wrong = campaign.Run();
    ASSERT_EQ(wrong, "");
  }
}

TEST(PowerCut, WhatWasToldUnderAlwaysIsBorneOut) { RunAll({}); }
TEST(PowerCut, WhatWasToldUnderAlwaysIsBorneOutWithoutRewrites) { RunAll({.steps = 300, .rewrites = false}); }
TEST(PowerCut, WhatWasToldTwoSecondsAgoUnderEverySecondIsBorneOut) {
  RunAll({.policy = "everysec", .promise = "everysec", .steps = 250});
}
TEST(Kill, WhatWasToldUnderEverySecondIsBorneOut) {
  RunAll({.policy = "everysec", .promise = "everysec", .power_cut = false});
}
TEST(Kill, WhatWasToldUnderNoIsBorneOut) { RunAll({.policy = "no", .promise = "no", .power_cut = false}); }

// --- canaries: each lie must be caught, or the tests above prove nothing

bool IsCaught(Campaign campaign) {
  for (campaign.seed = 1; campaign.seed <= 300; ++campaign.seed) {
    if (!campaign.Run().empty()) return true;
  }
  return false;
}

TEST(Canary, ASyncThatDoesNothingIsCaught) { EXPECT_TRUE(IsCaught({.syncs_lie = true})); }

TEST(Canary, AReplyBeforeItsSyncIsCaught) { EXPECT_TRUE(IsCaught({.policy = "everysec", .promise = "always"})); }

TEST(Canary, AWrongCutIsCaught) {
  auto cut_newest_segment = [](SimFileSystem& disk) {
    std::string newest;
    for (const std::string& path : disk.Paths()) {
      if (path.find(".incr.aof") != std::string::npos && path > newest) newest = path;
    }
    if (newest.empty()) return;
    std::string content = *disk.Content(newest);
    if (size_t at = content.rfind("\n*"); at != std::string::npos) disk.SetContent(newest, content.substr(0, at + 1));
  };
  EXPECT_TRUE(IsCaught({.rewrites = false, .after_crash = cut_newest_segment}));
}

TEST(Canary, DirectorySyncsThatAreLeftOutAreCaught) {
  Campaign campaign;
  campaign.directory_syncs_lie = true;
  EXPECT_TRUE(IsCaught(campaign));
}

}  // namespace
}  // namespace baton
