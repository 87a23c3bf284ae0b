#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/job_runner.h"
#include "base/logging.h"
#include "base/random.h"
#include "base/status.h"
#include "data/keyspace.h"
#include "data/mutation.h"
#include "env/file_system.h"
#include "log/disk_reserve.h"
#include "log/group_buffer.h"
#include "log/manifest.h"
#include "log/rewrite_room.h"
#include "log/syncer.h"
#include "queue/book.h"

namespace baton {

enum class SyncPolicy : uint8_t { kAlways, kEverySecond, kNo };

struct LogOptions {
  bool enabled = true;                       // appendonly; false: positions advance at once, nothing touches the disk
  std::string directory = "appendonlydir";   // dir/appenddirname
  std::string file_name = "appendonly.aof";  // appendfilename
  SyncPolicy policy = SyncPolicy::kAlways;
  bool load_truncated = true;                // aof-load-truncated, for files without groups (written by Redis)
  int64_t unwritten_bytes_max = 64 << 20;    // back-pressure: see Log::congested
  int64_t rewrite_percentage = 100;          // auto-aof-rewrite-percentage; 0 = never by itself
  int64_t rewrite_bytes_min = 64 << 20;      // auto-aof-rewrite-min-size
  int64_t rewrite_bytes_per_second_max = 0;  // aof-rewrite-bytes-per-second; 0: as fast as the disk takes them
  int64_t reserve_bytes = 0;                 // aof-disk-reserve; 0: the space on the disk is not watched
  int64_t preallocate_bytes = 0;             // aof-preallocate; 0: segments are not made in advance
  uint64_t random_seed = 0;                  // for the files' salts: secret, new for every start
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
  uint64_t cut_bytes = 0;                       // of a torn tail; kept beside the log in *.cut
  bool cut_may_have_been_acknowledged = false;  // e.g. under everysec: told to a client, lost with the power
  bool foreign = false;                         // some of it was written by a redis-server
  std::string note;                             // one line for the banner
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
  int64_t rewrite_stop_us_max = 0;  // the longest that the last rewrite has held up the loop at one time
  uint64_t rewrites = 0, rewrite_keys_done = 0, rewrite_keys_total = 0, rewrite_bytes_done = 0;
  uint64_t live_bytes = 0;                         // an estimate: what a rewrite would write
  uint64_t free_bytes = 0, free_bytes_wanted = 0;  // on the disk, when it was last looked at; 0: it is not watched
  uint64_t reserve_bytes = 0;                      // put by there
};

// The append-only log. A turn of the loop makes one *group* (more when it changes much): the changes committed in it,
// closed by a `#C` line, written with one write. Groups are numbered from 1 and never start over, also not across restarts; a *position* is
// such a number. Three positions: appended >= written >= synced. A change that is committed now carries
// open_position(), and is durable once synced() has reached that.
//
// Loop thread only. Syncs run on `sync_runner`, rewrites on `job_runner`; their ends come back on the loop thread,
// where `on_progress` is called whenever written() or synced() has moved.
class Log {
 public:
  Log(LogOptions options, FileSystem& files, Clock& clock, JobRunner& sync_runner, JobRunner& job_runner,
      Logger& logger, Keyspace& keyspace, std::function<void()> on_progress);
  ~Log();

  // What a rewrite writes beside the keyspace; outlives the log and the job runner's jobs. nullptr: nothing.
  void set_queues(QueueBook* queues) { queues_ = queues; }

  // Told of what takes time, on the loop thread: "aof-write", "aof-rename", "aof-fsync-always", and "aof-fsync" for
  // syncs of the other policies.
  using OnTook = std::function<void(std::string_view event, int64_t took_ns)>;
  void set_on_took(OnTook on_took) { on_took_ = std::move(on_took); }

  // Locks the directory, reads manifest and files, replays, cuts a torn tail, opens the newest segment for appending.
  // Not ok: nothing was changed on disk, the message names file, position and the command to run.
  Result<RecoveryReport> Open(ReplayTarget& target);

  // Between BeginBatch and EndBatch all changes stand or fall together: more than one is bracketed by MULTI/EXEC, and a
  // group never splits a batch.
  void BeginBatch() {
    if (options_.enabled) groups_.BeginBatch();
  }
  void Append(const Mutation& mutation) {
    if (options_.enabled) {
      groups_.Append(mutation);
    } else {
      changed_ = true;
    }
  }
  void EndBatch() {
    if (options_.enabled) groups_.EndBatch();
  }

  // End of turn: closes the open group and writes it; asks for a sync as the policy wants. Never blocks on a sync.
  // `input_expected`: clients were heard in this turn, or are about to be answered. Under `always` a sync then waits a
  // little for what they say next, as sync_waits() tells: the caller comes back at once, after a look at its input. What
  // is changed while a sync is under way, or waits, may stay in the open group until the sync after that begins.
  void Flush(bool input_expected = false);
  bool sync_waits() const { return sync_waits_; }
  // Within a turn, not within a batch: closes the open group and writes it. Syncs and releases are left to Flush.
  void WriteOpenGroup();
  // Asks for a sync of everything written so far, whatever the policy (WAITAOF).
  void RequestSync();

