#include "log/group.h"

#include <gtest/gtest.h>

#include <string>

namespace baton {
namespace {

TEST(FileHeader, IsReadBack) {
  const FileHeader header{FileKind::kBase, 1234567, 0xdeadbeef, 0x0123456789abcdef};
  const std::string text = FormatFileHeader(header);
  EXPECT_TRUE(text.starts_with("#B 1 base 1234567 deadbeef 0123456789abcdef ")) << text;
  FileHeader read;
  ASSERT_EQ(ParseFileHeader(text + "*1\r\n", &read), text.size());
  EXPECT_EQ(read.kind, FileKind::kBase);
  EXPECT_EQ(read.position, 1234567u);
  EXPECT_EQ(read.before, 0xdeadbeefu);
  EXPECT_EQ(read.salt, 0x0123456789abcdefu);
  const FileHeader largest{FileKind::kIncr, UINT64_MAX, UINT32_MAX, UINT64_MAX};
  EXPECT_EQ(ParseFileHeader(FormatFileHeader(largest), &read), FormatFileHeader(largest).size());
  const FileHeader first{FileKind::kFirst, UINT64_MAX, 1, 2};
  ASSERT_GT(ParseFileHeader(FormatFileHeader(first), &read), 0u);
  EXPECT_EQ(read.kind, FileKind::kFirst);
  EXPECT_LE(FormatFileHeader(first).size(), kFileHeaderBytesMax);
}

TEST(FileHeader, EveryChangedByteAndEveryMissingOneIsNoticed) {
  const std::string text = FormatFileHeader({FileKind::kIncr, 42, 0xabcdef01, 0x1122334455667788});
  FileHeader read;
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(ParseFileHeader(text.substr(0, i), &read), 0u) << i;
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_EQ(ParseFileHeader(flipped, &read), 0u) << flipped;
    }
  }
}

std::string WithLine(const std::string& records, uint32_t seed, GroupLine line) {
  std::string bytes = records + std::string(kGroupLineBytesMax, '?');
  char* end =
      EncodeGroupLine(std::string_view(bytes).substr(0, records.size()), seed, &line, bytes.data() + records.size());
  bytes.resize(static_cast<size_t>(end - bytes.data()));
  return bytes;
}

bool Holds(const std::string& bytes, size_t records_bytes, uint32_t seed) {
  GroupLine line;
  const std::string_view text = std::string_view(bytes).substr(records_bytes);
  if (ParseGroupLine(text, &line) != text.size()) return false;
  return GroupCheckHolds(std::string_view(bytes).substr(0, records_bytes), text, seed, line);
}

TEST(GroupLine, IsReadBack) {
  const uint32_t seed = GroupSeed(5);
  GroupLine line;
  line.position = UINT64_MAX;
  line.before = 7;
  line.synced = UINT64_MAX - 1;
  line.policy = 'n';
  const std::string bytes = WithLine("*1\r\n$8\r\nFLUSHALL\r\n", seed, line);
  EXPECT_TRUE(Holds(bytes, 18, seed));
  EXPECT_LE(bytes.size() - 18, kGroupLineBytesMax);
  GroupLine read;
  ASSERT_GT(ParseGroupLine(std::string_view(bytes).substr(18), &read), 0u);
  EXPECT_EQ(read.length, 18u);
  EXPECT_EQ(read.position, UINT64_MAX);
  EXPECT_EQ(read.before, 7u);
  EXPECT_EQ(read.synced, UINT64_MAX - 1);
  EXPECT_EQ(read.policy, 'n');
}

TEST(GroupLine, EveryChangedBitOfRecordsAndLineIsNoticed) {
  const uint32_t seed = GroupSeed(0x123456789abcdef0);
  const std::string records = "*3\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n$1\r\nv\r\n";
  GroupLine line;
  line.position = 1002;
  line.before = 0x0a0b0c0d;
  line.synced = 1001;
  const std::string bytes = WithLine(records, seed, line);
  ASSERT_TRUE(Holds(bytes, records.size(), seed));
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_FALSE(Holds(flipped, records.size(), seed)) << i;
    }
  }
}

TEST(GroupLine, OfAFileWithAnotherSaltDoesNotHold) {
  const std::string bytes = WithLine("", GroupSeed(1), GroupLine{0, 3, 4, 2, 'a', 0});
  EXPECT_TRUE(Holds(bytes, 0, GroupSeed(1)));
  EXPECT_FALSE(Holds(bytes, 0, GroupSeed(2)));
}

TEST(GroupLine, HasOneFormOnly) {
  GroupLine line;
  EXPECT_GT(ParseGroupLine("#C 0 1 00000000 0 a 01234567\r\n", &line), 0u);
  for (const char* other : {
           "#C 00 1 00000000 0 a 01234567\r\n",
           "#C 0 1 0000000A 0 a 01234567\r\n",
           "#C 0  1 00000000 0 a 01234567\r\n",
           "#C 0 1 00000000 0 a 01234567\n",
           "#C 0 1 00000000 0 x 01234567\r\n",
           "#C 0 +1 00000000 0 a 01234567\r\n",
           "#C 0 99999999999999999999 00000000 0 a 01234567\r\n",
           "#c 0 1 00000000 0 a 01234567\r\n",
           "#C 0 1 00000000 0 a 0123456\r\n",
       }) {
    EXPECT_EQ(ParseGroupLine(other, &line), 0u) << other;
  }
}

}  // namespace
}  // namespace baton
