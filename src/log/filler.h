#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// Room that a segment is given before there is anything to write: '#' up to a line end at the very end of the file.
// Groups are written over it from the front. A sync then has only data to write: the file's length and its place on the
// disk are known already, and the file system's journal stays out of it, which halves the time of a sync.
//
// Why '#': what is left of it is for redis-server a line that it skips, wherever the last group ends (a line longer than
// its buffer is read in pieces, each of which begins with '#', too). Only the line end alone would be no such line; see
// Log::WriteToSegment. Why not zeros: redis-server does not load them, and they are what a disk shows that lost data.
inline constexpr char kFiller = '#';

// Adds `bytes` of room at the end of the file and syncs it, piece by piece, so that the syncs of other files do not wait
// for all of it. Not ok, too, when `cancelled` says so.
Status AppendFiller(AppendFile& file, uint64_t bytes, const std::function<bool()>& cancelled);

// How many bytes of room `bytes` begins with. The line end counts only at the end of the file.
size_t FillerPrefix(std::string_view bytes, bool to_end_of_file);

}  // namespace baton
