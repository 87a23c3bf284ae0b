#include "queue/book.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "data/list.h"
#include "queue/queue_state.h"

namespace baton {
namespace {

constexpr size_t kLookedAtPerCall = 5000;
constexpr int64_t kPostponeMs = 1000;

// The end of its queue that a message goes back to.
Side RequeueSide(const Message& message, const Policy* policy) {
  const Side other = message.side == Side::kLeft ? Side::kRight : Side::kLeft;
  return policy != nullptr && policy->requeue_back ? other : message.side;
}

}  // namespace

QueueBook::QueueBook(Keyspace& keyspace, uint64_t random_seed) : keyspace_(keyspace), random_seed_(random_seed) {
  Clear();
}

QueueBook::~QueueBook() = default;

void QueueBook::Clear() {
  messages_.Clear();
  policies_ = PolicyTable();
  lists_.clear();
  free_lists_.clear();
  retired_lists_.clear();
  busy_.clear();
  ticked_to_ = 0;
  quiet_.clear();
  queues_ = 0;
  gone_ = 0;
  swept_to_ = 0;
  numbers_.clear();
  plain_.fill({});
  next_id_ = 1;
  hash_seed_ = Random(random_seed_ ^ 0x9042).Next();
  hash_seed_known_ = false;
  due_.clear();
  postponed_.clear();
  collecting_ = false;
  acknowledged_.clear();
  delivery_.reset();
  woken_.clear();
  woken_all_ = true;
  held_counts_.clear();
  held_.clear();
  pushed_again_.clear();
  restored_numbers_.clear();
}

// --- deciding

void QueueBook::Plan(const Mutation& m, const Actor& actor, QueueNotes* notes) {
  if (m.kind == MutationKind::kMove) {
    if (m.key.name == m.other.name) return;
    const uint32_t from = Resolve(m.db, m.key);
    if (from == kNone) return;
    const Entry* entry = ListEntry(m.db, m.key.name);
    if (entry == nullptr) return;
    const bool leases =
        lists_[from].queue != nullptr && lists_[from].policy->LeasesInto(lists_[from].name, m.other.name);
    uint32_t slot = kNone;
    if (lists_[from].records > 0) {
      const ListView list = entry->list();
      const PayloadHash payload = HashOf(m.from == Side::kLeft ? list.Front() : list.Back());
      slot = Choose(from, payload, leases ? 0 : actor.connection);
    }
    if (!leases) {
      if (slot != kNone) NameChoice(slot, notes);
      return;
    }
    const Policy& policy = *lists_[from].policy;
    QueueNote note{.kind = NoteKind::kLease};
    note.message.id = slot == kNone ? NewId(actor.now_ms) : messages_.at(slot).id;
    const int64_t lease_ms = std::min<int64_t>(m.a > 0 ? m.a : policy.visibility_ms, UINT32_MAX);
    note.message.lease_ms = static_cast<uint32_t>(lease_ms);
    note.message.at_ms = actor.now_ms + lease_ms;
    notes->list.push_back(std::move(note));
  } else if (m.kind == MutationKind::kListRemove) {
    if (m.a != 1 && m.a != -1) return;
    const uint32_t list = Resolve(m.db, m.key);
    if (list == kNone || lists_[list].records == 0 || lists_[list].queue != nullptr) return;
    const PayloadHash payload = HashOf(m.value);
    const uint32_t slot = Choose(list, payload, actor.connection);
    if (slot == kNone) return;
    messages_.PrefetchLeaving(slot);
    messages_.PrefetchOrder(slot);
    const Message& message = messages_.at(slot);
    acknowledged_.push_back({message.source, payload, message});
    NameChoice(slot, notes);
  } else if (m.kind == MutationKind::kPush && !acknowledged_.empty() && m.values.size() == 1) {
    const uint32_t list = Resolve(m.db, m.key);
    if (list == kNone || lists_[list].queue == nullptr) return;
    const PayloadHash payload = HashOf(m.values.front());
    const auto again = std::find_if(acknowledged_.begin(), acknowledged_.end(), [&](const Acknowledged& one) {
      return one.source == list && one.payload == payload;
    });
    if (again == acknowledged_.end()) return;
    QueueNote note{.kind = NoteKind::kPlace, .message = again->message};
    note.message.state = MessageState::kReady;
    note.message.reason = ReturnReason::kMovedBack;
    note.message.at_ms = INT64_MAX;
    // It was not acknowledged after all.
    if (again->message.state == MessageState::kLeased && actor.connection != 0) {
      lists_[list].queue->hold_times.Remove(actor.now_ms - (again->message.at_ms - again->message.lease_ms));
    }
    acknowledged_.erase(again);
    notes->list.push_back(std::move(note));
  }
}

// Where Apply could take another one.
void QueueBook::NameChoice(uint32_t slot, QueueNotes* notes) const {
  const Message& message = messages_.at(slot);
  if (messages_.NextEqual(messages_.FirstEqual(message.list, message.payload())) == kNone) return;
  QueueNote note{.kind = NoteKind::kSettle};
  note.message.id = message.id;
  notes->list.push_back(std::move(note));
}

bool QueueBook::LeaseRefused(uint32_t db, const KeyRef& from, const KeyRef& to, uint32_t connection) {
  const uint32_t number = Resolve(db, from);
  if (number == kNone || lists_[number].queue == nullptr) return false;
  const List& list = lists_[number];
  const Policy& policy = *list.policy;
  if (policy.leased_max == 0 && policy.leased_max_each == 0) return false;
  if (!policy.LeasesInto(list.name, to.name)) return false;
  if (policy.leased_max > 0 && list.queue->leased >= static_cast<uint64_t>(policy.leased_max)) {
    refusal_ = Refusal::kFull;
  } else if (policy.leased_max_each > 0 && HeldBy(number, connection) >= policy.leased_max_each) {
    refusal_ = Refusal::kHolds;
  } else {
    return false;
  }
  return true;
}

bool QueueBook::HasRoom(uint32_t db, const KeyRef& queue) {
  const uint32_t number = Resolve(db, queue);
  if (number == kNone || lists_[number].queue == nullptr || lists_[number].policy->leased_max == 0) return true;
  return lists_[number].queue->leased < static_cast<uint64_t>(lists_[number].policy->leased_max);
}

uint32_t QueueBook::HeldBy(uint32_t source, uint32_t connection) const {
  const auto found = held_counts_.find(std::pair(source, connection));
  return found == held_counts_.end() ? 0 : found->second;
}

std::vector<uint64_t> QueueBook::HeldWithGrace(uint32_t connection) {
  const auto found = held_.find(connection);
  if (found == held_.end()) return {};
  std::vector<uint64_t> ids = std::move(found->second);
  held_.erase(found);
  std::erase_if(ids, [&](uint64_t id) {
    const uint32_t slot = Find(id);
    return slot == kNone || messages_.at(slot).state != MessageState::kLeased ||
           messages_.at(slot).holder != connection;
  });
  return ids;
}

// --- finding

std::optional<std::string_view> QueueBook::PayloadOf(uint32_t slot) {
  messages_.PrefetchLeaving(slot);
  const Message& message = messages_.at(slot);
  const List& list = lists_[message.list];
  const KeyRef key = keyspace_.Ref(list.name);
  const auto payload =
      keyspace_.FindElement(list.db, key, message.payload_hash,
                            [&](std::string_view element) { return HashOf(element) == message.payload(); });
  messages_.PrefetchOrder(slot);
  return payload;
}

QueueBook::Expected QueueBook::Expect(uint32_t db, std::string_view list, std::string_view payload) const {
  if (messages_.size() == 0) return {};
  const uint32_t number = NumberOf(db, list);
  if (number == kNone || lists_[number].records == 0) return {};
  const Expected expected{number, HashOf(payload)};
  messages_.PrefetchEqual(number, expected.payload);
  return expected;
}

uint32_t QueueBook::FindByPayload(uint32_t db, std::string_view list, std::string_view payload, uint32_t connection) {
  const uint32_t number = Resolve(db, list);
  if (number == kNone || lists_[number].records == 0) return kNone;
  return Choose(number, HashOf(payload), connection);
}

// The records of that payload that belong to the queue, wherever they stand.
void QueueBook::ForEachEqualOf(uint32_t queue, const PayloadHash& payload, const Visit& visit) const {
  for (const auto& [list, counts] : lists_[queue].queue->places) {
    int looked_at = 0;
    for (uint32_t slot = messages_.FirstEqual(list, payload); slot != kNone && looked_at < kEqualLookedAt;
         slot = messages_.NextEqual(slot), ++looked_at) {
      if (messages_.at(slot).source == queue && !IsGone(slot)) visit(slot);
    }
  }
}

// The same for all queues that `list` is a processing list of.
void QueueBook::ForEachEqualLeasedInto(uint32_t db, std::string_view list, const PayloadHash& payload,
                                       const Visit& visit) const {
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    const List& queue = lists_[number];
    if (queue.queue == nullptr || queue.db != db || queue.queue->places.empty()) continue;
    if (queue.policy->LeasesInto(queue.name, list)) ForEachEqualOf(number, payload, visit);
  }
}

