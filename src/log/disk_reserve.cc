#include "log/disk_reserve.h"

#include <utility>

#include "log/manifest.h"

namespace baton {
namespace {

// Zeros are written, and synced: a file that is merely long takes no room.
Status WriteZeros(FileSystem& files, const std::string& path, uint64_t bytes) {
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kCreateOrTruncate);
  if (!file.ok()) return file.status();
  if (Status status = AppendZeros(**file, bytes); !status.ok()) return status;
  return (*file)->Sync();
}

}  // namespace

DiskReserve::DiskReserve(FileSystem& files, JobRunner& runner, std::string path)
    : files_(files), runner_(runner), path_(std::move(path)), self_(std::make_shared<DiskReserve*>(this)) {}

void DiskReserve::FindLeftover(uint64_t bytes) {
  if (!files_.Exists(path_)) return;
  auto file = files_.OpenRead(path_);
  held_ = true;
  // One of another size, or half of one, is no use.
  if (!file.ok() || (*file)->size() != bytes) GiveBack();
}

void DiskReserve::Take(uint64_t bytes) {
  if (held_ || being_written_) return;
  being_written_ = true;
  auto status = std::make_shared<Status>(Status::Ok());
  FileSystem* files = &files_;
  std::weak_ptr<DiskReserve*> self = self_;
  runner_.Run(
      [files, path = path_, bytes, status] {
        *status = WriteZeros(*files, path, bytes);
        // Half a reserve only takes room; if it cannot be removed now, the next attempt writes over it.
        if (!status->ok()) (void)files->Remove(path).ok();
      },
      [status, self] {
        const auto alive = self.lock();
        if (!alive) return;
        (*alive)->being_written_ = false;
        (*alive)->held_ = status->ok();
      });
}

bool DiskReserve::GiveBack() {
  if (!held_) return false;
  held_ = !files_.Remove(path_).ok();
  return !held_;
}

}  // namespace baton
