#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// Which files make up the log, in Redis 7's form, one line a file:
//
//   file appendonly.aof.1.base.aof seq 1 type b
//   file appendonly.aof.1.incr.aof seq 1 type i
//
// At most one base, then the segments in the order of their numbers. Type h is history: superseded, to be deleted.
struct Manifest {
  struct File {
    std::string name;
    uint64_t sequence = 0;
  };
  std::optional<File> base;
  std::vector<File> segments;
  std::vector<File> history;

  std::string Format() const;
  // The message names the line.
  static Result<Manifest> Parse(std::string_view text);

  uint64_t newest_base_sequence() const { return base ? base->sequence : 0; }
  uint64_t newest_segment_sequence() const { return segments.empty() ? 0 : segments.back().sequence; }
};

// The names of the files in one log directory. `stem` is the option appendfilename.
struct LogFileNames {
  std::string directory;
  std::string stem;

  std::string Path(const std::string& name) const { return directory + "/" + name; }
  std::string manifest() const { return stem + ".manifest"; }
  std::string manifest_temp() const { return "temp-" + manifest(); }
  std::string lock() const { return "baton.lock"; }
  std::string reserve() const { return "baton.reserve"; }
  std::string base(uint64_t sequence) const { return stem + "." + std::to_string(sequence) + ".base.aof"; }
  std::string segment(uint64_t sequence) const { return stem + "." + std::to_string(sequence) + ".incr.aof"; }
  // Whether `name` is that of a base or a segment, and of which.
  bool IsNumbered(const std::string& name, uint64_t* sequence, bool* is_base) const;
};

// Writes the manifest beside the one in force and makes it durable; a rename then puts it into force.
Status WriteManifestTemp(FileSystem& files, const LogFileNames& names, const Manifest& manifest);
// The whole change: temp, sync, rename, sync of the directory. Not ok: *in_force says whether the new one can already
// be seen.
Status SwapManifest(FileSystem& files, const LogFileNames& names, const Manifest& manifest, bool* in_force);

Result<std::string> ReadWholeFile(FileSystem& files, const std::string& path, uint64_t bytes_max);
Status WriteWholeFile(FileSystem& files, const std::string& path, std::string_view bytes);  // and syncs it
Status AppendZeros(AppendFile& file, uint64_t bytes);

}  // namespace baton