uint32_t QueueBook::FindLate(uint32_t db, std::string_view list, std::string_view payload) {
  if (records() == 0 || policies_.MatchKey(list).role != ListRole::kProcessing) return kNone;
  uint32_t best = kNone;
  const auto rank = [this](uint32_t slot) {
    const Message& message = messages_.at(slot);
    return std::tuple(message.state == MessageState::kLeased, message.at_ms, message.id);
  };
  ForEachEqualLeasedInto(db, list, HashOf(payload), [&](uint32_t slot) {
    const Message& message = messages_.at(slot);
    if (!lists_[message.source].policy->late_ack || message.state == MessageState::kDead) return;
    // What its consumer has pushed again it does not acknowledge by the LREM behind that.
    if (message.reason == ReturnReason::kPushedAgain) return;
    // Nobody else can be late with a message that was handed out once.
    if (message.state == MessageState::kLeased && (message.deliveries < 2 || lists_[message.list].name == list)) return;
    if (best == kNone || rank(slot) < rank(best)) best = slot;
  });
  return best;
}

bool QueueBook::Coalesces(uint32_t db, const KeyRef& queue) {
  const uint32_t number = Resolve(db, queue);
  return number != kNone && lists_[number].queue != nullptr && lists_[number].policy->coalesce;
}

