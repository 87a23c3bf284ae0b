// Log: opening a directory. How a log that is there is read stands in recovery.cc.

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "log/base_writer.h"
#include "log/log.h"
#include "log/recovery.h"

namespace baton {
namespace {

constexpr uint64_t kPieceBytes = 256 << 10;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// What the operator can do about it, behind what the system says.
Status WithAdvice(const Status& status) {
  const char* advice = "";
  if (status.os_error() == EACCES || status.os_error() == EPERM) {
    advice = ". The log directory and its files must be writable for the user that runs the server.";
  } else if (status.os_error() == EROFS) {
    advice = ". The file system is mounted read-only.";
  }
  return Status::Error(status.message() + advice);
}

}  // namespace

Result<RecoveryReport> Log::Open(ReplayTarget& target) {
  CHECK(!open_ && !closed_);
  if (!options_.enabled) {
    groups_.Restart(0, 0);
    open_ = true;
    return RecoveryReport{};
  }
  auto report = OpenLocked(target);
  if (report.ok()) {
    open_ = true;
  } else {
    lock_.reset();
    return WithAdvice(report.status());
  }
  return report;
}

Result<RecoveryReport> Log::OpenLocked(ReplayTarget& target) {
  const int64_t start_ns = clock_.MonotonicNs();
  if (Status status = PrepareDirectory(); !status.ok()) return status;

  Recovery recovery(names_, options_.load_truncated, files_, target);
  auto recovered = recovery.Read();
  if (!recovered.ok()) return recovered.status();
  std::vector<std::string> lines;
  reserve_.LookAgain();
  Status carried_out = recovery.CarryOut(recovered->plan, &lines);
  if (IsFullDisk(carried_out) && reserve_.bytes() > 0) {
    // What has been put by is for this, too.
    lines.clear();
    reserve_.GiveBack();
    carried_out = recovery.CarryOut(recovered->plan, &lines);
  }
  if (const Status& status = carried_out; !status.ok()) {
    return Status::Error("the log was read, but not all that a torn tail needs could be done: " + status.message());
  }
  for (const std::string& line : lines) logger_.Warning("%s", line.c_str());
  if (Status status = GoOn(*recovered); !status.ok()) return status;

  RecoveryReport& report = recovered->report;
  if (report.cut_bytes > 0) {
    logger_.Warning(
        "%llu bytes behind position %llu were cut off: %s", static_cast<unsigned long long>(report.cut_bytes),
        static_cast<unsigned long long>(recovered->position),
        report.cut_may_have_been_acknowledged ? "under the fsync policy of that time they may have been acknowledged"
                                              : "they were never acknowledged");
  }
  const auto is_ours = [](const FileFindings& file) { return file.is_ours; };
  if (served_before_ && report.commands > 0 && std::none_of(recovery.findings().begin(), recovery.findings().end(), is_ours)) {
    report.note = "a redis-server has rewritten this log since Baton was here";
    logger_.Warning(
        "No file in %s is Baton's, though Baton has been started on it before: a redis-server has rewritten the log since. "
        "The data is whole; queue policies and leases that were in it are gone (doc/queues.md, case 14).",
        names_.directory.c_str());
  }
  std::string note = std::to_string(report.commands) + " commands (" + HumanBytes(static_cast<double>(report.bytes)) +
                     ") from " + std::to_string(recovery.findings().size()) + " files, up to position " +
                     std::to_string(recovered->position);
  if (report.cut_bytes > 0) note += ", " + std::to_string(report.cut_bytes) + " bytes of a torn tail cut";
  if (!report.note.empty()) note += "; " + report.note;
  report.note = note;
  logger_.Notice("log %s: %s, in %.3f s", names_.directory.c_str(), note.c_str(),
                 static_cast<double>(clock_.MonotonicNs() - start_ns) / 1e9);
  return std::move(report);
}

// Afterwards the directory is ours alone and holds a manifest.
Status Log::PrepareDirectory() {
  if (Status status = files_.CreateDirectory(names_.directory); !status.ok()) {
    if (status.os_error() != ENOENT) return status;
    return Status::Error(status.message() + ". " + ParentOf(names_.directory) +
                         " does not exist: create it, or name another with `dir`.");
  }
  // Also when it was there: the process that made it may have been killed before it synced that.
  if (Status status = files_.SyncDirectory(ParentOf(names_.directory)); !status.ok()) return status;
  served_before_ = files_.Exists(names_.Path(names_.lock()));
  auto lock = files_.Lock(names_.Path(names_.lock()));
  if (!lock.ok()) {
    if (lock.status().os_error() != EWOULDBLOCK) return lock.status();
    return Status::Error(names_.directory + " is in use by another server: " + lock.status().message());
  }
  lock_ = std::move(*lock);
  if (files_.Exists(names_.Path(names_.manifest()))) return Status::Ok();

  // Redis before 7 kept one file beside the directory. Moving it in and naming it are two steps; a start between them
  // finds it inside.
  const std::string single_file = ParentOf(names_.directory) + "/" + names_.stem;
  if (files_.Exists(single_file) || files_.Exists(names_.Path(names_.stem))) return TakeOverSingleFile(single_file);
  return CreateEmpty();
}

Status Log::TakeOverSingleFile(const std::string& path) {
  if (files_.Exists(path)) {
    auto file = files_.OpenRead(path);
    if (!file.ok()) return file.status();
    char start[5];
    auto n = (*file)->ReadAt(0, start, sizeof start);
    if (!n.ok()) return n.status();
    if (std::string_view(start, *n) == "REDIS") {
      return Status::Error(path +
                           " begins with an RDB preamble, which Baton does not read. Load it with redis-server, "
                           "CONFIG SET aof-use-rdb-preamble no, BGREWRITEAOF, SHUTDOWN; then start Baton.");
    }
    if (Status status = files_.Rename(path, names_.Path(names_.stem)); !status.ok()) return status;
    if (Status status = files_.SyncDirectory(ParentOf(path)); !status.ok()) return status;
  }
  logger_.Notice("%s of an older layout is now the base of the log in %s", names_.stem.c_str(),
                 names_.directory.c_str());
  Manifest manifest;
  manifest.base = Manifest::File{names_.stem, 1};
  bool in_force = false;
  return SwapManifest(files_, names_, manifest, &in_force);
}

Status Log::CreateEmpty() {
  auto listed = files_.List(names_.directory);
  if (!listed.ok()) return listed.status();
  for (const std::string& name : *listed) {
    if (name.ends_with(".manifest") && name != names_.manifest_temp()) {
      return Status::Error(names_.directory + " holds " + name + ", but not " + names_.manifest() +
                           ", which appendfilename asks for. Set appendfilename to the name that was used, or move the "
                           "files of the other log elsewhere.");
    }
    uint64_t sequence = 0;
    bool is_base = false;
    if (!names_.IsNumbered(name, &sequence, &is_base)) continue;
    auto bytes = files_.OpenRead(names_.Path(name));
    if (!bytes.ok()) return bytes.status();
    // A first start that was interrupted leaves files without content, which are made anew.
    if ((*bytes)->size() <= kFileHeaderBytesMax + kGroupLineBytesMax) continue;
    return Status::Error(names_.Path(names_.manifest()) + " is missing, though " + name +
                         " is there. Restore the manifest (doc/log-format.md shows its form), or move the files "
                         "elsewhere to start empty.");
  }
  Manifest manifest;
  manifest.base = Manifest::File{names_.base(1), 1};
  manifest.segments.push_back({names_.segment(1), 1});
  const FileHeader base{FileKind::kBase, 0, 0, random_.Next()};
  const FileHeader segment{FileKind::kIncr, 0, 0, random_.Next()};
  if (Status status = WriteWholeFile(files_, names_.Path(names_.base(1)), EmptyBase(base)); !status.ok()) return status;
  if (Status status = WriteWholeFile(files_, names_.Path(names_.segment(1)), FormatFileHeader(segment)); !status.ok()) {
    return status;
  }
  if (Status status = files_.SyncDirectory(names_.directory); !status.ok()) return status;
  bool in_force = false;
  return SwapManifest(files_, names_, manifest, &in_force);
}

// The log goes on in its last segment, or in a new one when that is not ours to append to. What was read may have been
// written by a process that was killed before its sync: it is synced before anybody is told of it.
Status Log::GoOn(const RecoveredLog& recovered) {
  manifest_ = recovered.plan.manifest;
  base_bytes_ = recovered.base_bytes;
  groups_.Restart(recovered.position, recovered.check);
  written_ = recovered.position;
  newest_change_ = recovered.position;
  ends_with_mark_ = recovered.ends_with_mark || recovered.position == 0;
  const int64_t now_ns = clock_.MonotonicNs();
  last_write_ns_ = now_ns;

  for (const Manifest::File& name : manifest_.segments) {
    auto file = files_.OpenAppend(names_.Path(name.name), FileSystem::OpenMode::kAppendExisting);
    if (!file.ok()) return file.status();
    older_files_.push_back({std::move(*file)});
  }
  if (Status status = WriteUnvouchedAgain(recovered); !status.ok()) return status;
  older_segment_bytes_ = recovered.segment_bytes;
  if (recovered.can_append) {
    segment_ = {manifest_.segments.back(), older_files_.back().file, recovered.seed, recovered.last_bytes, recovered.last_bytes};
    older_files_.pop_back();
    older_segment_bytes_ -= recovered.last_bytes;
    if (segment_.room() != recovered.last_room_bytes) {
      return Status::Error(names_.Path(segment_.name.name) + " was changed by somebody else while it was read");
    }
    groups_.StartSegment(segment_.seed);
  } else if (Status status = AddSegment(recovered.position, recovered.check); !status.ok()) {
    return status;
  }
  manifest_unsynced_ = true;
  if (Status status = SyncInPlace(); !status.ok()) return status;
  released_ = synced_;
  // The disk may be full already.
  LookAtSpace(clock_.MonotonicNs());
  return Status::Ok();
}

// A sync of the process before may have failed. The system then marks as clean what it did not write, and goes on
// showing it: it would be recovered from memory, told to clients, passed over by every sync, and lost with the power.
// So what no group vouches for is written again, in its place.
Status Log::WriteUnvouchedAgain(const RecoveredLog& recovered) {
  const auto& segments = manifest_.segments;
  const auto first = std::find_if(segments.begin(), segments.end(),
                                  [&](const Manifest::File& file) { return file.name == recovered.unvouched_name; });
  uint64_t offset = first == segments.end() ? 0 : recovered.unvouched_offset;
  size_t i = first == segments.end() ? 0 : static_cast<size_t>(first - segments.begin());
  for (; i < segments.size(); ++i, offset = 0) {
    auto file = files_.OpenRead(names_.Path(segments[i].name));
    if (!file.ok()) return file.status();
    AppendFile& again = *older_files_[i].file;
    const uint64_t end = i + 1 == segments.size() && recovered.can_append ? recovered.last_bytes : again.size();
    std::string piece(std::min<uint64_t>(end - std::min(offset, end), kPieceBytes), '\0');
    while (offset < end) {
      auto n = (*file)->ReadAt(offset, piece.data(), std::min<uint64_t>(piece.size(), end - offset));
      if (!n.ok()) return n.status();
      if (*n == 0) break;  // somebody has cut it meanwhile
      size_t written = 0;
      Status status = again.WriteOver(offset, std::string_view(piece).substr(0, *n), &written);
      if (!status.ok()) return status;
      offset += *n;
    }
  }
  return Status::Ok();
}

Status Log::AddSegment(uint64_t position, uint32_t check) {
  const uint64_t sequence = manifest_.newest_segment_sequence() + 1;
  const FileHeader header{FileKind::kFirst, position, check, random_.Next()};
  const std::string first_line = FormatFileHeader(header);
  const std::string path = names_.Path(names_.segment(sequence));
  if (Status status = WriteWholeFile(files_, path, first_line); !status.ok()) return status;
  if (Status status = files_.SyncDirectory(names_.directory); !status.ok()) return status;
  manifest_.segments.push_back({names_.segment(sequence), sequence});
  bool in_force = false;
  if (Status status = SwapManifest(files_, names_, manifest_, &in_force); !status.ok()) return status;
  auto file = files_.OpenAppend(path, FileSystem::OpenMode::kAppendExisting);
  if (!file.ok()) return file.status();
  segment_ = {manifest_.segments.back(), std::move(*file), GroupSeed(header.salt), first_line.size(), first_line.size()};
  groups_.StartSegment(segment_.seed);
  return Status::Ok();
}

}  // namespace baton
