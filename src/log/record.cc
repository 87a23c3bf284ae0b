#include "log/record.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/numbers.h"
#include "base/text.h"
#include "log/log.h"
#include "log/note_record.h"

namespace baton {
namespace {

// --- writing

// "*3\r\n$5\r\nLPUSH\r\n" and the like, copied as they are.
template <size_t kSize>
char* Put(char* to, const char (&literal)[kSize]) {
  std::memcpy(to, literal, kSize - 1);
  return to + kSize - 1;
}

char* PutEndOfLine(char* to) {
  to[0] = '\r';
  to[1] = '\n';
  return to + 2;
}

constexpr size_t kBulkOverheadMax = 1 + kDecimalCharsMax + 2 + 2;

char* PutBulk(char* to, std::string_view bytes) {
  *to = '$';
  to = PutEndOfLine(PutDecimal(bytes.size(), to + 1));
  CopyBytes(to, bytes);
  return PutEndOfLine(to + bytes.size());
}

char* PutIntegerBulk(char* to, int64_t value) {
  char text[kInt64CharsMax];
  return PutBulk(to, {text, FormatInt64(value, text)});
}

char* PutPush(char* to, const Mutation& m) {
  if (m.values.size() == 1) {
    to = m.from == Side::kLeft ? Put(to, "*3\r\n$5\r\nLPUSH\r\n") : Put(to, "*3\r\n$5\r\nRPUSH\r\n");
  } else {
    *to = '*';
    to = PutEndOfLine(PutDecimal(m.values.size() + 2, to + 1));
    to = m.from == Side::kLeft ? Put(to, "$5\r\nLPUSH\r\n") : Put(to, "$5\r\nRPUSH\r\n");
  }
  to = PutBulk(to, m.key.name);
  for (std::string_view value : m.values) to = PutBulk(to, value);
  return to;
}

char* PutPop(char* to, const Mutation& m) {
  if (m.a == 1) {
    to = m.from == Side::kLeft ? Put(to, "*2\r\n$4\r\nLPOP\r\n") : Put(to, "*2\r\n$4\r\nRPOP\r\n");
    return PutBulk(to, m.key.name);
  }
  to = m.from == Side::kLeft ? Put(to, "*3\r\n$4\r\nLPOP\r\n") : Put(to, "*3\r\n$4\r\nRPOP\r\n");
  return PutIntegerBulk(PutBulk(to, m.key.name), m.a);
}

char* PutMove(char* to, const Mutation& m) {
  if (m.from == Side::kRight && m.to == Side::kLeft) {
    to = Put(to, "*3\r\n$9\r\nRPOPLPUSH\r\n");
    return PutBulk(PutBulk(to, m.key.name), m.other.name);
  }
  to = Put(to, "*5\r\n$5\r\nLMOVE\r\n");
  to = PutBulk(PutBulk(to, m.key.name), m.other.name);
  to = m.from == Side::kLeft ? Put(to, "$4\r\nLEFT\r\n") : Put(to, "$5\r\nRIGHT\r\n");
  return m.to == Side::kLeft ? Put(to, "$4\r\nLEFT\r\n") : Put(to, "$5\r\nRIGHT\r\n");
}

char* PutSet(char* to, const Mutation& m) {
  if (m.a != 0) {
    to = PutBulk(PutBulk(Put(to, "*5\r\n$3\r\nSET\r\n"), m.key.name), m.value);
    return PutIntegerBulk(Put(to, "$4\r\nPXAT\r\n"), m.a);
  }
  if (m.flag) {
    to = PutBulk(PutBulk(Put(to, "*4\r\n$3\r\nSET\r\n"), m.key.name), m.value);
    return Put(to, "$7\r\nKEEPTTL\r\n");
  }
  return PutBulk(PutBulk(Put(to, "*3\r\n$3\r\nSET\r\n"), m.key.name), m.value);
}

}  // namespace

size_t EncodedBytesMax(const Mutation& m) {
  // Whatever the kind: at most seven words beside the pushed values, and none of ours longer than 20 bytes.
  size_t bytes = 7 * (kBulkOverheadMax + kDecimalCharsMax + 1) + m.key.name.size() + m.other.name.size() +
                 m.value.size() + m.pivot.size();
  for (std::string_view value : m.values) bytes += kBulkOverheadMax + value.size();
  if (m.notes != nullptr) [[unlikely]]
    bytes += NoteBytesMax(*m.notes);
  return bytes;
}

char* Encode(const Mutation& m, char* to) {
  if (m.notes != nullptr) [[unlikely]]
    to = EncodeNotes(*m.notes, to);
  switch (m.kind) {
    case MutationKind::kPush:
      return PutPush(to, m);
    case MutationKind::kPop:
      return PutPop(to, m);
    case MutationKind::kMove:
      return PutMove(to, m);
    case MutationKind::kListRemove:
      // The same to the list, without the element's bytes: an acknowledgement has room on a disk that is nearly full.
      if (m.flag) {
        to = m.from == Side::kLeft ? Put(to, "*2\r\n$4\r\nLPOP\r\n") : Put(to, "*2\r\n$4\r\nRPOP\r\n");
        return PutBulk(to, m.key.name);
      }
      to = PutBulk(Put(to, "*4\r\n$4\r\nLREM\r\n"), m.key.name);
      return PutBulk(PutIntegerBulk(to, m.a), m.value);
    case MutationKind::kDelete:
      return PutBulk(Put(to, "*2\r\n$3\r\nDEL\r\n"), m.key.name);
    case MutationKind::kSet:
      return PutSet(to, m);
    case MutationKind::kAppend:
      return PutBulk(PutBulk(Put(to, "*3\r\n$6\r\nAPPEND\r\n"), m.key.name), m.value);
    case MutationKind::kSetRange:
      to = PutBulk(Put(to, "*4\r\n$8\r\nSETRANGE\r\n"), m.key.name);
      return PutBulk(PutIntegerBulk(to, m.a), m.value);
    case MutationKind::kListSet:
      to = PutBulk(Put(to, "*4\r\n$4\r\nLSET\r\n"), m.key.name);
      return PutBulk(PutIntegerBulk(to, m.a), m.value);
    case MutationKind::kListInsert:
      to = PutBulk(Put(to, "*5\r\n$7\r\nLINSERT\r\n"), m.key.name);
      to = m.flag ? Put(to, "$6\r\nBEFORE\r\n") : Put(to, "$5\r\nAFTER\r\n");
      return PutBulk(PutBulk(to, m.pivot), m.value);
    case MutationKind::kTrim:
      to = PutBulk(Put(to, "*4\r\n$5\r\nLTRIM\r\n"), m.key.name);
      return PutIntegerBulk(PutIntegerBulk(to, m.a), m.b);
    case MutationKind::kExpireAt:
      return PutIntegerBulk(PutBulk(Put(to, "*3\r\n$9\r\nPEXPIREAT\r\n"), m.key.name), m.a);
    case MutationKind::kPersist:
      return PutBulk(Put(to, "*2\r\n$7\r\nPERSIST\r\n"), m.key.name);
    case MutationKind::kRename:
      return PutBulk(PutBulk(Put(to, "*3\r\n$6\r\nRENAME\r\n"), m.key.name), m.other.name);
    case MutationKind::kCopy:
      to = PutBulk(PutBulk(Put(to, "*6\r\n$4\r\nCOPY\r\n"), m.key.name), m.other.name);
      return Put(PutIntegerBulk(Put(to, "$2\r\nDB\r\n"), m.other_db), "$7\r\nREPLACE\r\n");
    case MutationKind::kMoveToDb:
      return PutIntegerBulk(PutBulk(Put(to, "*3\r\n$4\r\nMOVE\r\n"), m.key.name), m.other_db);
    case MutationKind::kSwapDb:
      return PutIntegerBulk(PutIntegerBulk(Put(to, "*3\r\n$6\r\nSWAPDB\r\n"), m.db), m.other_db);
    case MutationKind::kFlushDb:
      return Put(to, "*1\r\n$7\r\nFLUSHDB\r\n");
    case MutationKind::kFlushAll:
      return Put(to, "*1\r\n$8\r\nFLUSHALL\r\n");
    case MutationKind::kQueue:
      return to;
  }
  CHECK(false);
}

bool NeedsSelect(const Mutation& m) { return m.kind != MutationKind::kSwapDb && m.kind != MutationKind::kFlushAll; }

char* EncodeSelect(uint32_t db, char* to) { return PutIntegerBulk(Put(to, "*2\r\n$6\r\nselect\r\n"), db); }

// --- reading

namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

RecordScan ReadAnyHeader(std::string_view bytes, size_t at, char prefix, uint64_t* value);

// Reads "<prefix><decimal>\r\n" at `at`. Most numbers have one digit or two.
inline RecordScan ReadHeader(std::string_view bytes, size_t at, char prefix, uint64_t* value) {
  const char* const start = bytes.data() + at;
  if (bytes.size() - at >= 5 && start[0] == prefix && IsDigit(start[1])) [[likely]] {
    const auto first = static_cast<uint64_t>(start[1] - '0');
    if (start[2] == '\r' && start[3] == '\n') {
      *value = first;
      return {RecordOutcome::kCommand, at + 4};
    }
    if (IsDigit(start[2]) && start[3] == '\r' && start[4] == '\n') {
      *value = first * 10 + static_cast<uint64_t>(start[2] - '0');
      return {RecordOutcome::kCommand, at + 5};
    }
  }
  return ReadAnyHeader(bytes, at, prefix, value);
}

RecordScan ReadAnyHeader(std::string_view bytes, size_t at, char prefix, uint64_t* value) {
  if (at == bytes.size()) return {RecordOutcome::kIncomplete, at};
  if (bytes[at] != prefix) return {RecordOutcome::kBad, at};
  const char* digit = bytes.data() + at + 1;
  const char* const end = bytes.data() + bytes.size();
  const char* const first = digit;
  uint64_t sum = 0;
  // At most 18 digits, so that the sum cannot overflow; no length of that size is ever whole.
  while (digit != end && IsDigit(*digit) && digit - first < 18) {
    sum = sum * 10 + static_cast<uint64_t>(*digit++ - '0');
  }
  const auto here = [&] { return static_cast<size_t>(digit - bytes.data()); };
  if (digit == end) return {RecordOutcome::kIncomplete, here()};
  if (digit == first || *digit != '\r') return {RecordOutcome::kBad, here()};
  if (++digit == end) return {RecordOutcome::kIncomplete, here()};
  if (*digit != '\n') return {RecordOutcome::kBad, here()};
  ++digit;
  *value = sum;
  return {RecordOutcome::kCommand, here()};
}

template <typename Take>
RecordScan Scan(std::string_view bytes, size_t at, Take take) {
  if (bytes[at] == '#') {
    // Room that a redis-server has taken for a line (filler.h) is longer than any other.
    const bool room = bytes.size() - at >= 2 && bytes[at + 1] == '#';
    const size_t look = room ? bytes.size() - at : std::min(bytes.size() - at, kAnnotationBytesMax);
    const void* end = std::memchr(bytes.data() + at, '\n', look);
    if (end == nullptr) {
      const bool too_long = !room && look == kAnnotationBytesMax;
      return {too_long ? RecordOutcome::kBad : RecordOutcome::kIncomplete, at + look};
    }
    return {RecordOutcome::kAnnotation, static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1};
  }
  uint64_t count = 0;
  RecordScan scan = ReadHeader(bytes, at, '*', &count);
  if (scan.outcome != RecordOutcome::kCommand) return scan;
  if (count == 0) return {RecordOutcome::kBad, at};
  for (; count > 0; --count) {
    uint64_t length = 0;
    scan = ReadHeader(bytes, scan.end, '$', &length);
    if (scan.outcome != RecordOutcome::kCommand) return scan;
    const size_t rest = bytes.size() - scan.end;
    if (rest < length + 2) {
      // A '\r' that is there must be one.
      if (rest == length + 1 && bytes[scan.end + length] != '\r') return {RecordOutcome::kBad, scan.end + length};
      return {RecordOutcome::kIncomplete, bytes.size()};
    }
    if (bytes[scan.end + length] != '\r') return {RecordOutcome::kBad, scan.end + length};
    if (bytes[scan.end + length + 1] != '\n') return {RecordOutcome::kBad, scan.end + length + 1};
    take(bytes.substr(scan.end, length));
    scan.end += length + 2;
  }
  return scan;
}

}  // namespace

