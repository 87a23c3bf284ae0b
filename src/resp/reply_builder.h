#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/numbers.h"
#include "resp/output_buffer.h"

namespace baton {

// Writes replies in place into an OutputBuffer, in RESP2 or RESP3. Where RESP3 has a type of its own (map, set,
// null, double, boolean, verbatim, push), the RESP2 form that redis-server 7.0 sends is written for protocol 2.
class ReplyBuilder {
 public:
  ReplyBuilder(OutputBuffer& out, int protocol) : out_(out), protocol_(protocol) {}

  int protocol() const { return protocol_; }
  void set_protocol(int protocol) { protocol_ = protocol; }
  uint64_t end_offset() const { return out_.end_offset(); }  // of what has been written

  void Ok() { Raw("+OK\r\n"); }
  void Simple(std::string_view text);  // +text
  void Error(std::string_view text);   // -text; text begins with its code ("ERR ..."); CR and LF become spaces; at the end they go
  // The first error that was written here, for counting failures; empty: none.
  const std::string& first_error() const { return first_error_; }
  void Integer(int64_t value) { Header(':', value); }
  void Bulk(std::string_view bytes);
  class Bulks;
  void BulkInteger(int64_t value);  // $ with decimal digits
  void Null() { Raw(protocol_ >= 3 ? "_\r\n" : "$-1\r\n"); }
  void NullArray() { Raw(protocol_ >= 3 ? "_\r\n" : "*-1\r\n"); }
  void Array(int64_t count) { Header('*', count); }
  void Map(int64_t pairs) { protocol_ >= 3 ? Header('%', pairs) : Header('*', 2 * pairs); }
  void Set(int64_t count) { Header(protocol_ >= 3 ? '~' : '*', count); }
  void Push(int64_t count) { Header(protocol_ >= 3 ? '>' : '*', count); }
  void Double(double value);                                         // bulk / ,
  void Bool(bool value);                                             // :0 :1 / #t #f
  void Verbatim(std::string_view extension, std::string_view text);  // bulk / =; extension is three letters ("txt")
  void BigNumber(std::string_view digits);                           // bulk / (
  void Raw(std::string_view bytes) { out_.Append(bytes); }

  // An array whose length is known only at its end: Begin, write the elements, End with their count. Several may be
  // open at once, one inside the other.
  uint64_t BeginDeferredArray() { return out_.end_offset(); }
  void EndDeferredArray(uint64_t mark, int64_t count);

 private:
  // A type byte, a decimal number, CRLF.
  static constexpr size_t kHeaderBytesMax = 1 + kInt64CharsMax + 2;
  static char* WriteHeader(char* to, char type, int64_t number) {
    *to = type;
    return WriteEnd(to + 1 + FormatInt64(number, to + 1));
  }
  static char* WriteEnd(char* to) {
    to[0] = '\r';
    to[1] = '\n';
    return to + 2;
  }
  void Header(char type, int64_t number) {
    char* start = out_.Reserve(kHeaderBytesMax);
    out_.Commit(static_cast<size_t>(WriteHeader(start, type, number) - start));
  }
  void Line(char type, std::string_view text);

  OutputBuffer& out_;
  int protocol_;
  std::string first_error_;
};

inline void ReplyBuilder::Bulk(std::string_view bytes) {
  // Larger ones may be cut across blocks rather than leave a hole at a block's end.
  constexpr size_t kInOnePieceMax = 2048;
  if (bytes.size() <= kInOnePieceMax) {
    char* start = out_.Reserve(kHeaderBytesMax + bytes.size() + 2);
    char* p = WriteHeader(start, '$', static_cast<int64_t>(bytes.size()));
    CopyBytes(p, bytes);
    out_.Commit(static_cast<size_t>(WriteEnd(p + bytes.size()) - start));
    return;
  }
  Header('$', static_cast<int64_t>(bytes.size()));
  out_.Append(bytes);
  out_.Append("\r\n");
}

// Writes many bulk strings in a row: room is asked for by the piece, and strings of one length share a header. What was
// added is in the reply when it ends; nothing else may be written meanwhile. A local variable, so that where it stands
// can be kept in registers.
class ReplyBuilder::Bulks {
 public:
  explicit Bulks(ReplyBuilder& reply) : reply_(reply) {}
  ~Bulks() { Flush(); }
  Bulks(const Bulks&) = delete;
  Bulks& operator=(const Bulks&) = delete;

  // Strings that `next` hands out, `count` of them. What changes from one to the next stands in local variables: a
  // char* may point to any member, so those would be read and written again for each.
  template <typename Next>
  void Add(int64_t count, const Next& next) {
    char* to = to_;
    char* limit = limit_;
    uint64_t header = header_;
    size_t header_bytes = header_bytes_;
    size_t length = length_;
    for (; count > 0; --count) {
      const std::string_view bytes = next();
      if (bytes.size() != length || static_cast<size_t>(limit - to) < sizeof header + length + 2) [[unlikely]] {
        to_ = to;
        const bool is_short = Prepare(bytes);
        to = to_;
        limit = limit_;
        header = header_;
        header_bytes = header_bytes_;
        length = length_;
        if (!is_short) continue;
      }
      std::memcpy(to, &header, sizeof header);
      CopyBytes(to + header_bytes, bytes);
      to = WriteEnd(to + header_bytes + length);
    }
    to_ = to;
  }

 private:
  static constexpr size_t kLengthMax = 2048;
  static constexpr size_t kPieceBytes = 4096;

  // A header for strings of that length, and room for one at least. False: a long one, which has been written.
  bool Prepare(std::string_view bytes) {
    if (bytes.size() > kLengthMax) {
      Flush();
      reply_.Bulk(bytes);
      return false;
    }
    if (bytes.size() != length_) {
      length_ = bytes.size();
      char text[sizeof header_];  // "$2048\r\n" is the longest
      header_bytes_ = static_cast<size_t>(WriteHeader(text, '$', static_cast<int64_t>(length_)) - text);
      std::memcpy(&header_, text, sizeof header_);
    }
    if (static_cast<size_t>(limit_ - to_) < sizeof header_ + length_ + 2) {
      Flush();
      start_ = to_ = reply_.out_.Reserve(kPieceBytes);
      limit_ = start_ + kPieceBytes;
    }
    return true;
  }
  void Flush() {
    reply_.out_.Commit(static_cast<size_t>(to_ - start_));
    start_ = to_ = limit_ = nullptr;
  }

  ReplyBuilder& reply_;
  char* start_ = nullptr;
  char* to_ = nullptr;
  char* limit_ = nullptr;
  size_t length_ = SIZE_MAX;
  size_t header_bytes_ = 0;
  uint64_t header_ = 0;  // its bytes
};

}  // namespace baton
