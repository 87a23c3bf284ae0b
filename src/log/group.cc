#include "log/group.h"

#include <cstring>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/decimal.h"

namespace baton {
namespace {

constexpr size_t kCheckChars = 8;
constexpr size_t kSaltChars = 16;
constexpr size_t kCheckAndEndChars = kCheckChars + 2;

char* PutHex(uint64_t value, size_t chars, char* to) {
  for (size_t i = 0; i < chars; ++i) to[i] = "0123456789abcdef"[value >> 4 * (chars - 1 - i) & 15];
  return to + chars;
}

char* Put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

constexpr std::string_view kKindNames[] = {"base", "incr", "first"};

// Takes the parts of a line from front to back; once something is not as it should be, it stays not ok.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : start_(bytes.data()), at_(start_), end_(start_ + bytes.size()) {}

  Fields& Text(std::string_view text) {
    ok_ = ok_ && static_cast<size_t>(end_ - at_) >= text.size() && std::memcmp(at_, text.data(), text.size()) == 0;
    if (ok_) at_ += text.size();
    return *this;
  }
  Fields& Decimal(uint64_t* value) {
    ok_ = ok_ && TakeDecimal(&at_, end_, value);
    return *this;
  }
  Fields& Hex(size_t chars, uint64_t* value) {
    ok_ = ok_ && static_cast<size_t>(end_ - at_) >= chars;
    *value = 0;
    for (size_t i = 0; ok_ && i < chars; ++i, ++at_) {
      const bool digit = *at_ >= '0' && *at_ <= '9';
      ok_ = digit || (*at_ >= 'a' && *at_ <= 'f');
      *value = *value << 4 | static_cast<uint64_t>(digit ? *at_ - '0' : *at_ - 'a' + 10);
    }
    return *this;
  }
  Fields& Check(uint32_t* value) {
    uint64_t wide = 0;
    Hex(kCheckChars, &wide);
    *value = static_cast<uint32_t>(wide);
    return *this;
  }
  Fields& OneOf(std::string_view letters, char* letter) {
    ok_ = ok_ && at_ != end_ && letters.find(*at_) != std::string_view::npos;
    if (ok_) *letter = *at_++;
    return *this;
  }
  bool ok() const { return ok_; }
  size_t length() const { return static_cast<size_t>(at_ - start_); }

 private:
  const char* const start_;
  const char* at_;
  const char* const end_;
  bool ok_ = true;
};

}  // namespace

std::string FormatFileHeader(const FileHeader& header) {
  char line[kFileHeaderBytesMax];
  char* at = Put(line, kFileHeaderStart);
  at = Put(at, "1 ");
  at = Put(Put(at, kKindNames[static_cast<size_t>(header.kind)]), " ");
  at = Put(PutDecimal(header.position, at), " ");
  at = Put(PutHex(header.before, kCheckChars, at), " ");
  at = Put(PutHex(header.salt, kSaltChars, at), " ");
  at = PutHex(Crc32c({line, static_cast<size_t>(at - line)}), kCheckChars, at);
  at = Put(at, "\r\n");
  CHECK(at <= line + sizeof line);
  return std::string(line, at);
}

size_t ParseFileHeader(std::string_view bytes, FileHeader* header) {
  FileHeader read;
  const std::string_view kind = bytes.substr(0, 16);
  if (kind.starts_with("#B 1 base ")) read.kind = FileKind::kBase;
  if (kind.starts_with("#B 1 first ")) read.kind = FileKind::kFirst;
  uint32_t check = 0;
  Fields fields(bytes);
  fields.Text(kFileHeaderStart).Text("1 ").Text(kKindNames[static_cast<size_t>(read.kind)]).Text(" ");
  fields.Decimal(&read.position).Text(" ").Check(&read.before).Text(" ").Hex(kSaltChars, &read.salt).Text(" ");
  fields.Check(&check).Text("\r\n");
  if (!fields.ok()) return 0;
  if (Crc32c(bytes.substr(0, fields.length() - kCheckAndEndChars)) != check) return 0;
  *header = read;
  return fields.length();
}

uint32_t GroupSeed(uint64_t salt) {
  char digits[kSaltChars];
  PutHex(salt, kSaltChars, digits);
  return Crc32c({digits, kSaltChars});
}

char* EncodeGroupLine(std::string_view records, uint32_t seed, GroupLine* line, char* to) {
  char* at = Put(to, kGroupLineStart);
  at = Put(PutDecimal(records.size(), at), " ");
  at = Put(PutDecimal(line->position, at), " ");
  at = Put(PutHex(line->before, kCheckChars, at), " ");
  at = Put(PutDecimal(line->synced, at), " ");
  *at++ = line->policy;
  *at++ = ' ';
  line->length = records.size();
  line->check = Crc32c({to, static_cast<size_t>(at - to)}, Crc32c(records, seed));
  return Put(PutHex(line->check, kCheckChars, at), "\r\n");
}

size_t ParseGroupLine(std::string_view bytes, GroupLine* line) {
  GroupLine read;
  Fields fields(bytes);
  fields.Text(kGroupLineStart).Decimal(&read.length).Text(" ").Decimal(&read.position).Text(" ");
  fields.Check(&read.before).Text(" ").Decimal(&read.synced).Text(" ").OneOf("aen", &read.policy).Text(" ");
  fields.Check(&read.check).Text("\r\n");
  if (!fields.ok()) return 0;
  *line = read;
  return fields.length();
}

uint32_t GroupLineCheck(uint32_t crc, std::string_view text) {
  CHECK(text.size() > kCheckAndEndChars);
  return Crc32c(text.substr(0, text.size() - kCheckAndEndChars), crc);
}

bool GroupCheckHolds(std::string_view records, std::string_view text, uint32_t seed, const GroupLine& line) {
  return line.length == records.size() && GroupLineCheck(Crc32c(records, seed), text) == line.check;
}

}  // namespace baton
