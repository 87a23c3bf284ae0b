#include "config/config_file.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace baton::config_file {
namespace {

// Closes on every way out. errno is kept: the caller reports what failed before.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    int saved = errno;
    if (fd_ >= 0) close(fd_);
    errno = saved;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A file of mode 0600 that replaces a 0640 one of another owner must not lock that owner out; that we may not be
// allowed to give files away is no reason to fail.
bool CopyOwnership(const std::string& from, int to) {
  struct stat facts;
  if (stat(from.c_str(), &facts) != 0) return errno == ENOENT;
  if (fchown(to, facts.st_uid, facts.st_gid) != 0 && errno != EPERM) return false;
  return fchmod(to, facts.st_mode & 07777) == 0;
}

std::string DirectoryOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::string> Read(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return Status::FromErrno(errno, "can't open config file '" + path + "'");
  Result<std::string> text = ReadAll(file, "config file '" + path + "'");
  std::fclose(file);
  return text;
}

Result<std::string> ReadAll(std::FILE* file, const std::string& name) {
  std::string text;
  char block[16384];
  for (;;) {
    size_t bytes = std::fread(block, 1, sizeof block, file);
    text.append(block, bytes);
    if (bytes > 0) continue;
    if (std::ferror(file) != 0) return Status::FromErrno(errno, "can't read " + name);
    return text;
  }
}

bool IsPattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> Matching(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

Status Replace(const std::string& path, std::string_view text) {
  std::string target = path;
  if (char* resolved = realpath(path.c_str(), nullptr)) {
    target = resolved;
    std::free(resolved);
  }
  std::string temporary = target + ".tmp-XXXXXX";
  Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return Status::FromErrno(errno, "creating " + temporary);
  bool written = CopyOwnership(target, file.get()) && WriteAll(file.get(), text) && fsync(file.get()) == 0;
  // The rename must not reach the disk before the text: a crash between them would leave an empty file.
  if (!written || rename(temporary.c_str(), target.c_str()) != 0) {
    Status failed = Status::FromErrno(errno, (written ? "renaming to " : "writing ") + (written ? target : temporary));
    unlink(temporary.c_str());
    return failed;
  }
  Descriptor directory(open(DirectoryOf(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return Status::FromErrno(errno, "syncing the directory of " + target);
  }
  return Status::Ok();
}

}  // namespace baton::config_file
