#include "commands/command_keys.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using Positions = std::vector<int>;
using Argv = std::vector<std::string_view>;

TEST(FindKeys, FollowsFirstLastAndStep) {
  CommandRow one = {.name = "get", .first_key = 1, .last_key = 1, .key_step = 1};
  EXPECT_EQ(FindKeys(one, Argv{"get", "k"}), (Positions{1}));
  CommandRow all = {.name = "del", .first_key = 1, .last_key = -1, .key_step = 1};
  EXPECT_EQ(FindKeys(all, Argv{"del", "a", "b", "c"}), (Positions{1, 2, 3}));
  CommandRow but_last = {.name = "blpop", .first_key = 1, .last_key = -2, .key_step = 1};
  EXPECT_EQ(FindKeys(but_last, Argv{"blpop", "a", "b", "0"}), (Positions{1, 2}));
  CommandRow pairs = {.name = "mset", .first_key = 1, .last_key = -1, .key_step = 2};
  EXPECT_EQ(FindKeys(pairs, Argv{"mset", "a", "1", "b", "2"}), (Positions{1, 3}));
  EXPECT_EQ(FindKeys(pairs, Argv{"mset", "a", "1", "b"}), (Positions{1, 3}));  // as redis-server has it
}

TEST(FindKeys, StaysInsideTheRequest) {
  CommandRow two = {.name = "copy", .first_key = 1, .last_key = 2, .key_step = 1};
  EXPECT_EQ(FindKeys(two, Argv{"copy", "a"}), (Positions{1}));
  EXPECT_EQ(FindKeys(two, Argv{"copy"}), Positions());
}

int TwoFromTheMiddle(std::span<const std::string_view>, int* positions, int max) {
  if (max < 4) return -1;
  positions[0] = 2;
  positions[1] = 3;
  return 2;
}

TEST(FindKeys, AsksTheRowsOwnFinder) {
  CommandRow row = {.name = "x", .find_keys = TwoFromTheMiddle};
  EXPECT_EQ(FindKeys(row, Argv{"x", "2", "a", "b"}), (Positions{2, 3}));
  EXPECT_EQ(FindKeys(row, Argv{"x", "2"}), Positions());
}

TEST(KeySpecs, AreOnePerNamedKeyAndOneForARun) {
  auto run =
      KeySpecs({.name = "blpop", .first_key = 1, .last_key = -2, .key_step = 1, .syntax = "key [key ...] timeout"});
  ASSERT_EQ(run.size(), 1u);
  EXPECT_EQ(run[0].begin_index, 1);
  EXPECT_EQ(run[0].last_key, -2);

  auto pairs =
      KeySpecs({.name = "mset", .first_key = 1, .last_key = -1, .key_step = 2, .syntax = "key value [key value ...]"});
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].key_step, 2);

  auto two = KeySpecs({.name = "lmove", .first_key = 1, .last_key = 2, .key_step = 1, .syntax = "source destination"});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[1].begin_index, 2);
  EXPECT_EQ(two[1].last_key, 0);

  auto counted = KeySpecs({.name = "blmpop", .syntax = "timeout numkeys key [key ...]", .find_keys = TwoFromTheMiddle});
  ASSERT_EQ(counted.size(), 1u);
  EXPECT_TRUE(counted[0].counted);
  EXPECT_EQ(counted[0].begin_index, 2);

  EXPECT_TRUE(KeySpecs({.name = "ping", .syntax = "[message]"}).empty());
}

}  // namespace
}  // namespace baton
