#include "log/log.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "log/group.h"

namespace baton {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSyncEveryNs = 1000 * kMs;
// What a power cut can take spans two seconds of acknowledgements. The rest is for the time until the next call
// notices.
constexpr int64_t kUnsyncedNsMax = 1850 * kMs;
// Under `always`. So much is kept back while a sync is under way; so long a sync waits for more at the most.
constexpr size_t kHeldBytesMax = 64 << 10;
constexpr int64_t kSyncWaitsNsMax = kMs / 5;
constexpr int64_t kIdleNs = 200 * kMs;
// OnTimer is asked for at least this often: what it waits for may begin between two calls.
constexpr int64_t kTimerBusyNs = 100 * kMs;
constexpr int64_t kTimerIdleNs = 500 * kMs;

}  // namespace

Log::Log(LogOptions options, FileSystem& files, Clock& clock, JobRunner& sync_runner, JobRunner& job_runner,
         Logger& logger, Keyspace& keyspace, std::function<void()> on_progress)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      sync_runner_(sync_runner),
      job_runner_(job_runner),
      logger_(logger),
      keyspace_(keyspace),
      on_progress_(std::move(on_progress)),
      names_{options_.directory, options_.file_name},
      random_(options_.random_seed ^ static_cast<uint64_t>(clock.UnixUs())),
      syncer_(sync_runner, clock, [this](const Status& status, uint64_t position) { OnSynced(status, position); }),
      reserve_(files, job_runner, names_.Path(names_.reserve())),
      self_(std::make_shared<Log*>(this)) {}

Log::~Log() { CancelRewrite(); }

// --- changes

void Log::Flush(bool input_expected) {
  if (!options_.enabled) {
    if (changed_) {
      newest_change_ = groups_.open_position();
      groups_.Restart(newest_change_, 0);
    }
    changed_ = false;
    return;
  }
  if (!open_ || closed_) return;
  const int64_t now_ns = clock_.MonotonicNs();
  sync_waits_ = SyncWaits(input_expected, now_ns);
  const bool switches = rewrite_step_ == RewriteStep::kPrepared && SwitchIsDue();
  // What no sync can take now need not be written now: one group, and one write, for each sync. Near the end of the disk
  // what is written is how its room is watched.
  const bool held = options_.policy == SyncPolicy::kAlways && (syncer_.busy() || sync_waits_) && !switches &&
                    !room_is_short_ && groups_.size() < kHeldBytesMax;
  if (!held) {
    CloseOpenGroup();
    WriteOut();
  }
  if (switches && rewrite_step_ == RewriteStep::kPrepared) SwitchSegment();
  if (!sync_waits_) StartSyncIfDue();
  UpdateReleased(now_ns);
  PrepareNextIfItPays(now_ns);
}

// Under `always`, clients who have just been answered ask for more in a moment, and a sync that began at once would leave
// them for the next one: they would fall apart into two halves that take turns, and half as many more syncs be made. So
// it waits while there is input, for a quarter of the time that a sync takes; more won nothing.
bool Log::SyncWaits(bool input_expected, int64_t now_ns) {
  const bool nothing = groups_.open_group_is_empty() && written_ == synced_;
  if (options_.policy != SyncPolicy::kAlways || !input_expected || nothing || broken_ || syncer_.busy()) {
    sync_waits_since_ns_ = 0;
    return false;
  }
  if (sync_waits_since_ns_ == 0) sync_waits_since_ns_ = now_ns;
  return now_ns - sync_waits_since_ns_ < std::min(syncer_.times().last_us() * 1000 / 4, kSyncWaitsNsMax);
}

void Log::WriteOpenGroup() {
  if (!options_.enabled || !open_ || closed_) return;
  CloseOpenGroup();
  WriteOut();
}

void Log::CloseOpenGroup() {
  if (groups_.open_group_is_empty()) return;
  newest_change_ = groups_.open_position();
  const size_t before = groups_.closed().size();
  groups_.CloseGroup(synced_, policy_letter());
  ++figures_.groups;
  figures_.bytes_appended += groups_.closed().size() - before;
}

