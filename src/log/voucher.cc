#include "log/voucher.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/crc32c.h"
#include "log/group.h"

namespace baton {
namespace {

constexpr size_t kPieceBytes = 1 << 20;
constexpr uint64_t kCheckedBytesMin = uint64_t{4} << 30;

// Whether the bytes before `line_offset`, together with the line, have the check that it says. They need not be at
// hand.
Result<bool> IsGroup(ReadFile& file, uint32_t seed, const GroupLine& line, uint64_t line_offset, std::string_view text,
                     std::string& piece) {
  uint32_t crc = seed;
  for (uint64_t at = line_offset - line.length; at < line_offset;) {
    auto n = file.ReadAt(at, piece.data(), std::min<uint64_t>(piece.size(), line_offset - at));
    if (!n.ok()) return n.status();
    if (*n == 0) return false;
    crc = Crc32c({piece.data(), *n}, crc);
    at += *n;
  }
  return GroupLineCheck(crc, text) == line.check;
}

}  // namespace

Result<uint64_t> FindVoucher(ReadFile& file, uint32_t seed, uint64_t offset, uint64_t position) {
  const size_t piece_bytes = std::min<uint64_t>(kPieceBytes, file.size());
  std::string piece(piece_bytes, '\0'), group_piece;
  uint64_t checked_bytes = 0;
  const uint64_t checked_bytes_max = kCheckedBytesMin + 4 * file.size();
  for (uint64_t first = offset; first < file.size();) {
    auto n = file.ReadAt(first, piece.data(), piece.size());
    if (!n.ok()) return n.status();
    if (*n == 0) break;
    const std::string_view bytes(piece.data(), *n);
    const bool last = first + bytes.size() >= file.size();
    // A line that begins further back may not be here whole; the next piece starts with it.
    const size_t until = last ? bytes.size() : bytes.size() - kGroupLineBytesMax;
    for (size_t at = bytes.find(kGroupLineStart); at < until; at = bytes.find(kGroupLineStart, at + 1)) {
      GroupLine line;
      const size_t line_bytes = ParseGroupLine(bytes.substr(at, kGroupLineBytesMax), &line);
      if (line_bytes == 0 || line.synced < position || line.length > first + at - offset) continue;
      checked_bytes += line.length;
      if (checked_bytes > checked_bytes_max) {
        return Status::Error("too much behind the bad group only looks like the end of one");
      }
      group_piece.resize(piece_bytes);
      auto good = IsGroup(file, seed, line, first + at, bytes.substr(at, line_bytes), group_piece);
      if (!good.ok()) return good.status();
      if (*good) return line.position;
    }
    first += until;
  }
  return uint64_t{0};
}

}  // namespace baton
