#pragma once

#include <cstdint>
#include <string_view>

#include "resp/output_buffer.h"

namespace baton {

// Writes replies in place into an OutputBuffer, in RESP2 or RESP3. Where RESP3 has a type of its own (map, set,
// null, double, boolean, verbatim, push), the RESP2 form that redis-server 7.0 sends is written for protocol 2.
class ReplyBuilder {
 public:
  ReplyBuilder(OutputBuffer& out, int protocol) : out_(out), protocol_(protocol) {}

  int protocol() const { return protocol_; }
  void set_protocol(int protocol) { protocol_ = protocol; }

  void Ok() { Raw("+OK\r\n"); }
  void Simple(std::string_view text);       // +text
  void Error(std::string_view text);        // -text; text begins with its code ("ERR ..."); CR and LF become spaces
  void Integer(int64_t value);
  void Bulk(std::string_view bytes);
  void BulkInteger(int64_t value);          // $ with decimal digits
  void Null();                              // $-1 / _
  void NullArray();                         // *-1 / _
  void Array(int64_t count);
  void Map(int64_t pairs);                  // *2n / %n
  void Set(int64_t count);                  // *n / ~n
  void Push(int64_t count);                 // *n / >n
  void Double(double value);                // bulk / ,
  void Bool(bool value);                    // :0 :1 / #t #f
  void Verbatim(std::string_view extension, std::string_view text);  // bulk / =
  void BigNumber(std::string_view digits);  // bulk / (
  void Raw(std::string_view bytes) { out_.Append(bytes); }

  // An array whose length is known only at its end: Begin, write the elements, End with their count. One deferred
  // header may be open at a time per builder.
  uint64_t BeginDeferredArray();
  void EndDeferredArray(uint64_t mark, int64_t count);

 private:
  OutputBuffer& out_;
  int protocol_;
};

}  // namespace baton