uint32_t QueueBook::FindHeld(uint32_t db, const KeyRef& queue, std::string_view payload, uint32_t connection) {
  if (!Coalesces(db, queue)) return kNone;
  const uint32_t number = Resolve(db, queue);
  const PayloadHash hash = HashOf(payload);
  for (const Acknowledged& one : acknowledged_) {
    if (one.source == number && one.payload == hash) return kNone;  // Plan knows what this push means
  }
  uint32_t best = kNone;
  const auto rank = [this](uint32_t slot) { return std::pair(messages_.at(slot).at_ms, messages_.at(slot).id); };
  ForEachEqualOf(number, hash, [&](uint32_t slot) {
    const Message& message = messages_.at(slot);
    if (message.state != MessageState::kLeased || message.holder != connection) return;
    if (best == kNone || rank(slot) < rank(best)) best = slot;
  });
  return best;
}

void QueueBook::NotePushedAgain(const QueueTransfer& transfer, uint32_t connection) {
  constexpr size_t kNotedMax = 1000;  // of one connection that never asks
  std::vector<PushedAgain>& noted = pushed_again_[connection];
  if (noted.size() >= kNotedMax) noted.erase(noted.begin());
  noted.push_back({transfer.db, keyspace_.Ref(transfer.from).hash, HashOf(transfer.payload)});
}

