// Log: the rewrite, by which a fresh base takes the place of what has been appended.
//
//   1. kPreparing  job: create the next segment, sync it; write the manifest that names it beside the one in force
//   2. kPrepared   the next Flush, in one turn: last group to the old segment, rename the manifest, take the snapshot,
//   go on
//                  in the new segment. `synced` passes this point only when old segment and directory are synced.
//   3. kWriting    job: write the base from the snapshot, sync it, put the manifest into force that names only it and
//                  the new segment, delete what that supersedes
//
// The next segment alone is prepared in the same way, and waits in kPrepared until the present one has no room left; step
// 3 is left out (log_segment.cc). A rewrite that begins meanwhile takes over what has been prepared.
//
// A mend is the same for a segment that can't be trusted any more. It is left out of step 2: nothing is written to it,
// the new segment is named together with the new base only, and nothing goes to the new segment until then either.

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "log/log.h"
#include "log/rewrite_job.h"

namespace baton {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMendDelayNsMax = 10 * kSecondNs;
constexpr int64_t kRewriteDelayNsMin = 60 * kSecondNs;
constexpr int64_t kRewriteDelayNsMax = 3600 * kSecondNs;
// A full disk may have room again as soon as a consumer has made some.
constexpr int64_t kRewriteDelayNsFullDisk = 2 * kSecondNs;
constexpr int64_t kTellEveryNs = 5 * kSecondNs;
// What a base says about few bytes does not go for many.
constexpr uint64_t kAllocatedMin = 1 << 20;

// Takes the time of a step of the rewrite that runs on the loop thread.
class LoopStop {
 public:
  LoopStop(Clock& clock, int64_t& us_max) : clock_(clock), us_max_(us_max), start_ns_(clock.MonotonicNs()) {}
  ~LoopStop() { us_max_ = std::max(us_max_, (clock_.MonotonicNs() - start_ns_) / 1000); }
  LoopStop(const LoopStop&) = delete;
  LoopStop& operator=(const LoopStop&) = delete;

 private:
  Clock& clock_;
  int64_t& us_max_;
  const int64_t start_ns_;
};

}  // namespace

Status Log::StartRewrite() {
  if (!options_.enabled || !open_ || closed_) return Status::Error("ERR appendonly is off: there is no log to rewrite");
  if (rewriting()) return Status::Error("ERR Background append only file rewriting already in progress");
  if (!RewriteFits()) {
    return Status::Error("ERR There is no room on the disk for a rewrite of the log: it may take " +
                         HumanBytes(static_cast<double>(BaseRoom() + SmallRoom())) + ", and " +
                         HumanBytes(static_cast<double>(free_bytes_ + reserve_.bytes())) + " are there");
  }
  StartRewriteFor(broken_ ? RewritePurpose::kMend : RewritePurpose::kCompact);
  return Status::Ok();
}

void Log::CancelRewrite() {
  if (rewrite_ == nullptr) return;
  rewrite_->progress.cancelled.store(true, std::memory_order_relaxed);
}

// The next segment that is being made in advance is no rewrite, but for one that waits for its end.
bool Log::rewriting() const {
  return rewrite_step_ != RewriteStep::kIdle && (rewrite_->purpose != RewritePurpose::kNext || rewrite_->cancelled());
}

void Log::StartRewriteFor(RewritePurpose purpose) {
  CHECK(!rewriting());
  if (purpose == RewritePurpose::kNext) return StartPreparing(purpose);
  figures_.rewrite_stop_us_max = 0;
  LoopStop stop(clock_, figures_.rewrite_stop_us_max);
  rewrite_started_ns_ = clock_.MonotonicNs();
  figures_.rewrite_started_unix_s = clock_.UnixUs() / 1'000'000;
  logger_.Notice("rewriting the log: %s", purpose == RewritePurpose::kMend ? "a fresh one from memory" : "started");
  if (rewrite_step_ == RewriteStep::kIdle) return StartPreparing(purpose);
  // The segment that is made in advance is the one that this rewrite needs.
  CHECK(purpose == RewritePurpose::kCompact);
  rewrite_->purpose = purpose;
  if (rewrite_step_ == RewriteStep::kPrepared) on_progress_();  // brings the next Flush
}

