#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "env/file_system.h"
#include "log/group.h"

namespace baton {

// A file seen through a window that moves forwards: what is loaded can be parsed in place.
class FileWindow {
 public:
  explicit FileWindow(std::unique_ptr<ReadFile> file, size_t piece_bytes = kPieceBytes);

  uint64_t file_size() const { return file_->size(); }
  // What is loaded from `offset` on. Valid until More.
  std::string_view From(uint64_t offset) const;
  // Whether that reaches to the end of the file.
  bool complete() const { return first_ + used_ >= file_->size(); }
  // Loads at least one byte more, keeping what stands at keep_from and behind; !complete().
  Status More(uint64_t keep_from);

 private:
  static constexpr size_t kPieceBytes = 1 << 20;

  std::unique_ptr<ReadFile> file_;
  const size_t piece_bytes_;
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  uint64_t first_ = 0;  // offset of bytes_[0] in the file
  size_t used_ = 0;
};

enum class ReadOutcome : uint8_t {
  kRead,
  kEnd,       // the file ends here, as it should
  kRoom,      // from start() to the file's end there is only room for more (log/filler.h)
  kCutShort,  // the file ends in the middle
  kBad,       // these bytes are not what should stand here
  kFailed,    // the disk could not read: status() says why
};

// Walks a file's groups. Looks at form and check; whether they follow on from each other is for the caller to judge.
class GroupReader {
 public:
  GroupReader(FileWindow& window, uint64_t offset, uint32_t seed) : window_(window), end_(offset), seed_(seed) {}

  // Of no further use once it has returned anything but kRead.
  ReadOutcome Next();

  // After kRead. The records are valid until the next call.
  std::string_view records() const { return window_.From(start_).substr(0, line_.length); }
  const GroupLine& line() const { return line_; }
  uint64_t start() const { return start_; }  // of the group; after kCutShort or kBad: where the one that is bad starts
  uint64_t end() const { return end_; }      // behind its line
  // After kBad: from the group's start to bad_until(), a byte is wrong. Which one can be narrowed down to bad_at() and
  // behind when form was violated; when only the check says no, bad_at() is the start of the group's line.
  uint64_t bad_at() const { return bad_at_; }
  uint64_t bad_until() const { return bad_until_; }
  const Status& status() const { return status_; }

 private:
  ReadOutcome PassRoom();

  FileWindow& window_;
  uint64_t start_ = 0, end_;
  const uint32_t seed_;
  GroupLine line_;
  uint64_t bad_at_ = 0, bad_until_ = 0;
  Status status_ = Status::Ok();
};

// Walks a file that somebody else wrote, in units that stand or fall together: a command, or all from MULTI to EXEC.
// Annotations are passed over, but not ours: a file that holds groups has lost its header, and is not read unchecked.
class ForeignReader {
 public:
  ForeignReader(FileWindow& window, uint64_t offset) : window_(window), end_(offset) {}

  // kCutShort: the file ends inside a command or a transaction, and start() says where that begins.
  ReadOutcome Next();

  std::string_view records() const { return window_.From(start_).substr(0, end_ - start_); }
  // The words, when the unit is one command; nullptr for a transaction. Valid until the next call.
  const std::vector<std::string_view>* command() const { return transaction_ ? nullptr : &argv_; }
  uint64_t start() const { return start_; }
  uint64_t end() const { return end_; }
  uint64_t bad_at() const { return bad_at_; }
  const Status& status() const { return status_; }

 private:
  FileWindow& window_;
  uint64_t start_ = 0, end_;
  uint64_t bad_at_ = 0;
  bool transaction_ = false;
  std::vector<std::string_view> argv_;
  Status status_ = Status::Ok();
};

}  // namespace baton