bool QueueBook::TakePushedAgain(uint32_t db, const KeyRef& list, std::string_view payload, uint32_t connection) {
  const auto noted = pushed_again_.find(connection);
  if (noted == pushed_again_.end()) return false;
  const PayloadHash hash = HashOf(payload);
  const auto found = std::find_if(noted->second.begin(), noted->second.end(), [&](const PushedAgain& one) {
    return one.db == db && one.list == list.hash && one.payload == hash;
  });
  if (found == noted->second.end()) return false;
  // An equal one that it holds is what it means.
  if (const uint32_t slot = FindByPayload(db, list.name, payload, connection); slot != kNone) {
    const Message& message = messages_.at(slot);
    if (message.state == MessageState::kLeased && message.holder == connection) return false;
  }
  noted->second.erase(found);
  if (noted->second.empty()) pushed_again_.erase(noted);
  return true;
}

// --- giving back

bool QueueBook::TargetFits(uint32_t db, std::string_view name) const {
  const Entry* entry = keyspace_.Find(db, keyspace_.Ref(name));
  return entry == nullptr || entry->type() == ValueType::kList;
}

bool QueueBook::PlanReturn(uint32_t slot, GiveBack why, int64_t now_ms, int64_t delay_ms, QueueTransfer* transfer) {
  const Message& message = messages_.at(slot);
  const List& queue = lists_[message.source];
  if (queue.policy == nullptr || queue.queue == nullptr) return false;
  const Policy& policy = *queue.policy;
  const bool failure = why != GiveBack::kSilentNack;
  const auto failures = static_cast<uint8_t>(std::min<uint32_t>(message.failures + failure, UINT8_MAX));
  const bool dead = failure && policy.deliveries_max > 0 && message.deliveries >= policy.deliveries_max;
  if (delay_ms < 0) {
    delay_ms = 0;
    if (why == GiveBack::kNack || why == GiveBack::kPushedAgain) delay_ms = policy.BackoffMs(failures);
    if (why == GiveBack::kExpired) delay_ms = policy.BackoffMs(failures - 1);
  }

  QueueNote place{.kind = NoteKind::kPlace, .message = message, .value = kCountsReturn};
  place.message.failures = failures;
  place.message.reason = why == GiveBack::kExpired       ? ReturnReason::kExpired
                         : why == GiveBack::kPushedAgain ? ReturnReason::kPushedAgain
                                                         : ReturnReason::kNack;
  place.message.at_ms = INT64_MAX;
  if (dead) {
    place.message.state = MessageState::kDead;
    return SetTransfer(slot, policy.dead_letter, Side::kLeft, std::move(place), transfer);
  }
  if (delay_ms > 0) {
    place.message.state = MessageState::kDelayed;
    place.message.at_ms = now_ms + delay_ms;
    const std::string delayed = queue.name + std::string(kDelayedSuffix);
    return SetTransfer(slot, delayed, Side::kLeft, std::move(place), transfer);
  }
  place.message.state = MessageState::kReady;
  return SetTransfer(slot, queue.name, RequeueSide(message, &policy), std::move(place), transfer);
}

bool QueueBook::PlanUndo(uint32_t slot, QueueTransfer* transfer) {
  const Message& message = messages_.at(slot);
  QueueNote place{.kind = NoteKind::kPlace, .message = message, .value = kUncountsDelivery};
  place.message.state = MessageState::kReady;
  place.message.at_ms = INT64_MAX;
  --place.message.deliveries;
  return SetTransfer(slot, lists_[message.source].name, message.side, std::move(place), transfer);
}

bool QueueBook::PlanReady(uint32_t slot, std::string_view queue, bool reset, ReturnReason reason, QueueTransfer* transfer) {
  const Message& message = messages_.at(slot);
  QueueNote place{.kind = NoteKind::kPlace, .message = message};
  place.message.state = MessageState::kReady;
  place.message.at_ms = INT64_MAX;
  if (reason != ReturnReason::kNone) place.message.reason = reason;
  if (reset) place.message.deliveries = place.message.failures = 0;
  return SetTransfer(slot, queue, RequeueSide(message, lists_[message.source].policy), std::move(place), transfer);
}

