#include "log/recovery.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "log/filler.h"
#include "log/record.h"
#include "log/voucher.h"

namespace baton {
namespace {

constexpr uint64_t kManifestBytesMax = 16 << 20;
constexpr uint64_t kSectorBytes = 512;
constexpr uint64_t kProgressBytes = 2 << 20;

using namespace std::string_view_literals;

std::string Number(uint64_t value) { return std::to_string(value); }

}  // namespace

Recovery::Recovery(const LogFileNames& names, bool load_truncated, FileSystem& files, ReplayTarget& target)
    : names_(names), load_truncated_(load_truncated), files_(files), target_(target) {}

Result<RecoveredLog> Recovery::Read() {
  if (Status status = ReadManifest(); !status.ok()) return status;
  if (Status status = FindSources(); !status.ok()) return status;
  if (Status status = FindStrays(); !status.ok()) return status;
  for (size_t i = 0; i < sources_.size() && !stop_; ++i) {
    if (Status status = LoadFile(i); !status.ok()) return status;
    bytes_before_ += sources_[i].bytes;
  }
  ReportProgress(sources_.size(), 0);
  if (!sources_.empty()) {
    log_.unvouched_name = sources_[vouched_.index].file.name;
    log_.unvouched_offset = vouched_.offset;
  }
  return std::move(log_);
}

// --- which files there are

Status Recovery::ReadManifest() {
  const std::string path = names_.Path(names_.manifest());
  if (!files_.Exists(path)) return Status::FromErrno(ENOENT, "open " + path);
  auto text = ReadWholeFile(files_, path, kManifestBytesMax);
  if (!text.ok()) return text.status();
  auto manifest = Manifest::Parse(*text);
  if (!manifest.ok()) return Status::Error(path + ": " + manifest.status().message());
  log_.plan.manifest = std::move(*manifest);
  return Status::Ok();
}

Status Recovery::FindSources() {
  const Manifest& manifest = log_.plan.manifest;
  if (manifest.base) sources_.push_back({*manifest.base, true, 0});
  for (const Manifest::File& file : manifest.segments) sources_.push_back({file, false, 0});
  for (Source& source : sources_) {
    if (!files_.Exists(Path(source))) {
      return Status::Error(names_.Path(names_.manifest()) + " names " + source.file.name +
                           ", which is not there. Put the file back, or restore the directory from a backup.");
    }
    auto file = files_.OpenRead(Path(source));
    if (!file.ok()) return file.status();
    source.bytes = (*file)->size();
    bytes_total_ += source.bytes;
    (source.is_base ? log_.base_bytes : log_.segment_bytes) += source.bytes;
  }
  return Status::Ok();
}

// Numbered files that the manifest does not name: what a rewrite had not deleted yet, or had not finished.
Status Recovery::FindStrays() {
  RecoveryPlan& plan = log_.plan;
  const Manifest& manifest = plan.manifest;
  auto listed = files_.List(names_.directory);
  if (!listed.ok()) return listed.status();
  for (const std::string& name : *listed) {
    uint64_t sequence = 0;
    bool is_base = false;
    const bool rewrite_temp = name.starts_with("temp-rewriteaof-") && name.ends_with(".aof");
    if (name == names_.manifest_temp() || rewrite_temp) {
      plan.litter.push_back(name);
    } else if (name.ends_with(".manifest") && name != names_.manifest()) {
      return Status::Error("two manifests in " + names_.directory + ": " + names_.manifest() + " and " + name +
                           ". A directory holds one log: move the one that is not meant, with its files, elsewhere.");
    } else if (names_.IsNumbered(name, &sequence, &is_base)) {
      const auto same_name = [&](const Source& source) { return source.file.name == name; };
      if (std::any_of(sources_.begin(), sources_.end(), same_name)) continue;
      // A base only restates what the files in force say. A segment with a number above those in force was made for
      // a rewrite; what it may hold was never promised to anybody, but is kept.
      if (is_base || sequence < manifest.newest_segment_sequence()) {
        plan.litter.push_back(name);
        continue;
      }
      auto empty = HoldsNoGroup(name);
      if (!empty.ok()) return empty.status();
      (*empty ? plan.litter : plan.dropped).push_back(name);
    }
  }
  for (const Manifest::File& file : manifest.history) {
    const auto& litter = plan.litter;
    if (std::find(litter.begin(), litter.end(), file.name) == litter.end() && files_.Exists(names_.Path(file.name))) {
      plan.litter.push_back(file.name);
    }
  }
  if (!manifest.history.empty()) {
    plan.manifest.history.clear();
    plan.manifest_changes = true;
  }
  return Status::Ok();
}

// --- reading one file

Status Recovery::LoadFile(size_t index) {
  const Source& source = sources_[index];
  findings_.push_back({source.file.name, source.is_base, false, source.bytes, 0, 0, 0, 0, 0});
  auto file = files_.OpenRead(Path(source));
  if (!file.ok()) return file.status();
  FileWindow window(std::move(*file));
  if (!window.complete()) {
    if (Status status = window.More(0); !status.ok()) return Status::Error(Path(source) + ": " + status.message());
  }
  db_ = 0;
  redis_appended_ = false;
  log_.can_append = false;
  log_.ends_with_mark = false;
  const std::string_view start = window.From(0);
  if (start.starts_with("REDIS")) {
    return Status::Error(Path(source) +
                         " begins with an RDB preamble, which Baton does not read. Load it with redis-server, "
                         "CONFIG SET aof-use-rdb-preamble no, BGREWRITEAOF, SHUTDOWN; then start Baton.");
  }
  if (!start.starts_with(kFileHeaderStart)) {
    // A redis-server begins a file behind ours with a command or a time stamp.
    if (chain_known_ && start.starts_with('#') && !start.starts_with("#TS:")) {
      return Damage(source, 0, "its first line (#B) is damaged");
    }
    return LoadForeign(index, window, 0);
  }
  FileHeader header;
  const size_t header_bytes = ParseFileHeader(start, &header);
  if (header_bytes == 0) return Damage(source, 0, "its first line (#B) is damaged");
  if ((header.kind == FileKind::kBase) != source.is_base) {
    return Damage(source, 0, "its first line does not go with its place in the manifest");
  }
  if (header.kind == FileKind::kIncr && !chain_known_) {
    return Damage(source, 0, "it follows on from a file of ours, but what is there before it is not one");
  }
  findings_.back().is_ours = true;
  return LoadOurs(index, window, header, header_bytes);
}

Status Recovery::LoadOurs(size_t index, FileWindow& window, const FileHeader& header, size_t header_bytes) {
  const Source& source = sources_[index];
  FileFindings& findings = findings_.back();
  uint64_t position = source.is_base ? 0 : log_.position;
  uint32_t check = source.is_base ? 0 : log_.check;
  if (header.kind == FileKind::kFirst) {
    if (chain_known_ && (position != header.position || check != header.before)) {
      return Damage(source, 0, "the file before it does not end where this one starts");
    }
    position = header.position;
    check = header.before;
  }
  bool complete_base = false;
  log_.seed = GroupSeed(header.salt);
  GroupReader reader(window, header_bytes, log_.seed);
  findings.good_bytes = header_bytes;
  while (true) {
    const ReadOutcome outcome = reader.Next();
    if (outcome == ReadOutcome::kEnd || (outcome == ReadOutcome::kRoom && !source.is_base)) break;
    if (outcome == ReadOutcome::kFailed) return Status::Error(Path(source) + ": " + reader.status().message());
    const GroupLine& line = reader.line();
    const bool follows = outcome == ReadOutcome::kRead && line.position == position + 1 && line.before == check;
    if (!follows) {
      if (source.is_base) return Damage(source, reader.start(), "group " + Number(position + 1) + " is damaged");
      log_.position = position;
      log_.check = check;
      return JudgeBadGroup(index, reader, outcome);
    }
    if (Status status = ReplayRecords(source, reader.start(), reader.records()); !status.ok()) return status;
    log_.report.bytes += line.length;
    position = line.position;
    check = line.check;
    policy_ = line.policy;
    complete_base = line.length == 0 && line.synced + 1 == line.position;
    log_.ends_with_mark = complete_base;
    findings.good_bytes = reader.end();
    if (findings.groups++ == 0) findings.first_position = position;
    findings.last_position = position;
    if (!source.is_base) NoteVouched(index, reader);
    ReportProgress(index, reader.end());
  }
  if (source.is_base) {
    if (!complete_base) return Damage(source, source.bytes, "its end is missing");
    position = header.position;
    check = header.before;
  }
  log_.position = position;
  log_.check = check;
  chain_known_ = true;
  log_.can_append = !source.is_base;
  log_.last_bytes = reader.start();
  log_.last_room_bytes = findings.room_bytes = source.bytes - reader.start();
  if (!source.is_base) log_.segment_bytes -= log_.last_room_bytes;
  return Status::Ok();
}

// Two places are enough to follow what is vouched for, however far syncs lag behind: the one found is a little too
// early.
void Recovery::NoteVouched(size_t index, const GroupReader& reader) {
  if (reader.line().synced < next_vouched_.position) return;
  vouched_ = next_vouched_;
  next_vouched_ = {index, reader.end(), reader.line().position};
}

Status Recovery::LoadForeign(size_t index, FileWindow& window, uint64_t offset) {
  const Source& source = sources_[index];
  FileFindings& findings = findings_.back();
  const bool last = index + 1 == sources_.size();
  log_.report.foreign = true;
  findings.good_bytes = offset;
  ForeignReader reader(window, offset);
  while (true) {
    const ReadOutcome outcome = reader.Next();
    if (outcome == ReadOutcome::kEnd) break;
    if (outcome == ReadOutcome::kFailed) return Status::Error(Path(source) + ": " + reader.status().message());
    if (outcome == ReadOutcome::kBad) return FormatError(source, reader.bad_at(), "bad file format");
    if (outcome == ReadOutcome::kCutShort) {
      if (!last) return FormatError(source, reader.start(), "the file is cut short though it is not the last one");
      if (!load_truncated_) {
        return FormatError(source, reader.start(), "the file is cut short, and aof-load-truncated is no");
      }
      policy_ = 'e';  // Redis does not say how it was told to sync
      return CutFrom(index, reader.start());
    }
    const auto* command = reader.command();
    Status status = command != nullptr ? ReplayCommand(source, reader.start(), *command)
                                       : ReplayRecords(source, reader.start(), reader.records());
    if (!status.ok()) return status;
    log_.report.bytes += reader.end() - reader.start();
    findings.good_bytes = reader.end();
    ReportProgress(index, reader.end());
  }
  return Status::Ok();
}

Status Recovery::ReplayRecords(const Source& source, uint64_t offset, std::string_view records) {
  for (size_t at = 0; at < records.size();) {
    const RecordScan scan = ReadRecord(records, at, &argv_);
    const uint64_t here = offset + at;
    at = scan.end;
    if (scan.outcome == RecordOutcome::kAnnotation) {
      Status status = ReplayAnnotation(records.substr(here - offset, at - (here - offset)));
      if (!status.ok()) return Damage(source, here, status.message());
      continue;
    }
    CHECK(scan.outcome == RecordOutcome::kCommand);  // the reader has walked over it
    if (Status status = ReplayCommand(source, here, argv_); !status.ok()) return status;
  }
  if (!notes_.list.empty() || note_reader_.in_the_middle()) {
    return Damage(source, offset, "its last #Q line belongs to a command that is not there");
  }
  return Status::Ok();
}

// What stands beside a command waits for it.
Status Recovery::ReplayAnnotation(std::string_view line) {
  if (!line.starts_with(kNoteLineStart)) return Status::Ok();
  bool complete = false;
  if (Status status = note_reader_.Take(line, &complete); !status.ok() || !complete) return status;
  if (!StandsAlone(note_reader_.note().kind)) {
    notes_.list.push_back(std::move(note_reader_.note()));
    return Status::Ok();
  }
  if (note_reader_.note().kind == NoteKind::kPolicy) {
    const std::vector<std::string>& words = note_reader_.note().words;
    auto policy = Policy::Parse(std::vector<std::string_view>(words.begin(), words.end()));
    if (!policy.ok()) return policy.status();
  }
  QueueNotes alone;
  alone.list.push_back(std::move(note_reader_.note()));
  if (target_.Replay(Mutation::Queue(db_, alone)) == ApplyOutcome::kDoesNotFit) {
    return Status::Error("the line '" + std::string(line.substr(0, 60)) + "' does not fit the lines before it");
  }
  return Status::Ok();
}

Status Recovery::ReplayCommand(const Source& source, uint64_t offset, const std::vector<std::string_view>& argv) {
  bool foreign = false;
  const ControlWord control = ControlWordOf(argv, &foreign);
  if (control == ControlWord::kSelect) {
    if (SelectedDb(argv, &db_)) return Status::Ok();
    return Damage(source, offset, "the command " + DescribeCommand(argv) + " is invalid");
  }
  // A group, and a unit of a foreign file, is whole already; there is nothing left to bracket.
  if (control != ControlWord::kNone) return Status::Ok();
  Status status = Replay(db_, argv, notes_.list.empty() ? nullptr : &notes_, target_);
  notes_.list.clear();
  if (!status.ok()) return Damage(source, offset, status.message());
  ++log_.report.commands;
  ++findings_.back().commands;
  return Status::Ok();
}

// --- torn tail or damage

Status Recovery::JudgeBadGroup(size_t index, const GroupReader& reader, ReadOutcome outcome) {
  const Source& source = sources_[index];
  const uint64_t start = reader.start();
  const uint64_t position = log_.position + 1;
  const std::string group = "group " + Number(position);

  // Where a later file of ours starts over from here, the groups behind it are not about what stands here.
  auto ends_here = ALaterFileStartsFromHere(index);
  if (!ends_here.ok()) return ends_here.status();
  auto voucher = *ends_here ? uint64_t{0} : VoucherBehind(index, start, position);
  if (!voucher.ok()) return voucher.status();
  if (*voucher != 0) {
    return Damage(source, start, group + " is damaged, though it was synced (group " + Number(*voucher) + " says so)");
  }
  auto redis = RedisWroteFrom(index, start);
  if (!redis.ok()) return redis.status();
  if (*ends_here && !*redis) return Damage(source, start, "what a redis-server has appended from here on is damaged");
  if (*redis) {
    redis_appended_ = true;
    log_.report.note = "a redis-server has appended to " + source.file.name + "; that part has no checksums";
    auto file = files_.OpenRead(Path(source));
    if (!file.ok()) return file.status();
    FileWindow window(std::move(*file));
    while (!window.complete() && window.From(0).size() < start) {
      if (Status status = window.More(0); !status.ok()) return Status::Error(Path(source) + ": " + status.message());
    }
    return LoadForeign(index, window, start);
  }

  if (outcome == ReadOutcome::kBad) {
    auto lost = WasLostFrom(source, reader);
    if (!lost.ok()) return lost.status();
    if (!*lost) return Damage(source, start, group + " is damaged in a way that a lost write cannot leave behind");
  }
  for (size_t i = index + 1; i < sources_.size(); ++i) {
    auto file = files_.OpenRead(Path(sources_[i]));
    if (!file.ok()) return file.status();
    FileWindow window(std::move(*file), kFileHeaderBytesMax);
    if (window.complete()) continue;
    if (Status status = window.More(0); !status.ok()) return Status::Error(Path(sources_[i]) + ": " + status.message());
    if (!window.From(0).starts_with(kFileHeaderStart)) {
      return Damage(source, start, group + " is damaged, and " + sources_[i].file.name + ", written by Redis, follows");
    }
  }
  return CutFrom(index, start);
}

Status Recovery::CutFrom(size_t index, uint64_t offset) {
  const Source& source = sources_[index];
  RecoveryPlan& plan = log_.plan;
  stop_ = true;
  if (offset < source.bytes) {
    auto end = EndWithoutPadding(source.file.name, offset);
    if (!end.ok()) return end.status();
    plan.cut = RecoveryPlan::Cut{source.file.name, offset, *end - offset, *end > offset};
    log_.report.cut_bytes += *end > offset ? *end - offset : source.bytes - offset;
  }
  for (size_t i = index + 1; i < sources_.size(); ++i) {
    // One that holds no group is not worth keeping.
    auto empty = HoldsNoGroup(sources_[i].file.name);
    if (!empty.ok()) return empty.status();
    (*empty ? plan.litter : plan.dropped).push_back(sources_[i].file.name);
    log_.report.cut_bytes += sources_[i].bytes;
    log_.segment_bytes -= sources_[i].bytes;
    plan.manifest_changes = true;
    auto& segments = plan.manifest.segments;
    std::erase_if(segments, [&](const Manifest::File& file) { return file.name == sources_[i].file.name; });
  }
  log_.report.cut_may_have_been_acknowledged = policy_ != 'a';
  log_.segment_bytes -= source.bytes - offset;
  log_.can_append = !source.is_base && findings_.back().is_ours && !redis_appended_;
  log_.last_bytes = offset;
  log_.last_room_bytes = 0;
  return Status::Ok();
}

// Whether what is wrong can be what a power cut leaves of a write: see rule 3.
Result<bool> Recovery::WasLostFrom(const Source& source, const GroupReader& reader) {
  const uint64_t next_sector = (reader.start() + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  if (next_sector <= reader.bad_until()) return true;
  // From the first byte that may be wrong to the end of the sector, or of the file.
  auto file = files_.OpenRead(Path(source));
  if (!file.ok()) return file.status();
  const uint64_t end = std::min(next_sector, source.bytes);
  std::string bytes(static_cast<size_t>(end - reader.bad_at()), '?');
  if (auto n = (*file)->ReadAt(reader.bad_at(), bytes.data(), bytes.size()); !n.ok()) return n.status();
  const size_t suspects = static_cast<size_t>(reader.bad_until() - reader.bad_at()) + 1;
  // Zeros may start anywhere: the file has its new length, but not the bytes.
  if (bytes.substr(0, suspects).find('\0') != std::string::npos) return true;
  // So may room, when the sector is still the one before, or a write went wrong half way. It may end there, and zeros
  // stand behind it when the file has its new length.
  const auto drop_back = [&bytes](char c) { bytes.resize(bytes.find_last_not_of(c) + 1); };
  drop_back('\0');
  if (bytes.ends_with('\n')) bytes.pop_back();
  const size_t behind_room = bytes.size();
  drop_back(kFiller);
  return bytes.size() < behind_room && bytes.size() < suspects;
}

Result<bool> Recovery::ALaterFileStartsFromHere(size_t index) {
  for (size_t i = index + 1; i < sources_.size(); ++i) {
    FileHeader header;
    auto header_bytes = ReadHeader(sources_[i], &header);
    if (!header_bytes.ok()) return header_bytes.status();
    if (*header_bytes == 0 || header.kind != FileKind::kFirst) continue;
    return header.position == log_.position && header.before == log_.check;
  }
  return false;
}

// 0: it does not begin with a header of ours.
Result<size_t> Recovery::ReadHeader(const Source& source, FileHeader* header) {
  auto file = files_.OpenRead(Path(source));
  if (!file.ok()) return file.status();
  return ReadHeader(**file, header);
}

Result<size_t> Recovery::ReadHeader(ReadFile& file, FileHeader* header) {
  char start[kFileHeaderBytesMax];
  auto n = file.ReadAt(0, start, sizeof start);
  if (!n.ok()) return n.status();
  return ParseFileHeader({start, *n}, header);
}

// A good group behind `offset`, or in a later file, that says that `position` was synced; 0 when there is none.
Result<uint64_t> Recovery::VoucherBehind(size_t index, uint64_t offset, uint64_t position) {
  for (size_t i = index; i < sources_.size(); ++i) {
    FileHeader header;
    auto header_bytes = ReadHeader(sources_[i], &header);
    if (!header_bytes.ok()) return header_bytes.status();
    if (*header_bytes == 0) continue;
    auto file = files_.OpenRead(Path(sources_[i]));
    if (!file.ok()) return file.status();
    auto found = FindVoucher(**file, GroupSeed(header.salt), i == index ? offset : *header_bytes, position);
    if (!found.ok()) return Damage(sources_[index], offset, found.status().message());
    if (*found != 0) return found;
  }
  return uint64_t{0};
}

Result<bool> Recovery::RedisWroteFrom(size_t index, uint64_t offset) {
  const Source& source = sources_[index];
  auto opened = files_.OpenRead(Path(source));
  if (!opened.ok()) return opened.status();
  FileWindow window(std::move(*opened));
  while (!window.complete() && window.From(0).size() < offset) {
    if (Status status = window.More(0); !status.ok()) return Status::Error(Path(source) + ": " + status.message());
  }
  for (uint64_t at = offset; at < source.bytes;) {
    const std::string_view bytes = window.From(at);
    RecordScan scan{RecordOutcome::kIncomplete, 0};
    if (!bytes.empty()) scan = ReadRecord(bytes, 0, &argv_);
    if (scan.outcome == RecordOutcome::kBad) return false;
    if (scan.outcome == RecordOutcome::kIncomplete) {
      if (window.complete()) return false;
      if (Status status = window.More(at); !status.ok()) return Status::Error(Path(source) + ": " + status.message());
      continue;
    }
    bool foreign = false;
    if (scan.outcome == RecordOutcome::kCommand && ControlWordOf(argv_, &foreign) != ControlWord::kNone && foreign) {
      return true;
    }
    at += scan.end;
  }
  return false;
}

// Where zeros and room begin with which the file ends; `offset` when there is nothing else behind that.
Result<uint64_t> Recovery::EndWithoutPadding(const std::string& name, uint64_t offset) {
  auto opened = files_.OpenRead(names_.Path(name));
  if (!opened.ok()) return opened.status();
  const uint64_t size = (*opened)->size();
  uint64_t end = offset;
  std::string piece(64 << 10, '\0');
  for (uint64_t at = offset; at < size;) {
    auto n = (*opened)->ReadAt(at, piece.data(), piece.size());
    if (!n.ok()) return n.status();
    if (*n == 0) break;
    const std::string_view bytes(piece.data(), *n);
    const bool line_end = at + bytes.size() == size && bytes.ends_with('\n');
    const size_t last = bytes.substr(0, bytes.size() - (line_end ? 1 : 0)).find_last_not_of("#\0"sv);
    if (last != std::string_view::npos) end = at + last + 1;
    // A line end behind something else is that one's.
    if (line_end && end == at + bytes.size() - 1 && end > offset) end = size;
    at += bytes.size();
    // Room of one byte there is none: it is the first one of a line.
    if (at == size && end + 1 == size && bytes.back() == kFiller) end = size;
  }
  return end;
}

// A segment with a head at most: nothing was ever written to it.
Result<bool> Recovery::HoldsNoGroup(const std::string& name) {
  auto file = files_.OpenRead(names_.Path(name));
  if (!file.ok()) return file.status();
  if ((*file)->size() <= kFileHeaderBytesMax) return true;
  FileHeader header;
  auto header_bytes = ReadHeader(**file, &header);
  if (!header_bytes.ok()) return header_bytes.status();
  // Room that was being made when the power went may end in zeros.
  auto end = EndWithoutPadding(name, *header_bytes);
  if (!end.ok()) return end.status();
  return *end == *header_bytes;
}

Status Recovery::Damage(const Source& source, uint64_t offset, const std::string& what) {
  damage_ = RecoveryPlan::Cut{source.file.name, offset, source.bytes - std::min(offset, source.bytes), true};
  const std::string fix = source.is_base
                              ? " (which cannot mend it by cutting: everything behind a base stands on the whole of it)."
                              : "; with --fix it cuts the log there and keeps a copy of what it cuts.";
  return Status::Error(Path(source) + ", byte " + Number(offset) + ": " + what +
                       ". Nothing was changed. Restore a backup, or look at the log with `baton-check-aof " +
                       names_.directory + "`" + fix);
}

Status Recovery::FormatError(const Source& source, uint64_t offset, const std::string& what) {
  return Damage(source, offset, what + " (a file without checksums, as redis-server writes it)");
}

void Recovery::ReportProgress(size_t index, uint64_t offset) {
  const uint64_t done = bytes_before_ + offset;
  if (done < next_progress_ && index < sources_.size()) return;
  next_progress_ = done + kProgressBytes;
  target_.Progress(done, bytes_total_);
}

}  // namespace baton
