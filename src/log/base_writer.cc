#include "log/base_writer.h"

#include <algorithm>
#include <vector>

#include "data/entry.h"
#include "data/mutation.h"
#include "log/group_buffer.h"

namespace baton {
namespace {

constexpr size_t kGroupBytes = 64 << 10;
// Elements in one command. A reader holds a command whole, so they are bounded in number and in bytes.
constexpr size_t kValuesMax = 256;
constexpr size_t kValuesBytesMax = 64 << 10;
// So that the last sync does not find everything still to be written, and none takes so long that a sync of the log
// that comes meanwhile has to wait for much.
constexpr uint64_t kSyncEveryBytes = 4 << 20;
// Sleeps are cut in pieces, so that a stop need not wait for their end.
constexpr int64_t kSleepNsMin = 1'000'000;
constexpr int64_t kSleepNsMax = 20'000'000;

// Lets bytes go no faster than the rate that is asked for at the time.
class Pace {
 public:
  Pace(Clock& clock, const BaseProgress& progress) : clock_(clock), progress_(progress) {}

  void Wait(uint64_t bytes_written) {
    const uint64_t rate = progress_.bytes_per_second_max.load(std::memory_order_relaxed);
    if (rate == 0) return;
    paid_until_ns_ = std::max(paid_until_ns_, clock_.MonotonicNs()) +
                     static_cast<int64_t>(static_cast<double>(bytes_written) * 1e9 / static_cast<double>(rate));
    while (!progress_.cancelled.load(std::memory_order_relaxed)) {
      const int64_t ahead_ns = paid_until_ns_ - clock_.MonotonicNs();
      if (ahead_ns < kSleepNsMin) return;
      clock_.SleepUs(std::min(ahead_ns, kSleepNsMax) / 1000);
    }
  }

 private:
  Clock& clock_;
  const BaseProgress& progress_;
  int64_t paid_until_ns_ = 0;
};

// Collects records in groups and puts them into the file.
class BaseSink {
 public:
  BaseSink(AppendFile& file, uint32_t seed, Clock& clock, BaseProgress& progress)
      : file_(file), progress_(progress), pace_(clock, progress) {
    groups_.Restart(0, 0);
    groups_.StartSegment(seed);
  }

  // False when it is of no use to go on: status() says why.
  bool Append(const Mutation& mutation) {
    groups_.Append(mutation);
    return groups_.size() < kGroupBytes || WriteGroup();
  }
  bool Finish() {
    if (!groups_.open_group_is_empty() && !WriteGroup()) return false;
    groups_.CloseGroup(groups_.open_position() - 1, 'a');  // the mark: all before it is whole
    if (!WriteClosed()) return false;
    status_ = file_.Sync();
    return status_.ok();
  }
  const Status& status() const { return status_; }

 private:
  bool WriteGroup() {
    groups_.CloseGroup(0, 'a');
    return WriteClosed();
  }
  bool WriteClosed() {
    if (progress_.cancelled.load(std::memory_order_relaxed)) {
      status_ = Status::Error("cancelled");
      return false;
    }
    const std::string_view bytes = groups_.closed();
    size_t written = 0;
    status_ = file_.Append(bytes, &written);
    if (!status_.ok()) return false;
    progress_.bytes.fetch_add(bytes.size(), std::memory_order_relaxed);
    unsynced_bytes_ += bytes.size();
    pace_.Wait(bytes.size());
    groups_.DropClosed();
    if (unsynced_bytes_ >= kSyncEveryBytes) {
      status_ = file_.Sync();
      unsynced_bytes_ = 0;
    }
    return status_.ok();
  }

  AppendFile& file_;
  BaseProgress& progress_;
  Pace pace_;
  GroupBuffer groups_;
  uint64_t unsynced_bytes_ = 0;
  Status status_ = Status::Ok();
};

bool WriteString(uint32_t db, const Entry& entry, BaseSink& sink) {
  const int64_t expire_at_ms = entry.has_expiry() ? entry.expire_at_ms() : 0;
  if (!sink.Append(Mutation::Set(db, {entry.key()}, entry.string(), expire_at_ms, false))) return false;
  // 0 is no time in SET's mutation, though a key can have it.
  if (entry.has_expiry() && expire_at_ms == 0) return sink.Append(Mutation::ExpireAt(db, {entry.key()}, 0));
  return true;
}

bool WriteList(uint32_t db, const Entry& entry, BaseSink& sink) {
  std::vector<std::string_view> values;
  values.reserve(kValuesMax);
  size_t bytes = 0;
  const auto push = [&] {
    const bool going_on = sink.Append(Mutation::Push(db, {entry.key()}, Side::kRight, values));
    values.clear();
    bytes = 0;
    return going_on;
  };
  for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
    values.push_back(cursor.element());
    bytes += values.back().size();
    if ((values.size() == kValuesMax || bytes >= kValuesBytesMax) && !push()) return false;
  }
  if (!values.empty() && !push()) return false;
  return !entry.has_expiry() || sink.Append(Mutation::ExpireAt(db, {entry.key()}, entry.expire_at_ms()));
}

bool WriteEntry(uint32_t db, const Entry& entry, BaseSink& sink) {
  switch (entry.type()) {
    case ValueType::kString:
      return WriteString(db, entry, sink);
    case ValueType::kList:
      return WriteList(db, entry, sink);
  }
  CHECK(false);
}

}  // namespace

Status WriteBase(const Snapshot& snapshot, const QueueSnapshot* queues, const FileHeader& header, AppendFile& file,
                 Clock& clock, BaseProgress& progress) {
  const std::string first_line = FormatFileHeader(header);
  size_t written = 0;
  if (Status status = file.Append(first_line, &written); !status.ok()) return status;
  progress.bytes.fetch_add(first_line.size(), std::memory_order_relaxed);

  BaseSink sink(file, GroupSeed(header.salt), clock, progress);
  bool going_on = true;
  for (uint32_t db = 0; db < snapshot.databases() && going_on; ++db) {
    snapshot.Visit(db, [&](const Entry& entry) {
      going_on = WriteEntry(db, entry, sink);
      progress.keys.fetch_add(1, std::memory_order_relaxed);
      return going_on;
    });
  }
  // Behind the lists: records are about elements that are there.
  if (going_on && queues != nullptr) {
    QueueNotes notes;
    going_on = queues->ForEachNote([&](uint32_t db, const QueueNote& note) {
      notes.list.assign(1, note);
      return sink.Append(Mutation::Queue(db, notes));
    });
  }
  if (going_on) sink.Finish();
  return sink.status();
}

// What stands in a base beside the bytes that memory holds, too: an element's length in digits and its line ends, more
// than the lengths that it has in memory; a key's commands, with a time to live; the record of a message. What many
// elements share, a command's head and a group's line, is a thousandth.
uint64_t BaseBytesMax(const Keyspace& keyspace, const QueueBook* queues) {
  constexpr uint64_t kPerElement = 6, kPerKey = 56, kPerMessage = 128;
  uint64_t bytes = keyspace.allocated_bytes() + kPerElement * keyspace.list_elements();
  for (uint32_t db = 0; db < keyspace.databases(); ++db) bytes += kPerKey * keyspace.size(db);
  if (queues != nullptr) bytes += kPerMessage * queues->messages().size();
  return bytes;
}

std::string EmptyBase(const FileHeader& header) {
  GroupBuffer groups;
  groups.Restart(0, 0);
  groups.StartSegment(GroupSeed(header.salt));
  groups.CloseGroup(0, 'a');
  return FormatFileHeader(header) + std::string(groups.closed());
}

}  // namespace baton
