#include "log/rewrite_job.h"

#include <string>

#include "log/filler.h"

namespace baton {

void Log::RewriteJob::Prepare() {
  status = MakeSegment();
  if (status.ok() && prepared != nullptr) status = WriteManifestTemp(*files, names, *prepared);
  if (status.ok()) status = files->SyncDirectory(names.directory);
  if (!status.ok()) RemovePrepared();
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

// What never came into force. A failure to remove leaves litter, which the next start removes.
void Log::RewriteJob::RemovePrepared() {
  if (prepared != nullptr) (void)files->Remove(names.Path(names.manifest_temp())).ok();
  if (segment != nullptr) (void)files->Remove(names.Path(segment_name.name)).ok();
}

void Log::RewriteJob::WriteAndSwap() {
  status = WriteBase(*snapshot, queue_snapshot.get(), base_header, *files, *clock, names.Path(base_name.name), progress);
  if (status.ok()) status = files->SyncDirectory(names.directory);
  if (status.ok() && cancelled()) status = Status::Error("cancelled");
  if (status.ok()) status = SwapManifest(*files, names, finished, &in_force);
  if (status.ok()) {
    RemoveSuperseded();
  } else if (!in_force) {
    // A failure to remove leaves litter, which the next start removes.
    (void)files->Remove(names.Path(base_name.name)).ok();
  }
}

// Everything numbered lower than what the manifest names, and what a base of an older layout was called. What cannot be
// removed now goes at the next start.
void Log::RewriteJob::RemoveSuperseded() {
  auto listed = files->List(names.directory);
  if (!listed.ok()) return;
  for (const std::string& name : *listed) {
    uint64_t sequence = 0;
    bool is_base = false;
    bool superseded = name == names.stem;
    if (names.IsNumbered(name, &sequence, &is_base)) {
      superseded = sequence < (is_base ? finished.base->sequence : finished.segments.front().sequence);
    }
    if (superseded) (void)files->Remove(names.Path(name)).ok();
  }
}

}  // namespace baton