void Log::StartPreparing(RewritePurpose purpose) {
  rewrite_step_ = RewriteStep::kPreparing;
  auto job = std::make_shared<RewriteJob>();
  rewrite_ = job;
  job->purpose = purpose;
  job->files = &files_;
  job->clock = &clock_;
  job->names = names_;
  // Above every number that a failed attempt may have left behind.
  next_segment_sequence_ = std::max(next_segment_sequence_, manifest_.newest_segment_sequence() + 1);
  const uint64_t sequence = next_segment_sequence_++;
  job->segment_name = {names_.segment(sequence), sequence};
  job->segment_header = {FileKind::kIncr, written_, 0, random_.Next()};
  if (purpose != RewritePurpose::kMend) {
    job->file_bytes = SegmentBytesWanted();
    job->prepared = std::make_unique<Manifest>(manifest_);
    job->prepared->segments.push_back(job->segment_name);
  }
  if (purpose != RewritePurpose::kNext) job->room = RoomForRewrite();
  std::weak_ptr<Log*> self = self_;
  job_runner_.Run([job] { job->Prepare(); },
                  [job, self] {
                    if (const auto log = self.lock()) (*log)->OnPrepared(job);
                  });
}

void Log::OnPrepared(const std::shared_ptr<RewriteJob>& job) {
  if (closed_) return;
  // A segment that broke meanwhile can't be rotated, only mended.
  const bool useless = job->purpose != RewritePurpose::kMend && broken_;
  if (job->status.ok() && (useless || job->cancelled())) {
    RemovePrepared();
    return OnRewriteFailed(Status::Error("cancelled"));
  }
  if (!job->status.ok()) return OnRewriteFailed(job->status);
  rewrite_step_ = RewriteStep::kPrepared;
  if (SwitchIsDue()) on_progress_();  // brings the next Flush
}

void Log::SwitchSegment() {
  const std::shared_ptr<RewriteJob> job = rewrite_;
  const bool next_only = job->purpose == RewritePurpose::kNext;
  int64_t not_counted = 0;
  LoopStop stop(clock_, next_only ? not_counted : figures_.rewrite_stop_us_max);
  if (job->cancelled() || (broken_ && job->purpose != RewritePurpose::kMend)) {
    RemovePrepared();
    return OnRewriteFailed(Status::Error(job->cancelled() ? "cancelled" : "the segment before has failed"));
  }
  if (job->purpose != RewritePurpose::kMend && groups_.size() != 0) return;  // a write has failed; until it works again
  NameReusable(job->room);
  if (job->purpose != RewritePurpose::kMend) {
    const int64_t start_ns = clock_.MonotonicNs();
    Status renamed = files_.Rename(names_.Path(names_.manifest_temp()), names_.Path(names_.manifest()));
    on_took_("aof-rename", clock_.MonotonicNs() - start_ns);
    if (!renamed.ok()) return OnRewriteFailed(renamed);
    manifest_ = *job->prepared;
    manifest_unsynced_ = true;
    job->segment_in_force = true;
    job->room.segment_before = names_.Path(segment_.name.name);
    job->room.segment_before_bytes = segment_.bytes;
    older_files_.push_back({segment_.file, segment_.room() > 0 ? segment_.bytes : UINT64_MAX});
    older_segment_bytes_ += segment_.bytes;
  } else {
    // All that is applied goes into the base, whether it has been written or not.
    groups_.DropClosed();
    CHECK(groups_.size() == 0);
    older_files_.clear();
    mended_position_ = groups_.open_position() - 1;
    ++mends_;
    older_segment_bytes_ += segment_.bytes;
  }
  job->base_header = {FileKind::kBase, groups_.open_position() - 1, groups_.check(), random_.Next()};
  segment_ = {job->segment_name, job->segment, GroupSeed(job->segment_header.salt), job->header_bytes, job->header_bytes};
  ahead_end_ = segment_.bytes + job->segment_ahead;
  drained_bytes_ = 0;
  cut_back_first_ = false;
  groups_.StartSegment(segment_.seed);
  if (next_only) {
    rewrite_step_ = RewriteStep::kIdle;
    rewrite_.reset();
    return;
  }

  next_base_sequence_ = std::max(next_base_sequence_, manifest_.newest_base_sequence() + 1);
  const uint64_t sequence = next_base_sequence_++;
  job->base_name = {names_.base(sequence), sequence};
  job->finished.base = job->base_name;
  job->finished.segments = {job->segment_name};
  job->keyspace = &keyspace_;
  job->allocated = keyspace_.allocated_bytes();
  job->snapshot = keyspace_.TakeSnapshot();
  job->queues = queues_;
  if (queues_ != nullptr) job->queue_snapshot = queues_->TakeSnapshot();
  for (uint32_t db = 0; db < job->snapshot->databases(); ++db) job->keys_total += job->snapshot->size(db);
  rewrite_step_ = RewriteStep::kWriting;
  rewrite_told_ns_ = clock_.MonotonicNs();
  SetRewriteRate();

  std::weak_ptr<Log*> self = self_;
  job_runner_.Run([job] { job->WriteAndSwap(); },
                  [job, self] {
                    job->ReleaseSnapshot();
                    if (const auto log = self.lock()) (*log)->OnBaseWritten(job);
                  });
}