RecordScan SkipRecord(std::string_view bytes, size_t at) {
  return Scan(bytes, at, [](std::string_view) {});
}

RecordScan ReadRecord(std::string_view bytes, size_t at, std::vector<std::string_view>* argv) {
  argv->clear();
  return Scan(bytes, at, [argv](std::string_view word) { argv->push_back(word); });
}

ControlWord ControlWordOf(const std::vector<std::string_view>& argv, bool* foreign) {
  if (argv.empty() || argv[0].size() < 4 || argv[0].size() > 6) return ControlWord::kNone;
  const std::string_view word = argv[0];
  ControlWord control = ControlWord::kNone;
  if (argv.size() == 2 && EqualsIgnoreCase(word, "select")) control = ControlWord::kSelect;
  if (argv.size() == 1 && EqualsIgnoreCase(word, "multi")) control = ControlWord::kMulti;
  if (argv.size() == 1 && EqualsIgnoreCase(word, "exec")) control = ControlWord::kExec;
  *foreign = control != ControlWord::kNone && word[0] < 'a';
  return control;
}

bool SelectedDb(const std::vector<std::string_view>& argv, uint32_t* db) {
  int64_t value = 0;
  if (argv.size() != 2 || !ParseInt64(argv[1], &value) || value < 0 || value > INT32_MAX) return false;
  *db = static_cast<uint32_t>(value);
  return true;
}

