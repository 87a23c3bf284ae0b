#include "log/rewrite_room.h"

#include <algorithm>
#include <cerrno>

#include "log/disk_reserve.h"

namespace baton {

namespace {

Status CutToNothing(FileSystem& files, const std::string& path) {
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kAppendExisting);
  return file.ok() ? (*file)->Truncate(0) : file.status();
}

}  // namespace

Status RewriteRoom::Begin(FileSystem& files) {
  if (!is_short) return Status::Ok();
  const uint64_t needed = base_bytes + small_bytes;
  Status status = GrowReserve(files, reserve_path, needed, 0);
  // What cannot be promised is tried.
  if (status.os_error() == EOPNOTSUPP) return Status::Ok();
  if (!status.ok()) return status;
  const uint64_t held = ReserveBytes(files, reserve_path);
  if (held < needed) return Status::FromErrno(EIO, reserve_path + " is not as large as it was made");
  return CutReserve(files, reserve_path, held - small_bytes);
}

uint64_t RewriteRoom::HandOver(FileSystem& files, AppendFile& segment) const {
  const uint64_t held = is_short ? ReserveBytes(files, reserve_path) : 0;
  if (held <= base_bytes || !CutReserve(files, reserve_path, base_bytes).ok()) return 0;
  // Somebody may have been quicker.
  for (uint64_t bytes = held - base_bytes; bytes > 0; bytes /= 2) {
    if (segment.Reserve(bytes).ok()) return bytes;
    // What a failure has taken would be missing elsewhere.
    if (!segment.Truncate(segment.size()).ok()) return 0;
  }
  return 0;
}

Result<std::unique_ptr<AppendFile>> RewriteRoom::OpenBase(FileSystem& files, const std::string& path) {
  base_in_reserve = is_short && base_bytes > 0 && ReserveBytes(files, reserve_path) >= base_bytes;
  return base_in_reserve ? OpenReserveToWrite(files, reserve_path)
                         : files.OpenAppend(path, FileSystem::OpenMode::kCreateOrTruncate);
}

Status RewriteRoom::NameBase(FileSystem& files, AppendFile& file, const std::string& path) {
  if (!base_in_reserve) return Status::Ok();
  if (Status status = file.Truncate(file.size()); !status.ok()) return status;
  if (Status status = file.Sync(); !status.ok()) return status;
  return files.Rename(reserve_path, path);
}

void RewriteRoom::DropBase(FileSystem& files, const std::string& path) {
  // A failure leaves litter, which the next start removes.
  if (!base_in_reserve) {
    (void)files.Remove(path).ok();
  } else if (files.Exists(path)) {
    (void)files.Rename(path, reserve_path).ok();
  }
  if (!is_short || segment_before.empty()) return;
  auto segment = files.OpenAppend(segment_before, FileSystem::OpenMode::kAppendExisting);
  if (segment.ok()) (void)(*segment)->Truncate(segment_before_bytes).ok();
}

void RewriteRoom::Remove(FileSystem& files, const std::vector<std::string>& paths) {
  std::string largest;
  uint64_t largest_bytes = 0;
  if (is_short && wanted_bytes > 0 && !files.Exists(reserve_path)) {
    for (const std::string& path : paths) {
      const bool is_reusable = std::find(reusable.begin(), reusable.end(), path) != reusable.end();
      const uint64_t bytes = is_reusable ? ReserveBytes(files, path) : 0;
      if (bytes > largest_bytes) largest = path, largest_bytes = bytes;
    }
    if (!largest.empty() && !files.Rename(largest, reserve_path).ok()) largest.clear();
  }
  for (const std::string& path : paths) {
    if (path == largest) continue;
    // The one that was written to last may still be open, and would keep what it takes.
    if (is_short) (void)CutToNothing(files, path).ok();
    (void)files.Remove(path).ok();
  }
  if (largest.empty()) return;
  if (largest_bytes > wanted_bytes) {
    (void)CutReserve(files, reserve_path, wanted_bytes).ok();
  } else {
    (void)GrowReserve(files, reserve_path, wanted_bytes, 0).ok();
  }
}

}  // namespace baton