void Log::OnBaseWritten(const std::shared_ptr<RewriteJob>& job) {
  if (closed_) return;
  LoopStop stop(clock_, figures_.rewrite_stop_us_max);
  LookAtRoomAgain();
  if (job->in_force) {
    manifest_ = job->finished;
    base_bytes_ = job->progress.bytes.load(std::memory_order_relaxed);
    older_segment_bytes_ = 0;
    if (job->allocated >= kAllocatedMin) {
      live_per_allocated_ = static_cast<double>(base_bytes_) / static_cast<double>(job->allocated);
    }
  }
  if (!job->status.ok()) return OnRewriteFailed(job->status);

  const double seconds = static_cast<double>(clock_.MonotonicNs() - rewrite_started_ns_) / 1e9;
  logger_.Notice("rewriting the log: done, %s in %.3f s", HumanBytes(static_cast<double>(base_bytes_)).c_str(),
                 seconds);
  rewrite_step_ = RewriteStep::kIdle;
  rewrite_.reset();
  rewrite_delay_ns_ = 0;
  rewrite_again_ns_ = 0;
  figures_.last_rewrite_ok = true;
  figures_.last_rewrite_seconds = static_cast<int64_t>(seconds);
  ++figures_.rewrites;
  if (job->purpose == RewritePurpose::kMend) {
    // The base is durable, and with it all that it stands for.
    broken_ = broken_by_full_disk_ = false;
    refused_.clear();
    write_again_ns_ = 0;
    mend_delay_ns_ = 0;
    figures_.last_write_ok = true;
    synced_ = std::max(synced_, mended_position_);
    written_ = std::max(written_, mended_position_);
    bytes_synced_ = bytes_written_;
    oldest_unsynced_ns_ = 0;
    ends_with_mark_ = true;
    logger_.Notice("the log is whole again, up to position %llu", static_cast<unsigned long long>(synced_));
    WriteOut();
    StartSyncIfDue();
    UpdateReleased(clock_.MonotonicNs());
    on_progress_();
  } else if (broken_) {
    StartRewriteFor(RewritePurpose::kMend);
  }
}

