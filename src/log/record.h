#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/mutation.h"

namespace baton {

class ReplayTarget;

// The bytes of the log's records: RESP arrays in Redis's own vocabulary (data/mutation.h names the command for each
// kind), so that a stock redis-server can load what we write. Only this file and record.cc know them.
//
// Changes are written in capitals, but `select`, `multi` and `exec` in small letters. Redis reads both and writes
// these three in capitals, and it cannot append to a log without a SELECT or a MULTI first: so a capital one behind our
// last group says that a redis-server has written here (see log/recovery.h).

// --- writing

// The most bytes that Encode writes for `mutation`.
size_t EncodedBytesMax(const Mutation& mutation);
// Writes the record at `to`, without the select before it; returns the end.
char* Encode(const Mutation& mutation, char* to);
// FLUSHALL and SWAPDB say themselves which databases they mean.
bool NeedsSelect(const Mutation& mutation);

inline constexpr size_t kSelectBytesMax = 48;
char* EncodeSelect(uint32_t db, char* to);

inline constexpr std::string_view kMultiRecord = "*1\r\n$5\r\nmulti\r\n";
inline constexpr std::string_view kExecRecord = "*1\r\n$4\r\nexec\r\n";

// --- reading

// Redis's loader takes no longer line that starts with '#'.
inline constexpr size_t kAnnotationBytesMax = 1023;

enum class RecordOutcome : uint8_t {
  kCommand,     // a whole command
  kAnnotation,  // a whole line that starts with '#'
  kIncomplete,  // the bytes end before it does
  kBad,         // no command can start like this
};

struct RecordScan {
  RecordOutcome outcome;
  size_t end;  // kCommand, kAnnotation: where the next one starts; kBad: the first byte that does not belong
};

// Steps over what starts at bytes[at]; at < bytes.size().
RecordScan SkipRecord(std::string_view bytes, size_t at);
// The same, and the words of a command into *argv, as views into `bytes`. (argv is cleared first.)
RecordScan ReadRecord(std::string_view bytes, size_t at, std::vector<std::string_view>* argv);

enum class ControlWord : uint8_t { kNone, kSelect, kMulti, kExec };
// Whether a command steers the reading of the log instead of changing data. *foreign: written in capitals.
ControlWord ControlWordOf(const std::vector<std::string_view>& argv, bool* foreign);

// The database of a `select`; false when it names none.
bool SelectedDb(const std::vector<std::string_view>& argv, uint32_t* db);

// Hands one command to `target`: as the Mutation (or several: DEL a b) that it stands for, or, when it is not in
// our vocabulary, as it is. Not ok: the data do not fit the command; the message says what came of it.
// `notes` stood before it, nullptr: none did.
Status Replay(uint32_t db, const std::vector<std::string_view>& argv, const QueueNotes* notes, ReplayTarget& target);

// For messages: the command, its arguments shortened.
std::string DescribeCommand(const std::vector<std::string_view>& argv);

}  // namespace baton
