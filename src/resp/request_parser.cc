#include "resp/request_parser.h"

#include <algorithm>

#include "base/numbers.h"

namespace baton {
namespace {

constexpr int64_t kUnauthenticatedArgumentsMax = 10;
constexpr int64_t kUnauthenticatedBulkBytesMax = 16384;
// Room for this many arguments is kept from request to request.
constexpr size_t kKeptArguments = 1024;

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

// Reads "<type><digits>\r?" at *at, as nearly every client writes it: a number from 1 to 9999, without leading zeros.
// False: it is another number, or none, or the bytes end too soon to be sure of all that without looking at each.
inline bool TakeUsualNumber(const char** at, const char* end, char type, uint32_t* number) {
  const char* p = *at;
  if (end - p < 7 || p[0] != type) return false;
  uint32_t value = static_cast<uint8_t>(p[1] - '0');
  if (value == 0 || value > 9) return false;
  p += 2;
  for (int more = 3; more > 0; --more, ++p) {
    const uint32_t digit = static_cast<uint8_t>(*p - '0');
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  if (*p != '\r') return false;
  *number = value;
  *at = p + 2;
  return true;
}

}  // namespace

RequestParser::Outcome RequestParser::Next(std::string_view bytes, const RequestLimits& limits) {
  if (position_ == 0) {
    if (argv_.size() > kKeptArguments) [[unlikely]]
      Release(argv_);
    argv_.clear();
    if (!words_.empty()) [[unlikely]]
      Release(words_);
    if (TakeUsual(bytes, limits)) return Outcome::kRequest;
  }
  if (bytes.empty()) return NeedMore(bytes, 1);
  return bytes[0] == '*' ? NextMultibulk(bytes, limits) : NextInline(bytes, limits);
}

// Most requests are whole and like most others, and are read in one go. What is cut, odd or not allowed goes the long
// way, from its start. False: nothing has happened.
inline bool RequestParser::TakeUsual(std::string_view bytes, const RequestLimits& limits) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  uint32_t count, length;
  if (!limits.authenticated || !TakeUsualNumber(&at, end, '*', &count) || count > limits.multibulk_max) return false;
  for (; count > 0; --count) {
    if (!TakeUsualNumber(&at, end, '$', &length) || end - at < length + 2 || length > limits.bulk_bytes_max) {
      argv_.clear();
      return false;
    }
    argv_.emplace_back(at, length);
    at += length + 2;
  }
  consumed_ = static_cast<size_t>(at - bytes.data());
  scanned_ = 0;
  return true;
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

RequestParser::Outcome RequestParser::ReadNumber(std::string_view bytes, const RequestLimits& limits, char type,
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
