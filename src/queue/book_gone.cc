// Many elements that go at once: a list that is deleted, a database that is flushed, a policy that is removed. A million
// records cannot be settled in one turn. Counts and accounts change at once, records are only made out to be gone (their
// list's number is retired, or the generation of ready messages goes on) and are swept up in slices. Nobody finds them
// meanwhile: whoever looks for records asks HasGone.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "data/list.h"
#include "queue/queue_state.h"

namespace baton {
namespace {

constexpr size_t kSweptPerSlice = 20'000, kDroppedPerSlice = 500;  // a slice of a millisecond or two
constexpr size_t kPagesFreedPerSlice = 200;
// When a list is trimmed, of how many elements that go each is looked at, if as many or more stay.
constexpr int64_t kTrimmedOneByOne = 1000;

}  // namespace

bool QueueBook::HasGone(const Message& message) const {
  return message.list != Message::kNowhere && Gone(message, lists_[message.source], lists_[message.list]);
}

void QueueBook::EveryElementLeft(uint32_t list, const KeyRef& key, Outcome outcome) {
  const Entry* entry = keyspace_.Find(lists_[list].db, key);
  if (entry != nullptr && entry->type() == ValueType::kList) AllButLeft(list, entry->list(), 0, 0, outcome);
}

// Of a list's elements, all but a run of `kept_count` go.
void QueueBook::AllButLeft(uint32_t list, const ListView& view, int64_t kept_start, int64_t kept_count,
                           Outcome outcome) {
  const int64_t going = view.size() - kept_count;
  const int64_t one_by_one = kept_count == 0 ? looked_at_each_ : std::max(kTrimmedOneByOne, kept_count);
  if (lists_[list].records > 0 && going > one_by_one) {
    return AllButLeftAtOnce(list, view, kept_start, kept_count, outcome);
  }
  const int64_t behind = kept_start + kept_count;
  RunLeft(list, view, 0, kept_start, outcome);
  RunLeft(list, view, behind, view.size() - behind, outcome);
}

void QueueBook::AllButLeftAtOnce(uint32_t list, const ListView& view, int64_t kept_start, int64_t kept_count,
                                 Outcome outcome) {
  const std::vector<uint32_t> staying = ThoseThatStay(list, view, kept_start, kept_count);
  if (QueueOf(list) != nullptr) {
    QueueLost(list, view.size() - kept_count, staying, outcome);
  } else {
    ServingListLost(list, staying, outcome);
  }
}

// The records of a run of elements. Where equal ones stay and go, the oldest messages go.
std::vector<uint32_t> QueueBook::ThoseThatStay(uint32_t list, const ListView& view, int64_t start,
                                               int64_t count) const {
  absl::flat_hash_map<std::pair<uint64_t, uint32_t>, size_t> elements;
  std::vector<PayloadHash> payloads;
  view.ForEach(start, count, [&](std::string_view element) {
    const PayloadHash payload = HashOf(element);
    if (++elements[std::pair(payload.hash, payload.check)] == 1) payloads.push_back(payload);
  });
  std::vector<uint32_t> staying;
  for (const PayloadHash& payload : payloads) {
    std::vector<uint32_t> equal = OldestEqual(list, payload, SIZE_MAX);
    const size_t stay = std::min(equal.size(), elements[std::pair(payload.hash, payload.check)]);
    std::sort(equal.begin(), equal.end(),
              [this](uint32_t a, uint32_t b) { return messages_.at(a).id > messages_.at(b).id; });
    staying.insert(staying.end(), equal.begin(), equal.begin() + static_cast<ptrdiff_t>(stay));
  }
  return staying;
}

// A queue's own list: ready messages.
void QueueBook::QueueLost(uint32_t number, int64_t elements, const std::vector<uint32_t>& staying, Outcome outcome) {
  List& list = lists_[number];
  (void)Changing(number);
  FlowOf(list.queue->account, outcome) += static_cast<uint64_t>(elements);
  gone_ += list.records - staying.size();
  list.records = static_cast<uint32_t>(staying.size());
  list.queue->places.erase(number);
  if (list.records > 0) {
    list.queue->places[number][static_cast<size_t>(MessageState::kReady)] = list.records;
  }
  --list.generation;
  for (uint32_t slot : staying) messages_.Edit(slot).at_ms = list.generation;
}

// A list that serves queues: each loses what it has there.
void QueueBook::ServingListLost(uint32_t number, const std::vector<uint32_t>& staying, Outcome outcome) {
  if (lists_[number].records == staying.size()) return;
  const uint32_t db = lists_[number].db;
  const std::string name = lists_[number].name;
  gone_ += lists_[number].records - staying.size();
  lists_[number].records = 0;
  Retire(number);
  uint32_t next = kNone;  // its number from now on
  if (!staying.empty()) {
    next = AddList(db, name);
    RefreshRole(next);
  }
  for (uint32_t slot : staying) {
    const Message message = messages_.at(slot);
    messages_.SetList(slot, next);
    ++lists_[next].records;
    List::QueueState& queue = *lists_[message.source].queue;
    --queue.places[number][static_cast<size_t>(message.state)];
    ++queue.places[next][static_cast<size_t>(message.state)];
  }
  for (List& list : lists_) {
    if (list.queue == nullptr) continue;
    List::QueueState& queue = *list.queue;
    const auto place = queue.places.find(number);
    if (place == queue.places.end()) continue;
    const auto [ready, leased, delayed, dead] = std::exchange(place->second, {});
    queue.places.erase(place);
    (void)Changing(static_cast<uint32_t>(&list - lists_.data()));
    FlowOf(queue.account, outcome) += uint64_t{ready} + leased + delayed + dead;
    queue.leased -= leased;
    queue.delayed -= delayed;
    queue.dead -= dead;
    if (leased == 0) continue;
    if (queue.leased == 0) {
      messages_.LetGo(queue.by_age);
      queue.by_age = messages_.NewOrder();
    }
    woken_.push_back({static_cast<uint32_t>(&list - lists_.data()), 0});
  }
}

// A queue that is none any more: what is known of its messages is forgotten, and they are plain elements.
void QueueBook::DropQueue(uint32_t number) {
  const std::unique_ptr<List::QueueState> queue = std::move(lists_[number].queue);
  --queues_;
  messages_.LetGo(queue->by_age);
  for (const auto& [place, counts] : queue->places) {
    const auto [ready, leased, delayed, dead] = counts;
    const uint32_t records = ready + leased + delayed + dead;
    lists_[place].records -= records;
    gone_ += records;
    if (place != number) DropIfUnused(place);
  }
  Retire(number);
}

void QueueBook::ApplyFlush(std::optional<uint32_t> db) {
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    List& list = lists_[number];
    if (!list.used || (db && list.db != *db)) continue;
    gone_ += list.records;
    list.records = 0;
    if (list.queue == nullptr) continue;
    messages_.LetGo(list.queue->by_age);
    list.queue.reset();
    --queues_;
  }
  // Now that it is known whether anything is to be swept up: until then no number is used again.
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    if (lists_[number].used && (!db || lists_[number].db == *db)) Retire(number);
  }
  acknowledged_.clear();
  woken_all_ = true;
}

