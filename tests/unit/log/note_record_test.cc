#include "log/note_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "log/group.h"
#include "log/record.h"

namespace baton {
namespace {

constexpr NoteKind kKinds[] = {NoteKind::kLease,       NoteKind::kSettle, NoteKind::kLeave,   NoteKind::kPlace,
                               NoteKind::kExtend,      NoteKind::kGrant,  NoteKind::kIds,     NoteKind::kHashSeed,
                               NoteKind::kPolicy,      NoteKind::kList,   NoteKind::kAccount, NoteKind::kMessage,
                               NoteKind::kPolicyRemove, NoteKind::kSettleLate, NoteKind::kForget,
                               NoteKind::kByValue};

std::string Encoded(const QueueNotes& notes) {
  std::vector<char> room(NoteBytesMax(notes));
  char* end = EncodeNotes(notes, room.data());
  EXPECT_LE(end, room.data() + room.size());
  return std::string(room.data(), end);
}
std::string Encoded(const QueueNote& note) { return Encoded(QueueNotes{{note}}); }

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// The notes that the lines are; !*good: they were refused.
std::vector<QueueNote> Read(std::string_view text, bool* good) {
  NoteReader reader;
  std::vector<QueueNote> notes;
  *good = true;
  for (const std::string& line : Lines(text)) {
    bool complete = false;
    if (!reader.Take(line, &complete).ok()) {
      *good = false;
      return notes;
    }
    if (complete) notes.push_back(reader.note());
  }
  *good = !reader.in_the_middle();
  return notes;
}

uint64_t AnyNumber(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return 0;
    case 1:
      return random.Below(10);
    case 2:
      return UINT64_MAX >> random.Below(64);
    default:
      return random.Next();
  }
}
template <typename Field>
void Draw(Random& random, Field* field) {
  *field = static_cast<Field>(AnyNumber(random));
}

// All fields that the kind writes are drawn; the others stay as they are in a new note.
QueueNote Drawn(NoteKind kind, Random& random) {
  QueueNote note{.kind = kind};
  Message& m = note.message;
  const auto draw_state = [&] {
    m.state = static_cast<MessageState>(random.Below(4));
    m.reason = static_cast<ReturnReason>(random.Below(7));
    m.side = static_cast<Side>(random.Below(2));
  };
  switch (kind) {
    case NoteKind::kLease:
      Draw(random, &m.id);
      note.message.at_ms = static_cast<int64_t>(AnyNumber(random));
      note.message.lease_ms = static_cast<uint32_t>(AnyNumber(random));
      break;
    case NoteKind::kByValue:
      break;
    case NoteKind::kSettle:
    case NoteKind::kSettleLate:
    case NoteKind::kLeave:
      Draw(random, &m.id);
      break;
    case NoteKind::kPlace: {
      Draw(random, &m.id), Draw(random, &m.deliveries), Draw(random, &m.failures);
      Draw(random, &note.value);
      note.message.at_ms = random.OneIn(2) ? INT64_MAX : static_cast<int64_t>(AnyNumber(random));
      draw_state();
      break;
    }
    case NoteKind::kExtend:
      Draw(random, &m.id);
      note.message.at_ms = static_cast<int64_t>(AnyNumber(random));
      note.message.lease_ms = static_cast<uint32_t>(AnyNumber(random));
      break;
    case NoteKind::kGrant:
    case NoteKind::kIds:
    case NoteKind::kHashSeed:
    case NoteKind::kList:
      Draw(random, &note.value);
      break;
    case NoteKind::kAccount:
      Draw(random, &note.value);
      for (uint64_t* figure :
           {&note.account.enqueued, &note.account.adopted, &note.account.acked, &note.account.removed,
            &note.account.forwarded, &note.account.dropped, &note.account.delivered, &note.account.expired,
            &note.account.nacked, &note.account.late_acks}) {
        Draw(random, figure);
      }
      break;
    case NoteKind::kMessage:
      Draw(random, &m.id), Draw(random, &m.payload_hash), Draw(random, &m.payload_check), Draw(random, &m.list);
      Draw(random, &m.source), Draw(random, &m.deliveries), Draw(random, &m.failures);
      note.message.at_ms = static_cast<int64_t>(AnyNumber(random));
      note.message.lease_ms = static_cast<uint32_t>(AnyNumber(random));
      note.message.granted = random.OneIn(2);
      draw_state();
      break;
    case NoteKind::kPolicy:
    case NoteKind::kPolicyRemove:
    case NoteKind::kForget:
      break;
  }
  const bool one_word = kind == NoteKind::kList || kind == NoteKind::kPolicyRemove || kind == NoteKind::kForget;
  if (one_word || kind == NoteKind::kPolicy) {
    const size_t words = one_word ? 1 : 1 + random.Below(12);
    for (size_t i = 0; i < words; ++i) {
      std::string word(random.Below(random.OneIn(8) ? 6000 : 12), '\0');
      for (char& c : word) c = static_cast<char>(random.OneIn(2) ? random.Below(256) : "% #Q\r\n+a"[random.Below(9)]);
      note.words.push_back(std::move(word));
    }
  }
  return note;
}

// What a note says, all of it.
std::string Shown(const QueueNote& note) {
  const Message& m = note.message;
  const QueueAccount& a = note.account;
  std::string text = std::to_string(static_cast<int>(note.kind));
  for (uint64_t number : {m.id,
                          uint64_t{m.payload_hash},
                          static_cast<uint64_t>(m.at_ms),
                          uint64_t{m.payload_check},
                          uint64_t{m.lease_ms},
                          uint64_t{m.list},
                          uint64_t{m.source},
                          uint64_t{m.holder},
                          uint64_t{m.deliveries},
                          uint64_t{m.failures},
                          static_cast<uint64_t>(m.state),
                          static_cast<uint64_t>(m.reason),
                          static_cast<uint64_t>(m.side),
                          uint64_t{m.granted},
                          note.value,
                          a.enqueued,
                          a.adopted,
                          a.acked,
                          a.removed,
                          a.forwarded,
                          a.dropped,
                          a.delivered,
                          a.expired,
                          a.nacked,
                          a.late_acks}) {
    text += " " + std::to_string(number);
  }
  for (const std::string& word : note.words) text += "\n" + std::to_string(word.size()) + ":" + word;
  return text;
}

void ExpectGoesThrough(const QueueNote& note) {
  const std::string text = Encoded(note);
  bool good;
  const std::vector<QueueNote> read = Read(text, &good);
  ASSERT_TRUE(good) << text.substr(0, 300);
  ASSERT_EQ(read.size(), 1u);
  ASSERT_EQ(Shown(read.front()), Shown(note));
  // Redis must skip each line, and our own reader must take it for a note.
  for (const std::string& line : Lines(text)) {
    ASSERT_LE(line.size(), kAnnotationBytesMax);
    ASSERT_TRUE(line.ends_with("\r\n"));
    ASSERT_TRUE(IsNoteLine(line)) << line;
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    std::vector<std::string_view> argv;
    const RecordScan scan = ReadRecord(line, 0, &argv);
    ASSERT_EQ(scan.outcome, RecordOutcome::kAnnotation);
    ASSERT_EQ(scan.end, line.size());
  }
}

TEST(NoteRecord, EveryKindGoesThroughUnchanged) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    for (NoteKind kind : kKinds) ExpectGoesThrough(Drawn(kind, random));
    if (HasFatalFailure()) return;
  }
}

