#include "log/filler.h"

#include <algorithm>
#include <string>

namespace baton {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

}  // namespace

Status AppendFiller(AppendFile& file, uint64_t bytes, const std::function<bool()>& cancelled) {
  std::string piece(std::min(bytes, kPieceBytes), kFiller);
  while (bytes > 0) {
    if (cancelled()) return Status::Error("cancelled");
    const size_t count = std::min<uint64_t>(piece.size(), bytes);
    if (count == bytes) piece[count - 1] = '\n';
    size_t written = 0;
    if (Status status = file.Append(std::string_view(piece).substr(0, count), &written); !status.ok()) return status;
    if (Status status = file.Sync(); !status.ok()) return status;
    bytes -= count;
  }
  return Status::Ok();
}

size_t FillerPrefix(std::string_view bytes, bool to_end_of_file) {
  const size_t run = std::min(bytes.find_first_not_of(kFiller), bytes.size());
  return to_end_of_file && run + 1 == bytes.size() && bytes[run] == '\n' ? run + 1 : run;
}

}  // namespace baton
