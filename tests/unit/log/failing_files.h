#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "env/file_system.h"

namespace baton {

// A disk whose calls fail with the error that the test names: every call of one kind ("open", "append", "sync",
// "truncate", "rename", "remove", "sync directory", "list", "read", "lock", "create directory") on paths that contain
// some text.
class FailingFiles final : public FileSystem {
 public:
  explicit FailingFiles(FileSystem& files) : files_(files) {}

  // An append that fails has written `part` of its bytes.
  void Fail(std::string kind, int os_error, std::string path_part = "", double part = 0) {
    faults_.push_back({std::move(kind), os_error, std::move(path_part), part});
  }
  void Heal() { faults_.clear(); }
  int failed() const { return failed_; }  // calls so far

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path, OpenMode mode) override {
    if (const Fault* fault = Find("open", path)) return Error(*fault, path);
    auto file = files_.OpenAppend(path, mode);
    if (!file.ok()) return file.status();
    return std::unique_ptr<AppendFile>(new Writer(*this, path, std::move(*file)));
  }
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    if (const Fault* fault = Find("open", path)) return Error(*fault, path);
    auto file = files_.OpenRead(path);
    if (!file.ok()) return file.status();
    return std::unique_ptr<ReadFile>(new Reader(*this, path, std::move(*file)));
  }
  bool Exists(const std::string& path) override { return files_.Exists(path); }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    if (const Fault* fault = Find("list", directory)) return Error(*fault, directory);
    return files_.List(directory);
  }
  Status CreateDirectory(const std::string& path) override {
    if (const Fault* fault = Find("create directory", path)) return Error(*fault, path);
    return files_.CreateDirectory(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    if (const Fault* fault = Find("rename", from)) return Error(*fault, from);
    return files_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    if (const Fault* fault = Find("remove", path)) return Error(*fault, path);
    return files_.Remove(path);
  }
  Status SyncDirectory(const std::string& path) override {
    if (const Fault* fault = Find("sync directory", path)) return Error(*fault, path);
    return files_.SyncDirectory(path);
  }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    if (const Fault* fault = Find("lock", path)) return Error(*fault, path);
    return files_.Lock(path);
  }
  Result<uint64_t> FreeBytes(const std::string& directory) override { return files_.FreeBytes(directory); }

 private:
  struct Fault {
    std::string kind;
    int os_error;
    std::string path_part;
    double part;
  };

  class Writer final : public AppendFile {
   public:
    Writer(FailingFiles& disk, std::string path, std::unique_ptr<AppendFile> file)
        : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}
    Status Append(std::string_view bytes, size_t* written) override {
      return Write("append", file_->size(), bytes, written);
    }
    Status WriteOver(uint64_t offset, std::string_view bytes, size_t* written) override {
      return Write("write over", offset, bytes, written);
    }
    Status Sync() override {
      if (const Fault* fault = disk_.Find("sync", path_)) return disk_.Error(*fault, path_);
      return file_->Sync();
    }
    Status Reserve(uint64_t bytes) override {
      if (const Fault* fault = disk_.Find("reserve", path_)) return disk_.Error(*fault, path_);
      return file_->Reserve(bytes);
    }
    Status Truncate(uint64_t bytes) override {
      if (const Fault* fault = disk_.Find("truncate", path_)) return disk_.Error(*fault, path_);
      return file_->Truncate(bytes);
    }
    uint64_t size() const override { return file_->size(); }

   private:
    Status Write(const char* kind, uint64_t offset, std::string_view bytes, size_t* written) {
      const Fault* fault = disk_.Find(kind, path_);
      if (fault == nullptr) return file_->WriteOver(offset, bytes, written);
      *written = 0;
      const Status failed = disk_.Error(*fault, path_);
      const auto part = static_cast<size_t>(static_cast<double>(bytes.size()) * fault->part);
      const Status status = file_->WriteOver(offset, bytes.substr(0, part), written);
      return status.ok() ? failed : status;
    }

    FailingFiles& disk_;
    const std::string path_;
    const std::unique_ptr<AppendFile> file_;
  };

  class Reader final : public ReadFile {
   public:
    Reader(FailingFiles& disk, std::string path, std::unique_ptr<ReadFile> file)
        : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}
    uint64_t size() const override { return file_->size(); }
    Result<size_t> ReadAt(uint64_t offset, char* to, size_t bytes) override {
      if (const Fault* fault = disk_.Find("read", path_)) return disk_.Error(*fault, path_);
      return file_->ReadAt(offset, to, bytes);
    }

   private:
    FailingFiles& disk_;
    const std::string path_;
    const std::unique_ptr<ReadFile> file_;
  };

  const Fault* Find(std::string_view kind, const std::string& path) const {
    for (const Fault& fault : faults_) {
      if (fault.kind == kind && path.find(fault.path_part) != std::string::npos) return &fault;
    }
    return nullptr;
  }
  Status Error(const Fault& fault, const std::string& path) {
    ++failed_;
    return Status::FromErrno(fault.os_error, fault.kind + " " + path);
  }

  FileSystem& files_;
  std::vector<Fault> faults_;
  int failed_ = 0;
};

}  // namespace baton
