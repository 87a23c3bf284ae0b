// What time does to queues beside their messages: rates are worked out, and queues that nobody uses are forgotten.

#include <algorithm>

#include "queue/queue_state.h"

namespace baton {
namespace {

constexpr size_t kTickedPerSlice = 5000;
constexpr size_t kForgottenPerSlice = 100;
constexpr int64_t kForgottenAfterMs = 3'600'000;
constexpr size_t kHistogramBytes = 640;  // what a queue that is used has beside its state: hold times, marks, names

}  // namespace

QueueBook::List::QueueState* QueueBook::Changing(uint32_t number) {
  List::QueueState* queue = lists_[number].queue.get();
  if (queue != nullptr && !queue->busy) {
    queue->busy = true;
    busy_.push_back(number);
  }
  return queue;
}

bool QueueBook::Tick(int64_t now_ms) {
  const size_t end = std::min(busy_.size(), ticked_to_ + kTickedPerSlice);
  size_t kept = ticked_to_;
  for (size_t i = ticked_to_; i < end; ++i) {
    const uint32_t number = busy_[i];
    List::QueueState* queue = QueueOf(number);
    if (queue == nullptr || !queue->busy) continue;  // another queue has the number meanwhile, or none
    queue->enqueued.Sample(queue->account.enqueued);
    queue->delivered.Sample(queue->account.delivered);
    queue->acked.Sample(queue->account.acked);
    queue->expired.Sample(queue->account.expired);
    queue->AddMark(now_ms);
    if (queue->enqueued.Rests() & queue->delivered.Rests() & queue->acked.Rests() & queue->expired.Rests()) {
      queue->busy = false;
      queue->quiet_since_ms = now_ms;
      quiet_.push_back({number, now_ms});
    } else {
      busy_[kept++] = number;
    }
  }
  busy_.erase(busy_.begin() + static_cast<ptrdiff_t>(kept), busy_.begin() + static_cast<ptrdiff_t>(end));
  ticked_to_ = kept < busy_.size() ? kept : 0;
  return ticked_to_ != 0;
}

std::vector<uint32_t> QueueBook::TakeUnused(
    int64_t now_ms, const std::function<bool(uint32_t db, std::string_view name)>& is_wanted) {
  std::vector<uint32_t> unused;
  for (size_t i = 0; i < kForgottenPerSlice && !quiet_.empty(); ++i) {
    const Quiet quiet = quiet_.front();
    if (quiet.since_ms + kForgottenAfterMs > now_ms) break;
    quiet_.pop_front();
    const List& list = lists_[quiet.list];
    // It may be busy again, or have been; then it comes, or has come, anew.
    if (list.queue == nullptr || list.queue->busy || list.queue->quiet_since_ms != quiet.since_ms) continue;
    if (!IsForgettable(quiet.list)) continue;  // what takes its last message away makes it busy
    if (is_wanted(list.db, list.name)) {
      list.queue->quiet_since_ms = now_ms;
      quiet_.push_back({quiet.list, now_ms});
    } else {
      unused.push_back(quiet.list);
    }
  }
  return unused;
}

bool QueueBook::IsForgettable(uint32_t number) const {
  const List& list = lists_[number];
  return list.queue->places.empty() && LengthOf(list.db, keyspace_.Ref(list.name)) == 0;
}

void QueueBook::Forget(uint32_t db, std::string_view name) {
  const uint32_t number = NumberOf(db, name);
  if (number == kNone || lists_[number].queue == nullptr || !IsForgettable(number)) return;
  DropQueue(number);
}

void QueueBook::NoteExpiredHeld(uint32_t slot) {
  if (List::QueueState* queue = QueueOf(messages_.at(slot).source); queue != nullptr) ++queue->expired_held;
}

size_t QueueBook::allocated_bytes() const {
  return messages_.allocated_bytes() + lists_.capacity() * sizeof(List) +
         queues_ * (sizeof(List::QueueState) + kHistogramBytes);
}

}  // namespace baton
