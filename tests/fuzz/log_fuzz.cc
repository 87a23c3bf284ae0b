#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/logging.h"
#include "data/entry.h"
#include "data/keyspace.h"
#include "doubles/manual_clock.h"
#include "doubles/manual_job_runner.h"
#include "doubles/sim_file_system.h"
#include "log/log.h"
#include "log/recovery.h"

// A log directory with any bytes in it. Whatever they are: no crash, no byte read that is not there; and when a start
// takes them, then it goes on appending, and the next start finds the same, with nothing left to cut. The first byte
// chooses:
//
//   bit 0  0: the rest is a file of the log as it stands
//          1: the rest writes a log with our own code, and then edits it; what a start takes is one of the states that
//          the
//             log has been through
//   bit 1  bit 0 is 0: the file is the base, not the segment
namespace baton {
namespace {

constexpr char kDirectory[] = "data/appendonlydir";
const std::string kBase = std::string(kDirectory) + "/appendonly.aof.1.base.aof";
const std::string kSegment = std::string(kDirectory) + "/appendonly.aof.1.incr.aof";
const std::string kManifest = std::string(kDirectory) + "/appendonly.aof.manifest";

class Life final : public ReplayTarget {
 public:
  explicit Life(SimFileSystem& disk)
      : logger_(LogLevel::kWarning, [](LogLevel, std::string_view) {}),
        log_(Options(), disk, clock_, syncs_, jobs_, logger_, keyspace_, [] {}) {}
  ~Life() override {
    syncs_.Forget();
    jobs_.Forget();
  }
  Result<RecoveryReport> Open() { return log_.Open(*this); }

  ApplyOutcome Replay(const Mutation& mutation) override {
    // A string as large as an offset says is right, and no find.
    if (mutation.kind == MutationKind::kSetRange && mutation.a > 1 << 20) return ApplyOutcome::kDoesNotFit;
    return keyspace_.Apply(mutation, log_.open_position());
  }
  KeyRef Ref(std::string_view name) override { return keyspace_.Ref(name); }
  Status ReplayForeign(uint32_t, std::span<const std::string_view> argv) override {
    CHECK(!argv.empty());
    if (argv[0] == "NO") return Status::Error("no");
    return Status::Ok();
  }
  void Progress(uint64_t done, uint64_t total) override { CHECK(done <= total); }

  void Push(std::string_view key, std::string_view value) {
    const std::string_view values[] = {value};
    const Mutation mutation = Mutation::Push(0, Ref(key), Side::kRight, values);
    log_.Append(mutation);
    CHECK(keyspace_.Apply(mutation, log_.open_position()) == ApplyOutcome::kChanged);
  }
  std::string State() {
    std::set<std::string> keys;
    for (uint32_t db = 0; db < keyspace_.databases(); ++db) {
      keyspace_.Visit(db, 0, [&](const Entry& entry) {
        std::string line = std::to_string(db) + "/" + std::string(entry.key()) + ":";
        if (entry.type() == ValueType::kString) line += entry.string();
        if (entry.type() == ValueType::kList) {
          for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
            line += " " + std::string(cursor.element());
          }
        }
        if (entry.has_expiry()) line += " until " + std::to_string(entry.expire_at_ms());
        keys.insert(line + "\n");
        return true;
      });
    }
    std::string text;
    for (const std::string& key : keys) text += key;
    return text;
  }
  Log& log() { return log_; }
  ManualClock& clock() { return clock_; }

 private:
  static LogOptions Options() {
    LogOptions options;
    options.directory = kDirectory;
    options.random_seed = 5;
    options.rewrite_percentage = 0;
    return options;
  }

