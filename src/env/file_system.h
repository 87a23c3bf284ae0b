#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace baton {

// One file open for writing. One thread at a time may call it, with one exception: Sync may run on another thread while
// Append or WriteOver run on the loop thread (as fdatasync and write may); what Sync covers is what was written before
// it was called.
class AppendFile {
 public:
  virtual ~AppendFile() = default;  // closes; what was not synced may be lost
  // Writes at the end. A short write is an error too: *written then says how much went out (it can be > 0).
  virtual Status Append(std::string_view bytes, size_t* written) = 0;
  // Writes over what stands at `offset` (<= size()), and on behind the end. A short write is an error as for Append.
  virtual Status WriteOver(uint64_t offset, std::string_view bytes, size_t* written) = 0;
  // Makes everything written so far durable (fdatasync). After a failure what the file holds is unknown: never retry.
  virtual Status Sync() = 0;
  // Takes room on the disk for `bytes` behind the end, size() staying as it is: that much can then be appended whatever
  // happens to the disk. A Truncate gives back what was not used. ENOSPC, EDQUOT: what there was may have been taken.
  // EOPNOTSUPP: this file system cannot promise it.
  virtual Status Reserve(uint64_t bytes) = 0;
  // Cuts the file to `bytes`, or makes it that long with zeros; the next Append goes there.
  virtual Status Truncate(uint64_t bytes) = 0;
  virtual uint64_t size() const = 0;
};

// One file open for reading, at any offset.
class ReadFile {
 public:
  virtual ~ReadFile() = default;
  virtual uint64_t size() const = 0;
  // Fewer than `bytes` only at the end of the file.
  virtual Result<size_t> ReadAt(uint64_t offset, char* to, size_t bytes) = 0;
};

// Holding it keeps other processes out of a directory; destroying it lets go.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// The disk as the core sees it. Directory changes (create, rename, remove) are durable only after SyncDirectory.
// The real one is PosixFileSystem (env/posix_file_system.h); tests use tests/doubles/sim_file_system.h.
class FileSystem {
 public:
  enum class OpenMode : uint8_t { kCreateOrTruncate, kAppendExisting };
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path, OpenMode mode) = 0;
  virtual Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) = 0;
  virtual bool Exists(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;  // names, sorted, without . and ..
  virtual Status CreateDirectory(const std::string& path) = 0;                      // fine when it is there
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // EWOULDBLOCK when another process holds it; the message names its pid where known.
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
  virtual Result<uint64_t> FreeBytes(const std::string& directory) = 0;
};

}  // namespace baton