void Log::OnRewriteFailed(const Status& status) {
  const RewritePurpose purpose = rewrite_->purpose;
  const bool mending = purpose == RewritePurpose::kMend;
  const bool cancelled = rewrite_->cancelled();
  const bool switched = rewrite_step_ == RewriteStep::kWriting;
  rewrite_step_ = RewriteStep::kIdle;
  rewrite_.reset();
  LookAtRoomAgain();
  const int64_t now_ns = clock_.MonotonicNs();
  if (purpose == RewritePurpose::kNext) {
    if (!cancelled) OnNextFailed(status, now_ns);
    if (broken_) StartRewriteFor(RewritePurpose::kMend);
    return;
  }
  // No manifest names the segment of a mend that has not come to its end: from then on there is no way back.
  if (mending && switched) broken_by_full_disk_ = false;
  if (mending && broken_by_full_disk_) {
    // The segment is as good as it was.
    broken_ = broken_by_full_disk_ = false;
    write_again_ns_ = now_ns + kWriteAgainNs;
    afresh_again_ns_ = now_ns + kRewriteDelayNsFullDisk;
    logger_.Warning("a fresh log could not be begun: %s. What waits is written when there is room.",
                    status.message().c_str());
    return;
  }
  if (mending) {
    mend_delay_ns_ = std::min(mend_delay_ns_ * 2, kMendDelayNsMax);
    mend_again_ns_ = now_ns + mend_delay_ns_;
    figures_.last_rewrite_ok = false;
    logger_.Warning("a fresh log could not be written: %s; tried again in %.1f s", status.message().c_str(),
                    static_cast<double>(mend_delay_ns_) / 1e9);
    return;
  }
  if (!cancelled) {
    rewrite_delay_ns_ = IsFullDisk(status)
                            ? kRewriteDelayNsFullDisk
                            : std::clamp(rewrite_delay_ns_ * 2, kRewriteDelayNsMin, kRewriteDelayNsMax);
    rewrite_again_ns_ = now_ns + rewrite_delay_ns_;
    figures_.last_rewrite_ok = false;
  }
  logger_.Warning("rewriting the log: %s. The log as it is stays in force.", status.message().c_str());
  if (broken_) StartRewriteFor(RewritePurpose::kMend);
}

void Log::LookAtRoomAgain() {
  reserve_.LookAgain();
  look_again_ns_ = 0;
}

void Log::AddRewriteFigures(LogFigures& figures) const {
  figures.rewrite_keys_done = rewrite_->progress.keys.load(std::memory_order_relaxed);
  figures.rewrite_keys_total = rewrite_->keys_total;
  figures.rewrite_bytes_done = rewrite_->progress.bytes.load(std::memory_order_relaxed);
}

// Also brings the rate, which may have been changed, to the job.
void Log::TellRewriteProgress(int64_t now_ns) {
  if (rewrite_step_ != RewriteStep::kWriting) return;
  SetRewriteRate();
  if (now_ns - rewrite_told_ns_ < kTellEveryNs) return;
  rewrite_told_ns_ = now_ns;
  LogFigures figures;
  AddRewriteFigures(figures);
  logger_.Notice("rewriting the log: %llu of %llu keys, %s of about %s",
                 static_cast<unsigned long long>(figures.rewrite_keys_done),
                 static_cast<unsigned long long>(figures.rewrite_keys_total),
                 HumanBytes(static_cast<double>(figures.rewrite_bytes_done)).c_str(),
                 HumanBytes(static_cast<double>(std::max(LiveBytes(), figures.rewrite_bytes_done))).c_str());
}

void Log::SetRewriteRate() {
  // A mend is what replies wait for: it does not wait for anything.
  const bool mending = rewrite_->purpose == RewritePurpose::kMend;
  // Nor does one that consumers will wait for.
  const bool hurries = mending || !growth_refused().empty();
  const int64_t rate = hurries ? 0 : std::max<int64_t>(options_.rewrite_bytes_per_second_max, 0);
  rewrite_->progress.bytes_per_second_max.store(static_cast<uint64_t>(rate), std::memory_order_relaxed);
}

}  // namespace baton
