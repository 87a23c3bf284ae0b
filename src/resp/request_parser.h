#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// Limits that Redis has. Before authentication the tighter pair applies.
struct RequestLimits {
  int64_t bulk_bytes_max = 512LL * 1024 * 1024;  // proto-max-bulk-len
  int64_t multibulk_max = 1024 * 1024 * 1024;    // arguments in one request (INT_MAX/2 in Redis 7.0: ask it)
  int64_t inline_bytes_max = 64 * 1024;
  bool authenticated = true;  // false: at most 10 arguments of 16,384 bytes each
};

// Finds requests (RESP arrays of bulk strings, or inline commands) in a buffer that grows at its end. The parser
// owns no bytes: arguments are views into the caller's buffer, valid until the caller moves or drops those bytes.
// It keeps its place between calls, so that a request cut at any byte costs no re-reading (offsets, not pointers,
// are kept: the buffer may move between calls).
//
//   for (;;) switch (parser.Next(buffer.view(), limits)) {
//     case kRequest:  use parser.argv(); buffer.Consume(parser.consumed()); continue;   // argv may be empty: skip it
//     case kNeedMore: read at least parser.bytes_wanted() more bytes; return;
//     case kError:    reply "-" + parser.error() and close; return;
//   }
class RequestParser {
 public:
  enum class Outcome : uint8_t { kRequest, kNeedMore, kError };

  // `bytes` starts at the first byte of the request under way. After kRequest the caller must drop consumed()
  // bytes before the next call. After kError only destruction is left.
  Outcome Next(std::string_view bytes, const RequestLimits& limits);

  const std::vector<std::string_view>& argv() const { return argv_; }
  size_t consumed() const { return consumed_; }
  // "ERR Protocol error: ..." in Redis's words.
  const std::string& error() const { return error_; }
  // After kNeedMore: how many bytes beyond those seen are certainly still to come (at least 1), so that the
  // caller can make room once for a huge bulk string and have it read in place.
  size_t bytes_wanted() const { return bytes_wanted_; }
};

}  // namespace baton
