// No client was ever told anything that recovery does not bear out. BATON_CRASHES=N simulates N crashes over fresh
// seeds (make torture); BATON_SEED=S starts at seed S, BATON_CAMPAIGNS=N ends after N seeds of each kind.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "crash/campaign.h"

namespace baton {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Fresh seeds each time, so that campaigns add up.
uint64_t FirstSeed() {
  static const uint64_t seed = FromEnvironment(
      "BATON_SEED", static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) >> 10);
  return seed;
}

// What all campaigns did together is said at the end.
class Total : public testing::Environment {
 public:
  static Total& Get() {
    static Total* const total = new Total;  // GoogleTest deletes it
    return *total;
  }
  void Add(uint64_t campaigns, const Tally& tally) {
    campaigns_ += campaigns;
    tally_.Add(tally);
  }
  void TearDown() override {
    if (campaigns_ == 0) return;
    std::printf("in all: %llu campaigns, %s\n", static_cast<unsigned long long>(campaigns_), tally_.Print().c_str());
  }

 private:
  uint64_t campaigns_ = 0;
  Tally tally_;
};
testing::Environment* const kTotal = testing::AddGlobalTestEnvironment(&Total::Get());

// A CHECK that fails, or worse, ends the process: then, too, the seed must be known.
std::atomic<uint64_t> running_seed{0};
void SayWhichSeed() {
  std::fprintf(stderr, "it ended in the campaign of BATON_SEED=%llu BATON_CAMPAIGNS=1\n",
               static_cast<unsigned long long>(running_seed.load()));
}
#ifdef __SANITIZE_ADDRESS__
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif
void SayWhichSeedAtDeath() {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_set_death_callback(SayWhichSeed);
#endif
  for (int signal : {SIGABRT, SIGFPE, SIGILL}) {
    std::signal(signal, [](int number) {
      SayWhichSeed();
      std::signal(number, SIG_DFL);
      std::raise(number);
    });
  }
}

// `share`: how many percent of all crashes are of this kind.
void RunAll(Campaign campaign, uint64_t share) {
  const uint64_t crashes = FromEnvironment("BATON_CRASHES", 20'000) * share / 100;
  const uint64_t campaigns_max = FromEnvironment("BATON_CAMPAIGNS", UINT64_MAX);
  Tally tally;
  uint64_t count = 0;
  std::string wrong;
  std::printf("from seed %llu on\n", static_cast<unsigned long long>(FirstSeed()));
  std::fflush(stdout);
  SayWhichSeedAtDeath();
  for (; wrong.empty() && tally.total() < std::max<uint64_t>(crashes, 1) && count < campaigns_max; ++count) {
    running_seed = campaign.seed = FirstSeed() + count;
    wrong = campaign.Run(tally);
  }
  std::printf("%llu campaigns, %s\n", static_cast<unsigned long long>(count), tally.Print().c_str());
  Total::Get().Add(count, tally);
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  ASSERT_EQ(wrong, "") << "to see it again: BATON_SEED=" << campaign.seed
                       << " BATON_CAMPAIGNS=1 crash_tests --gtest_filter=" << test.test_suite_name() << "."
                       << test.name();
}

TEST(Told, UnderAlwaysIsTrueAfterACrash) { RunAll({}, 14); }
TEST(Told, UnderAlwaysIsTrueAfterACrashOfLargeLists) { RunAll({.steps = 200, .large_values = true}, 4); }
TEST(Told, UnderAlwaysIsTrueAfterACrashWithoutRewrites) { RunAll({.steps = 300, .rewrites = false}, 8); }
TEST(Told, UnderAlwaysIsTrueAfterACrashOfADiskThatFailed) { RunAll({.steps = 200, .faults = true}, 20); }
TEST(Told, UnderEverySecondIsTrueAfterAKillAndButForTwoSecondsAfterAPowerCut) {
  RunAll({.policy = "everysec", .promise = "everysec", .steps = 250}, 10);
}
TEST(Told, UnderEverySecondIsTrueButForTwoSecondsAfterACrashOfADiskThatFailed) {
  RunAll({.policy = "everysec", .promise = "everysec", .steps = 250, .faults = true}, 10);
}
TEST(Told, UnderNoIsTrueAfterAKill) { RunAll({.policy = "no", .promise = "no"}, 6); }
TEST(Told, UnderNoIsTrueAfterAKillOnADiskThatFailed) { RunAll({.policy = "no", .promise = "no", .faults = true}, 4); }

TEST(Told, OfQueuesUnderAlwaysIsTrueAfterACrash) { RunAll({.steps = 200, .queues = true}, 10); }
TEST(Told, OfQueuesUnderAlwaysIsTrueAfterACrashOfADiskThatFailed) {
  RunAll({.steps = 250, .faults = true, .queues = true}, 8);
}
TEST(Told, OfQueuesUnderEverySecondIsTrueAfterAKillAndButForTwoSecondsAfterAPowerCut) {
  RunAll({.policy = "everysec", .promise = "everysec", .steps = 250, .queues = true}, 6);
}
TEST(Told, OfQueuesUnderNoIsTrueAfterAKillOnADiskThatFailed) {
  RunAll({.policy = "no", .promise = "no", .faults = true, .queues = true}, 4);
}

}  // namespace
}  // namespace baton