TEST(NoteRecord, NamesOfAllBytesEmptyOnesAndLongOnes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::vector<std::string> names = {"", all, "%", "%%", "%00", " ", "\r\n", "#Q+", "\r\n#C 0 0 0\r\n"};
  for (size_t bytes : {1000u, 1010u, 1014u, 1015u, 1016u, 1020u, 3000u, 10'000u}) {
    names.emplace_back(bytes, 'a');
    names.emplace_back(bytes, '\0');
    names.push_back(all + std::string(bytes, '%'));
  }
  for (NoteKind kind : {NoteKind::kPolicy, NoteKind::kPolicyRemove, NoteKind::kList}) {
    for (const std::string& name : names) ExpectGoesThrough({.kind = kind, .words = {name}});
  }
  for (size_t bytes = 900; bytes < 1100; ++bytes) {
    ExpectGoesThrough({.kind = NoteKind::kList, .value = UINT64_MAX, .words = {std::string(bytes, 'a')}});
  }
  ExpectGoesThrough({.kind = NoteKind::kPolicy, .words = names});
}

TEST(NoteRecord, SeveralNotesStandInARow) {
  Random random(2);
  QueueNotes notes;
  for (NoteKind kind : kKinds) notes.list.push_back(Drawn(kind, random));
  bool good;
  const std::vector<QueueNote> read = Read(Encoded(notes), &good);
  ASSERT_TRUE(good);
  ASSERT_EQ(read.size(), notes.list.size());
  for (size_t i = 0; i < read.size(); ++i) EXPECT_EQ(Shown(read[i]), Shown(notes.list[i]));
}

// A note has one spelling: whatever is read with a byte changed says something else, or nothing at all.
TEST(NoteRecord, AChangedByteIsRefusedOrSaysSomethingElse) {
  Random random(3);
  uint64_t refused = 0, different = 0;
  for (int i = 0; i < 40; ++i) {
    for (NoteKind kind : kKinds) {
      const QueueNote note = Drawn(kind, random);
      const std::string text = Encoded(note), shown = Shown(note);
      // Of long ones a sample.
      for (size_t at = 0; at < text.size(); at += 1 + text.size() / 200) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ (1 + random.Below(255)));
        bool good;
        const std::vector<QueueNote> read = Read(changed, &good);
        ++(good ? different : refused);
        if (!good) continue;
        ASSERT_FALSE(read.size() == 1 && Shown(read.front()) == shown) << text << "with byte " << at << " changed";
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(different, 1000u);
}

TEST(NoteRecord, AnyBytesAreReadOrRefused) {
  Random random(4);
  constexpr std::string_view kTricky = "#Q+- lsmpxgnkPDLAM0123456789%\r\n";
  for (int i = 0; i < 200'000; ++i) {
    std::string line = random.OneIn(8) ? "" : random.OneIn(3) ? "#Q+" : random.OneIn(5) ? "#Q-" : "#Q ";
    for (uint64_t left = random.Below(40); left > 0; --left) {
      line += random.OneIn(6) ? static_cast<char>(random.Below(256)) : kTricky[random.Below(kTricky.size())];
    }
    if (!random.OneIn(8)) line += "\r\n";
    bool good;
    for (const QueueNote& note : Read(line, &good)) {
      // It is nothing that could not be written.
      if (good) ExpectGoesThrough(note);
    }
    (void)IsNoteLine(line);
    if (HasFatalFailure()) return;
  }
}

TEST(NoteRecord, ALineOfAGroupIsNoNoteNorWithOneByteChanged) {
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    GroupLine group;
    Draw(random, &group.length), Draw(random, &group.position), Draw(random, &group.before);
    Draw(random, &group.synced);
    char line[kGroupLineBytesMax];
    std::string records(random.Below(20), 'x');
    const std::string text(line, EncodeGroupLine(records, 1, &group, line));
    ASSERT_FALSE(IsNoteLine(text));
    for (size_t at = 0; at < text.size(); ++at) {
      std::string changed = text;
      for (int byte = 0; byte < 256; byte += i == 0 ? 1 : 7) {
        changed[at] = static_cast<char>(byte);
        ASSERT_FALSE(IsNoteLine(changed)) << changed;
      }
      changed.erase(at, 1);
      ASSERT_FALSE(IsNoteLine(changed)) << changed;
    }
  }
}

}  // namespace
}  // namespace baton
