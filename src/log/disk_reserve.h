#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/job_runner.h"
#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// A file of zeros on the log's disk. When that is full, deleting the file makes room for what consumers do: what they
// take off a queue has to be written down, too, before a rewrite can give anything back. Loop thread only; it is
// written on the job runner's thread.
class DiskReserve {
 public:
  DiskReserve(FileSystem& files, JobRunner& runner, std::string path);

  // An earlier life may have left one.
  void FindLeftover(uint64_t bytes);
  // Begins to write it, unless it is there already. What comes of it is seen by held(); a failure is tried again with
  // the next call.
  void Take(uint64_t bytes);
  // Deletes it. False when there was none.
  bool GiveBack();
  bool held() const { return held_; }

 private:
  FileSystem& files_;
  JobRunner& runner_;
  const std::string path_;
  bool held_ = false, being_written_ = false;
  std::shared_ptr<DiskReserve*> self_;  // the job's end may come when this is gone
};

}  // namespace baton
