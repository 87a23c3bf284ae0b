#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "env/file_system.h"
#include "log/group_reader.h"
#include "log/log.h"
#include "log/manifest.h"
#include "log/note_record.h"

namespace baton {

// Reads a log directory from front to back, and tells a torn tail from damage. The rules:
//
//  1. A group counts when its form is right, its check holds and it follows on from the one before (number and check).
//  2. The first group that does not count is called p. It is *damage* when a later good group, in this file or a later
//     one, says that p was synced: then the log is not what was promised, and the server does not start.
//  3. It is damage, too, when no write of ours can have left it: a disk writes sectors of 512 bytes whole, so what is
//     wrong in the very sector in which good bytes stand before it was changed afterwards; unless it is zeros, or what
//     stood there before: room (log/filler.h), up to the sector's end.
//  4. Else it is a torn tail: what was written but not yet synced when the power went. All from p on is cut, zeros and
//     room included, also the later segments. Where there is nothing but room from p on, nothing is torn: a log that was
//     not closed ends like that, or one whose last segment had been switched and not yet been cut.
//  5. A base was synced whole before a manifest named it: in a base, any bad group is damage.
//  6. Files without a header were written by Redis and are read by its rules: no checks; a command or a transaction
//  that
//     is cut short at the end of the last file is cut off (aof-load-truncated), anything else is a format error.
//  7. A redis-server that was started on our directory appends to our last segment, after a SELECT or a MULTI in
//     capitals, which we never write there. From our last good group on, such a file is read by rule 6. We do not
//     append to it again: the segment that we start then says in its header where our groups in it ended, and what
//     rule 2 says of them does not go for what stands behind.
//
// Nothing is changed on disk while reading; Recovery::CarryOut does that when all is loaded.

// What is to be changed before the log can go on.
struct RecoveryPlan {
  struct Cut {
    std::string name;
    uint64_t offset = 0, bytes = 0;  // zeros and room at the end of the file are left out, and go, too
    bool worth_keeping = false;      // more than those
  };
  std::optional<Cut> cut;
  std::vector<std::string> dropped;  // whole segments behind the cut, and segments that never came into force
  std::vector<std::string> litter;   // left by an interrupted rewrite
  bool manifest_changes = false;
  Manifest manifest;  // as it will be in force
};

struct RecoveredLog {
  RecoveryReport report;
  RecoveryPlan plan;
  uint64_t position = 0;        // of the newest good group
  uint32_t check = 0;           // its check
  bool ends_with_mark = false;  // nothing acknowledged stands unvouched
  // The last segment can be appended to: it is ours, and ours to its end.
  bool can_append = false;
  uint32_t seed = 0;        // of the last segment's checks
  uint64_t last_bytes = 0;  // how long the last segment is, without room at its end, when all is carried out
  uint64_t last_room_bytes = 0;
  uint64_t base_bytes = 0, segment_bytes = 0;
  // From here on, and through the segments behind it, no group says that a sync has ended well. Before the process was
  // killed one may have failed: then what was read came from memory only, and no sync would write it.
  std::string unvouched_name;
  uint64_t unvouched_offset = 0;
};

// For baton-check-aof: what was found in each file.
struct FileFindings {
  std::string name;
  bool is_base = false, is_ours = false;
  uint64_t bytes = 0, good_bytes = 0, room_bytes = 0, groups = 0, commands = 0, first_position = 0, last_position = 0;
};

class Recovery {
 public:
  Recovery(const LogFileNames& names, bool load_truncated, FileSystem& files, ReplayTarget& target);

  // Reads and replays. Not ok: the message names file, place and what to do.
  Result<RecoveredLog> Read();

  // Makes the changes that Read found necessary, in an order that leaves a log with the same content wherever it is
  // interrupted; the tail is overwritten, and that synced, before it is cut off. `lines` says what was done.
  Status CarryOut(RecoveryPlan& plan, std::vector<std::string>* lines);

  const std::vector<FileFindings>& findings() const { return findings_; }
  // After a failed Read: where the first bad group or command is.
  const std::optional<RecoveryPlan::Cut>& damage() const { return damage_; }

 private:
  struct Source {
    Manifest::File file;
    bool is_base = false;
    uint64_t bytes = 0;
  };

  Status ReadManifest();
  Status FindSources();
  Status FindStrays();
  Status LoadFile(size_t index);
  Status LoadOurs(size_t index, FileWindow& window, const FileHeader& header, size_t header_bytes);
  Status LoadForeign(size_t index, FileWindow& window, uint64_t offset);
  void NoteVouched(size_t index, const GroupReader& reader);
  Status ReplayRecords(const Source& source, uint64_t offset, std::string_view records);
  Status ReplayAnnotation(std::string_view line);
  Status ReplayCommand(const Source& source, uint64_t offset, const std::vector<std::string_view>& argv);
  Status JudgeBadGroup(size_t index, const GroupReader& reader, ReadOutcome outcome);
  Status CutFrom(size_t index, uint64_t offset);
  Result<size_t> ReadHeader(const Source& source, FileHeader* header);
  static Result<size_t> ReadHeader(ReadFile& file, FileHeader* header);
  Result<bool> ALaterFileStartsFromHere(size_t index);
  Result<uint64_t> VoucherBehind(size_t index, uint64_t offset, uint64_t position);
  Result<bool> RedisWroteFrom(size_t index, uint64_t offset);
  Result<bool> WasLostFrom(const Source& source, const GroupReader& reader);
  Result<uint64_t> EndWithoutPadding(const std::string& name, uint64_t offset);
  Result<bool> HoldsNoGroup(const std::string& name);
  Status Damage(const Source& source, uint64_t offset, const std::string& what);
  Status FormatError(const Source& source, uint64_t offset, const std::string& what);
  std::string Path(const Source& source) const { return names_.Path(source.file.name); }
  void ReportProgress(size_t index, uint64_t offset);

  const LogFileNames names_;
  const bool load_truncated_;
  FileSystem& files_;
  ReplayTarget& target_;

  std::vector<Source> sources_;
  std::vector<FileFindings> findings_;
  std::optional<RecoveryPlan::Cut> damage_;
  RecoveredLog log_;
  bool chain_known_ = false;     // position and check of the group before are known
  bool redis_appended_ = false;  // the file being read is ours at its start only
  bool stop_ = false;            // a torn tail was found: nothing behind it is read
  // Up to vouched_ all is known to be synced, and up to next_vouched_ when a later group says so of its position.
  struct Place {
    size_t index = 0;
    uint64_t offset = 0, position = 0;
  };
  Place vouched_, next_vouched_;
  char policy_ = 'a';  // under which the newest good group was written
  uint32_t db_ = 0;    // that the records being replayed are about
  uint64_t bytes_total_ = 0, bytes_before_ = 0, next_progress_ = 0;
  std::vector<std::string_view> argv_;
  NoteReader note_reader_;
  QueueNotes notes_;  // of the command that follows
};

}  // namespace baton
