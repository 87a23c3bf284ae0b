#include "log/disk_reserve.h"

#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

// Zeros are written, and synced: a file that is merely long takes no room.
Status WriteZeros(FileSystem& files, const std::string& path, uint64_t bytes) {
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kCreateOrTruncate);
  if (!file.ok()) return file.status();
  const std::string zeros(std::min(kPieceBytes, bytes), '\0');
  while (bytes > 0) {
    const size_t piece = std::min<uint64_t>(zeros.size(), bytes);
    size_t written = 0;
    if (Status status = (*file)->Append(std::string_view(zeros).substr(0, piece), &written); !status.ok())
      return status;
    bytes -= piece;
  }
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
