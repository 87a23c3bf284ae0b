// Log: room on the disk, and when a rewrite pays. doc/log-format.md, "Room on the disk", has the reasons.

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "log/base_writer.h"
#include "log/log.h"

namespace baton {
namespace {

constexpr int64_t kLookEveryNs = 200'000'000;
// Room is short from twice of what is wanted on, plus so many times aof-disk-reserve: three quarters of that somebody
// else may take between two looks, a quarter is what is written here until the next one. A disk with plenty of room is
// left alone.
constexpr uint64_t kShortFrom = 64;

}  // namespace

// What a rewrite would write: estimated, since adding it up exactly would cost every change. Memory is near to it, but
// an element of one byte takes 3 in memory and 7 in a base, and a small key with one takes twice as much in memory as
// in a base. So the last base says how the two compare for these data. More than the log holds is never alive.
uint64_t Log::LiveBytes() const {
  const double per_allocated = live_per_allocated_ != 0 ? live_per_allocated_ : 1;
  const double live = static_cast<double>(keyspace_.allocated_bytes()) * per_allocated;
  return std::min(static_cast<uint64_t>(live), FileBytes());
}

// --- what is needed

// A base that is begun must be able to end, so for its room only the certain bound counts. It never grows while growth
// is refused, whatever consumers take away and in which order: what has been put by for it stays enough.
uint64_t Log::BaseRoom() const {
  const uint64_t bytes = BaseBytesMax(keyspace_, queues_);
  return bytes + bytes / 64;
}

// Heads of files, manifests.
uint64_t Log::SmallRoom() const { return static_cast<uint64_t>(options_.reserve_bytes) / 16; }

// What consumers write before a rewrite gives their records back: with an eighth of the live bytes it gives back a
// sixteenth of what it writes, or more.
uint64_t Log::DrainRoom() const {
  return std::max(static_cast<uint64_t>(options_.reserve_bytes), BaseBytesMax(keyspace_, queues_) / 8);
}

// --- what is there

// Bytes that are ours already. While a base is being written into the reserve, the files that it supersedes stand for
// the next one.
uint64_t Log::PutByBytes() const {
  if (rewrite_step_ != RewriteStep::kWriting) return reserve_.bytes();
  const uint64_t superseded = base_bytes_ + older_segment_bytes_;
  const uint64_t still_taken = reserve_.lent() && reserve_.promises() ? 0 : BaseRoom();
  return superseded - std::min(superseded, still_taken);
}

uint64_t Log::AheadBytes() const {
  const uint64_t end = std::max(ahead_end_, segment_.file->size());
  return end - std::min(end, segment_.bytes);
}

// What of the reserve no base needs.
uint64_t Log::SpareReserve() const {
  if (reserve_.lent() || reserve_.growing()) return 0;
  const uint64_t kept = reserve_.promises() ? BaseRoom() + SmallRoom() : 0;
  return reserve_.bytes() - std::min(reserve_.bytes(), kept);
}

// What of that is there for consumers. A base still grows a little: by what was let in since the last look, and by what
// they do, for a message that is handed out gets a record, and a consumer a list.
uint64_t Log::ReserveForConsumers() const {
  const uint64_t spare = SpareReserve();
  return spare - std::min(spare, BaseRoom() / 16 + static_cast<uint64_t>(options_.reserve_bytes) / 4);
}

bool Log::RewriteFits() const {
  return !room_is_short_ || reserve_.bytes() + free_bytes_ >= BaseRoom() + SmallRoom();
}

// --- looking

void Log::LookAtSpace(int64_t now_ns) {
  if (options_.reserve_bytes <= 0) {
    StopWatchingSpace();
    return PutRoomBy();
  }
  // While room goes from one to another a look would count it twice, or not at all.
  if (now_ns < look_again_ns_ || rewrite_step_ == RewriteStep::kPreparing || reserve_.growing()) return;
  look_again_ns_ = now_ns + kLookEveryNs;
  auto free = files_.FreeBytes(names_.directory);
  free_bytes_known_ = free.ok();
  if (!free.ok()) {
    if (!look_failed_) logger_.Warning("%s. The space on the disk is not watched.", free.status().message().c_str());
    look_failed_ = true;
    return StopWatchingSpace();
  }
  look_failed_ = false;
  free_bytes_ = *free;
  const uint64_t held = PutByBytes() + AheadBytes(), wanted = WantedRoom();
  const uint64_t room = free_bytes_ + held - std::min<uint64_t>(free_bytes_ + held, groups_.size());  // they need it
  free_bytes_wanted_ = wanted - std::min(wanted, held);
  const uint64_t from = kShortFrom * static_cast<uint64_t>(options_.reserve_bytes);
  // Not to and fro.
  room_is_short_ = room < (room_is_short_ ? 3 * wanted + 2 * from : 2 * wanted + from);
  if (room_is_short_) DropNext();
  JudgeSpace(room, wanted);
  PutRoomBy();
  ahead_failed_ = false;
  KeepAhead();
}

void Log::StopWatchingSpace() {
  space_refused_.clear();
  room_is_short_ = false;
  growth_bytes_max_ = look_after_bytes_ = UINT64_MAX;
}

void Log::JudgeSpace(uint64_t room, uint64_t wanted) {
  const bool was_refused = !space_refused_.empty();
  // Once refused, a quarter of what consumers need is asked for in addition, so that one push does not turn it back.
  const uint64_t asked_for = wanted + (was_refused ? DrainRoom() / 4 : 0);
  if (room < asked_for) {
    space_refused_ =
        "MISCONF The disk of the append-only log is nearly full: " + HumanBytes(static_cast<double>(free_bytes_)) +
        " free, " + HumanBytes(static_cast<double>(free_bytes_wanted_)) +
        " needed to rewrite the log. Commands that add data are refused; consumers can go on.";
    if (!was_refused) logger_.Warning("%s", space_refused_.c_str() + sizeof "MISCONF");
  } else if (was_refused) {
    space_refused_.clear();
    logger_.Notice("there is room on the disk again: %s", HumanBytes(static_cast<double>(free_bytes_)).c_str());
  }
  const uint64_t left = room - std::min(room, asked_for);
  // What is added takes room in the log and, in the end, in a base; and consumers need an eighth of it.
  growth_bytes_max_ = room_is_short_ ? left * 7 / 15 : UINT64_MAX;
  const auto reserve = static_cast<uint64_t>(options_.reserve_bytes);
  look_after_bytes_ = room_is_short_ ? reserve / 8 : kShortFrom / 4 * reserve;
}

bool Log::AdmitsGrowth(uint64_t bytes) {
  if (bytes > look_after_bytes_) LookAtSpaceNow();
  if (!growth_refused().empty() || bytes > growth_bytes_max_) return false;
  if (room_is_short_) growth_bytes_max_ -= bytes;
  look_after_bytes_ -= std::min(look_after_bytes_, bytes);
  return true;
}

// Nobody else can take what is put by. It is of use when a base fits, or else, in part, to consumers.
void Log::PutRoomBy() {
  if (!room_is_short_) {
    GiveBackAhead();
    return reserve_.GiveBack();
  }
  if (rewrite_step_ != RewriteStep::kIdle) return;
  const uint64_t base = BaseRoom() + SmallRoom(), drain = DrainRoom();
  const uint64_t most = reserve_.bytes() + free_bytes_ - std::min(free_bytes_, SmallRoom());
  if (!reserve_.promises()) return reserve_.GrowTo(std::min(drain, most), drain);
  if (most >= base) reserve_.GrowTo(std::min(base + drain, most), drain);
  // Much of the data is gone, and others may use the room.
  if (!space_refused_.empty()) return;
  if (reserve_.bytes() > 2 * (base + drain)) reserve_.CutTo(base + 2 * drain);
  if (AheadBytes() > drain) GiveBackAhead();
}

// --- writing

void Log::WatchSpace(uint64_t bytes_written) {
  if (!space_refused_.empty()) drained_bytes_ += bytes_written;
  look_after_bytes_ -= std::min(look_after_bytes_, bytes_written);
  if (look_after_bytes_ == 0) LookAtSpaceNow();
  if (room_is_short_) KeepAhead();
}

void Log::LookAtSpaceNow() {
  look_again_ns_ = 0;
  LookAtSpace(clock_.MonotonicNs());
}

// What is written next finds its room in the file, so that consumers go on when the disk is full: from what is free, as
// long as there is any, else from the reserve.
void Log::KeepAhead() {
  const uint64_t piece = static_cast<uint64_t>(options_.reserve_bytes) / 2;
  if (!room_is_short_ || broken_ || ahead_failed_ || AheadBytes() >= piece / 2) return;
  const auto take = [&](uint64_t bytes) {
    const uint64_t end = segment_.file->size() + bytes;
    const Status status = segment_.file->Reserve(bytes);
    if (status.os_error() == EOPNOTSUPP) reserve_.PromisesNothing();
    if (status.ok()) ahead_end_ = end;
    return status.ok();
  };
  auto free = files_.FreeBytes(names_.directory);
  if (free.ok() && *free >= piece + SmallRoom() && take(piece)) return;
  const uint64_t spare = std::min(ReserveForConsumers(), piece);
  if (reserve_.promises() && spare >= piece / 8 && reserve_.CutTo(reserve_.bytes() - spare) && take(spare)) return;
  ahead_failed_ = true;
}

void Log::GiveBackAhead() {
  if (ahead_end_ > segment_.file->size() && segment_.file->Truncate(segment_.file->size()).ok()) ahead_end_ = 0;
}

// The disk is full for `bytes`: so much of the reserve makes room for them, if `of` it that many may go.
bool Log::GiveWay(uint64_t bytes, uint64_t of) {
  return of >= bytes && reserve_.CutTo(reserve_.bytes() - std::min(of, bytes + SmallRoom()));
}

// A base does not fit (more was added in one turn than had been put by), so the reserve is of no use as it is. Of large
// messages a few that are taken away make a base fit again, for the little that it takes to say so.
bool Log::ReserveServesWritersBetter() const {
  constexpr uint64_t kLarge = 1024;
  uint64_t values = keyspace_.list_elements();
  for (uint32_t db = 0; db < keyspace_.databases(); ++db) values += keyspace_.size(db);
  return BaseRoom() >= kLarge * values;
}

// Nothing more can be written, but a base can: what it holds need not be written any more.
bool Log::CanStartAfresh() const {
  const bool under_way = rewrite_step_ == RewriteStep::kWriting;
  return room_is_short_ && !under_way && clock_.MonotonicNs() >= afresh_again_ns_ && !reserve_.growing() && reserve_.promises() &&
         reserve_.bytes() >= BaseRoom() + SmallRoom();
}

RewriteRoom Log::RoomForRewrite() {
  RewriteRoom room;
  if (!room_is_short_) return room;
  room.is_short = true;
  room.reserve_path = reserve_.path();
  room.base_bytes = BaseRoom();
  room.small_bytes = SmallRoom();
  room.wanted_bytes = reserve_.promises() ? WantedRoom() : DrainRoom();
  reserve_.Lend();
  return room;
}

// At the switch to the next segment: of the present files those that may be used again when they are superseded.
void Log::NameReusable(RewriteRoom& room) {
  if (!room.is_short) return;
  if (manifest_.base) room.reusable.push_back(names_.Path(manifest_.base->name));
  if (broken_ && !broken_by_full_disk_) return;
  const bool has_room = segment_.room() > 0 && !CutBack().ok();
  if (!has_room) room.reusable.push_back(names_.Path(segment_.name.name));
}

// --- when a rewrite pays

void Log::StartRewriteIfItPays(int64_t now_ns) {
  if (rewriting() || broken_ || options_.rewrite_percentage <= 0) return;
  if (now_ns < rewrite_again_ns_ || !RewriteFits() || !RewritePays()) return;
  StartRewriteFor(RewritePurpose::kCompact);
}

// A rewrite costs about as many bytes written as are alive, and gives back those that are dead. Redis's rule looks at
// growth since the last base: it doubles a backlog before it looks again, even if all of that has been consumed
// meanwhile (10 GB pushed, rewritten, then popped: 4 GB of pops on top are no growth by 100 %, yet all of 14 GB are
// dead). So the dead bytes count, too: it pays when they are that many percent of the live ones. Near to the end of the
// disk it pays much sooner.
bool Log::RewritePays() const {
  const uint64_t bytes = FileBytes(), live = LiveBytes(), dead = std::max(bytes - live, drained_bytes_);
  if (room_is_short_) {
    const uint64_t room = free_bytes_ + PutByBytes() + AheadBytes(), wanted = WantedRoom();
    if (!space_refused_.empty() && dead >= DrainRoom() / 2) return true;
    // Before it comes to that.
    if (room < wanted + wanted / 4 && dead >= DrainRoom() * 2) return true;
    // Consumers have hardly any room left.
    const uint64_t piece = static_cast<uint64_t>(options_.reserve_bytes) / 2;
    if (AheadBytes() + SpareReserve() + free_bytes_ < piece && dead >= SmallRoom()) return true;
  }
  // On a small disk the minimum may be more than there is.
  const bool space_counts = room_is_short_ && dead >= static_cast<uint64_t>(options_.reserve_bytes);
  if (bytes < static_cast<uint64_t>(std::max<int64_t>(options_.rewrite_bytes_min, 0)) && !space_counts) return false;
  const auto percentage = static_cast<double>(options_.rewrite_percentage);
  const auto outgrows = [percentage](uint64_t part, uint64_t whole) {
    return static_cast<double>(part) * 100 >= static_cast<double>(whole) * percentage;
  };
  const bool grown = outgrows(bytes - base_bytes_, std::max<uint64_t>(base_bytes_, 1));
  return grown || outgrows(dead, std::max<uint64_t>(live, 1));
}

}  // namespace baton
