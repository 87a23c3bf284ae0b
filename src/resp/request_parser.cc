#include "resp/request_parser.h"

#include <algorithm>

#include "base/numbers.h"

namespace baton {
namespace {

constexpr int64_t kUnauthenticatedArgumentsMax = 10;
constexpr int64_t kUnauthenticatedBulkBytesMax = 16384;
// Room for this many arguments is kept from request to request.
constexpr size_t kKeptArguments = 1024;
constexpr size_t kKeptWordBytes = 4096;

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool EndsPlainWord(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// shrink_to_fit does nothing when exceptions are off.
template <typename Container>
void Release(Container& container) {
  Container().swap(container);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

}  // namespace

RequestParser::Outcome RequestParser::Next(std::string_view bytes, const RequestLimits& limits) {
  if (position_ == 0) StartRequest();
  if (bytes.empty()) return NeedMore(bytes, 1);
  return bytes[0] == '*' ? NextMultibulk(bytes, limits) : NextInline(bytes, limits);
}

void RequestParser::StartRequest() {
  argv_.clear();
  words_.clear();
  if (argv_.capacity() > kKeptArguments) Release(argv_);
  if (words_.capacity() > kKeptWordBytes) Release(words_);
}

RequestParser::Outcome RequestParser::NextMultibulk(std::string_view bytes, const RequestLimits& limits) {
  if (arguments_left_ == kUnknown) {
    int64_t count;
    Outcome outcome = ReadNumber(bytes, limits, '*', &count);
    if (outcome != Outcome::kRequest) return outcome;
    if (count == kNotANumber || count > limits.multibulk_max) return Fail("invalid multibulk length");
    if (!limits.authenticated && count > kUnauthenticatedArgumentsMax) return Fail("unauthenticated multibulk length");
    if (count <= 0) return Finish(bytes);
    arguments_left_ = count;
  }
  do {
    if (bulk_bytes_ == kUnknown) {
      int64_t length;
      Outcome outcome = ReadNumber(bytes, limits, '$', &length);
      if (outcome != Outcome::kRequest) return outcome;
      if (length < 0 || length == kNotANumber || length > limits.bulk_bytes_max) return Fail("invalid bulk length");
      if (!limits.authenticated && length > kUnauthenticatedBulkBytesMax) return Fail("unauthenticated bulk length");
      bulk_bytes_ = length;
    }
    size_t length = static_cast<size_t>(bulk_bytes_);
    size_t there = bytes.size() - position_;
    if (there < length + 2) return NeedMore(bytes, length + 2 - there);
    argv_.emplace_back(bytes.data() + position_, length);
    position_ += length + 2;
    bulk_bytes_ = kUnknown;
  } while (--arguments_left_ > 0);
  return Finish(bytes);
}

inline RequestParser::Outcome RequestParser::ReadNumber(std::string_view bytes, const RequestLimits& limits, char type,
                                                        int64_t* number) {
  // The usual line is whole, of the right type, and its number positive and short; what is not goes the long way.
  constexpr ptrdiff_t kUsualDigitsMax = 9;
  const char* p = bytes.data() + position_;
  const char* last = bytes.data() + bytes.size() - 1;
  if (last - p < 3 || *p != type || p[1] == '0') return ReadUnusualNumber(bytes, limits, type, number);
  ++p;
  const char* digits_end = p + std::min(kUsualDigitsMax, last - p);
  int64_t value = 0;
  for (uint8_t digit; p != digits_end && (digit = static_cast<uint8_t>(*p - '0')) <= 9; ++p) value = value * 10 + digit;
  if (p == last || *p != '\r' || value == 0) return ReadUnusualNumber(bytes, limits, type, number);
  position_ = static_cast<size_t>(p + 2 - bytes.data());
  *number = value;
  return Outcome::kRequest;
}

RequestParser::Outcome RequestParser::ReadUnusualNumber(std::string_view bytes, const RequestLimits& limits, char type,
                                                        int64_t* number) {
  size_t end = bytes.find('\r', std::max(scanned_, position_));
  if (std::min(end, bytes.size()) - position_ > static_cast<size_t>(limits.inline_bytes_max)) {
    return Fail(type == '*' ? "too big mbulk count string" : "too big bulk count string");
  }
  scanned_ = std::min(end, bytes.size());
  if (end == std::string_view::npos || end + 1 == bytes.size()) return NeedMore(bytes, 1);
  if (bytes[position_] != type) return Fail(std::string("expected '$', got '") + bytes[position_] + "'");
  *number = kNotANumber;
  ParseInt64(bytes.substr(position_ + 1, end - position_ - 1), number);
  position_ = end + 2;
  return Outcome::kRequest;
}

RequestParser::Outcome RequestParser::NextInline(std::string_view bytes, const RequestLimits& limits) {
  size_t end = bytes.find('\n', scanned_);
  scanned_ = std::min(end, bytes.size());
  if (scanned_ > static_cast<size_t>(limits.inline_bytes_max)) return Fail("too big inline request");
  if (end == std::string_view::npos) return NeedMore(bytes, 1);
  std::string_view line = bytes.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!SplitWords(line)) return Fail("unbalanced quotes in request");
  position_ = end + 1;
  return Finish(bytes);
}

// Words are separated by blanks. A quote may open anywhere in a word, but ends it where it closes: a"b c" is one word,
// "a"b is an error. "..." knows escapes, '...' only \'.
bool RequestParser::SplitWords(std::string_view line) {
  size_t p = 0;
  for (;;) {
    while (p < line.size() && IsBlank(line[p])) ++p;
    if (p == line.size()) return true;
    size_t start = p;
    while (p < line.size() && !EndsPlainWord(line[p]) && line[p] != '"' && line[p] != '\'') ++p;
    if (p == line.size() || EndsPlainWord(line[p])) {
      argv_.push_back(line.substr(start, p - start));
      continue;
    }
    // Room for every word there can be, so that those which are views into words_ stay where they are.
    words_.reserve(line.size());
    size_t word_start = words_.size();
    words_.append(line, start, p - start);
    char quote = line[p++];
    for (; p < line.size() && line[p] != quote; ++p) {
      size_t left = line.size() - p;
      if (line[p] != '\\' || left < 2) {
        words_ += line[p];
      } else if (quote == '\'') {
        if (line[p + 1] == '\'') ++p;
        words_ += line[p];
      } else if (left >= 4 && line[p + 1] == 'x' && HexDigit(line[p + 2]) >= 0 && HexDigit(line[p + 3]) >= 0) {
        words_ += static_cast<char>(HexDigit(line[p + 2]) * 16 + HexDigit(line[p + 3]));
        p += 3;
      } else {
        words_ += Unescape(line[++p]);
      }
    }
    if (p == line.size()) return false;
    if (++p < line.size() && !IsBlank(line[p])) return false;
    argv_.push_back(std::string_view(words_).substr(word_start));
  }
}

RequestParser::Outcome RequestParser::NeedMore(std::string_view bytes, size_t bytes_wanted) {
  for (std::string_view argument : argv_) {
    earlier_.push_back({static_cast<size_t>(argument.data() - bytes.data()), argument.size()});
  }
  argv_.clear();
  bytes_wanted_ = bytes_wanted;
  return Outcome::kNeedMore;
}

RequestParser::Outcome RequestParser::Finish(std::string_view bytes) {
  if (!earlier_.empty()) {
    argv_.insert(argv_.begin(), earlier_.size(), std::string_view());
    for (size_t i = 0; i < earlier_.size(); ++i) argv_[i] = bytes.substr(earlier_[i].offset, earlier_[i].bytes);
    earlier_.clear();
    if (earlier_.capacity() > kKeptArguments) Release(earlier_);
  }
  consumed_ = position_;
  position_ = scanned_ = 0;
  arguments_left_ = kUnknown;
  return Outcome::kRequest;
}

RequestParser::Outcome RequestParser::Fail(std::string_view what) {
  error_ = "ERR Protocol error: ";
  error_ += what;
  return Outcome::kError;
}

size_t RequestParser::allocated_bytes() const {
  return argv_.capacity() * sizeof(argv_[0]) + earlier_.capacity() * sizeof(earlier_[0]) + words_.capacity();
}

}  // namespace baton
