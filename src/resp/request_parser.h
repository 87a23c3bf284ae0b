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
  int64_t multibulk_max = INT32_MAX;             // arguments in one request
  int64_t inline_bytes_max = 64 * 1024;          // of an inline command, and of a length line
  bool authenticated = true;                     // false: at most 10 arguments of 16,384 bytes each
};

// Finds requests (RESP arrays of bulk strings, or inline commands) in a buffer that grows at its end. Arguments are
// views into the caller's buffer, valid until the caller moves or drops those bytes; only the words of an inline
// command with quotes are views into the parser, valid until the next call. It keeps its place between calls, so that a
// request cut at any byte costs no re-reading (offsets, not pointers, are kept: the buffer may move between calls).
//
//   for (;;) switch (parser.Next(buffer.view(), limits)) {
//     case kRequest:  use parser.argv(); buffer.Consume(parser.consumed()); continue;   // argv may be empty: skip it
//     case kNeedMore: read at least parser.bytes_wanted() more bytes; return;
//     case kError:    reply.Error(parser.error()), then close; return;
//   }
//
// As in Redis, a length line ends with the first CR and the byte after it is not looked at, nor are the two bytes
// behind a bulk string; a negative or zero number of arguments is an empty request. Lengths that are claimed but not
// sent cost nothing here.
//
//   request = "*" count CR any bulk{count} | words LF
//   bulk    = "$" length CR any byte{length} any any
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
  // caller can make room once for a huge bulk string and have it read in place. It is a client's claim, up to
  // bulk_bytes_max: a wary caller lets its buffer grow as the bytes come.
  size_t bytes_wanted() const { return bytes_wanted_; }
  // What the parser itself holds from the allocator.
  size_t allocated_bytes() const;

 private:
  struct Piece {
    size_t offset, bytes;
  };
  static constexpr int64_t kUnknown = -1;
  static constexpr int64_t kNotANumber = INT64_MAX;

  bool TakeUsual(std::string_view bytes, const RequestLimits& limits);
  Outcome NextMultibulk(std::string_view bytes, const RequestLimits& limits);
  Outcome NextInline(std::string_view bytes, const RequestLimits& limits);
  bool SplitWords(std::string_view line);
  // Reads a line of `type` and a number at position_, and moves position_ behind it. A number that is none is
  // kNotANumber.
  Outcome ReadNumber(std::string_view bytes, const RequestLimits& limits, char type, int64_t* number);
  Outcome NeedMore(std::string_view bytes, size_t bytes_wanted);
  Outcome Finish(std::string_view bytes);
  Outcome Fail(std::string_view what);

  size_t position_ = 0;                 // everything before it is understood
  size_t scanned_ = 0;                  // no end of line before it
  int64_t arguments_left_ = kUnknown;   // kUnknown: the request's first line is not read yet
  int64_t bulk_bytes_ = kUnknown;       // of the bulk string at position_; kUnknown: its length line is next
  std::vector<Piece> earlier_;          // arguments found in earlier calls
  std::vector<std::string_view> argv_;  // arguments found in this call; all of them after kRequest
  std::string words_;                   // unquoted words of an inline command
  std::string error_;
  size_t consumed_ = 0;
  size_t bytes_wanted_ = 1;
};

}  // namespace baton