std::string DescribeCommand(const std::vector<std::string_view>& argv) {
  constexpr size_t kWordsMax = 4, kWordBytesMax = 32;
  std::string text;
  for (size_t i = 0; i < argv.size() && i < kWordsMax; ++i) {
    if (i > 0) text += ' ';
    text += QuoteBytes(argv[i].substr(0, kWordBytesMax));
    if (argv[i].size() > kWordBytesMax) text += "...";
  }
  if (argv.size() > kWordsMax) text += " ... (" + std::to_string(argv.size()) + " words)";
  return text;
}

// --- from words to mutations

namespace {

// A command's name as one number: up to eight letters, in capitals, so that a switch can take it. Without 0x20 no byte
// but a letter becomes a letter; and only what stands before a shorter name has that bit, so that no byte passes for
// it.
constexpr uint64_t Pack(std::string_view name) {
  uint64_t packed = 0x20;
  for (char c : name) packed = packed << 8 | (static_cast<unsigned char>(c) & 0xdf);
  return packed;
}

bool SideOf(std::string_view word, Side* side) {
  const bool left = EqualsIgnoreCase(word, "LEFT");
  *side = left ? Side::kLeft : Side::kRight;
  return left || EqualsIgnoreCase(word, "RIGHT");
}

// Our own form of each command, given to `apply`. `name` is argv[0], packed; 0 when it is too long. False: it is not
// one of ours (other options, other arity). A mutation is large, and made where it is used: copied, it would cost as
// much as the rest of a push.
template <typename Apply>
bool AsMutation(uint32_t db, uint64_t name, std::span<const std::string_view> argv, ReplayTarget& target, Apply apply) {
  const auto key = [&](size_t i) { return target.Ref(argv[i]); };
  const auto integer = [&](size_t i, int64_t* value) { return ParseInt64(argv[i], value); };
  const size_t n = argv.size();
  int64_t a = 0, b = 0;
  Side from = Side::kLeft, to = Side::kLeft;

  if (argv[0].size() == 9) {
    if (EqualsIgnoreCase(argv[0], "RPOPLPUSH") && n == 3) {
      return apply(Mutation::Move(db, key(1), key(2), Side::kRight, Side::kLeft));
    }
    if (EqualsIgnoreCase(argv[0], "PEXPIREAT") && n == 3 && integer(2, &a)) {
      return apply(Mutation::ExpireAt(db, key(1), a));
    }
    return false;
  }

  switch (name) {
    case Pack("LPUSH"):
    case Pack("RPUSH"):
      if (n < 3) return false;
      return apply(
          Mutation::Push(db, key(1), (argv[0][0] | 0x20) == 'l' ? Side::kLeft : Side::kRight, argv.subspan(2)));
    case Pack("LPOP"):
    case Pack("RPOP"):
      a = 1;
      if (n != 2 && !(n == 3 && integer(2, &a) && a >= 0)) return false;
      return apply(Mutation::Pop(db, key(1), (argv[0][0] | 0x20) == 'l' ? Side::kLeft : Side::kRight, a));
    case Pack("LMOVE"):
      if (n != 5 || !SideOf(argv[3], &from) || !SideOf(argv[4], &to)) return false;
      return apply(Mutation::Move(db, key(1), key(2), from, to));
    case Pack("LREM"):
      if (n != 4 || !integer(2, &a)) return false;
      return apply(Mutation::ListRemove(db, key(1), a, argv[3]));
    case Pack("SET"):
      if (n == 3) {
        return apply(Mutation::Set(db, key(1), argv[2], 0, false));
      }
      if (n == 4 && EqualsIgnoreCase(argv[3], "KEEPTTL")) {
        return apply(Mutation::Set(db, key(1), argv[2], 0, true));
      }
      if (n != 5 || !EqualsIgnoreCase(argv[3], "PXAT") || !integer(4, &a) || a == 0) return false;
      return apply(Mutation::Set(db, key(1), argv[2], a, false));
    case Pack("APPEND"):
      if (n != 3) return false;
      return apply(Mutation::Append(db, key(1), argv[2]));
    case Pack("SETRANGE"):
      if (n != 4 || !integer(2, &a) || a < 0) return false;
      return apply(Mutation::SetRange(db, key(1), a, argv[3]));
    case Pack("LSET"):
      if (n != 4 || !integer(2, &a)) return false;
      return apply(Mutation::ListSet(db, key(1), a, argv[3]));
    case Pack("LINSERT"): {
      if (n != 5) return false;
      const bool before = EqualsIgnoreCase(argv[2], "BEFORE");
      if (!before && !EqualsIgnoreCase(argv[2], "AFTER")) return false;
      return apply(Mutation::ListInsert(db, key(1), before, argv[3], argv[4]));
    }
    case Pack("LTRIM"):
      if (n != 4 || !integer(2, &a) || !integer(3, &b)) return false;
      return apply(Mutation::Trim(db, key(1), a, b));
    case Pack("PERSIST"):
      if (n != 2) return false;
      return apply(Mutation::Persist(db, key(1)));
    case Pack("RENAME"):
      if (n != 3) return false;
      return apply(Mutation::Rename(db, key(1), key(2)));
    case Pack("COPY"):
      if (n != 6 || !EqualsIgnoreCase(argv[3], "DB") || !EqualsIgnoreCase(argv[5], "REPLACE")) return false;
      if (!integer(4, &a) || a < 0 || a > INT32_MAX) return false;
      return apply(Mutation::Copy(db, key(1), static_cast<uint32_t>(a), key(2)));
    case Pack("MOVE"):
      if (n != 3 || !integer(2, &a) || a < 0 || a > INT32_MAX) return false;
      return apply(Mutation::MoveToDb(db, key(1), static_cast<uint32_t>(a)));
    case Pack("SWAPDB"):
      if (n != 3 || !integer(1, &a) || !integer(2, &b) || a < 0 || b < 0 || a > INT32_MAX || b > INT32_MAX)
        return false;
      return apply(Mutation::SwapDb(static_cast<uint32_t>(a), static_cast<uint32_t>(b)));
    case Pack("FLUSHDB"):  // also with ASYNC or SYNC
      return n <= 2 && apply(Mutation::FlushDb(db));
    case Pack("FLUSHALL"):
      return n <= 2 && apply(Mutation::FlushAll());
    default:
      return false;
  }
}

Status DoesNotFit(const std::vector<std::string_view>& argv) {
  return Status::Error(DescribeCommand(argv) + " does not fit the data before it");
}

}  // namespace

