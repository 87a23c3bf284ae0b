#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/file_system.h"
#include "log/manifest.h"

namespace baton {

// The disk as the check sees it: nothing is written before AllowWrites, and it remembers whether the disk failed, so
// that a log that cannot be read is not called damaged. It also lets one file alone stand for a log: then a manifest,
// and where one is needed a base, are there that the disk does not hold.
class LogView final : public FileSystem {
 public:
  explicit LogView(FileSystem& disk) : disk_(disk) {}

  // A directory that holds this one file of names.directory only.
  Status ShowOnly(const LogFileNames& names, const std::string& name);
  bool shows_one_file() const { return !one_file_.empty(); }
  // The name of a file that was made up; "" when none was.
  const std::string& invented_base() const { return invented_base_; }

  void AllowWrites() { may_write_ = true; }
  bool disk_failed() const { return disk_failed_; }
  void set_disk_failed() { disk_failed_ = true; }

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override;
  bool Exists(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Status CreateDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  Result<uint64_t> FreeBytes(const std::string& directory) override { return disk_.FreeBytes(directory); }

 private:
  struct Invented {
    std::string path, bytes;
  };
  const Invented* FindInvented(const std::string& path) const;

  FileSystem& disk_;
  bool may_write_ = false, disk_failed_ = false;
  std::string one_file_, invented_base_;
  std::vector<Invented> invented_;
};

}  // namespace baton