// The name is free. So is the number, as soon as no record that is gone can name it.
void QueueBook::Retire(uint32_t number) {
  List& list = lists_[number];
  const auto named = numbers_.find(std::pair(list.db, std::string_view(list.name)));
  if (named != numbers_.end() && named->second == number) numbers_.erase(named);
  list = List{};
  list.retired = gone_ > 0;
  (gone_ > 0 ? retired_lists_ : free_lists_).push_back(number);
}

bool QueueBook::SweepSome() {
  if (gone_ == 0) return messages_.FreeSome(kPagesFreedPerSlice);
  size_t dropped = 0;
  for (size_t i = 0; i < kSweptPerSlice && gone_ > 0 && dropped < kDroppedPerSlice; ++i) {
    if (swept_to_ >= messages_.slots()) swept_to_ = 0;
    const uint32_t slot = swept_to_++;
    if (messages_.at(slot).id == 0 || !HasGone(messages_.at(slot))) continue;
    DropGone(slot);
    ++dropped;
  }
  if (gone_ > 0) return true;
  for (uint32_t number : retired_lists_) lists_[number].retired = false;
  free_lists_.insert(free_lists_.end(), retired_lists_.begin(), retired_lists_.end());
  retired_lists_.clear();
  return true;
}

void QueueBook::DropGone(uint32_t slot) {
  const Message message = messages_.at(slot);
  if (message.state == MessageState::kLeased) LetHolderGo(message);
  messages_.Remove(slot);
  --gone_;
}

}  // namespace baton