void Log::WriteOut() {
  const std::string_view bytes = groups_.closed();
  if (bytes.empty() || broken_) return;
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns < write_again_ns_) return;
  size_t written = 0;
  // A failed write left something behind the last whole group, which could not be cut off then.
  Status status = cut_back_first_ ? CutBack() : Status::Ok();
  if (status.ok()) {
    cut_back_first_ = false;
    status = WriteToSegment(bytes, &written);
  }
  on_took_("aof-write", clock_.MonotonicNs() - now_ns);
  if (!status.ok()) return OnFailedWrite(status, written);

  segment_.bytes += bytes.size();
  bytes_written_ += bytes.size();
  groups_.DropClosed();
  written_ = groups_.open_position() - 1;
  ends_with_mark_ = newest_change_ < written_;
  last_write_ns_ = now_ns;
  if (oldest_unsynced_ns_ == 0) oldest_unsynced_ns_ = now_ns;
  if (write_again_ns_ != 0) {
    logger_.Notice("%s: writing works again", names_.Path(segment_.name.name).c_str());
    write_again_ns_ = 0;
    refused_.clear();
  }
  figures_.last_write_ok = true;
  WatchSpace(written);
}

Status Log::WriteToSegment(std::string_view bytes, size_t* written) {
  AppendFile& file = *segment_.file;
  const uint64_t room = segment_.room();
  if (room == 0) return file.Append(bytes, written);
  // The line end alone would be left, at which redis-server stops: it is moved back by a byte.
  if (room == bytes.size() + 1) {
    size_t moved = 0;
    *written = 0;
    if (Status status = file.WriteOver(file.size() - 1, "#\n", &moved); !status.ok()) return status;
  }
  return file.WriteOver(segment_.bytes, bytes, written);
}

// Nothing is ever written behind half a group: the file is cut back to the end of the last whole one, and the same
// bytes are written again from there.
void Log::OnFailedWrite(const Status& status, size_t written) {
  ++figures_.failed_writes;
  figures_.last_write_ok = false;
  if (!cut_back_first_ && written > 0) cut_back_first_ = !CutBack().ok();
  if (!IsFullDisk(status)) return BreakSegment(status);
  look_again_ns_ = 0;
  const size_t waiting = groups_.closed().size();
  if (!giving_way_ && GiveWay(waiting, ReserveForConsumers())) return WriteIntoTheGap();
  if (CanStartAfresh()) {
    BreakSegment(status, true);
    // At once: what consumers do until the next turn may need more room than there is.
    if (rewrite_step_ == RewriteStep::kIdle) StartRewriteFor(RewritePurpose::kMend);
    return;
  }
  if (!giving_way_ && ReserveServesWritersBetter() && GiveWay(waiting, reserve_.bytes())) return WriteIntoTheGap();
  if (write_again_ns_ == 0) {
    logger_.Warning("%s. Pushes are refused and replies wait until it works; it is tried again every %lld ms.",
                    status.message().c_str(), static_cast<long long>(kWriteAgainNs / kMs));
  }
  write_again_ns_ = clock_.MonotonicNs() + kWriteAgainNs;
  refused_ = "MISCONF Errors writing to the AOF file: " + status.message();
}

void Log::WriteIntoTheGap() {
  giving_way_ = true;
  WriteOut();
  giving_way_ = false;
}

// --- syncs

void Log::RequestSync() {
  if (!options_.enabled || !open_) return;
  sync_requested_ = true;
  StartSyncIfDue();
}

void Log::StartSyncIfDue() {
  if (broken_ || syncer_.busy() || (written_ == synced_ && older_files_.empty())) return;
  const bool due =
      options_.policy == SyncPolicy::kAlways || sync_requested_ || !older_files_.empty() ||
      (options_.policy == SyncPolicy::kEverySecond && clock_.MonotonicNs() - syncer_.started_ns() >= kSyncEveryNs);
  if (due) StartSync();
}

