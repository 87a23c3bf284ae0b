#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/job_runner.h"
#include "base/logging.h"
#include "base/status.h"
#include "data/keyspace.h"
#include "data/mutation.h"
#include "env/file_system.h"

namespace baton {

enum class SyncPolicy : uint8_t { kAlways, kEverySecond, kNo };

struct LogOptions {
  bool enabled = true;                     // appendonly; false: positions advance at once, nothing touches the disk
  std::string directory = "appendonlydir"; // dir/appenddirname
  std::string file_name = "appendonly.aof";// appendfilename
  SyncPolicy policy = SyncPolicy::kAlways;
  bool load_truncated = true;              // aof-load-truncated, for files without groups (written by Redis)
  int64_t unwritten_bytes_max = 64 << 20;  // back-pressure: see Log::congested
  int64_t rewrite_percentage = 100;        // auto-aof-rewrite-percentage; 0 = never by itself
  int64_t rewrite_bytes_min = 64 << 20;    // auto-aof-rewrite-min-size
};

// What recovery meets in the log is given back to the owner of the data.
class ReplayTarget {
 public:
  virtual ~ReplayTarget() = default;
  // A change in our own vocabulary. kDoesNotFit is damage.
  virtual ApplyOutcome Replay(const Mutation& mutation) = 0;
  virtual KeyRef Ref(std::string_view name) = 0;
  // A command that only other servers write (INCR, SETEX ...): run it as a client would. An error is damage.
  virtual Status ReplayForeign(uint32_t db, std::span<const std::string_view> argv) = 0;
  // Called now and then while loading: answer clients with -LOADING, print progress.
  virtual void Progress(uint64_t bytes_done, uint64_t bytes_total) = 0;
};

struct RecoveryReport {
  uint64_t commands = 0;
  uint64_t bytes = 0;
  uint64_t cut_bytes = 0;                  // of a torn tail; kept beside the log in *.cut
  bool cut_may_have_been_acknowledged = false;  // e.g. under everysec: told to a client, lost with the power
  std::string note;                        // one line for the banner
};

// Figures for INFO persistence. Positions count groups; see Log.
struct LogFigures {
  uint64_t appended = 0, written = 0, synced = 0;
  uint64_t groups = 0, bytes_appended = 0, file_bytes = 0, base_bytes = 0;
  uint64_t syncs = 0, failed_syncs = 0, failed_writes = 0, delayed_syncs = 0;
  int64_t sync_us_p50 = 0, sync_us_p99 = 0, sync_us_max = 0, last_sync_us = 0;
  bool rewrite_running = false, rewrite_scheduled = false;
  bool last_rewrite_ok = true, last_write_ok = true;
  int64_t last_rewrite_seconds = -1, rewrite_started_unix_s = 0;
  uint64_t rewrites = 0, rewrite_keys_done = 0, rewrite_keys_total = 0;
};

// The append-only log. A turn of the loop makes one *group*: the changes committed in it, closed by a `#C` line, written
// with one write. Groups are numbered from 1 and never start over, also not across restarts; a *position* is such
// a number. Three positions: appended >= written >= synced. A change that is committed now carries open_position(), and is
// durable once synced() has reached that.
//
// Loop thread only. Syncs run on `sync_runner`, rewrites on `job_runner`; their ends come back on the loop thread, where
// `on_progress` is called whenever written() or synced() has moved.
class Log {
 public:
  Log(LogOptions options, FileSystem& files, Clock& clock, JobRunner& sync_runner, JobRunner& job_runner,
      Logger& logger, Keyspace& keyspace, std::function<void()> on_progress);
  ~Log();

  // Locks the directory, reads manifest and files, replays, cuts a torn tail, opens the newest segment for appending.
  // Not ok: nothing was changed on disk, the message names file, position and the command to run.
  Result<RecoveryReport> Open(ReplayTarget& target);

  // Between BeginBatch and EndBatch all changes stand or fall together: more than one is bracketed by MULTI/EXEC, and a
  // group never splits a batch.
  void BeginBatch();
  void Append(const Mutation& mutation);
  void EndBatch();

  // End of turn: closes the open group and writes it; asks for a sync as the policy wants. Never blocks on a sync.
  void Flush();
  // Asks for a sync of everything written so far, whatever the policy (WAITAOF).
  void RequestSync();

  uint64_t open_position() const;  // of the group being filled
  uint64_t appended() const;       // newest group with content (== open_position() while the open group has any)
  uint64_t written() const;
  uint64_t synced() const;
  // The position a reply must wait for, given what it carries: synced under always, else written.
  bool Released(uint64_t position) const;

  // Too much is unwritten or unsynced (a stalled disk): the caller stops reading from writers until on_progress.
  bool congested() const;
  // Growth is refused (disk full, failed sync not yet mended)? Empty when not; else the -MISCONF text.
  std::string_view growth_refused() const;

  // Nothing to write for a while: writes and syncs one vouching #C. Call from the timer; returns the next time it wants to
  // be called (monotonic ns, INT64_MAX for never). Also drives everysec and retries.
  int64_t OnTimer();

  // BGREWRITEAOF. The message is what Redis replies when one is running already.
  Status StartRewrite();
  void CancelRewrite();

  // Writes and syncs everything and the final mark. Blocks. The log takes no more changes afterwards.
  Status Close();

  void set_policy(SyncPolicy policy);
  SyncPolicy policy() const;
  LogOptions& options();  // CONFIG SET of the limits takes effect at once
  LogFigures figures() const;
};

}  // namespace baton
