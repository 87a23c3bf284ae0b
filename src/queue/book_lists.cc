// Which lists concern the book: numbers, roles, names.

#include <algorithm>

#include "base/check.h"
#include "queue/queue_state.h"

namespace baton {

uint32_t QueueBook::NumberOf(uint32_t db, std::string_view name) const {
  const auto found = numbers_.find(std::pair(db, name));
  return found == numbers_.end() ? kNone : found->second;
}

uint32_t QueueBook::Resolve(uint32_t db, const KeyRef& key) {
  PlainKey& plain = plain_[key.hash & (kPlainCache - 1)];
  if (plain.hash == key.hash && plain.db == db && plain.epoch == policies_.epoch()) return kNone;
  uint32_t number = NumberOf(db, key.name);
  if (number == kNone) {
    const PolicyTable::Match match = policies_.MatchKey(key.name);
    if (match.role == ListRole::kPlain) {
      plain = {key.hash, policies_.epoch(), db};
      return kNone;
    }
    // Only queues have something to remember without a record.
    if (match.role != ListRole::kQueue) return kNone;
    number = AddList(db, key.name);
  }
  return LookUpRole(number);
}

uint32_t QueueBook::AddList(uint32_t db, std::string_view name) {
  uint32_t number;
  if (free_lists_.empty()) {
    number = static_cast<uint32_t>(lists_.size());
    lists_.emplace_back();
  } else {
    number = free_lists_.back();
    free_lists_.pop_back();
  }
  List& list = lists_[number];
  list = List{};
  list.db = db;
  list.name = name;
  list.used = true;
  numbers_[std::pair(db, list.name)] = number;
  const KeyRef key = keyspace_.Ref(name);
  PlainKey& plain = plain_[key.hash & (kPlainCache - 1)];
  if (plain.hash == key.hash) plain = {};
  return number;
}

// Finds out what the list is. Returns its number, which is another one when it has become a queue.
uint32_t QueueBook::LookUpRole(uint32_t number) {
  if (lists_[number].epoch == policies_.epoch()) return number;
  RefreshRole(number);
  return BecomeQueue(number);
}

void QueueBook::RefreshRole(uint32_t number) {
  List& list = lists_[number];
  const PolicyTable::Match match = policies_.MatchKey(list.name);
  list.epoch = policies_.epoch();
  list.role = match.role;
  list.policy = match.policy;
}

// If that is what the list's role says, and it is none yet. What stood in it for other queues is its own from now on.
uint32_t QueueBook::BecomeQueue(uint32_t number) {
  if (lists_[number].role != ListRole::kQueue || lists_[number].queue != nullptr) return number;
  if (lists_[number].records > 0) {
    const uint32_t db = lists_[number].db;
    const std::string name = lists_[number].name;
    ServingListLost(number, {}, Outcome::kForwarded);
    number = AddList(db, name);
    RefreshRole(number);
  }
  List& list = lists_[number];
  list.queue = std::make_unique<List::QueueState>();
  list.queue->account.adopted = static_cast<uint64_t>(LengthOf(list.db, keyspace_.Ref(list.name)));
  list.queue->by_age = messages_.NewOrder();
  ++queues_;
  (void)Changing(number);
  return number;
}

void QueueBook::DropIfUnused(uint32_t number) {
  List& list = lists_[number];
  if (!list.used || list.records > 0 || list.queue != nullptr) return;
  Retire(number);
}

void QueueBook::RenameList(uint32_t number, uint32_t db, std::string_view name) {
  List& list = lists_[number];
  numbers_.erase(std::pair(list.db, list.name));
  list.db = db;
  list.name = name;
  list.epoch = 0;
  numbers_[std::pair(db, list.name)] = number;
  plain_.fill({});
}

const Entry* QueueBook::ListEntry(uint32_t db, std::string_view name) const {
  if (db >= keyspace_.databases()) return nullptr;
  const Entry* entry = keyspace_.Find(db, keyspace_.Ref(name));
  return entry != nullptr && entry->type() == ValueType::kList ? entry : nullptr;
}

int64_t QueueBook::LengthOf(uint32_t db, const KeyRef& key) const {
  const Entry* entry = keyspace_.Find(db, key);
  return entry != nullptr && entry->type() == ValueType::kList ? entry->list().size() : 0;
}

// Queues that no policy names any more lose their records: what was leased is a plain element from now on.
void QueueBook::PoliciesChanged() {
  acknowledged_.clear();
  // First all of them: a policy that a list points to may be gone, and what follows looks at several lists.
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    if (lists_[number].used) RefreshRole(number);
  }
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    if (lists_[number].queue != nullptr && lists_[number].role != ListRole::kQueue) DropQueue(number);
  }
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    if (!lists_[number].used) continue;
    DropIfUnused(BecomeQueue(number));
  }
  woken_all_ = true;  // a limit may be higher now
}

// --- for people

std::optional<QueueBook::Queue> QueueBook::Describe(uint32_t db, std::string_view name, int64_t now_ms) {
  const uint32_t number = Resolve(db, name);
  if (number == kNone || lists_[number].queue == nullptr) return std::nullopt;
  const List& list = lists_[number];
  const List::QueueState& state = *list.queue;
  Queue queue;
  queue.number = number;
  queue.db = db;
  queue.name = list.name;
  queue.policy = list.policy;
  queue.account = state.account;
  queue.ready = static_cast<uint64_t>(LengthOf(db, keyspace_.Ref(name)));
  queue.leased = state.leased;
  queue.delayed = state.delayed;
  queue.dead = state.dead;
  const std::string processing = list.policy->ProcessingOf(name);
  const uint32_t records_in = NumberOf(db, processing);
  const auto elements = static_cast<uint64_t>(LengthOf(db, keyspace_.Ref(processing)));
  queue.unleased = elements - std::min<uint64_t>(elements, records_in == kNone ? 0 : lists_[records_in].records);
  queue.oldest_age_ms = state.OldestAge(queue.ready, now_ms);
  queue.hold_p50_ms = state.hold_times.Quantile(0.5);
  queue.hold_p99_ms = state.hold_times.Quantile(0.99);
  queue.lateness_max_ms = state.lateness_max_ms;
  queue.expired_held = state.expired_held;
  queue.enqueued_rate = state.enqueued.per_second;
  queue.delivered_rate = state.delivered.per_second;
  queue.acked_rate = state.acked.per_second;
  queue.expired_rate = state.expired.per_second;
  return queue;
}

std::vector<QueueBook::Queue> QueueBook::DescribeAll(int64_t now_ms) {
  std::vector<Queue> queues;
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    if (lists_[number].queue == nullptr) continue;
    if (auto queue = Describe(lists_[number].db, lists_[number].name, now_ms)) queues.push_back(std::move(*queue));
  }
  std::sort(queues.begin(), queues.end(),
            [](const Queue& a, const Queue& b) { return std::pair(a.db, a.name) < std::pair(b.db, b.name); });
  return queues;
}

void QueueBook::VisitLeased(uint32_t queue, uint64_t skip, const std::function<bool(uint32_t slot)>& visit) const {
  if (lists_[queue].queue == nullptr) return;
  const List::QueueState& state = *lists_[queue].queue;
  const SlotRings& rings = messages_.rings();
  if (rings.size(state.by_age) == state.leased) return rings.Walk(state.by_age, skip, visit);
  // Some of them are gone.
  rings.Walk(state.by_age, 0, [&](uint32_t slot) {
    if (IsGone(slot)) return true;
    if (skip == 0) return visit(slot);
    --skip;
    return true;
  });
}

}  // namespace baton
