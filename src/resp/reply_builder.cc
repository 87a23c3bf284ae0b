#include "resp/reply_builder.h"

#include <string>

#include "base/check.h"

namespace baton {

void ReplyBuilder::Simple(std::string_view text) { Line('+', text); }

void ReplyBuilder::Error(std::string_view text) {
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);
  if (first_error_.empty()) first_error_ = text;
  if (text.find_first_of("\r\n") == std::string_view::npos) return Line('-', text);
  std::string one_line(text);
  for (char& c : one_line) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  Line('-', one_line);
}

void ReplyBuilder::BulkInteger(int64_t value) {
  char digits[kInt64CharsMax];
  Bulk({digits, FormatInt64(value, digits)});
}

void ReplyBuilder::Double(double value) { protocol_ >= 3 ? Line(',', FormatDouble(value)) : Bulk(FormatDouble(value)); }

void ReplyBuilder::Bool(bool value) {
  if (protocol_ >= 3) return Raw(value ? "#t\r\n" : "#f\r\n");
  Integer(value ? 1 : 0);
}

void ReplyBuilder::Verbatim(std::string_view extension, std::string_view text) {
  if (protocol_ < 3) return Bulk(text);
  CHECK(extension.size() == 3);
  Header('=', static_cast<int64_t>(text.size() + 4));
  Raw(extension);
  Raw(":");
  Raw(text);
  Raw("\r\n");
}

void ReplyBuilder::BigNumber(std::string_view digits) { protocol_ >= 3 ? Line('(', digits) : Bulk(digits); }

void ReplyBuilder::EndDeferredArray(uint64_t mark, int64_t count) {
  char header[kHeaderBytesMax];
  out_.Insert(mark, {header, static_cast<size_t>(WriteHeader(header, '*', count) - header)});
}

void ReplyBuilder::Line(char type, std::string_view text) {
  char* start = out_.Reserve(text.size() + 3);
  *start = type;
  if (!text.empty()) std::memcpy(start + 1, text.data(), text.size());
  WriteEnd(start + 1 + text.size());
  out_.Commit(text.size() + 3);
}

}  // namespace baton
