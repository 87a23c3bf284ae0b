#include "log/disk_reserve.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "log/manifest.h"

namespace baton {
namespace {

// Zeros that are written in one go: nothing else runs on that thread meanwhile.
constexpr uint64_t kZerosAtOnceMax = 64 << 20;
// On a full disk steps are halved, down to this.
constexpr uint64_t kStepMin = 4 << 10;

class OverwritingFile final : public AppendFile {
 public:
  explicit OverwritingFile(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}
  Status Append(std::string_view bytes, size_t* written) override {
    Status status = file_->WriteOver(size_, bytes, written);
    size_ += *written;
    return status;
  }
  Status Sync() override { return file_->Sync(); }
  Status WriteOver(uint64_t offset, std::string_view bytes, size_t* written) override {
    return file_->WriteOver(offset, bytes, written);
  }
  Status Reserve(uint64_t bytes) override { return file_->Reserve(bytes); }
  Status Truncate(uint64_t bytes) override {
    Status status = file_->Truncate(bytes);
    if (status.ok()) size_ = bytes;
    return status;
  }
  uint64_t size() const override { return size_; }

 private:
  const std::unique_ptr<AppendFile> file_;
  uint64_t size_ = 0;
};

Status GrowWithZeros(AppendFile& file, uint64_t bytes) {
  const uint64_t before = file.size();
  if (before >= bytes) return Status::Ok();
  Status status = AppendZeros(file, std::min(bytes - before, kZerosAtOnceMax));
  if (status.ok()) status = file.Sync();
  if (!status.ok()) (void)file.Truncate(before).ok();
  return status;
}

}  // namespace

DiskReserve::DiskReserve(FileSystem& files, JobRunner& runner, std::string path)
    : files_(files), runner_(runner), path_(std::move(path)), self_(std::make_shared<DiskReserve*>(this)) {}

void DiskReserve::LookAgain() {
  lent_ = false;
  bytes_ = ReserveBytes(files_, path_);
}

void DiskReserve::GrowTo(uint64_t bytes, uint64_t zeros_max) {
  if (growing_ || lent_ || bytes <= bytes_) return;
  growing_ = true;
  FileSystem* files = &files_;
  std::weak_ptr<DiskReserve*> self = self_;
  auto status = std::make_shared<Status>(Status::Ok());
  runner_.Run([files, path = path_, bytes, zeros_max, status] { *status = GrowReserve(*files, path, bytes, zeros_max); },
              [self, status] {
                const auto alive = self.lock();
                if (!alive) return;
                DiskReserve& reserve = **alive;
                reserve.growing_ = false;
                if (status->os_error() == EOPNOTSUPP) reserve.promises_ = false;
                // A failure is tried again with the next look at the disk.
                if (!reserve.lent_) reserve.LookAgain();
              });
}

bool DiskReserve::CutTo(uint64_t bytes) {
  if (growing_ || lent_ || bytes_ <= bytes) return false;
  if (!CutReserve(files_, path_, bytes).ok()) return false;
  bytes_ = bytes;
  return true;
}

bool IsFullDisk(const Status& status) { return status.os_error() == ENOSPC || status.os_error() == EDQUOT; }

uint64_t ReserveBytes(FileSystem& files, const std::string& path) {
  if (!files.Exists(path)) return 0;
  auto file = files.OpenRead(path);
  return file.ok() ? (*file)->size() : 0;
}

Status GrowReserve(FileSystem& files, const std::string& path, uint64_t bytes, uint64_t zeros_max) {
  auto opened = files.OpenAppend(path, files.Exists(path) ? FileSystem::OpenMode::kAppendExisting
                                                          : FileSystem::OpenMode::kCreateOrTruncate);
  if (!opened.ok()) return opened.status();
  AppendFile& file = **opened;
  Status status = Status::Ok();
  for (uint64_t step = bytes; file.size() < bytes && step >= std::min(kStepMin, bytes - file.size());) {
    step = std::min(step, bytes - file.size());
    status = file.Reserve(step);
    if (status.os_error() == EOPNOTSUPP) {
      if (Status zeros = GrowWithZeros(file, std::min(bytes, zeros_max)); !zeros.ok()) status = zeros;
      break;
    }
    // Its length says how much there is; the blocks are there already.
    if (status.ok()) status = file.Truncate(file.size() + step);
    if (status.ok()) continue;
    // What a failure has taken would be missing elsewhere.
    if (!file.Truncate(file.size()).ok() || !IsFullDisk(status)) break;
    step /= 2;
  }
  if (file.size() == 0) (void)files.Remove(path).ok();
  return status;
}

Status CutReserve(FileSystem& files, const std::string& path, uint64_t bytes) {
  if (bytes == 0) return files.Remove(path);
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kAppendExisting);
  return file.ok() ? (*file)->Truncate(bytes) : file.status();
}

Result<std::unique_ptr<AppendFile>> OpenReserveToWrite(FileSystem& files, const std::string& path) {
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kAppendExisting);
  if (!file.ok()) return file.status();
  return std::unique_ptr<AppendFile>(std::make_unique<OverwritingFile>(std::move(*file)));
}

}  // namespace baton
