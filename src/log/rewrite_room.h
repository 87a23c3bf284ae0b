#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// How a rewrite gets along near the end of the disk, step by step; its job carries it along. What it needs is in the
// reserve (disk_reserve.h) before it begins, else it does not begin. Any thread, one at a time.
struct RewriteRoom {
  // False: the disk has plenty of room, nothing is put by. All of the below does without then.
  bool is_short = false;
  std::string reserve_path;
  uint64_t base_bytes = 0;    // what the base takes at most
  uint64_t small_bytes = 0;   // for what comes with it: the head of a segment, manifests
  uint64_t wanted_bytes = 0;  // what shall be put by when it is over

  // Before anything else: the reserve holds what the base takes, and `small_bytes` are free.
  Status Begin(FileSystem& files);
  // What the reserve holds beyond that is room in the new segment from now on. How much that is.
  uint64_t HandOver(FileSystem& files, AppendFile& segment) const;

  // The base is written into the reserve, if that is there.
  Result<std::unique_ptr<AppendFile>> OpenBase(FileSystem& files, const std::string& path);
  // It is whole: gets its length and its name.
  Status NameBase(FileSystem& files, AppendFile& file, const std::string& path);
  // It is of no use after all. Its room goes back to the reserve.
  void DropBase(FileSystem& files, const std::string& path);

  // Removes files that nobody needs any more. The largest `reusable` one becomes the next reserve, so that nobody can take its room
  // in between.
  void Remove(FileSystem& files, const std::vector<std::string>& paths);

  bool base_in_reserve = false;
  std::string segment_before;  // has room of its own behind its end, at `segment_before_bytes`, which nobody needs any more
  uint64_t segment_before_bytes = 0;
  // Files whose room is used again: none that has failed, nor one that a sync to come may cut.
  std::vector<std::string> reusable;
};

}  // namespace baton
