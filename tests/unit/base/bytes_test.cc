#include "base/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace baton {
namespace {

TEST(Bytes, CopiesEveryLengthAndNothingBeside) {
  std::string from;
  for (int i = 0; i < 200; ++i) from += static_cast<char>('A' + i % 50);
  for (size_t bytes = 0; bytes <= from.size(); ++bytes) {
    std::string to(bytes + 2, '.');
    // Of its own size, so that a sanitizer sees a byte too many.
    const std::string exact = from.substr(0, bytes);
    CopyBytes(to.data() + 1, exact);
    EXPECT_EQ(to, "." + exact + ".");
  }
}

TEST(Bytes, NothingIsCopiedFromNowhere) { CopyBytes(nullptr, std::string_view()); }

TEST(Bytes, SameIsWhatHasTheSameLengthAndEveryByte) {
  for (size_t bytes = 0; bytes <= 70; ++bytes) {
    const std::string a(bytes, 'x');
    EXPECT_TRUE(SameBytes(a, std::string(bytes, 'x')));
    EXPECT_FALSE(SameBytes(a, std::string(bytes + 1, 'x')));
    for (size_t at = 0; at < bytes; ++at) {
      std::string b = a;
      b[at] = 'y';
      EXPECT_FALSE(SameBytes(a, b)) << at << " of " << bytes;
    }
  }
}

}  // namespace
}  // namespace baton