Status Replay(uint32_t db, const std::vector<std::string_view>& argv, const QueueNotes* notes, ReplayTarget& target) {
  // DEL and UNLINK take several keys; ours name one each.
  const uint64_t name = argv[0].size() <= 8 ? Pack(argv[0]) : 0;
  if ((name == Pack("DEL") || name == Pack("UNLINK")) && argv.size() >= 2) {
    for (size_t i = 1; i < argv.size(); ++i) {
      if (target.Replay(Mutation::Delete(db, target.Ref(argv[i]))) == ApplyOutcome::kDoesNotFit)
        return DoesNotFit(argv);
    }
    return Status::Ok();
  }
  bool fits = true;
  const auto apply = [&](const Mutation& mutation) {
    if (notes == nullptr) [[likely]] {
      fits = target.Replay(mutation) != ApplyOutcome::kDoesNotFit;
    } else {
      Mutation noted = mutation;
      noted.notes = notes;
      fits = target.Replay(noted) != ApplyOutcome::kDoesNotFit;
    }
    return true;
  };
  if (AsMutation(db, name, argv, target, apply)) return fits ? Status::Ok() : DoesNotFit(argv);
  if (Status status = target.ReplayForeign(db, argv); !status.ok()) {
    return Status::Error(DescribeCommand(argv) + " was refused: " + status.message());
  }
  return Status::Ok();
}

}  // namespace baton
