#include "queue/queue_state.h"

#include <algorithm>

namespace baton {

void QueueBook::List::QueueState::AddMark(int64_t now_ms) {
  const uint64_t in = account.enqueued + account.adopted;
  if (!marks.empty() && marks.back().enqueued == in) return;
  if (marks.size() == kMarks) {
    // Every second one goes: long stays are told less finely than short ones.
    for (size_t i = 0; i < kMarks / 2; ++i) marks[i] = marks[2 * i + 1];
    marks.resize(kMarks / 2);
  }
  marks.push_back({now_ms, in});
}

int64_t QueueBook::List::QueueState::OldestAge(uint64_t ready, int64_t now_ms) const {
  if (ready == 0) return 0;
  const uint64_t in = account.enqueued + account.adopted;
  const uint64_t before_oldest = in - std::min(in, ready);
  for (const Mark& mark : marks) {
    if (mark.enqueued > before_oldest) return std::max<int64_t>(now_ms - mark.at_ms, 0);
  }
  return 0;
}

}  // namespace baton