  ManualClock clock_;
  ManualJobRunner syncs_{ManualJobRunner::Mode::kAtOnce};
  ManualJobRunner jobs_{ManualJobRunner::Mode::kAtOnce};
  Logger logger_;
  Keyspace keyspace_{16, 7};
  Log log_;
};

// False when the start is refused.
bool StartTwice(SimFileSystem& disk, std::string* state) {
  {
    Life life(disk);
    auto report = life.Open();
    if (!report.ok()) {
      CHECK(!report.status().message().empty());
      return false;
    }
    *state = life.State();
    life.log().Flush();
  }
  disk.Kill();
  std::string after;
  {
    Life life(disk);
    auto report = life.Open();
    CHECK(report.ok());
    CHECK(report->cut_bytes == 0);
    CHECK(life.State() == *state);
    life.Push("fuzz:next", "x");
    CHECK(life.log().Close().ok());
    after = life.State();
  }
  Life life(disk);
  CHECK(life.Open().ok());
  CHECK(life.State() == after);
  return true;
}

void RawBytes(SimFileSystem& disk, std::string_view bytes, bool as_base) {
  disk.SetContent(kManifest,
                  "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
  disk.SetContent(kBase, as_base ? bytes : "");
  disk.SetContent(kSegment, as_base ? "" : bytes);
  std::string state;
  StartTwice(disk, &state);
}

// Takes bytes from the front of the input; zeros when there are none left.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return byte;
  }
  size_t Number() { return static_cast<size_t>(Byte()) << 8 | Byte(); }
  std::string_view Text(size_t length) {
    std::string_view text = bytes_.substr(0, length);
    bytes_.remove_prefix(text.size());
    return text;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

void EditedLog(SimFileSystem& disk, std::string_view bytes) {
  Input input(bytes);
  std::set<std::string> states = {""};
  {
    Life life(disk);
    CHECK(life.Open().ok());
    for (size_t groups = input.Byte() % 8; groups > 0; --groups) {
      for (size_t changes = 1 + input.Byte() % 3; changes > 0; --changes) {
        const std::string key = std::string(input.Text(1)) + "k";
        life.Push(key, input.Text(input.Byte()));
      }
      life.log().Flush();
      states.insert(life.State());
      if (input.Byte() % 4 == 0) {
        life.clock().AdvanceMs(1000);
        life.log().OnTimer();
      }
      if (input.Byte() % 16 == 1) {
        CHECK(life.log().StartRewrite().ok());
        life.log().Flush();
      }
    }
  }
  disk.Kill();
  std::vector<std::string> files;
  for (const std::string& path : disk.Paths()) {
    if (path.ends_with(".aof")) files.push_back(path);
  }
  for (int edits = 0; edits < 4 && !input.empty(); ++edits) {
    const std::string& path = files[input.Byte() % files.size()];
    std::string content = disk.Content(path).value();
    const size_t at = input.Number() % (content.size() + 1);
    switch (input.Byte() % 6) {
      case 0:
        if (at < content.size()) content[at] = static_cast<char>(content[at] ^ input.Byte());
        break;
      case 1:
        content.resize(at);
        break;
      case 2:
        content.append(at, '\0');
        break;
      case 3:
        content.insert(at, input.Text(input.Byte()));
        break;
      case 4:  // a piece of the file itself, somewhere else
        content.insert(at, content.substr(std::min(input.Number(), content.size()), input.Number() % 512));
        break;
      case 5:  // lost blocks
        content.replace(at, std::min<size_t>(512, content.size() - at),
                        std::string(std::min<size_t>(512, content.size() - at), '\0'));
        break;
    }
    disk.SetContent(path, content);
  }
  std::string state;
  if (StartTwice(disk, &state)) CHECK(states.contains(state));
}

}  // namespace
}  // namespace baton

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton;
  if (size < 1 || size > 64 << 10) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  SimFileSystem disk(1);
  CHECK(disk.CreateDirectory("data").ok());
  CHECK(disk.CreateDirectory(kDirectory).ok());
  CHECK(disk.SyncDirectory(".").ok());
  if (data[0] & 1) {
    EditedLog(disk, rest);
  } else {
    RawBytes(disk, rest, (data[0] & 2) != 0);
  }
  return 0;
}
