#pragma once

#include "env/file_system.h"

namespace baton {

// The real disk. Holds no state: files that it opened may outlive it. Any thread may call it.
class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override;
  bool Exists(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Status CreateDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  Result<uint64_t> FreeBytes(const std::string& directory) override;
};

}  // namespace baton