  uint64_t open_position() const { return open_ ? groups_.open_position() : 0; }  // of the group being filled
  uint64_t appended() const;  // newest group with content (== open_position() while the open group has any)
  uint64_t written() const;
  uint64_t synced() const;
  // The position a reply must wait for, given what it carries: synced under always, else written.
  bool Released(uint64_t position) const { return !options_.enabled || position <= released_; }

  size_t unwritten_bytes() const { return groups_.size(); }
  // Too much is unwritten or unsynced (a stalled disk): the caller stops reading from writers until on_progress.
  bool congested() const {
    const auto limit = static_cast<uint64_t>(std::max<int64_t>(options_.unwritten_bytes_max, 0));
    const bool replies_wait = released_ < written_;
    return groups_.size() + (replies_wait ? unsynced_bytes() : 0) > limit;
  }
  // Growth is refused (writes fail, a failed sync is not yet mended, the disk is nearly full)? Empty when not; else the
  // -MISCONF text.
  std::string_view growth_refused() const { return refused_.empty() ? space_refused_ : refused_; }
  // How much may still be added, so that the disk holds it and a rewrite of it. Unlimited but near its end.
  uint64_t growth_bytes_max() const { return growth_bytes_max_; }
  // While room_is_short(): whether a command that adds up to `bytes` may run; it counts as added then. Others may have
  // taken room meanwhile, so it looks at the disk every now and then; growth_refused() may say more afterwards.
  bool AdmitsGrowth(uint64_t bytes);
  // The disk is near its end, and what is free there has been given away: no room is taken in advance for speed.
  bool room_is_short() const { return room_is_short_; }
  // What is committed now cannot be written, or made durable.
  bool failing() const { return !refused_.empty(); }

  // Nothing to write for a while: writes and syncs one vouching #C. Call from the timer; returns the next time it wants
  // to be called (monotonic ns, INT64_MAX for never). Also drives everysec and retries.
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

 private:
  // The file that is being appended to.
  struct Segment {
    Manifest::File name;
    std::shared_ptr<AppendFile> file;
    uint32_t seed = 0;
    // Whole groups. What stands behind that in the file is room for more (log/filler.h), or a write that failed.
    uint64_t bytes = 0;
    uint64_t bytes_at_start = 0;  // when this process took it up

    uint64_t room() const { return file->size() - bytes; }
  };
  enum class RewritePurpose : uint8_t {
    kCompact,  // the log has grown
    kMend,     // what the last segment holds is unknown: a sync, or a write, has failed
    kNext,     // no rewrite: only the next segment, with room, is made in advance
  };
  enum class RewriteStep : uint8_t { kIdle, kPreparing, kPrepared, kWriting };
  struct RewriteJob;

  // log_open.cc
  Result<RecoveryReport> OpenLocked(ReplayTarget& target);
  Status PrepareDirectory();
  Status CreateEmpty();
  Status TakeOverSingleFile(const std::string& path);
  Status GoOn(const struct RecoveredLog& recovered);
  Status WriteUnvouchedAgain(const struct RecoveredLog& recovered);
  Status AddSegment(uint64_t position, uint32_t check);

  // log.cc
  void CloseOpenGroup();
  void WriteOut();
  Status WriteToSegment(std::string_view bytes, size_t* written);
  void OnFailedWrite(const Status& status, size_t written);
  bool SyncWaits(bool input_expected, int64_t now_ns);
  void WriteIntoTheGap();
  void StartSyncIfDue();
  void StartSync();
  void OnSynced(const Status& status, uint64_t position);
  void BreakSegment(const Status& status, bool is_full_disk = false);
  void UpdateReleased(int64_t now_ns);
  int64_t SyncOverdueNs() const;
  bool WantsMark(int64_t now_ns) const;
  void WriteMark();
  Status SyncInPlace();
  char policy_letter() const { return "aen"[static_cast<size_t>(options_.policy)]; }
  uint64_t unsynced_bytes() const { return bytes_written_ - bytes_synced_; }

  // log_segment.cc
  void PrepareNextIfItPays(int64_t now_ns);
  bool SwitchIsDue() const;
  uint64_t SegmentBytesWanted() const;
  void OnNextFailed(const Status& status, int64_t now_ns);
  void RemovePrepared();
  void DropNext();
  Status CutBack();
  Status CutOffRoom();

  // log_rewrite.cc
  bool rewriting() const;
  void StartRewriteFor(RewritePurpose purpose);
  void StartPreparing(RewritePurpose purpose);
  void OnPrepared(const std::shared_ptr<RewriteJob>& job);
  void SwitchSegment();
  void OnBaseWritten(const std::shared_ptr<RewriteJob>& job);
  void OnRewriteFailed(const Status& status);
  RewriteRoom RoomForRewrite();
  void NameReusable(RewriteRoom& room);
  void LookAtRoomAgain();
  void SetRewriteRate();
  void TellRewriteProgress(int64_t now_ns);
  void AddRewriteFigures(LogFigures& figures) const;