// `place`: the record as it is when its element has arrived. False: it cannot arrive.
bool QueueBook::SetTransfer(uint32_t slot, std::string_view to, Side side, QueueNote place, QueueTransfer* transfer) {
  const List& list = lists_[messages_.at(slot).list];
  const std::optional<std::string_view> payload = PayloadOf(slot);
  if (!payload || !TargetFits(list.db, to)) return false;
  QueueNote leave{.kind = NoteKind::kLeave};
  leave.message.id = place.message.id;
  transfer->db = list.db;
  transfer->from = list.name;
  transfer->to = to;
  transfer->payload = *payload;
  transfer->side = side;
  transfer->leave.list = {std::move(leave)};
  transfer->place.list = {std::move(place)};
  return true;
}

bool QueueBook::PlanAdoption(const Policy& policy, uint32_t db, int64_t now_ms, Adoption* adoption,
                             QueueNotes* notes) {
  constexpr size_t kAdoptedAtOnce = 1000;
  constexpr uint64_t kQueue = 0, kServing = 1;
  struct Serving {
    std::string name;
    MessageState state;
  };
  std::vector<Serving> lists = {{policy.processing, MessageState::kLeased},
                                {policy.match + std::string(kDelayedSuffix), MessageState::kDelayed},
                                {policy.match + std::string(kProcessingSuffix), MessageState::kLeased}};
  if (lists[2].name == policy.processing) lists.pop_back();
  for (; adoption->list < lists.size(); ++adoption->list, adoption->passed = 0, adoption->known.clear()) {
    const auto& [name, state] = lists[adoption->list];
    const Entry* entry = ListEntry(db, name);
    if (entry == nullptr) continue;
    const uint32_t queue = Resolve(db, policy.match);
    if (queue == kNone || lists_[queue].queue == nullptr) return false;  // another policy has it
    QueueAccount account = lists_[queue].queue->account;
    notes->list = {{.kind = NoteKind::kList, .value = kQueue, .words = {policy.match}},
                   {.kind = NoteKind::kList, .value = kServing, .words = {name}},
                   {.kind = NoteKind::kAccount, .value = kQueue}};
    const uint32_t list = NumberOf(db, name);
    const ListView view = entry->list();
    size_t adopted = 0;
    for (auto cursor = view.CursorAt(view.size() - 1 - adoption->passed, Side::kLeft);
         adoption->passed < view.size() && adopted < kAdoptedAtOnce; cursor.Next(), ++adoption->passed) {
      const PayloadHash payload = HashOf(cursor.element());
      const auto [known, first] = adoption->known.try_emplace(std::pair(payload.hash, payload.check), 0);
      if (first && list != kNone) known->second = OldestEqual(list, payload, SIZE_MAX).size();
      if (known->second > 0) {
        --known->second;
        continue;
      }
      QueueNote note{.kind = NoteKind::kMessage};
      note.message.id = NewId(now_ms);
      note.message.set_payload(payload);
      note.message.at_ms = now_ms;
      if (state == MessageState::kLeased) {
        note.message.at_ms = now_ms + policy.visibility_ms;
        note.message.lease_ms = static_cast<uint32_t>(std::min<int64_t>(policy.visibility_ms, UINT32_MAX));
      }
      note.message.list = kServing;
      note.message.source = kQueue;
      note.message.deliveries = 1;
      note.message.state = state;
      notes->list.push_back(std::move(note));
      ++adopted;
    }
    if (adopted == 0) continue;
    account.adopted += adopted;
    notes->list[2].account = account;
    return true;
  }
  return false;
}

// --- time

