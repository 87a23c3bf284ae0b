#include "log/note_record.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "base/decimal.h"
#include "log/record.h"

namespace baton {
namespace {

constexpr size_t kLineTextMax = kAnnotationBytesMax - 8;
constexpr size_t kNumbersMax = 15;  // words of the longest note that has numbers only
constexpr size_t kNumericNoteBytesMax = 8 + kNumbersMax * (kDecimalCharsMax + 1) + 4;

struct KindLetter {
  NoteKind kind;
  char letter;
};
constexpr KindLetter kLetters[] = {
    {NoteKind::kLease, 'l'},   {NoteKind::kSettle, 's'},       {NoteKind::kLeave, 'm'}, {NoteKind::kPlace, 'p'},
    {NoteKind::kExtend, 'x'},  {NoteKind::kGrant, 'g'},        {NoteKind::kIds, 'n'},   {NoteKind::kHashSeed, 'k'},
    {NoteKind::kPolicy, 'P'},  {NoteKind::kPolicyRemove, 'D'}, {NoteKind::kList, 'L'},  {NoteKind::kAccount, 'A'},
    {NoteKind::kMessage, 'M'}, {NoteKind::kSettleLate, 't'},   {NoteKind::kForget, 'F'}, {NoteKind::kByValue, 'v'},
};

char LetterOf(NoteKind kind) {
  for (const KindLetter& row : kLetters) {
    if (row.kind == kind) return row.letter;
  }
  CHECK(false);
}

// The marks of a message share a byte, so they go by way of numbers. One that is out of range becomes one that InRange
// refuses.
template <typename MessageType, typename Visit>
void VisitMarks(MessageType& m, const Visit& visit) {
  auto state = static_cast<uint64_t>(m.state), reason = static_cast<uint64_t>(m.reason);
  auto side = static_cast<uint64_t>(m.side), granted = static_cast<uint64_t>(m.granted);
  visit(state), visit(reason), visit(side), visit(granted);
  if constexpr (!std::is_const_v<MessageType>) {
    constexpr uint64_t kWrongReason = 7;
    if (state > 3 || side > 1 || granted > 1 || reason > kWrongReason) reason = kWrongReason;
    m.state = static_cast<MessageState>(state & 3);
    m.reason = static_cast<ReturnReason>(reason);
    m.side = static_cast<Side>(side & 1);
    m.granted = granted == 1;
  }
}

// The numbers of a note, in the order of the format. `Visit` takes references, for writing and for reading.
template <typename Note, typename Visit>
void VisitNumbers(Note& note, const Visit& visit) {
  auto& m = note.message;
  auto& a = note.account;
  switch (note.kind) {
    case NoteKind::kLease:
      visit(m.id), visit(m.at_ms), visit(m.lease_ms);
      break;
    case NoteKind::kSettle:
    case NoteKind::kSettleLate:
    case NoteKind::kLeave:
      visit(m.id);
      break;
    case NoteKind::kPlace:
      visit(m.id), visit(m.at_ms), visit(m.deliveries), visit(m.failures), visit(note.value), VisitMarks(m, visit);
      break;
    case NoteKind::kExtend:
      visit(m.id), visit(m.at_ms), visit(m.lease_ms);
      break;
    case NoteKind::kGrant:
    case NoteKind::kIds:
    case NoteKind::kHashSeed:
    case NoteKind::kList:
      visit(note.value);
      break;
    case NoteKind::kAccount:
      visit(note.value), visit(a.enqueued), visit(a.adopted), visit(a.acked), visit(a.removed), visit(a.forwarded);
      visit(a.dropped), visit(a.delivered), visit(a.expired), visit(a.nacked), visit(a.late_acks);
      break;
    case NoteKind::kMessage:
      visit(m.id), visit(m.payload_hash), visit(m.payload_check), visit(m.at_ms), visit(m.lease_ms), visit(m.list);
      visit(m.source), visit(m.deliveries), visit(m.failures), VisitMarks(m, visit);
      break;
    case NoteKind::kPolicy:
    case NoteKind::kPolicyRemove:
    case NoteKind::kForget:
    case NoteKind::kByValue:
      break;
  }
}

bool HasWords(NoteKind kind) {
  return kind == NoteKind::kPolicy || kind == NoteKind::kPolicyRemove || kind == NoteKind::kForget ||
         kind == NoteKind::kList;
}

// --- writing

bool IsPlain(char c) { return c > ' ' && c != '%' && c < 0x7f; }

void AppendWord(std::string_view word, std::string* text) {
  *text += ' ';
  if (word.empty()) *text += '%';
  AppendPercentForm(word, "", text);
}

template <typename Value>
uint64_t AsNumber(Value value) {
  return static_cast<uint64_t>(value);
}

char* PutText(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* EncodeWithWords(const QueueNote& note, char* to) {
  std::string text(1, LetterOf(note.kind));
  VisitNumbers(note, [&](const auto& value) { text += ' ' + std::to_string(AsNumber(value)); });
  for (const std::string& word : note.words) AppendWord(word, &text);
  for (size_t at = 0; at < text.size(); at += kLineTextMax) {
    const bool more = text.size() - at > kLineTextMax;
    to = PutText(more ? "#Q+" : at == 0 ? "#Q " : "#Q-", to);
    to = PutText(std::string_view(text).substr(at, kLineTextMax), to);
    to = PutText("\r\n", to);
  }
  return to;
}

char* EncodeNumbers(const QueueNote& note, char* to) {
  to = PutText("#Q ", to);
  *to++ = LetterOf(note.kind);
  VisitNumbers(note, [&](const auto& value) {
    *to++ = ' ';
    to = PutDecimal(AsNumber(value), to);
  });
  return PutText("\r\n", to);
}

// --- reading

Status NoSuchNote(std::string_view text) {
  return Status::Error("the line '#Q " + std::string(text.substr(0, 60)) + "' is no note of a queue");
}

bool TakeWord(std::string_view* text, std::string_view* word) {
  if (text->empty() || text->front() != ' ') return false;
  text->remove_prefix(1);
  *word = text->substr(0, text->find(' '));
  text->remove_prefix(word->size());
  return !word->empty();
}

int HexDigit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

bool Unescape(std::string_view word, std::string* bytes) {
  bytes->clear();
  if (word == "%") return true;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      if (!IsPlain(word[i])) return false;
      *bytes += word[i];
      continue;
    }
    if (i + 2 >= word.size()) return false;
    const int high = HexDigit(word[i + 1]), low = HexDigit(word[i + 2]);
    if (high < 0 || low < 0) return false;
    const auto byte = static_cast<char>(high << 4 | low);
    if (IsPlain(byte)) return false;  // there is one spelling only
    *bytes += byte;
    i += 2;
  }
  return true;
}

// What no note of ours can hold must not get into a record.
bool InRange(const QueueNote& note) {
  const Message& m = note.message;
  return m.reason <= ReturnReason::kPushedAgain;
}

}  // namespace

