// Files of the log cut at every byte of their end, and with every byte changed.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "base/random.h"
#include "log/recovery.h"
#include "unit/log/log_life.h"

namespace baton {
namespace {

constexpr size_t kEndBytes = 4096;
// Under the sanitizers each try costs ten times as much, and a sample is enough: the plain build tries them all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStepBytes = 11;
#else
constexpr size_t kStepBytes = 1;
#endif
const std::string kSegment = LogPath("appendonly.aof.1.incr.aof");

std::string Command(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return text;
}

// A log, one of whose files is to be spoiled, and what a start makes of it when that ends at each of these places.
struct Written {
  SimFileSystem disk{1};
  ManualClock clock;
  std::string path = kSegment;
  struct End {
    size_t bytes;
    std::string state;
  };
  std::vector<End> ends;
  size_t room_end = 0;  // 0: the file has no room behind what is written
  std::unique_ptr<LogLife> life;

  Written() { MakeDataDirectory(disk); }
  void Start(SyncPolicy policy = SyncPolicy::kAlways, int64_t preallocate_bytes = 0) {
    LogOptions options = DefaultLogOptions(policy);
    options.preallocate_bytes = preallocate_bytes;
    life = std::make_unique<LogLife>(disk, clock, options);
    auto report = life->Open();
    ASSERT_TRUE(report.ok()) << report.status().message();
    Note();
  }
  void Note() {
    const std::string content = disk.Content(path).value_or("");
    const size_t end = room_end == 0 ? content.size() : content.find_last_not_of("#\n") + 2;
    ends.push_back({end, life->State()});
  }
  // The file as it is when what stands from `length` on was not written.
  std::string CutAt(const std::string& whole, size_t length) const {
    if (room_end == 0) return whole.substr(0, length);
    std::string cut = whole.substr(0, length) + std::string(room_end - length, '#');
    cut.back() = '\n';
    return cut;
  }
  void Turn() {
    life->log().Flush();
    Note();
  }
  void Batch(const std::vector<Mutation>& batch) {
    life->log().BeginBatch();
    for (const Mutation& mutation : batch) {
      life->log().Append(mutation);
      EXPECT_EQ(life->keyspace().Apply(mutation, life->log().open_position()), ApplyOutcome::kChanged);
    }
    life->log().EndBatch();
  }
  size_t bytes() const { return ends.back().bytes; }
  void Kill() {
    life.reset();
    disk.Kill();
  }
};

// --- what the files are made of

void SmallPushes(Written& log) {
  log.Start();
  for (int i = 0; i < 80; ++i) {
    log.life->Push("q", std::to_string(i));
    log.Turn();
  }
}

void Transactions(Written& log) {
  log.Start();
  for (int i = 0; log.bytes() < 2 * kEndBytes; ++i) {
    const std::string value = "v" + std::to_string(i);
    const std::string_view values[] = {value, "w"};
    const KeyRef q = log.life->Ref("q"), s = log.life->Ref("s");
    log.Batch({Mutation::Push(0, q, Side::kLeft, values), Mutation::Set(3, s, value, 1'800'000'000'000 + i, false),
               Mutation::Pop(0, q, Side::kRight, 1)});
    log.Batch({Mutation::Push(0, q, Side::kRight, values)});
    log.Turn();
  }
}

// A note that stands alone, of several lines.
QueueNotes LongNote() {
  return {
      {{.kind = NoteKind::kPolicyRemove, .words = {std::string(500, '\xff'), "MATCH", "", std::string(1200, 'q')}}}};
}

void NotesOfQueues(Written& log) {
  log.Start();
  for (uint64_t i = 1; log.bytes() < 2 * kEndBytes; ++i) {
    const std::string value = "v" + std::to_string(i);
    const std::string_view values[] = {value};
    QueueNotes alone{{{.kind = NoteKind::kGrant, .value = i}}}, leave{{{.kind = NoteKind::kLeave}}}, place = leave;
    leave.list.front().message.id = place.list.front().message.id = i;
    place.list.front().kind = NoteKind::kPlace;
    const KeyRef q = log.life->Ref("q"), w = log.life->Ref("w");
    log.Batch({Mutation::Push(0, q, Side::kLeft, values)});
    Mutation goes = Mutation::ListRemove(0, q, -1, value), comes = Mutation::Push(0, w, Side::kLeft, values);
    goes.notes = &leave;
    comes.notes = &place;
    log.Batch({goes, comes});
    log.Turn();
    log.Batch({Mutation::Queue(0, alone)});
    log.Turn();
    const QueueNotes policy = LongNote();
    if (i % 4 == 0) log.Batch({Mutation::Queue(3, policy), Mutation::Push(0, q, Side::kLeft, values)});
    log.Turn();
  }
}

// In a segment that was made in advance.
void IntoRoom(Written& log) {
  log.Start(SyncPolicy::kAlways, 16 << 10);
  while (!log.disk.Content(LogPath("appendonly.aof.2.incr.aof"))) {
    log.life->Push("q", "before");
    log.life->log().Flush();
  }
  while (log.life->log().figures().file_bytes < (17 << 10)) {  // the switch comes when the first one is full
    log.life->Push("q", "before");
    log.life->log().Flush();
  }
  log.path = LogPath("appendonly.aof.2.incr.aof");
  log.room_end = 16 << 10;
  log.ends.clear();
  log.Turn();
  for (int i = 0; log.bytes() < 2 * kEndBytes; ++i) {
    log.life->Push("q", std::to_string(i));
    log.life->Push("q", std::string(static_cast<size_t>(i) % 700, 'x'));
    log.Turn();
  }
}

void LargeElements(Written& log) {
  log.Start();
  for (int i = 0; i < 6; ++i) {
    log.life->Push("q", std::string(1500, static_cast<char>('a' + i)));
    log.Turn();
  }
}

void MarksInBetween(Written& log) {
  log.Start();
  for (int i = 0; log.bytes() < 2 * kEndBytes; ++i) {
    log.life->Push("q", std::to_string(i));
    log.Turn();
    log.clock.AdvanceMs(1000);
    log.life->log().OnTimer();
    log.Note();
  }
}

void ForgedLines(Written& log) {
  log.Start();
  for (int i = 0; log.bytes() < 2 * kEndBytes; ++i) {
    const std::string next = std::to_string(log.life->log().open_position());
    log.life->Push("q", "v\r\n#C 0 " + next + " 00000000 999 a 00000000\r\n*1\r\n$8\r\nFLUSHALL\r\n#C 18 " + next +
                            " 00000000 999 a 12345678\r\n");
    log.Turn();
  }
}

void UnsyncedUnderEverySecond(Written& log) {
  log.Start(SyncPolicy::kEverySecond);
  log.life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  for (int i = 0; log.bytes() < 2 * kEndBytes; ++i) {
    log.life->Push("q", std::to_string(i) + "\r\n");
    log.Turn();
  }
}

void BehindARewrite(Written& log) {
  log.Start();
  for (int i = 0; i < 30; ++i) log.life->Push("q", std::to_string(i));
  log.life->log().Flush();
  ASSERT_TRUE(log.life->log().StartRewrite().ok());
  log.path = LogPath("appendonly.aof.2.incr.aof");
  log.ends.clear();
  log.Turn();
  while (log.bytes() < 2 * kEndBytes) {
    log.life->Pop("q");
    log.life->Push("q", "behind the rewrite");
    log.Turn();
  }
}

// Rotated, and then killed before the base was there.
void BehindARotation(Written& log) {
  log.Start();
  log.life->jobs().set_mode(ManualJobRunner::Mode::kManual);
  log.life->Push("q", "before");
  log.life->log().Flush();
  ASSERT_TRUE(log.life->log().StartRewrite().ok());
  log.life->jobs().RunOne();
  log.path = LogPath("appendonly.aof.2.incr.aof");
  log.ends.clear();
  log.Turn();
  while (log.bytes() < 2 * kEndBytes) {
    log.life->Push("q", "behind the rotation");
    log.Turn();
  }
}

// Units as redis-server writes them: commands, and transactions that go as a whole.
std::string RedisAppends(Written& log, std::string file, const std::string& before) {
  std::string queue = before, other;
  const auto note = [&] { log.ends.push_back({file.size(), queue + (other.empty() ? "" : "2/s:" + other + "\n")}); };
  file += Command({"SELECT", "0"});
  note();
  for (int i = 0; log.bytes() < 2 * kEndBytes; ++i) {
    const std::string value = "redis" + std::to_string(i);
    file += Command({"RPUSH", "q", value});
    queue.insert(queue.size() - 1, " " + value);
    note();
    file += Command({"MULTI"}) + Command({"RPUSH", "q", value}) + Command({"SELECT", "2"}) +
            Command({"SET", "s", value}) + Command({"EXEC"});
    queue.insert(queue.size() - 1, " " + value);
    other = " \"" + value + "\"";
    note();
    file += Command({"SELECT", "0"});
    note();
  }
  return file;
}

void WrittenByRedis(Written& log) {
  log.disk.SetContent(LogPath("appendonly.aof.manifest"),
                      "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
  log.disk.SetContent(LogPath("appendonly.aof.1.base.aof"), Command({"SELECT", "0"}) + Command({"RPUSH", "q", "a"}));
  log.ends.push_back({0, "0/q: a\n"});
  log.disk.SetContent(kSegment, RedisAppends(log, "", "0/q: a\n"));
}

void VisitedByRedis(Written& log) {
  log.Start();
  for (int i = 0; i < 5; ++i) {
    log.life->Push("q", "ours");
    log.Turn();
  }
  log.Kill();
  log.disk.SetContent(kSegment, RedisAppends(log, *log.disk.Content(kSegment), log.ends.back().state));
}

struct Kind {
  const char* name;
  void (*write)(Written&);
};

class CutAtEveryByte : public testing::TestWithParam<Kind> {};

TEST_P(CutAtEveryByte, LoadsExactlyTheWholeGroupsBeforeTheCutAndGoesOn) {
  Written log;
  GetParam().write(log);
  log.Kill();
  const std::string whole = log.disk.Content(log.path).value().substr(0, log.bytes());
  ASSERT_EQ(log.disk.Content(log.path).value(), log.CutAt(whole, whole.size()));
  ASSERT_GT(whole.size(), kEndBytes);
  size_t end = 0;
  for (size_t length = whole.size() - kEndBytes; length <= whole.size(); length += kStepBytes) {
    while (end + 1 < log.ends.size() && log.ends[end + 1].bytes <= length) ++end;
    SCOPED_TRACE("cut at byte " + std::to_string(length));
    auto copy = log.disk.Clone(length);
    copy->SetContent(log.path, log.CutAt(whole, length));
    {
      LogLife life(*copy, log.clock);
      auto report = life.Open();
      ASSERT_TRUE(report.ok()) << report.status().message();
      ASSERT_EQ(life.State(), log.ends[end].state);
      std::string torn = whole.substr(log.ends[end].bytes, length - log.ends[end].bytes);
      if (log.room_end != 0) torn.resize(torn.find_last_not_of('#') + 1);  // there it looks like room
      EXPECT_EQ(report->cut_bytes, torn.size());
      life.Push("next", "acknowledged");
      life.log().Flush();
      EXPECT_EQ(life.log().synced(), life.log().appended());
    }
    copy->Crash();
    LogLife again(*copy, log.clock);
    auto report = again.Open();
    ASSERT_TRUE(report.ok()) << report.status().message();
    const std::string next = "0/next: acknowledged\n";
    ASSERT_EQ(again.State(), next + log.ends[end].state);
    EXPECT_EQ(report->cut_bytes, 0u);
  }
}

const Kind kKinds[] = {
    {"SmallPushes", SmallPushes},
    {"Transactions", Transactions},
    {"NotesOfQueues", NotesOfQueues},
    {"LargeElements", LargeElements},
    {"MarksInBetween", MarksInBetween},
    {"IntoRoom", IntoRoom},
    {"ForgedLines", ForgedLines},
    {"UnsyncedUnderEverySecond", UnsyncedUnderEverySecond},
    {"BehindARewrite", BehindARewrite},
    {"BehindARotation", BehindARotation},
    {"WrittenByRedis", WrittenByRedis},
    {"VisitedByRedis", VisitedByRedis},
};
INSTANTIATE_TEST_SUITE_P(Files, CutAtEveryByte, testing::ValuesIn(kKinds),
                         [](const auto& tested) { return tested.param.name; });

// --- changed bytes

// Takes everything: whether a change fits the data is not what is asked here.
class AnythingFits final : public ReplayTarget {
 public:
  ApplyOutcome Replay(const Mutation&) override { return ApplyOutcome::kChanged; }
  KeyRef Ref(std::string_view name) override { return {name, 0}; }
  Status ReplayForeign(uint32_t, std::span<const std::string_view>) override { return Status::Ok(); }
  void Progress(uint64_t, uint64_t) override {}
};

std::string RandomBytes(Random& random, size_t bytes) {
  constexpr std::string_view kTricky = "\r\n#C $*0123456789";
  std::string text(bytes, '\0');
  for (char& c : text) {
    c = random.OneIn(4) ? kTricky[random.Below(kTricky.size())] : static_cast<char>(random.Below(256));
  }
  return text;
}

// Some of everything that a segment holds, closed by a mark.
void Write64KiB(Written& log) {
  Random random(3);
  log.Start();
  while (log.bytes() < 80 << 10) {
    const std::string value = RandomBytes(random, random.OneIn(20) ? random.Below(3000) : random.Below(150));
    log.life->Push("q", value, static_cast<uint32_t>(random.Below(3)));
    if (random.OneIn(3)) log.life->Set("s", RandomBytes(random, random.Below(20)));
    if (random.OneIn(16)) {
      QueueNotes notes{{{.kind = NoteKind::kList, .value = random.Next(), .words = {RandomBytes(random, 40)}}}};
      log.Batch({Mutation::Queue(static_cast<uint32_t>(random.Below(2)), random.OneIn(8) ? LongNote() : notes)});
    }
    if (random.OneIn(5)) {
      const std::string_view values[] = {value};
      log.Batch({Mutation::Push(0, log.life->Ref("q"), Side::kLeft, values),
                 Mutation::Pop(0, log.life->Ref("q"), Side::kRight, 1)});
    }
    log.life->log().Flush();
    log.clock.AdvanceMs(random.OneIn(20) ? 1000 : 1);
    log.life->log().OnTimer();
    log.ends.push_back({log.disk.Content(log.path)->size(), ""});
  }
}

// Every byte up to `end` changed by one of the masks in turn, or, with BATON_EVERY_FLIP set (make test-all), by each.
void ExpectEveryChangeIsNoticed(SimFileSystem& disk, const std::string& path, size_t end) {
  constexpr unsigned char kMasks[] = {0x01, 0x20, 0x80, 0xff, 0x02, 0x04, 0x08, 0x10, 0x40};
  const bool every_mask = std::getenv("BATON_EVERY_FLIP") != nullptr;
  std::string bytes = disk.Content(path).value();
  AnythingFits target;
  const auto read = [&] {
    disk.SetContent(path, bytes);
    return Recovery({kLogDirectory, "appendonly.aof"}, true, disk, target).Read();
  };
  ASSERT_TRUE(read().ok());
  size_t tried = 0;
  for (size_t i = 0; i < end; i += kStepBytes) {
    for (size_t m = 0; m < std::size(kMasks); ++m) {
      if (!every_mask && m != i % std::size(kMasks)) continue;
      bytes[i] = static_cast<char>(bytes[i] ^ kMasks[m]);
      auto outcome = read();
      ASSERT_FALSE(outcome.ok()) << path << ", byte " << i << " changed by " << static_cast<int>(kMasks[m]);
      ASSERT_NE(outcome.status().message().find(path), std::string::npos) << outcome.status().message();
      bytes[i] = static_cast<char>(bytes[i] ^ kMasks[m]);
      ++tried;
    }
  }
  EXPECT_GE(tried, end / kStepBytes);
}

TEST(EveryChangedByte, OfASegmentOf64KiBBelowAVouchedPositionIsDamage) {
  Written log;
  Write64KiB(log);
  // The mark that a clean stop writes vouches for everything before it.
  ASSERT_TRUE(log.life->log().Close().ok());
  log.Kill();
  const std::string whole = log.disk.Content(kSegment).value();
  const size_t mark = whole.rfind("\r\n#C 0 ") + 2;
  ASSERT_GT(mark, 64u << 10);
  ExpectEveryChangeIsNoticed(log.disk, kSegment, mark);
}

TEST(EveryChangedByte, OfABaseOf64KiBIsDamage) {
  Written log;
  Write64KiB(log);
  ASSERT_TRUE(log.life->log().StartRewrite().ok());
  log.life->log().Flush();
  log.Kill();
  const std::string base = LogPath("appendonly.aof.2.base.aof");
  const size_t bytes = log.disk.Content(base).value().size();
  ASSERT_GT(bytes, 32u << 10);
  ExpectEveryChangeIsNoticed(log.disk, base, bytes);
}

}  // namespace
}  // namespace baton
