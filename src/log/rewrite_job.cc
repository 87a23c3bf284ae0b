#include "log/rewrite_job.h"

#include <string>

#include "log/filler.h"

namespace baton {

void Log::RewriteJob::Prepare() {
  status = room.Begin(*files);
  if (!status.ok()) return;
  status = MakeSegment();
  if (status.ok() && prepared != nullptr) status = WriteManifestTemp(*files, names, *prepared);
  if (status.ok()) status = files->SyncDirectory(names.directory);
  if (!status.ok()) return RemovePrepared();
  segment_ahead = room.HandOver(*files, *segment);
}

Status Log::RewriteJob::MakeSegment() {
  auto created = files->OpenAppend(names.Path(segment_name.name), FileSystem::OpenMode::kCreateOrTruncate);
  if (!created.ok()) return created.status();
  segment = std::move(*created);
  const std::string first_line = FormatFileHeader(segment_header);
  header_bytes = first_line.size();
  size_t written = 0;
  if (Status made = segment->Append(first_line, &written); !made.ok()) return made;
  if (file_bytes <= header_bytes) return segment->Sync();
  return AppendFiller(*segment, file_bytes - header_bytes, [this] { return cancelled(); });
}

// What never came into force: the segment stays when a manifest names it; that of a mend never had anything written to
// it. A failure to remove leaves litter, which the next start removes.
void Log::RewriteJob::RemovePrepared() {
  if (files->Exists(names.Path(names.manifest_temp()))) (void)files->Remove(names.Path(names.manifest_temp())).ok();
  if (segment != nullptr && !segment_in_force) (void)files->Remove(names.Path(segment_name.name)).ok();
  segment.reset();
}

void Log::RewriteJob::WriteAndSwap() {
  const std::string path = names.Path(base_name.name);
  auto file = room.OpenBase(*files, path);
  status = file.status();
  if (status.ok()) status = WriteBase(*snapshot, queue_snapshot.get(), base_header, **file, *clock, progress);
  if (status.ok()) status = room.NameBase(*files, **file, path);
  if (status.ok()) status = files->SyncDirectory(names.directory);
  if (status.ok() && cancelled()) status = Status::Error("cancelled");
  if (status.ok()) status = SwapManifest(*files, names, finished, &in_force);
  if (status.ok()) {
    RemoveSuperseded();
  } else if (!in_force) {
    room.DropBase(*files, path);
    RemovePrepared();
  }
}

// Everything numbered lower than what the manifest names, and what a base of an older layout was called. What cannot be
// removed now goes at the next start.
void Log::RewriteJob::RemoveSuperseded() {
  auto listed = files->List(names.directory);
  if (!listed.ok()) return;
  std::vector<std::string> paths;
  for (const std::string& name : *listed) {
    uint64_t sequence = 0;
    bool is_base = false;
    bool superseded = name == names.stem;
    if (names.IsNumbered(name, &sequence, &is_base)) {
      superseded = sequence < (is_base ? finished.base->sequence : finished.segments.front().sequence);
    }
    if (superseded) paths.push_back(names.Path(name));
  }
  room.Remove(*files, paths);
}

}  // namespace baton