int64_t QueueBook::next_due_ms() const {
  if (collecting_ || !due_.empty()) return 0;
  const int64_t due_ms = messages_.due_ms();
  return postponed_.empty() ? due_ms : std::min(due_ms, postponed_.front().until_ms);
}

QueueBook::Due QueueBook::TakeDue(int64_t now_ms, uint32_t* slot) {
  if (due_.empty() && !collecting_) {
    for (; !postponed_.empty() && postponed_.front().until_ms <= now_ms; postponed_.pop_front()) {
      AddDue(postponed_.front().due);
    }
    collecting_ = due_.empty() && messages_.due_ms() <= now_ms;
    due_until_ms_ = now_ms;
  }
  if (collecting_) {
    collecting_ = !messages_.CollectDue(due_until_ms_, kLookedAtPerCall, [this](uint32_t due) { TakeAgain(due); });
    if (collecting_) return Due::kCollecting;
  }
  while (!due_.empty()) {
    std::pop_heap(due_.begin(), due_.end());
    const DueMessage due = due_.back();
    due_.pop_back();
    if (due.slot >= messages_.slots()) continue;
    const Message& message = messages_.at(due.slot);
    if (message.id != due.id || message.at_ms != due.at_ms) continue;  // settled or extended meanwhile
    if (!HasTime(message.state) || IsGone(due.slot)) continue;
    List::QueueState* queue = QueueOf(message.source);
    if (queue != nullptr) queue->lateness_max_ms = std::max(queue->lateness_max_ms, now_ms - message.at_ms);
    *slot = due.slot;
    return Due::kMessage;
  }
  return Due::kNothing;
}

int64_t QueueBook::WalkFor(uint32_t slot) {
  const List& list = lists_[messages_.at(slot).list];
  const KeyRef key = keyspace_.Ref(list.name);
  return keyspace_.FindsQuickly(list.db, key) ? 0 : LengthOf(list.db, key);
}

void QueueBook::TakeAgain(uint32_t slot) {
  const Message& message = messages_.at(slot);
  AddDue({slot, message.id, message.at_ms});
}

void QueueBook::AddDue(const DueMessage& due) {
  due_.push_back(due);
  std::push_heap(due_.begin(), due_.end());
}

// Its time stays what it is: of equal messages the first one goes, and a replay knows nothing of what was tried.
void QueueBook::Postpone(uint32_t slot, int64_t now_ms) {
  const Message& message = messages_.at(slot);
  postponed_.push_back({{slot, message.id, message.at_ms}, now_ms + kPostponeMs});
}

bool QueueBook::IsWaitedFor(uint32_t slot) const {
  const uint64_t id = messages_.at(slot).id;
  return messages_.IsTimed(slot) || std::any_of(due_.begin(), due_.end(), [&](const auto& due) { return due.id == id; }) ||
         std::any_of(postponed_.begin(), postponed_.end(), [&](const auto& one) { return one.due.id == id; });
}

// --- deliveries that nobody has heard of

uint32_t QueueBook::SlotOf(const Delivery& delivery) const {
  const uint32_t slot = Find(delivery.id);
  if (slot == kNone) return kNone;
  const Message& message = messages_.at(slot);
  const bool same = message.state == MessageState::kLeased && message.holder == delivery.connection &&
                    message.deliveries == delivery.number;
  return same ? slot : kNone;
}

int64_t QueueBook::StartLease(uint32_t slot, int64_t now_ms) {
  const Message& message = messages_.at(slot);
  const int64_t late_ms = now_ms + message.lease_ms - message.at_ms;
  messages_.SetTime(slot, now_ms + message.lease_ms);
  return late_ms;
}

// --- persistence

// By the wall clock, so that ids grow from process to process even where the end of a log is lost; and with a part that
// is each process's own, for a clock that comes to the same millisecond twice.
uint64_t QueueBook::NewId(int64_t now_ms) {
  const uint64_t own = Random(random_seed_ ^ 0x1d5).Next() >> (64 - Message::kIdsPerMsBits);
  const uint64_t now = static_cast<uint64_t>(std::max<int64_t>(now_ms, 0)) << Message::kIdsPerMsBits | own;
  next_id_ = std::max(next_id_, now);
  return next_id_++;
}

