// Log: room on the disk, and when a rewrite pays.

#include <algorithm>

#include "base/text.h"
#include "log/log.h"

namespace baton {
namespace {

constexpr int64_t kLookEveryNs = 1'000'000'000;
constexpr int64_t kLookAgainNs = 200'000'000;  // while growth is refused
// The reserve is held once the free space comes near to what is wanted: a disk with plenty of room is left alone.
constexpr uint64_t kReserveFrom = 64;
constexpr double kLivePerAllocatedMax = 2.5;  // elements of one byte

}  // namespace

// What a rewrite would write: estimated, since adding it up exactly would cost every change. Memory is near to it, but
// an element of one byte takes 3 in memory and 7 in a base, and a small key with one takes twice as much in memory as
// in a base. So the last base says how the two compare for these data. More than the log holds is never alive.
uint64_t Log::LiveBytes() const { return LiveBytesAt(1); }

// The same, on the safe side until there has been a base to compare with.
uint64_t Log::LiveBytesMax() const { return LiveBytesAt(kLivePerAllocatedMax); }

uint64_t Log::LiveBytesAt(double per_allocated_unknown) const {
  const double per_allocated = live_per_allocated_ != 0 ? live_per_allocated_ : per_allocated_unknown;
  const double live = static_cast<double>(keyspace_.allocated_bytes()) * per_allocated;
  return std::min(static_cast<uint64_t>(live), FileBytes());
}

// How much room there should be beyond what a rewrite needs. Consumers write while they drain, about twice of what they
// remove; with an eighth of the live bytes a rewrite at disk's end gives back a sixteenth of what it writes, or more.
uint64_t Log::FreeBytesMargin(uint64_t live_bytes) const {
  return std::max(static_cast<uint64_t>(std::max<int64_t>(options_.reserve_bytes, 0)), live_bytes / 8);
}

// A rewrite, the only thing that gives space back, needs room for all that is alive. So growth ends while there is that
// much; what only takes away goes on, into the margin and, when the disk is full, into the reserve.
void Log::LookAtSpace(int64_t now_ns) {
  if (options_.reserve_bytes <= 0 || now_ns < look_again_ns_) return;
  look_again_ns_ = now_ns + (space_refused_.empty() ? kLookEveryNs : kLookAgainNs);
  auto free = files_.FreeBytes(names_.directory);
  free_bytes_known_ = free.ok();
  if (!free.ok()) {
    if (!look_failed_) logger_.Warning("%s. The space on the disk is not watched.", free.status().message().c_str());
    look_failed_ = true;
    space_refused_.clear();
    return;
  }
  look_failed_ = false;
  const auto reserve = static_cast<uint64_t>(options_.reserve_bytes);
  const uint64_t live = LiveBytesMax(), margin = FreeBytesMargin(live);
  free_bytes_ = *free;
  // What is held as a reserve need not be free as well.
  free_bytes_wanted_ = live + margin - (reserve_.held() ? std::min(reserve, margin) : 0);

  const bool was_refused = !space_refused_.empty();
  // Once refused, a quarter of the margin more is asked for, so that one push does not turn it back.
  if (free_bytes_ < free_bytes_wanted_ + (was_refused ? margin / 4 : 0)) {
    space_refused_ =
        "MISCONF The disk of the append-only log is nearly full: " + HumanBytes(static_cast<double>(free_bytes_)) +
        " free, " + HumanBytes(static_cast<double>(free_bytes_wanted_)) +
        " needed to rewrite the log. Commands that add data are refused; consumers can go on.";
    if (!was_refused) logger_.Warning("%s", space_refused_.c_str() + sizeof "MISCONF");
  } else {
    space_refused_.clear();
    if (was_refused)
      logger_.Notice("there is room on the disk again: %s", HumanBytes(static_cast<double>(free_bytes_)).c_str());
    if (free_bytes_ < free_bytes_wanted_ + kReserveFrom * reserve && free_bytes_ > free_bytes_wanted_ + reserve) {
      reserve_.Take(reserve);
    }
  }
}

void Log::StartRewriteIfItPays(int64_t now_ns) {
  if (rewriting() || broken_ || options_.rewrite_percentage <= 0) return;
  if (now_ns < rewrite_again_ns_ || !RewritePays()) return;
  StartRewriteFor(RewritePurpose::kCompact);
}

// A rewrite costs about as many bytes written as are alive, and gives back those that are dead. Redis's rule looks at
// growth since the last base: it doubles a backlog before it looks again, even if all of that has been consumed
// meanwhile (10 GB pushed, rewritten, then popped: 4 GB of pops on top are no growth by 100 %, yet all of 14 GB are
// dead). So the dead bytes count, too: it pays when they are that many percent of the live ones. Near to the end of the
// disk it pays much sooner.
bool Log::RewritePays() const {
  const uint64_t bytes = FileBytes(), live = LiveBytes(), dead = bytes - live;
  if (!space_refused_.empty() && free_bytes_ >= live && dead >= FreeBytesMargin(live) / 2) return true;
  // On a small disk the minimum may be more than there is.
  const bool space_counts = reserve_.held() && dead >= static_cast<uint64_t>(options_.reserve_bytes);
  if (bytes < static_cast<uint64_t>(std::max<int64_t>(options_.rewrite_bytes_min, 0)) && !space_counts) return false;
  const auto percentage = static_cast<double>(options_.rewrite_percentage);
  const auto outgrows = [percentage](uint64_t part, uint64_t whole) {
    return static_cast<double>(part) * 100 >= static_cast<double>(whole) * percentage;
  };
  const bool grown = outgrows(bytes - base_bytes_, std::max<uint64_t>(base_bytes_, 1));
  return grown || outgrows(dead, std::max<uint64_t>(live, 1));
}

}  // namespace baton
