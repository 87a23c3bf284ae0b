#include "resp/output_buffer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/random.h"

namespace baton {
namespace {

std::string Unread(const OutputBuffer& buffer, uint64_t limit_offset = UINT64_MAX) {
  std::string_view runs[1024];
  size_t count = buffer.Gather(limit_offset, runs, 1024);
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += runs[i];
  return bytes;
}

TEST(OutputBuffer, HoldsNothingUntilItIsUsed) {
  OutputBuffer buffer;
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.allocated_bytes(), 0u);
  EXPECT_TRUE(buffer.Front(UINT64_MAX).empty());
  buffer.Append("");
  EXPECT_EQ(buffer.allocated_bytes(), 0u);
}

TEST(OutputBuffer, GivesBackWhatWasAppendedInOrder) {
  OutputBuffer buffer;
  buffer.Append("hello ");
  char* room = buffer.Reserve(100);
  std::memcpy(room, "world", 5);
  buffer.Commit(5);
  EXPECT_EQ(buffer.Front(UINT64_MAX), "hello world");
  buffer.Consume(3);
  EXPECT_EQ(buffer.begin_offset(), 3u);
  EXPECT_EQ(buffer.end_offset(), 11u);
  EXPECT_EQ(buffer.size(), 8u);
  EXPECT_EQ(buffer.Front(UINT64_MAX), "lo world");
}

TEST(OutputBuffer, ShowsNothingBeyondTheLimit) {
  OutputBuffer buffer;
  buffer.Append("0123456789");
  buffer.Consume(2);
  EXPECT_EQ(buffer.Front(5), "234");
  EXPECT_EQ(buffer.Front(2), "");
  EXPECT_EQ(buffer.Front(0), "");
  std::string_view run;
  EXPECT_EQ(buffer.Gather(2, &run, 1), 0u);
}

TEST(OutputBuffer, GathersARunPerBlock) {
  OutputBuffer buffer;
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) bytes += std::to_string(i) + ",";
  for (size_t i = 0; i < bytes.size(); i += 7) buffer.Append(std::string_view(bytes).substr(i, 7));
  std::string_view runs[2];
  ASSERT_EQ(buffer.Gather(UINT64_MAX, runs, 2), 2u);
  EXPECT_EQ(std::string(runs[0]) + std::string(runs[1]), bytes.substr(0, runs[0].size() + runs[1].size()));
  EXPECT_EQ(Unread(buffer), bytes);
  EXPECT_EQ(Unread(buffer, 12'345), bytes.substr(0, 12'345));
}

TEST(OutputBuffer, GivesLargeBytesABlockOfTheirOwnAndFreesItWhenTheyAreGone) {
  OutputBuffer buffer;
  buffer.Append("head");
  std::string large(1'000'000, 'x');
  buffer.Append(large);
  EXPECT_EQ(buffer.block_count(), 2u);
  EXPECT_LT(buffer.allocated_bytes(), large.size() + 4096);
  EXPECT_EQ(Unread(buffer), "head" + large);
  buffer.Consume(buffer.size());
  EXPECT_LE(buffer.allocated_bytes(), OutputBuffer::kSpareBytesMax + OutputBuffer::kBlockBytesMax + 1024);
  buffer.Append("after");
  EXPECT_EQ(Unread(buffer), "after");
}

TEST(OutputBuffer, AllocatesNothingInASteadyState) {
  OutputBuffer buffer;
  auto turn = [&] {
    for (int i = 0; i < 1000; ++i) buffer.Append("$5\r\nhello\r\n");
    while (buffer.size() > 0) buffer.Consume(std::min<size_t>(buffer.size(), 5000));
  };
  for (int i = 0; i < 10; ++i) turn();
  size_t allocated = buffer.allocated_bytes();
  for (int i = 0; i < 100; ++i) turn();
  EXPECT_EQ(buffer.allocated_bytes(), allocated);
  EXPECT_LE(allocated, 64u * 1024);
}

TEST(OutputBuffer, TrimGivesBackEverythingThatIsNotInUse) {
  OutputBuffer buffer;
  buffer.Append(std::string(100'000, 'x'));
  for (int i = 0; i < 10'000; ++i) buffer.Append("0123456789");
  buffer.Consume(buffer.size() - 1);
  buffer.Trim();
  EXPECT_EQ(Unread(buffer), "9");
  EXPECT_LE(buffer.allocated_bytes(), OutputBuffer::kBlockBytesMax + 1024);
  buffer.Consume(1);
  buffer.Trim();
  EXPECT_EQ(buffer.allocated_bytes(), 0u);
  EXPECT_EQ(buffer.block_count(), 0u);
  buffer.Append("again");
  EXPECT_EQ(Unread(buffer), "again");
}

TEST(OutputBuffer, InsertsInTheMiddleOfAFullBlock) {
  OutputBuffer buffer;
  buffer.Append(std::string(OutputBuffer::kBlockBytesMin, 'a'));
  buffer.Insert(10, "HEADER");
  EXPECT_EQ(Unread(buffer), std::string(10, 'a') + "HEADER" + std::string(OutputBuffer::kBlockBytesMin - 10, 'a'));
  buffer.Append("tail");
  buffer.Insert(0, ">");
  EXPECT_EQ(Unread(buffer),
            ">" + std::string(10, 'a') + "HEADER" + std::string(OutputBuffer::kBlockBytesMin - 10, 'a') + "tail");
}

// Every call in any order, against a plain string.
TEST(OutputBuffer, DoesWhatAStringWouldDo) {
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    OutputBuffer buffer;
    std::string all;  // from offset 0
    size_t consumed = 0;
    for (int step = 0; step < 200; ++step) {
      uint64_t scale = random.OneIn(20) ? 40'000 : random.OneIn(4) ? 3000 : 50;
      std::string bytes(random.Below(scale), static_cast<char>('a' + step % 26));
      switch (random.Below(8)) {
        case 0:
        case 1:
          buffer.Append(bytes);
          all += bytes;
          break;
        case 2: {
          char* room = buffer.Reserve(bytes.size() + random.Below(100));
          if (!bytes.empty()) std::memcpy(room, bytes.data(), bytes.size());
          buffer.Commit(bytes.size());
          all += bytes;
          break;
        }
        case 3:
        case 4: {
          size_t count = random.OneIn(3) ? all.size() - consumed : random.Below(all.size() - consumed + 1);
          buffer.Consume(count);
          consumed += count;
          break;
        }
        case 5: {
          size_t offset = consumed + random.Below(all.size() - consumed + 1);
          bytes.resize(bytes.size() % 24);
          buffer.Insert(offset, bytes);
          all.insert(offset, bytes);
          break;
        }
        case 6: {
          size_t offset = consumed + random.Below(all.size() - consumed + 1);
          buffer.TruncateTo(offset);
          all.resize(offset);
          break;
        }
        default:
          buffer.Trim();
      }
      ASSERT_EQ(buffer.begin_offset(), consumed);
      ASSERT_EQ(buffer.end_offset(), all.size());
      uint64_t limit = random.Below(all.size() + 10);
      ASSERT_EQ(Unread(buffer), all.substr(consumed));
      ASSERT_EQ(Unread(buffer, limit), limit <= consumed ? "" : all.substr(consumed, limit - consumed));
      std::string_view front = buffer.Front(limit);
      ASSERT_EQ(front, all.substr(consumed, front.size()));
      ASSERT_EQ(front.empty(), limit <= consumed || consumed == all.size());
    }
  }
}

}  // namespace
}  // namespace baton