void QueueBook::EndLoad() {
  SkipIds();
  std::vector<uint32_t> slots;
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    const List& list = lists_[number];
    if (!list.used) continue;
    // Sooner or later its messages will be looked for by value.
    if (list.records > 0) (void)keyspace_.FindsQuickly(list.db, keyspace_.Ref(list.name));
    if (list.queue == nullptr) continue;
    // A base has them in no order.
    const SlotRings::Order order = list.queue->by_age;
    slots.clear();
    VisitLeased(number, 0, [&](uint32_t slot) {
      slots.push_back(slot);
      return true;
    });
    std::sort(slots.begin(), slots.end(), [this](uint32_t a, uint32_t b) {
      return std::pair(HeldMs(a, 0), messages_.at(b).id) > std::pair(HeldMs(b, 0), messages_.at(a).id);
    });
    for (uint32_t slot : slots) messages_.MoveToEnd(slot, order);
  }
}

// What a power cut has taken off the log's end may have told more ids to clients.
void QueueBook::SkipIds() {
  // For a clock that was set back. Not always as far: another process may have gone on from the same end of the log,
  // and have lost what it wrote.
  constexpr uint64_t kSkippedMs = 10'000;
  constexpr uint64_t kSkipped = kSkippedMs << Message::kIdsPerMsBits;
  if (next_id_ > 1) next_id_ += kSkipped + Random(random_seed_ ^ 0x2d5).Below(kSkipped);
}

QueueNote QueueBook::HashSeedNote() const { return {.kind = NoteKind::kHashSeed, .value = hash_seed_}; }

std::unique_ptr<QueueSnapshot> QueueBook::TakeSnapshot() {
  auto snapshot = std::make_unique<QueueSnapshot>();
  auto& first = snapshot->first_;
  if (hash_seed_known_) first.emplace_back(0, HashSeedNote());
  if (next_id_ > 1) first.emplace_back(0, QueueNote{.kind = NoteKind::kIds, .value = next_id_ - 1});
  for (const auto& [name, policy] : policies_.all()) {
    first.emplace_back(0, QueueNote{.kind = NoteKind::kPolicy, .words = policy.Words()});
  }
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    const List& list = lists_[number];
    if (!list.used || (list.records == 0 && list.queue == nullptr)) continue;
    first.emplace_back(list.db, QueueNote{.kind = NoteKind::kList, .value = number, .words = {list.name}});
    if (list.queue == nullptr) continue;
    first.emplace_back(list.db, QueueNote{.kind = NoteKind::kAccount, .value = number, .account = list.queue->account});
  }
  snapshot->messages_ = messages_.TakeView();
  if (gone_ == 0) return snapshot;
  struct Frozen {
    bool retired;
    int64_t generation;
  };
  std::vector<Frozen> lists;
  lists.reserve(lists_.size());
  for (const List& list : lists_) lists.push_back({list.retired, list.generation});
  snapshot->has_gone_ = [lists = std::move(lists)](const Message& message) {
    return message.list != Message::kNowhere && Gone(message, lists[message.source], lists[message.list]);
  };
  return snapshot;
}

void QueueBook::ReleaseSnapshot(std::unique_ptr<QueueSnapshot> snapshot) { messages_.ReleaseView(snapshot->messages_); }

bool QueueSnapshot::ForEachNote(const std::function<bool(uint32_t db, const QueueNote& note)>& take) const {
  for (const auto& [db, note] : first_) {
    if (!take(db, note)) return false;
  }
  bool going_on = true;
  QueueNote note{.kind = NoteKind::kMessage};
  messages_.ForEach([&](const Message& message) {
    if (!going_on || (has_gone_ && has_gone_(message))) return;
    note.message = message;
    going_on = take(0, note);
  });
  return going_on;
}

}  // namespace baton
