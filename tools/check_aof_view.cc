#include "check_aof_view.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "log/base_writer.h"
#include "log/group.h"
#include "log/group_reader.h"

namespace baton {
namespace {

class BytesFile final : public ReadFile {
 public:
  explicit BytesFile(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<size_t> ReadAt(uint64_t offset, char* to, size_t bytes) override {
    if (offset >= bytes_.size()) return size_t{0};
    const size_t n = std::min<uint64_t>(bytes, bytes_.size() - offset);
    std::memcpy(to, bytes_.data() + offset, n);
    return n;
  }

 private:
  const std::string bytes_;
};

class WatchedFile final : public ReadFile {
 public:
  WatchedFile(std::unique_ptr<ReadFile> file, LogView& view) : file_(std::move(file)), view_(view) {}
  uint64_t size() const override { return file_->size(); }
  Result<size_t> ReadAt(uint64_t offset, char* to, size_t bytes) override {
    auto n = file_->ReadAt(offset, to, bytes);
    if (!n.ok()) view_.set_disk_failed();
    return n;
  }

 private:
  const std::unique_ptr<ReadFile> file_;
  LogView& view_;
};

}  // namespace

Status LogView::ShowOnly(const LogFileNames& names, const std::string& name) {
  auto opened = OpenRead(names.Path(name));
  if (!opened.ok()) return opened.status();
  FileWindow window(std::move(*opened));
  if (!window.complete()) {
    if (Status status = window.More(0); !status.ok()) return status;
  }
  one_file_ = name;
  Manifest manifest;
  FileHeader header;
  const size_t header_bytes = ParseFileHeader(window.From(0), &header);
  if (header_bytes > 0 && header.kind == FileKind::kIncr) {
    // It follows on from a file that is not here. A base that ends where its first group starts stands in for that.
    FileHeader before{FileKind::kBase, 0, 0, 0};
    GroupReader reader(window, header_bytes, GroupSeed(header.salt));
    if (reader.Next() == ReadOutcome::kRead) {
      before.position = reader.line().position - 1;
      before.before = reader.line().before;
    }
    invented_base_ = name + " (what is before it)";
    manifest.base = Manifest::File{invented_base_, 1};
    invented_.push_back({names.Path(invented_base_), EmptyBase(before)});
  }
  if (header_bytes > 0 && header.kind == FileKind::kBase) {
    manifest.base = Manifest::File{name, 1};
  } else {
    manifest.segments.push_back({name, 1});
  }
  invented_.push_back({names.Path(names.manifest()), manifest.Format()});
  return Status::Ok();
}

const LogView::Invented* LogView::FindInvented(const std::string& path) const {
  const auto found =
      std::find_if(invented_.begin(), invented_.end(), [&](const Invented& file) { return file.path == path; });
  return found == invented_.end() ? nullptr : &*found;
}

Result<std::unique_ptr<ReadFile>> LogView::OpenRead(const std::string& path) {
  if (const Invented* file = FindInvented(path)) return std::unique_ptr<ReadFile>(new BytesFile(file->bytes));
  auto file = disk_.OpenRead(path);
  if (!file.ok()) {
    disk_failed_ = true;
    return file.status();
  }
  return std::unique_ptr<ReadFile>(new WatchedFile(std::move(*file), *this));
}

bool LogView::Exists(const std::string& path) { return FindInvented(path) != nullptr || disk_.Exists(path); }

Result<std::vector<std::string>> LogView::List(const std::string& directory) {
  if (shows_one_file()) return std::vector<std::string>{one_file_};
  auto names = disk_.List(directory);
  if (!names.ok()) disk_failed_ = true;
  return names;
}

Result<std::unique_ptr<AppendFile>> LogView::OpenAppend(const std::string& path, OpenMode mode) {
  CHECK(may_write_ && FindInvented(path) == nullptr);
  return disk_.OpenAppend(path, mode);
}

Status LogView::CreateDirectory(const std::string& path) {
  CHECK(may_write_);
  return disk_.CreateDirectory(path);
}

Status LogView::Rename(const std::string& from, const std::string& to) {
  CHECK(may_write_);
  return disk_.Rename(from, to);
}

Status LogView::Remove(const std::string& path) {
  CHECK(may_write_);
  return disk_.Remove(path);
}

Status LogView::SyncDirectory(const std::string& path) {
  CHECK(may_write_);
  return disk_.SyncDirectory(path);
}

Result<std::unique_ptr<FileLock>> LogView::Lock(const std::string& path) {
  CHECK(may_write_);
  return disk_.Lock(path);
}

}  // namespace baton