void Log::StartSync() {
  Syncer::Request request;
  request.files = std::exchange(older_files_, {});
  request.files.push_back({segment_.file});
  if (std::exchange(manifest_unsynced_, false)) {
    request.directory_files = &files_;
    request.directory = names_.directory;
  }
  request.position = written_;
  mends_at_sync_start_ = mends_;
  bytes_at_sync_start_ = bytes_written_;
  oldest_being_synced_ns_ = std::exchange(oldest_unsynced_ns_, 0);
  sync_requested_ = false;
  sync_waits_since_ns_ = 0;
  syncer_.Start(std::move(request));
}

void Log::OnSynced(const Status& status, uint64_t position) {
  oldest_being_synced_ns_ = 0;
  if (closed_) return;
  on_took_(options_.policy == SyncPolicy::kAlways ? "aof-fsync-always" : "aof-fsync", syncer_.times().last_us() * 1000);
  if (status.ok()) {
    synced_ = std::max(synced_, position);
    bytes_synced_ = std::max(bytes_synced_, bytes_at_sync_start_);
  } else if (mends_at_sync_start_ == mends_) {
    BreakSegment(status);
  }
  if (options_.policy != SyncPolicy::kAlways) StartSyncIfDue();  // else Flush does, with what was kept back for it
  UpdateReleased(clock_.MonotonicNs());
  on_progress_();
}

// What the segment holds is unknown from now on. A sync that is tried again may report success though pages were
// dropped, so a fresh base and segment are written from memory; until they are durable nothing that is not synced yet
// is released.
void Log::BreakSegment(const Status& status, bool is_full_disk) {
  refused_ = "MISCONF Errors writing to the AOF file: " + status.message();
  figures_.last_write_ok = false;
  if (!is_full_disk) broken_by_full_disk_ = false;
  if (broken_) return;
  broken_ = true;
  broken_by_full_disk_ = is_full_disk;
  mend_again_ns_ = 0;
  mend_delay_ns_ = kWriteAgainNs;
  logger_.Warning(
      "%s. This file is not used any more: a fresh log is written from memory, and replies that wait for it go out "
      "when "
      "it is durable. Until then pushes are refused.",
      status.message().c_str());
  // A rewrite under way would end in the segment that broke.
  CancelRewrite();
  if (rewrite_step_ == RewriteStep::kIdle) StartRewriteFor(RewritePurpose::kMend);
}

// --- positions

uint64_t Log::appended() const {
  return groups_.open_group_is_empty() && !changed_ ? newest_change_ : groups_.open_position();
}

uint64_t Log::written() const { return options_.enabled ? written_ : appended(); }
uint64_t Log::synced() const { return options_.enabled ? synced_ : appended(); }

int64_t Log::SyncOverdueNs() const {
  const int64_t oldest_ns = oldest_being_synced_ns_ != 0 ? oldest_being_synced_ns_ : oldest_unsynced_ns_;
  return oldest_ns == 0 ? INT64_MAX : oldest_ns + kUnsyncedNsMax;
}

void Log::UpdateReleased(int64_t now_ns) {
  const bool overdue = options_.policy == SyncPolicy::kEverySecond && now_ns >= SyncOverdueNs();
  // The disk stalls: nothing that it may still lose is told any more, neither news nor what others have been told.
  if (overdue && released_ > synced_) ++figures_.delayed_syncs;
  released_ = broken_ || overdue || options_.policy == SyncPolicy::kAlways ? synced_ : written_;
}

void Log::set_policy(SyncPolicy policy) {
  options_.policy = policy;
  if (!options_.enabled || !open_) return;
  StartSyncIfDue();
  UpdateReleased(clock_.MonotonicNs());
}

SyncPolicy Log::policy() const { return options_.policy; }
LogOptions& Log::options() { return options_; }

// --- time

int64_t Log::OnTimer() {
  if (!options_.enabled || !open_ || closed_) return INT64_MAX;
  const int64_t now_ns = clock_.MonotonicNs();
  const uint64_t released_before = released_;
  if (write_again_ns_ != 0 && now_ns >= write_again_ns_) WriteOut();
  if (broken_ && rewrite_step_ == RewriteStep::kIdle && now_ns >= mend_again_ns_) {
    StartRewriteFor(RewritePurpose::kMend);
  }
  if (WantsMark(now_ns)) WriteMark();
  StartSyncIfDue();
  UpdateReleased(now_ns);
  LookAtSpace(now_ns);
  StartRewriteIfItPays(now_ns);
  TellRewriteProgress(now_ns);
  if (released_ != released_before) on_progress_();
  const bool busy =
      broken_ || written_ != synced_ || groups_.size() != 0 || !ends_with_mark_ || !space_refused_.empty();
  return now_ns + (busy ? kTimerBusyNs : kTimerIdleNs);
}

