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
  std::string piece(kPieceBytes, '\0'), group_piece(kPieceBytes, '\0');
  uint64_t checked_bytes = 0;
  const uint64_t checked_bytes_max = kCheckedBytesMin + 4 * file.size();
  bool line_start = true;  // where the bad group starts, a line does
  for (uint64_t first = offset; first < file.size();) {
    auto n = file.ReadAt(first, piece.data(), piece.size());
    if (!n.ok()) return n.status();
    if (*n == 0) break;
    const std::string_view bytes(piece.data(), *n);
    const bool last = first + bytes.size() >= file.size();
    // A line that begins further back may not be here whole; the next piece starts with it.
    const size_t until = last ? bytes.size() : bytes.size() - kGroupLineBytesMax;
    size_t at = 0;
    while (at < until) {
      GroupLine line;
      size_t line_bytes = 0;
      if (line_start && bytes[at] == '#') line_bytes = ParseGroupLine(bytes.substr(at, kGroupLineBytesMax), &line);
      if (line_bytes != 0 && line.synced >= position && line.length <= first + at - offset) {
        checked_bytes += line.length;
        if (checked_bytes > checked_bytes_max) {
          return Status::Error("too many lines behind the bad group only look like the end of one");
        }
        auto good = IsGroup(file, seed, line, first + at, bytes.substr(at, line_bytes), group_piece);
        if (!good.ok()) return good.status();
        if (*good) return line.position;
      }
      const size_t newline = bytes.find('\n', at);
      line_start = newline < until;
      at = line_start ? newline + 1 : until;
    }
    // A line that starts exactly behind this piece.
    line_start = at > 0 && bytes[at - 1] == '\n';
    first += at;
  }
  return uint64_t{0};
}

}  // namespace baton
