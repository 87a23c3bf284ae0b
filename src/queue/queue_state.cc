#include "queue/queue_state.h"

#include <algorithm>

namespace baton {

void QueueBook::List::QueueState::AddMark(int64_t now_ms) {
  const uint64_t in = account.enqueued + account.adopted;
  const auto mark = [this](size_t i) -> Mark& { return marks[(first_mark + i) % kMarks]; };
  if (mark_count > 0 && mark(mark_count - 1).enqueued == in) return;
  if (mark_count == kMarks) {
    // Every second one goes: long stays are told less finely than short ones.
    for (size_t i = 0; i < kMarks / 2; ++i) mark(i) = mark(2 * i + 1);
    mark_count = kMarks / 2;
  }
  mark(mark_count++) = {now_ms, in};
}

int64_t QueueBook::List::QueueState::OldestAge(uint64_t ready, int64_t now_ms) const {
  if (ready == 0 || mark_count == 0) return 0;
  const uint64_t in = account.enqueued + account.adopted;
  const uint64_t before_oldest = in - std::min(in, ready);
  for (size_t i = 0; i < mark_count; ++i) {
    const Mark& mark = marks[(first_mark + i) % kMarks];
    if (mark.enqueued > before_oldest) return std::max<int64_t>(now_ms - mark.at_ms, 0);
  }
  return 0;
}

}  // namespace baton