// A group is vouched for by a later one that says it was synced. When no later one comes, an empty one is written, so
// that what was acknowledged before the log went idle is told from a torn tail, too.
bool Log::WantsMark(int64_t now_ns) const {
  return !ends_with_mark_ && !broken_ && options_.policy != SyncPolicy::kNo && groups_.size() == 0 &&
         written_ == synced_ && now_ns - last_write_ns_ >= kIdleNs;
}

void Log::WriteMark() {
  groups_.CloseGroup(synced_, policy_letter());
  WriteOut();
  sync_requested_ = true;
}

Status Log::SyncInPlace() {
  const int64_t start_ns = clock_.MonotonicNs();
  if (manifest_unsynced_) {
    if (Status status = files_.SyncDirectory(names_.directory); !status.ok()) return status;
  }
  manifest_unsynced_ = false;
  for (const Syncer::File& file : older_files_) {
    if (Status status = file.Sync(); !status.ok()) return status;
  }
  older_files_.clear();
  if (Status status = segment_.file->Sync(); !status.ok()) return status;
  synced_ = written_;
  bytes_synced_ = bytes_written_;
  syncer_.CountElsewhere((clock_.MonotonicNs() - start_ns) / 1000);
  return Status::Ok();
}

Status Log::Close() {
  if (!options_.enabled || !open_ || closed_) {
    closed_ = true;
    return Status::Ok();
  }
  // A rewrite that is past its last look at `cancelled` still swaps the manifest: it must have ended before the lock
  // goes.
  CancelRewrite();
  job_runner_.Drain();
  CloseOpenGroup();
  if (write_again_ns_ != 0) write_again_ns_ = clock_.MonotonicNs();  // what failed is tried again now
  WriteOut();
  // A sync in flight may cover older files and the directory, and if it fails, a second one on the same file may report
  // success all the same: it must have its say first.
  sync_runner_.Drain();
  if (!refused_.empty()) return Status::Error(refused_);
  Status status = SyncInPlace();
  if (status.ok() && !ends_with_mark_) {
    WriteMark();
    status = refused_.empty() ? SyncInPlace() : Status::Error(refused_);
  }
  if (!status.ok()) {
    BreakSegment(status);
    return status;
  }
  released_ = synced_;
  if (rewrite_step_ == RewriteStep::kPrepared) {
    RemovePrepared();
    job_runner_.Drain();
  }
  if (Status cut = CutOffRoom(); !cut.ok()) {
    logger_.Warning("%s. Room for more stays at the end of the log; it does no harm.", cut.message().c_str());
  }
  closed_ = true;
  lock_.reset();
  return Status::Ok();
}

LogFigures Log::figures() const {
  LogFigures figures = figures_;
  figures.appended = appended();
  figures.written = written();
  figures.synced = synced();
  figures.base_bytes = base_bytes_;
  figures.file_bytes = FileBytes();
  figures.live_bytes = LiveBytes();
  figures.free_bytes = free_bytes_known_ ? free_bytes_ : 0;
  figures.free_bytes_wanted = free_bytes_known_ ? free_bytes_wanted_ : 0;
  figures.reserve_bytes = reserve_.bytes();
  figures.syncs = syncer_.times().count();
  figures.failed_syncs = syncer_.failed();
  figures.sync_us_p50 = syncer_.times().PercentileUs(50);
  figures.sync_us_p99 = syncer_.times().PercentileUs(99);
  figures.sync_us_max = syncer_.times().max_us();
  figures.last_sync_us = syncer_.times().last_us();
  figures.rewrite_running = rewriting();
  if (rewriting()) AddRewriteFigures(figures);
  return figures;
}

}  // namespace baton