bool IsNoteLine(std::string_view line) {
  if (line.size() < 6 || !line.starts_with(kNoteLineStart)) return false;
  if (line[2] == '+' || line[2] == '-') return true;
  return line[2] == ' ' && std::any_of(std::begin(kLetters), std::end(kLetters),
                                       [&](const KindLetter& row) { return row.letter == line[3]; });
}

bool StandsAlone(NoteKind kind) {
  return kind != NoteKind::kLease && kind != NoteKind::kSettle && kind != NoteKind::kSettleLate &&
         kind != NoteKind::kLeave && kind != NoteKind::kPlace && kind != NoteKind::kByValue;
}

size_t NoteBytesMax(const QueueNotes& notes) {
  size_t bytes = 0;
  for (const QueueNote& note : notes.list) {
    size_t text = kNumericNoteBytesMax;
    for (const std::string& word : note.words) text += 3 * word.size() + 2;
    bytes += text + (text / kLineTextMax + 1) * 8;
  }
  return bytes;
}

char* EncodeNotes(const QueueNotes& notes, char* to) {
  for (const QueueNote& note : notes.list)
    to = HasWords(note.kind) ? EncodeWithWords(note, to) : EncodeNumbers(note, to);
  return to;
}

Status NoteReader::Take(std::string_view line, bool* complete) {
  *complete = false;
  if (line.size() < 6 || !line.starts_with(kNoteLineStart) || !line.ends_with("\r\n") ||
      (line[2] != ' ' && line[2] != '+' && line[2] != '-') || (line[2] == '-') != (in_the_middle() && line[2] != '+')) {
    return NoSuchNote(line);
  }
  text_ += line.substr(3, line.size() - 5);
  if (line[2] == '+') return Status::Ok();
  *complete = true;
  Status status = Parse();
  text_.clear();
  return status;
}

Status NoteReader::Parse() {
  std::string_view text = text_;
  note_ = QueueNote{};
  const auto* row = std::find_if(std::begin(kLetters), std::end(kLetters),
                                 [&](const KindLetter& letter) { return !text.empty() && letter.letter == text[0]; });
  if (row == std::end(kLetters)) return NoSuchNote(text_);
  note_.kind = row->kind;
  text.remove_prefix(1);
  bool good = true;
  VisitNumbers(note_, [&](auto& field) {
    using Field = std::remove_reference_t<decltype(field)>;
    std::string_view word;
    uint64_t value = 0;
    if (!good || !TakeWord(&text, &word)) {
      good = false;
      return;
    }
    const char* at = word.data();
    const char* const end = at + word.size();
    good = TakeDecimal(&at, end, &value) && at == end;
    field = static_cast<Field>(value);
    good = good && AsNumber(field) == value;
  });
  if (!good || !InRange(note_)) return NoSuchNote(text_);
  if (HasWords(note_.kind)) {
    std::string_view word;
    while (!text.empty()) {
      std::string bytes;
      if (!TakeWord(&text, &word) || !Unescape(word, &bytes)) return NoSuchNote(text_);
      note_.words.push_back(std::move(bytes));
    }
    if (note_.words.empty()) return NoSuchNote(text_);
  }
  if (!text.empty()) return NoSuchNote(text_);
  return Status::Ok();
}

}  // namespace baton
