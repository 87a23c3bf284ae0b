// Log: the next segment, made in advance with room behind its head, so that syncs under `always` cost half (filler.h).
//
// Only where it pays: under `always`, and when something is being written. Under the other policies a sync a second may
// cost what it likes, and every byte would be written twice. While a segment has room the next one is prepared; when
// there is none left the log goes on in it. Where none is ready the file simply grows.

#include <algorithm>

#include "log/log.h"
#include "log/rewrite_job.h"

namespace baton {
namespace {

// A server that is hardly used keeps its files small.
constexpr uint64_t kPaysFromBytes = 64 << 10;
constexpr int64_t kAgainNs = 10'000'000'000;

}  // namespace

uint64_t Log::SegmentBytesWanted() const {
  const bool pays = options_.policy == SyncPolicy::kAlways && !room_is_short_;
  return pays ? static_cast<uint64_t>(std::max<int64_t>(options_.preallocate_bytes, 0)) : 0;
}

void Log::PrepareNextIfItPays(int64_t now_ns) {
  if (options_.policy != SyncPolicy::kAlways || rewrite_step_ != RewriteStep::kIdle || broken_) return;
  const uint64_t wanted = SegmentBytesWanted();
  const uint64_t bytes_written = segment_.bytes - segment_.bytes_at_start;
  if (bytes_written < std::min(kPaysFromBytes, wanted) || segment_.room() >= wanted / 2 || now_ns < next_again_ns_) return;
  StartRewriteFor(RewritePurpose::kNext);
}

// What has been prepared for a rewrite is used at once.
bool Log::SwitchIsDue() const {
  return rewriting() || broken_ || segment_.room() <= static_cast<uint64_t>(std::max<int64_t>(options_.preallocate_bytes, 0)) / 16;
}

void Log::OnNextFailed(const Status& status, int64_t now_ns) {
  next_again_ns_ = now_ns + kAgainNs;
  logger_.Warning("no segment could be made in advance: %s. The one in use grows instead; tried again in %lld s",
                  status.message().c_str(), static_cast<long long>(kAgainNs / 1'000'000'000));
}

// What was made in step 1 and is not wanted any more. A segment with room takes its time to go.
void Log::RemovePrepared() {
  job_runner_.Run([job = rewrite_] { job->RemovePrepared(); }, {});
}

// The disk has no room to spare for it any more.
void Log::DropNext() {
  if (rewrite_step_ != RewriteStep::kPrepared || rewrite_->purpose != RewritePurpose::kNext) return;
  RemovePrepared();
  rewrite_step_ = RewriteStep::kIdle;
  rewrite_.reset();
}

// Nothing is left behind the last whole group, not even room.
Status Log::CutBack() {
  Status status = segment_.file->Truncate(segment_.bytes);
  if (status.ok()) ahead_end_ = 0;
  return status;
}

Status Log::CutOffRoom() {
  if (AheadBytes() == 0) return Status::Ok();
  if (Status status = CutBack(); !status.ok()) return status;
  return segment_.file->Sync();
}

}  // namespace baton
