#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace baton {
namespace {

TEST(Crc32c, GivesTheValuesOfRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32c, ContinuesFromASeed) { EXPECT_EQ(Crc32c("6789", Crc32c("12345")), Crc32c("123456789")); }

TEST(Crc32c, IsTheSameWithAndWithoutTheInstruction) {
  Random random(7);
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    const auto seed = static_cast<uint32_t>(random.Next());
    ASSERT_EQ(Crc32c(bytes, seed), Crc32cByTable(bytes, seed)) << length;
    bytes.push_back(static_cast<char>(random.Next()));
  }
  while (bytes.size() < 20'000) bytes.push_back(static_cast<char>(random.Next()));
  // Long ones are looked at in three lanes side by side.
  for (size_t length : {3071, 3072, 3073, 3079, 6143, 6144, 9999, 19'000}) {
    for (size_t from = 0; from < 9; ++from) {
      const std::string_view part = std::string_view(bytes).substr(from, length);
      const auto seed = static_cast<uint32_t>(random.Next());
      ASSERT_EQ(Crc32c(part, seed), Crc32cByTable(part, seed)) << length << " from " << from;
    }
  }
}

}  // namespace
}  // namespace baton
