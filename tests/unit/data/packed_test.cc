#include "data/packed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/size_class.h"

namespace baton {
namespace {

TEST(PackedTest, TakesTwoBytesUnder128AndFourUnder16384) {
  EXPECT_EQ(PackedBytes(0), 2u);
  EXPECT_EQ(PackedBytes(127), 129u);
  EXPECT_EQ(PackedBytes(128), 132u);
  EXPECT_EQ(PackedBytes(16383), 16387u);
  EXPECT_EQ(PackedBytes(16384), 16390u);
  EXPECT_EQ(PackedBytes(2097152), 2097160u);
}

TEST(PackedTest, WalksBothWaysOverEveryWidthOfLength) {
  const std::vector<size_t> sizes = {0, 1, 127, 128, 129, 255, 16383, 16384, 16385, 2097151, 2097152, 3, 0, 0};
  std::string packed;
  std::vector<std::string> elements;
  for (size_t size : sizes) {
    elements.emplace_back(size, static_cast<char>('a' + elements.size()));
    const size_t before = packed.size();
    packed.resize(before + PackedBytes(size));
    PackElement(packed.data() + before, elements.back());
  }
  const char* at = packed.data();
  for (const std::string& element : elements) {
    ASSERT_EQ(ElementAt(at), element);
    EXPECT_EQ(PackedBegin(ElementAt(at)), at);
    at = PackedEnd(ElementAt(at));
  }
  EXPECT_EQ(at, packed.data() + packed.size());
  for (auto it = elements.rbegin(); it != elements.rend(); ++it) {
    ASSERT_EQ(ElementBefore(at), *it);
    at = PackedBegin(ElementBefore(at));
  }
  EXPECT_EQ(at, packed.data());
  for (uint32_t i = 0; i < elements.size(); ++i) {
    EXPECT_EQ(ElementOf(packed.data(), packed.data() + packed.size(), static_cast<uint32_t>(elements.size()), i),
              elements[i]);
  }
}

TEST(SizeClassTest, EveryClassIsItsOwnRoundingAndHasItsOwnIndex) {
  size_t classes = 0;
  for (size_t bytes = 16; bytes < (size_t{1} << 33); bytes = RoundToClass(bytes + 1)) {
    EXPECT_EQ(RoundToClass(bytes), bytes);
    EXPECT_EQ(ClassIndex(bytes), ++classes);
    EXPECT_EQ(ClassBytes(ClassIndex(bytes)), bytes);
  }
  EXPECT_LT(classes, 256u);
}

}  // namespace
}  // namespace baton
