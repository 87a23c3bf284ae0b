// Recovery: the changes on disk that a torn tail, or what an interrupted rewrite has left, asks for.

#include <algorithm>

#include "log/recovery.h"

namespace baton {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

// A name that is not taken: <stem>.cut, <stem>.2.cut ...
std::string FreeCutName(FileSystem& files, const LogFileNames& names, const std::string& stem) {
  std::string name = stem + ".cut";
  for (int i = 2; files.Exists(names.Path(name)); ++i) name = stem + "." + std::to_string(i) + ".cut";
  return name;
}

Status CopyTail(FileSystem& files, const std::string& from, uint64_t offset, uint64_t bytes, const std::string& to) {
  auto source = files.OpenRead(from);
  if (!source.ok()) return source.status();
  auto target = files.OpenAppend(to, FileSystem::OpenMode::kCreateOrTruncate);
  if (!target.ok()) return target.status();
  std::string piece(kPieceBytes, '\0');
  for (const uint64_t end = offset + bytes; offset < end;) {
    auto n = (*source)->ReadAt(offset, piece.data(), std::min<uint64_t>(piece.size(), end - offset));
    if (!n.ok()) return n.status();
    if (*n == 0) return Status::Error(from + " was changed by somebody else while it was read");
    size_t written = 0;
    if (Status status = (*target)->Append(std::string_view(piece).substr(0, *n), &written); !status.ok()) return status;
    offset += *n;
  }
  return (*target)->Sync();
}

// Whole groups of the file's earlier life may stand behind the cut, and a truncation that the disk forgets would bring
// them back. So they are overwritten, that is synced, and then the file is cut, which is synced, too.
Status CutTail(FileSystem& files, const std::string& path, uint64_t offset, uint64_t bytes) {
  auto opened = files.OpenAppend(path, FileSystem::OpenMode::kAppendExisting);
  if (!opened.ok()) return opened.status();
  AppendFile& file = **opened;
  if (Status status = file.Truncate(offset); !status.ok()) return status;
  if (Status status = AppendZeros(file, bytes); !status.ok()) return status;
  if (Status status = file.Sync(); !status.ok()) return status;
  if (Status status = file.Truncate(offset); !status.ok()) return status;
  return file.Sync();
}

}  // namespace

Status Recovery::CarryOut(RecoveryPlan& plan, std::vector<std::string>* lines) {
  if (!plan.cut && !plan.manifest_changes && plan.dropped.empty() && plan.litter.empty()) return Status::Ok();
  // 0. The manifest may have been put there by a process that was killed before it synced the directory. It must be
  //    sure to stay before anything goes that it has superseded.
  if (Status status = files_.SyncDirectory(names_.directory); !status.ok()) return status;
  // 1. Copies, before anything is lost.
  if (plan.cut && plan.cut->worth_keeping) {
    const std::string copy = FreeCutName(files_, names_, plan.cut->name + "." + std::to_string(plan.cut->offset));
    Status status =
        CopyTail(files_, names_.Path(plan.cut->name), plan.cut->offset, plan.cut->bytes, names_.Path(copy));
    if (!status.ok()) {
      (void)files_.Remove(names_.Path(copy)).ok();  // the next attempt would take another name
      return status;
    }
    if (Status synced = files_.SyncDirectory(names_.directory); !synced.ok()) return synced;
    lines->push_back(names_.Path(plan.cut->name) + ": " + std::to_string(plan.cut->bytes) + " bytes from byte " +
                     std::to_string(plan.cut->offset) + " on are a torn tail; they are kept in " + copy);
  } else if (plan.cut) {
    lines->push_back(names_.Path(plan.cut->name) + ": only zeros stand from byte " + std::to_string(plan.cut->offset) +
                     " on, and are cut off");
  }
  // 2. The manifest, before the segments go that it must not name any more; and before the tail is cut, since a whole
  // file
  //    before a later segment would read as one with groups missing.
  if (plan.manifest_changes) {
    bool in_force = false;
    if (Status status = SwapManifest(files_, names_, plan.manifest, &in_force); !status.ok()) return status;
  }
  for (const std::string& name : plan.dropped) {
    const std::string kept = FreeCutName(files_, names_, name);
    if (Status status = files_.Rename(names_.Path(name), names_.Path(kept)); !status.ok()) return status;
    lines->push_back(names_.Path(name) + " is behind the torn tail, or never came into force; it is kept as " + kept);
  }
  // 3. The tail.
  if (plan.cut) {
    Status status = CutTail(files_, names_.Path(plan.cut->name), plan.cut->offset, plan.cut->bytes);
    if (!status.ok()) return status;
  }
  // 4. Litter.
  for (const std::string& name : plan.litter) {
    if (!files_.Exists(names_.Path(name))) continue;  // the manifest's temporary file became the manifest in step 2
    if (Status status = files_.Remove(names_.Path(name)); !status.ok()) return status;
  }
  if (plan.dropped.empty() && plan.litter.empty()) return Status::Ok();
  return files_.SyncDirectory(names_.directory);
}

}  // namespace baton
