#include "log/syncer.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace baton {

size_t SyncTimes::BucketOf(uint64_t us) {
  if (us < 16) return us;
  const int power = std::bit_width(us) - 1;
  const size_t bucket = static_cast<size_t>(power - 3) * 16 + (us >> (power - 4) & 15);
  return bucket;
}

uint64_t SyncTimes::UpperEnd(size_t bucket) {
  if (bucket < 16) return bucket;
  const size_t power = bucket / 16 + 3;
  return ((uint64_t{16} + bucket % 16 + 1) << (power - 4)) - 1;
}

void SyncTimes::Add(int64_t us) {
  us = std::max<int64_t>(us, 0);
  counts_[std::min(BucketOf(static_cast<uint64_t>(us)), counts_.size() - 1)]++;
  ++count_;
  last_us_ = us;
  max_us_ = std::max(max_us_, us);
}

int64_t SyncTimes::PercentileUs(int percent) const {
  const uint64_t rank = (count_ * static_cast<uint64_t>(percent) + 99) / 100;
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank && seen > 0) return std::min(static_cast<int64_t>(UpperEnd(bucket)), max_us_);
  }
  return 0;
}

Syncer::Syncer(JobRunner& runner, Clock& clock, Done done)
    : runner_(runner), clock_(clock), done_(std::move(done)), self_(std::make_shared<Syncer*>(this)) {}

Status Syncer::File::Sync() const {
  if (file->size() > bytes_max) {
    if (Status status = file->Truncate(bytes_max); !status.ok()) return status;
  }
  return file->Sync();
}

void Syncer::Start(Request request) {
  CHECK(!busy_);
  busy_ = true;
  started_ns_ = clock_.MonotonicNs();
  struct Work {
    Request request;
    Status status = Status::Ok();
    int64_t took_ns = 0;
  };
  auto work = std::make_shared<Work>();
  work->request = std::move(request);
  Clock* clock = &clock_;
  std::weak_ptr<Syncer*> self = self_;
  runner_.Run(
      [work, clock] {
        const Request& todo = work->request;
        const int64_t start_ns = clock->MonotonicNs();
        if (todo.directory_files != nullptr) work->status = todo.directory_files->SyncDirectory(todo.directory);
        for (const File& file : todo.files) {
          if (work->status.ok()) work->status = file.Sync();
        }
        work->took_ns = clock->MonotonicNs() - start_ns;
      },
      [work, self] {
        const auto alive = self.lock();
        if (!alive) return;
        Syncer& syncer = **alive;
        syncer.busy_ = false;
        syncer.times_.Add(work->took_ns / 1000);
        if (!work->status.ok()) ++syncer.failed_;
        syncer.done_(work->status, work->request.position);
      });
}

}  // namespace baton
