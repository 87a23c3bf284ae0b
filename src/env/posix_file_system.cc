#include "env/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace baton {
namespace {

Status Failed(const char* operation, const std::string& path) {
  return Status::FromErrno(errno, std::string(operation) + " " + path);
}

// Repeats a system call that a signal interrupted.
template <typename Call>
auto Uninterrupted(Call call) {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  return outcome;
}

class PosixAppendFile final : public AppendFile {
 public:
  PosixAppendFile(int fd, std::string path, uint64_t size) : fd_(fd), path_(std::move(path)), size_(size) {}
  ~PosixAppendFile() override { close(fd_); }

  Status Append(std::string_view bytes, size_t* written) override { return WriteOver(size_, bytes, written); }

  Status WriteOver(uint64_t offset, std::string_view bytes, size_t* written) override {
    *written = 0;
    while (*written < bytes.size()) {
      const ssize_t n =
          pwrite(fd_, bytes.data() + *written, bytes.size() - *written, static_cast<off_t>(offset + *written));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Failed("write", path_);
      if (n == 0) return Status::FromErrno(EIO, "write (nothing was taken) " + path_);
      *written += static_cast<size_t>(n);
      size_ = std::max(size_, offset + *written);
    }
    return Status::Ok();
  }

  // The blocks are the file's own, unwritten, behind its end (FALLOC_FL_KEEP_SIZE): readers, redis-server among them,
  // see nothing of it.
  Status Reserve(uint64_t bytes) override {
    if (bytes == 0) return Status::Ok();
    const auto reserve = [&] {
      return fallocate(fd_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size_), static_cast<off_t>(bytes));
    };
    return Uninterrupted(reserve) == 0 ? Status::Ok() : Failed("reserve room for", path_);
  }

  Status Sync() override {
    // EINTR is a failure like any other here: what reached the disk is unknown.
    if (fdatasync(fd_) != 0) return Failed("fdatasync", path_);
    return Status::Ok();
  }

  Status Truncate(uint64_t bytes) override {
    if (Uninterrupted([&] { return ftruncate(fd_, static_cast<off_t>(bytes)); }) != 0) {
      return Failed("ftruncate", path_);
    }
    size_ = bytes;
    return Status::Ok();
  }

  uint64_t size() const override { return size_; }

 private:
  const int fd_;
  const std::string path_;
  uint64_t size_;
};

class PosixReadFile final : public ReadFile {
 public:
  PosixReadFile(int fd, std::string path, uint64_t size) : fd_(fd), path_(std::move(path)), size_(size) {}
  ~PosixReadFile() override { close(fd_); }

  uint64_t size() const override { return size_; }

  Result<size_t> ReadAt(uint64_t offset, char* to, size_t bytes) override {
    size_t done = 0;
    while (done < bytes) {
      const ssize_t n =
          Uninterrupted([&] { return pread(fd_, to + done, bytes - done, static_cast<off_t>(offset + done)); });
      if (n < 0) return Failed("read", path_);
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

 private:
  const int fd_;
  const std::string path_;
  const uint64_t size_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int fd) : fd_(fd) {}
  // The file itself stays: removing it would let a third process lock a name that a second one still waits for.
  ~PosixFileLock() override { close(fd_); }

 private:
  const int fd_;
};

}  // namespace

Result<std::unique_ptr<AppendFile>> PosixFileSystem::OpenAppend(const std::string& path, OpenMode mode) {
  const int flags = O_WRONLY | O_CLOEXEC | (mode == OpenMode::kCreateOrTruncate ? O_CREAT | O_TRUNC : 0);
  const int fd = Uninterrupted([&] { return open(path.c_str(), flags, 0644); });
  if (fd < 0) return Failed("open for writing", path);
  struct stat status;
  if (fstat(fd, &status) != 0) {
    Status failed = Failed("fstat", path);
    close(fd);
    return failed;
  }
  return std::unique_ptr<AppendFile>(new PosixAppendFile(fd, path, static_cast<uint64_t>(status.st_size)));
}

Result<std::unique_ptr<ReadFile>> PosixFileSystem::OpenRead(const std::string& path) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0) return Failed("open", path);
  struct stat status;
  if (fstat(fd, &status) != 0) {
    Status failed = Failed("fstat", path);
    close(fd);
    return failed;
  }
  if (!S_ISREG(status.st_mode)) {
    close(fd);
    return Status::FromErrno(S_ISDIR(status.st_mode) ? EISDIR : EINVAL, "open " + path);
  }
  posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<ReadFile>(new PosixReadFile(fd, path, static_cast<uint64_t>(status.st_size)));
}

bool PosixFileSystem::Exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

Result<std::vector<std::string>> PosixFileSystem::List(const std::string& directory) {
  DIR* stream = opendir(directory.c_str());
  if (stream == nullptr) return Failed("open directory", directory);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  const int read_error = errno;
  closedir(stream);
  if (read_error != 0) return Status::FromErrno(read_error, "read directory " + directory);
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFileSystem::CreateDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0) return Status::Ok();
  if (errno == EEXIST) {
    struct stat status;
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return Status::Ok();
    errno = EEXIST;
  }
  return Failed("create directory", path);
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Failed("rename", from + " to " + to);
  return Status::Ok();
}

Status PosixFileSystem::Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0) return Failed("remove", path);
  return Status::Ok();
}

Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return Failed("open directory", path);
  Status outcome = fsync(fd) == 0 ? Status::Ok() : Failed("sync directory", path);
  close(fd);
  return outcome;
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::Lock(const std::string& path) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644); });
  if (fd < 0) return Failed("open lock file", path);
  // flock, not fcntl: a lock of the open file, so two servers in one process (a test) exclude each other as well, and
  // closing another descriptor of the same file lets nothing go.
  if (Uninterrupted([&] { return flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
    const int cause = errno;
    std::string what = "lock " + path;
    char holder[32];
    const ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
    if (cause == EWOULDBLOCK && n > 0) {
      std::string pid(holder, static_cast<size_t>(n));
      pid.erase(std::find_if_not(pid.begin(), pid.end(), [](char c) { return c >= '0' && c <= '9'; }), pid.end());
      if (!pid.empty()) what += " (held by process " + pid + ")";
    }
    close(fd);
    return Status::FromErrno(cause, what);
  }
  // The pid only serves the message above; a lock without one still excludes.
  char pid[32];
  const int length = std::snprintf(pid, sizeof pid, "%d\n", static_cast<int>(getpid()));
  if (ftruncate(fd, 0) == 0 && pwrite(fd, pid, static_cast<size_t>(length), 0) != length) {
    (void)!ftruncate(fd, 0);
  }
  return std::unique_ptr<FileLock>(new PosixFileLock(fd));
}

Result<uint64_t> PosixFileSystem::FreeBytes(const std::string& directory) {
  struct statvfs status;
  if (Uninterrupted([&] { return statvfs(directory.c_str(), &status); }) != 0) {
    return Failed("ask for free space of", directory);
  }
  return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace baton
