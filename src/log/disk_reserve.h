#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/job_runner.h"
#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// Room on the log's disk that is put by while there is some: a file that takes it, with nothing in it that matters. A
// rewrite writes its base right into that file, so no disk can become too full for it; what the file holds beyond that
// is given up piece by piece for what consumers write. doc/log-format.md, "Room on the disk", has the whole account.
//
// Loop thread only; it is made larger on the job runner's thread. A rewrite's jobs use the file by its path, while it is
// lent to them.
class DiskReserve {
 public:
  DiskReserve(FileSystem& files, JobRunner& runner, std::string path);

  const std::string& path() const { return path_; }
  uint64_t bytes() const { return bytes_; }
  // Being made larger: what bytes() says is not true any more, or not yet.
  bool growing() const { return growing_; }
  // Files can be given room without being written, so the reserve may be large; see FileSystem, Reserve. Until it has
  // been tried: yes.
  bool promises() const { return promises_; }
  void PromisesNothing() { promises_ = false; }

  // Sees how much is there: an earlier life may have left some, a rewrite has used it or left another. Ends Lend.
  void LookAgain();
  // For a rewrite: nothing here touches the file until LookAgain.
  void Lend() { lent_ = true; }
  bool lent() const { return lent_; }

  // Begins to make it so large, if it is not. What comes of it is seen by bytes(). Where room has to be taken with
  // zeros, `zeros_max` is as far as it goes.
  void GrowTo(uint64_t bytes, uint64_t zeros_max);
  // At once. False when it cannot be done now.
  bool CutTo(uint64_t bytes);
  void GiveBack() { CutTo(0); }

 private:
  FileSystem& files_;
  JobRunner& runner_;
  const std::string path_;
  uint64_t bytes_ = 0;
  bool growing_ = false, lent_ = false, promises_ = true;
  std::shared_ptr<DiskReserve*> self_;  // the job's end may come when this is gone
};

bool IsFullDisk(const Status& status);

// --- Any thread, for who has it lent.

// How much the file at `path` takes; 0 when there is none.
uint64_t ReserveBytes(FileSystem& files, const std::string& path);
// Makes it larger: by room that is taken without being written, else, up to `zeros_max`, by zeros. Not ok: it is as it
// was, or, on a full disk, larger by a part.
Status GrowReserve(FileSystem& files, const std::string& path, uint64_t bytes, uint64_t zeros_max);
// Smaller; at 0 it is deleted.
Status CutReserve(FileSystem& files, const std::string& path, uint64_t bytes);
// To write a file over what the reserve holds: Append begins at the front, size() is how far it has come.
Result<std::unique_ptr<AppendFile>> OpenReserveToWrite(FileSystem& files, const std::string& path);

}  // namespace baton