  // log_space.cc
  uint64_t FileBytes() const { return base_bytes_ + older_segment_bytes_ + segment_.bytes; }
  uint64_t LiveBytes() const;
  uint64_t BaseRoom() const;
  uint64_t SmallRoom() const;
  uint64_t DrainRoom() const;
  uint64_t WantedRoom() const { return BaseRoom() + SmallRoom() + DrainRoom(); }
  uint64_t PutByBytes() const;
  uint64_t AheadBytes() const;
  uint64_t SpareReserve() const;
  uint64_t ReserveForConsumers() const;
  void LookAtSpace(int64_t now_ns);
  void LookAtSpaceNow();
  void StopWatchingSpace();
  void JudgeSpace(uint64_t room, uint64_t wanted);
  void PutRoomBy();
  void WatchSpace(uint64_t bytes_written);
  void KeepAhead();
  void GiveBackAhead();
  bool GiveWay(uint64_t bytes, uint64_t of);
  bool ReserveServesWritersBetter() const;
  bool CanStartAfresh() const;
  bool RewriteFits() const;
  void StartRewriteIfItPays(int64_t now_ns);
  bool RewritePays() const;

  LogOptions options_;
  FileSystem& files_;
  Clock& clock_;
  JobRunner& sync_runner_;
  JobRunner& job_runner_;
  Logger& logger_;
  Keyspace& keyspace_;
  QueueBook* queues_ = nullptr;
  const std::function<void()> on_progress_;
  OnTook on_took_ = [](std::string_view, int64_t) {};
  LogFileNames names_;
  Random random_;
  std::unique_ptr<FileLock> lock_;
  bool served_before_ = false;  // the directory, by a Baton: its lock was there
  Manifest manifest_;  // as it is in force
  bool open_ = false, closed_ = false;

  GroupBuffer groups_;
  Segment segment_;
  Syncer syncer_;
  uint64_t written_ = 0, synced_ = 0, released_ = 0;
  uint64_t bytes_written_ = 0, bytes_synced_ = 0, bytes_at_sync_start_ = 0;
  uint64_t newest_change_ = 0;   // the newest closed group that is no mark
  bool changed_ = false;         // not enabled: something was appended in this turn
  bool ends_with_mark_ = false;  // the newest group on file vouches for all before it
  int64_t last_write_ns_ = 0;
  int64_t oldest_unsynced_ns_ = 0;      // when the oldest group that no sync is under way for was written; 0: none
  int64_t oldest_being_synced_ns_ = 0;  // the same of those the present sync is for
  bool sync_requested_ = false;         // RequestSync
  bool sync_waits_ = false;
  int64_t sync_waits_since_ns_ = 0;     // for more changes; 0: it does not
  // Files that must be durable before synced_ may pass the end of the segment before the present one.
  std::vector<Syncer::File> older_files_;
  bool manifest_unsynced_ = false;  // it was renamed into place; the directory has to be synced with them

  // Trouble. A full disk: writes are tried again. A broken segment: nothing more goes there; it is replaced.
  std::string refused_;
  bool broken_ = false, broken_by_full_disk_ = false;
  bool cut_back_first_ = false;
  static constexpr int64_t kWriteAgainNs = 100'000'000;
  int64_t write_again_ns_ = 0, mend_again_ns_ = 0, mend_delay_ns_ = 0, afresh_again_ns_ = 0;
  uint64_t mended_position_ = 0;  // up to here a base from memory stands in for a segment that broke
  // A sync that began before a mend, and fails after it, says nothing of the segment that is in use now.
  uint64_t mends_ = 0, mends_at_sync_start_ = 0;

  RewriteStep rewrite_step_ = RewriteStep::kIdle;
  std::shared_ptr<RewriteJob> rewrite_;
  int64_t rewrite_again_ns_ = 0, rewrite_delay_ns_ = 0, rewrite_started_ns_ = 0;
  int64_t next_again_ns_ = 0;  // after a segment could not be made in advance
  uint64_t next_segment_sequence_ = 1, next_base_sequence_ = 1;
  int64_t rewrite_told_ns_ = 0;
  uint64_t base_bytes_ = 0, older_segment_bytes_ = 0;

  // Room on the disk
  DiskReserve reserve_;
  std::string space_refused_;  // the -MISCONF text while there is too little
  uint64_t free_bytes_ = 0, free_bytes_wanted_ = 0;
  bool free_bytes_known_ = false, look_failed_ = false;
  int64_t look_again_ns_ = 0;
  bool room_is_short_ = false;
  uint64_t growth_bytes_max_ = UINT64_MAX;
  uint64_t ahead_end_ = 0;          // up to here the segment's file has room of its own, whatever happens to the disk
  bool ahead_failed_ = false;       // since the last look
  uint64_t look_after_bytes_ = 0;   // that are written, or let in while room is short
  uint64_t drained_bytes_ = 0;      // written while growth was refused, since the last rewrite: all of it dead
  bool giving_way_ = false;
  double live_per_allocated_ = 0;  // of the last base written, 0 until there is one; see LiveBytes
  LogFigures figures_;

  std::shared_ptr<Log*> self_;  // jobs hold it weakly: their ends may come when this is gone
};

}  // namespace baton
