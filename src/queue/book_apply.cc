// What a mutation, with its notes, does to the book. Every function looks at the keyspace as it is before the mutation.

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "data/list.h"
#include "queue/queue_state.h"

namespace baton {
namespace {

constexpr uint32_t kIndexAskedEvery = 512;

bool IsList(const Entry* entry) { return entry != nullptr && entry->type() == ValueType::kList; }

}  // namespace

PayloadHash QueueBook::HashOf(std::string_view payload) const {
  return {keyspace_.element_hasher().Hash(payload),
          static_cast<uint32_t>(XXH3_64bits_withSeed(payload.data(), payload.size(), hash_seed_))};
}

// --- counts

void QueueBook::Count(uint32_t slot) {
  const Message& message = messages_.at(slot);
  List::QueueState* queue = Changing(message.source);
  if (queue == nullptr) return;
  ++queue->places[message.list][static_cast<size_t>(message.state)];
  queue->delayed += message.state == MessageState::kDelayed;
  queue->dead += message.state == MessageState::kDead;
  if (message.state != MessageState::kLeased) return;
  ++queue->leased;
  if (message.holder != 0) ++held_counts_[std::pair(message.source, message.holder)];
}

// A record is about to leave its list, and its state with it.
void QueueBook::Uncount(uint32_t slot) {
  const Message& message = messages_.at(slot);
  if (message.list == Message::kNowhere) return;
  --lists_[message.list].records;
  List::QueueState* queue = Changing(message.source);
  if (queue == nullptr) return;
  const auto place = queue->places.find(message.list);
  --place->second[static_cast<size_t>(message.state)];
  if (place->second == List::QueueState::Counts{}) queue->places.erase(place);
  queue->delayed -= message.state == MessageState::kDelayed;
  queue->dead -= message.state == MessageState::kDead;
  if (message.state != MessageState::kLeased) return;
  --queue->leased;
  LetHolderGo(message);
}

void QueueBook::LetHolderGo(const Message& message) {
  if (message.holder != 0) {
    const auto found = held_counts_.find(std::pair(message.source, message.holder));
    if (found != held_counts_.end() && --found->second == 0) held_counts_.erase(found);
  }
  const List& source = lists_[message.source];
  if (source.policy != nullptr && source.policy->leased_max + source.policy->leased_max_each > 0) {
    woken_.push_back({message.source, message.holder});
  }
}

void QueueBook::SetState(uint32_t slot, uint32_t list, MessageState state, int64_t at_ms) {
  const uint32_t before = messages_.at(slot).list;
  Uncount(slot);
  ++lists_[list].records;
  const List::QueueState* source = QueueOf(messages_.at(slot).source);
  const bool by_age = state == MessageState::kLeased && source != nullptr;
  messages_.Enter(slot, list, state, state == MessageState::kReady ? lists_[list].generation : at_ms,
                  by_age ? source->by_age : SlotRings::kNoOrder);
  Count(slot);
  if (before != Message::kNowhere && before != list) DropIfUnused(before);
}

uint64_t& QueueBook::FlowOf(QueueAccount& account, Outcome outcome) {
  switch (outcome) {
    case Outcome::kAcked:
      return account.acked;
    case Outcome::kRemoved:
      return account.removed;
    case Outcome::kForwarded:
      return account.forwarded;
    case Outcome::kDropped:
      return account.dropped;
  }
  CHECK(false);
}

// `late`: whoever holds it is not the one who has acknowledged it.
void QueueBook::Settle(uint32_t slot, Outcome outcome, bool late) {
  const Message message = messages_.at(slot);
  Uncount(slot);
  messages_.Remove(slot);
  if (List::QueueState* queue = QueueOf(message.source); queue != nullptr) {
    ++FlowOf(queue->account, outcome);
    // In a replay nobody holds anything.
    const bool held = message.state == MessageState::kLeased && actor_.connection != 0 && !late;
    if (outcome == Outcome::kAcked && held) {
      queue->hold_times.Add(actor_.now_ms - (message.at_ms - message.lease_ms));
    }
  }
  if (message.list != Message::kNowhere) DropIfUnused(message.list);
}

// Of several records of one payload: one that this connection holds, else the one whose time comes first. Which of very
// many are looked at is chance, so Plan names its choice in a note.
uint32_t QueueBook::Choose(uint32_t list, const PayloadHash& payload, uint32_t connection) const {
  uint32_t best = messages_.FirstEqual(list, payload);
  if (best == kNone) return best;
  const auto rank = [&](uint32_t slot) {
    const Message& message = messages_.at(slot);
    const bool mine = connection != 0 && message.holder == connection;
    return std::tuple(!mine, message.at_ms, message.id);
  };
  int looked_at = 0;
  for (uint32_t slot = messages_.NextEqual(best); slot != kNone && looked_at < kEqualLookedAt;
       slot = messages_.NextEqual(slot)) {
    if (IsGone(slot)) continue;
    if (IsGone(best) || rank(slot) < rank(best)) best = slot;
    ++looked_at;
  }
  return IsGone(best) ? kNone : best;
}

// --- elements that go

// The records of `count` elements of one payload that go without anybody saying which: those of the oldest messages. All
// are looked at, and no time of theirs, so that a replay finds the same ones.
std::vector<uint32_t> QueueBook::OldestEqual(uint32_t list, const PayloadHash& payload, size_t count) const {
  std::vector<uint32_t> slots;
  if (lists_[list].records == 0) return slots;
  for (uint32_t slot = messages_.FirstEqual(list, payload); slot != kNone; slot = messages_.NextEqual(slot)) {
    if (!IsGone(slot)) slots.push_back(slot);
  }
  if (slots.size() <= count) return slots;
  std::nth_element(slots.begin(), slots.begin() + static_cast<ptrdiff_t>(count), slots.end(),
                   [&](uint32_t a, uint32_t b) { return messages_.at(a).id < messages_.at(b).id; });
  slots.resize(count);
  return slots;
}

// Elements of a list that concerns the book are gone. A queue's own that were never handed out are counted here.
void QueueBook::ElementsLeft(uint32_t list, const PayloadHash& payload, size_t count, Outcome outcome) {
  const std::vector<uint32_t> slots = OldestEqual(list, payload, count);
  if (List::QueueState* queue = Changing(list); queue != nullptr) {
    (outcome == Outcome::kForwarded ? queue->account.forwarded : queue->account.removed) += count - slots.size();
  }
  for (uint32_t slot : slots) Settle(slot, outcome);
}

// The same for a run of elements, whatever they are.
void QueueBook::RunLeft(uint32_t list, const ListView& view, int64_t start, int64_t count, Outcome outcome) {
  if (lists_[list].records == 0) return ElementsLeft(list, {}, static_cast<size_t>(count), outcome);
  std::vector<PayloadHash> payloads;
  view.ForEach(start, count, [&](std::string_view element) { payloads.push_back(HashOf(element)); });
  std::sort(payloads.begin(), payloads.end(), [](const PayloadHash& a, const PayloadHash& b) {
    return std::pair(a.hash, a.check) < std::pair(b.hash, b.check);
  });
  for (auto first = payloads.begin(); first != payloads.end();) {
    const auto next = std::find_if(first, payloads.end(), [&](const PayloadHash& other) { return other != *first; });
    ElementsLeft(list, *first, static_cast<size_t>(next - first), outcome);
    first = next;
  }
}

// --- one for each kind of mutation

const QueueNote* QueueBook::NoteOf(const Mutation& m, NoteKind kind) const {
  if (m.notes == nullptr) return nullptr;
  for (const QueueNote& note : m.notes->list) {
    if (note.kind == kind) return &note;
  }
  return nullptr;
}

void QueueBook::Apply(const Mutation& m, const Actor& actor) {
  actor_ = actor;
  switch (m.kind) {
    case MutationKind::kQueue:
      for (const QueueNote& note : m.notes->list) ApplyNote(m, note);
      break;
    case MutationKind::kPush:
      ApplyPush(m);
      break;
    case MutationKind::kPop:
      ApplyPop(m);
      break;
    case MutationKind::kMove:
      ApplyMove(m, actor);
      break;
    case MutationKind::kListSet:
      ApplyListSet(m);
      break;
    case MutationKind::kListInsert:
      ApplyArrival(m.db, m.key, 1);
      break;
    case MutationKind::kListRemove:
      ApplyListRemove(m);
      break;
    case MutationKind::kTrim:
      ApplyTrim(m);
      break;
    case MutationKind::kSet:
    case MutationKind::kDelete:
      ApplyGone(m.db, m.key, Outcome::kRemoved);
      break;
    case MutationKind::kRename:
      ApplyRename(m);
      break;
    case MutationKind::kCopy: {
      const int64_t elements = LengthOf(m.db, m.key);
      ApplyGone(m.other_db, m.other, Outcome::kRemoved);
      ApplyArrival(m.other_db, m.other, elements);
      break;
    }
    case MutationKind::kMoveToDb: {
      const int64_t elements = LengthOf(m.db, m.key);
      ApplyGone(m.db, m.key, Outcome::kForwarded);
      ApplyArrival(m.other_db, m.key, elements);
      break;
    }
    case MutationKind::kSwapDb:
      ApplySwapDb(m);
      break;
    case MutationKind::kFlushDb:
      ApplyFlush(m.db);
      break;
    case MutationKind::kFlushAll:
      ApplyFlush(std::nullopt);
      break;
    case MutationKind::kAppend:
    case MutationKind::kSetRange:
    case MutationKind::kExpireAt:
    case MutationKind::kPersist:
      break;
  }
}

// Elements that have come into a queue without having been there before.
void QueueBook::ApplyArrival(uint32_t db, const KeyRef& key, int64_t elements) {
  if (elements == 0) return;
  const uint32_t list = Resolve(db, key);
  if (list == kNone) return;
  if (List::QueueState* queue = Changing(list); queue != nullptr) {
    queue->account.enqueued += static_cast<uint64_t>(elements);
  }
}

void QueueBook::ApplyGone(uint32_t db, const KeyRef& key, Outcome outcome) {
  const uint32_t list = Resolve(db, key);
  if (list != kNone) EveryElementLeft(list, key, outcome);
}

void QueueBook::ApplyPush(const Mutation& m) {
  if (m.notes == nullptr) return ApplyArrival(m.db, m.key, static_cast<int64_t>(m.values.size()));
  int64_t placed = 0;
  for (const QueueNote& note : m.notes->list) {
    if (note.kind != NoteKind::kPlace) continue;
    uint32_t list = Resolve(m.db, m.key);
    if (list == kNone) {
      list = LookUpRole(AddList(m.db, m.key.name));
    }
    Place(m, note, list);
    ++placed;
  }
  ApplyArrival(m.db, m.key, static_cast<int64_t>(m.values.size()) - placed);
}

void QueueBook::ApplyPop(const Mutation& m) {
  const uint32_t list = Resolve(m.db, m.key);
  if (list == kNone) return;
  const Entry* entry = keyspace_.Find(m.db, m.key);
  if (!IsList(entry)) return;
  if (NoteOf(m, NoteKind::kByValue) != nullptr) {
    const bool left = m.from == Side::kLeft;
    const std::string_view element = left ? entry->list().Front() : entry->list().Back();
    Mutation removal = Mutation::ListRemove(m.db, m.key, left ? 1 : -1, element);
    removal.notes = m.notes;
    return ApplyListRemove(removal);
  }
  const ListView view = entry->list();
  const int64_t kept = view.size() - std::min(m.a, view.size());
  AllButLeft(list, view, m.from == Side::kLeft ? view.size() - kept : 0, kept, Outcome::kRemoved);
}

void QueueBook::ApplyTrim(const Mutation& m) {
  const uint32_t list = Resolve(m.db, m.key);
  if (list == kNone) return;
  const Entry* entry = keyspace_.Find(m.db, m.key);
  if (!IsList(entry)) return;
  const int64_t size = entry->list().size();
  const int64_t start = std::max<int64_t>(m.a < 0 ? m.a + size : m.a, 0);
  const int64_t stop = std::min(m.b < 0 ? m.b + size : m.b, size - 1);
  AllButLeft(list, entry->list(), start > stop ? 0 : start, start > stop ? 0 : stop - start + 1, Outcome::kRemoved);
}

void QueueBook::ApplyMove(const Mutation& m, const Actor& actor) {
  if (m.key.name == m.other.name) return;  // turns round in one list: nothing is handed out
  const uint32_t from = Resolve(m.db, m.key);
  const Entry* entry = keyspace_.Find(m.db, m.key);
  if (!IsList(entry)) return;
  if (const QueueNote* note = NoteOf(m, NoteKind::kLease); note != nullptr) return Lease(m, *note, actor);
  if (from != kNone) {
    const std::string_view element = m.from == Side::kLeft ? entry->list().Front() : entry->list().Back();
    const PayloadHash payload = HashOf(element);
    uint32_t slot = kNone;
    if (const QueueNote* note = NoteOf(m, NoteKind::kSettle); note != nullptr) slot = Find(note->message.id);
    if (slot == kNone) {
      if (const auto one = OldestEqual(from, payload, 1); !one.empty()) slot = one.front();
    }
    if (slot != kNone) {
      uint32_t to = Resolve(m.db, m.other);
      const uint32_t source = messages_.at(slot).source;
      const List& queue = lists_[source];
      const bool same_db = queue.db == m.db;
      if (to == source) {
        Message& message = messages_.Edit(slot);
        message.reason = ReturnReason::kMovedBack;
        return SetState(slot, to, MessageState::kReady, INT64_MAX);
      }
      const bool dead = same_db && queue.policy != nullptr && queue.policy->IsDeadLetter(m.other.name);
      const bool leased = same_db && queue.policy != nullptr && queue.policy->LeasesInto(queue.name, m.other.name) &&
                          messages_.at(slot).state == MessageState::kLeased;
      if (dead || leased) {
        if (to == kNone) to = AddList(m.db, m.other.name);
        to = LookUpRole(to);
        return SetState(slot, to, dead ? MessageState::kDead : MessageState::kLeased,
                        dead ? INT64_MAX : messages_.at(slot).at_ms);
      }
    }
    slot != kNone ? Settle(slot, Outcome::kForwarded) : ElementsLeft(from, payload, 1, Outcome::kForwarded);
  }
  ApplyArrival(m.db, m.other, 1);
}

void QueueBook::ApplyListSet(const Mutation& m) {
  const uint32_t list = Resolve(m.db, m.key);
  if (list == kNone || lists_[list].records == 0) return;
  const Entry* entry = keyspace_.Find(m.db, m.key);
  if (!IsList(entry)) return;
  const int64_t size = entry->list().size();
  const int64_t index = m.a < 0 ? m.a + size : m.a;
  if (index < 0 || index >= size) return;
  const std::vector<uint32_t> slots = OldestEqual(list, HashOf(entry->list().At(index)), 1);
  if (slots.empty()) return;
  messages_.SetPayload(slots.front(), HashOf(m.value));
}

void QueueBook::ApplyListRemove(const Mutation& m) {
  const uint32_t list = Resolve(m.db, m.key);
  if (list == kNone) return;
  if (const QueueNote* note = NoteOf(m, NoteKind::kLeave); note != nullptr) {
    if (const uint32_t slot = Find(note->message.id); slot != kNone) {
      Uncount(slot);
      messages_.Leave(slot);
      DropIfUnused(list);
    }
    return;
  }
  const Entry* entry = keyspace_.Find(m.db, m.key);
  if (!IsList(entry)) return;
  int64_t removed = 1;
  if (m.a != 1 && m.a != -1) {
    removed = entry->list().FindEqual(m.value, RemovesFrom(m.a), RemovesAtMost(m.a)).count;
  }
  if (m.notes != nullptr) {
    for (const QueueNote& note : m.notes->list) {
      if (note.kind != NoteKind::kSettle && note.kind != NoteKind::kSettleLate) continue;
      const uint32_t slot = Find(note.message.id);
      if (slot == kNone) continue;
      --removed;
      const bool late = note.kind == NoteKind::kSettleLate || messages_.at(slot).state != MessageState::kLeased;
      List::QueueState* queue = QueueOf(messages_.at(slot).source);
      if (late && queue != nullptr) ++queue->account.late_acks;
      Settle(slot, Outcome::kAcked, late);
    }
  }
  // In a queue, LREM takes away what nobody has done; elsewhere it says that it is done.
  const Outcome outcome = lists_[list].queue != nullptr ? Outcome::kRemoved : Outcome::kAcked;
  if (removed > 0) ElementsLeft(list, HashOf(m.value), static_cast<size_t>(removed), outcome);
}

void QueueBook::ApplyRename(const Mutation& m) {
  if (m.key.name == m.other.name) return;
  const int64_t elements = LengthOf(m.db, m.key);
  ApplyGone(m.db, m.other, Outcome::kRemoved);
  const uint32_t from = Resolve(m.db, m.key);
  if (from == kNone) return ApplyArrival(m.db, m.other, elements);
  if (lists_[from].queue != nullptr || lists_[from].records == 0) {
    // What is leased comes back to the queue's name, whatever stands there then.
    EveryElementLeft(from, m.key, Outcome::kForwarded);
    return ApplyArrival(m.db, m.other, elements);
  }
  const uint32_t to = Resolve(m.db, m.other);
  if (to != kNone && lists_[to].queue != nullptr) {
    // Leases do not follow into a queue.
    EveryElementLeft(from, m.key, Outcome::kForwarded);
    return ApplyArrival(m.db, m.other, elements);
  }
  if (to != kNone) DropIfUnused(to);  // what stood there is gone
  RenameList(from, m.db, m.other.name);
  (void)LookUpRole(from);
}

void QueueBook::ApplySwapDb(const Mutation& m) {
  if (m.db == m.other_db) return;
  std::vector<std::pair<uint32_t, uint32_t>> moved;
  for (uint32_t number = 0; number < lists_.size(); ++number) {
    List& list = lists_[number];
    if (!list.used || (list.db != m.db && list.db != m.other_db)) continue;
    numbers_.erase(std::pair(list.db, list.name));
    list.db = list.db == m.db ? m.other_db : m.db;
    moved.emplace_back(number, list.db);
  }
  for (const auto& [number, db] : moved) numbers_[std::pair(db, lists_[number].name)] = number;
  woken_all_ = true;
  plain_.fill({});
}

// --- notes

void QueueBook::Lease(const Mutation& m, const QueueNote& note, const Actor& actor) {
  const uint32_t from = Resolve(m.db, m.key);
  if (from == kNone) return;  // its policy is gone
  const Entry* entry = keyspace_.Find(m.db, m.key);
  uint32_t slot = Find(note.message.id);
  if (slot == kNone) {
    const std::string_view element = m.from == Side::kLeft ? entry->list().Front() : entry->list().Back();
    Message message = note.message;
    message.set_payload(HashOf(element));
    message.source = from;
    message.deliveries = message.failures = 0;
    slot = messages_.Add(message);
  }
  uint32_t to = Resolve(m.db, m.other);
  if (to == kNone) to = AddList(m.db, m.other.name);
  to = LookUpRole(to);
  Uncount(slot);
  messages_.Leave(slot);
  Message& message = messages_.Edit(slot);
  message.deliveries = static_cast<uint16_t>(std::min<uint32_t>(message.deliveries + 1u, UINT16_MAX));
  message.lease_ms = note.message.lease_ms;
  message.holder = actor.connection;
  message.side = m.from;
  message.granted = false;
  if (List::QueueState* queue = QueueOf(message.source); queue != nullptr) ++queue->account.delivered;
  SetState(slot, to, MessageState::kLeased, note.message.at_ms);
  last_leased_id_ = messages_.at(slot).id;
  NoteId(last_leased_id_);
  if (actor.connection != 0) {
    messages_.StopTimer(slot);
    delivery_ = Delivery{last_leased_id_, ++deliveries_, actor.connection, messages_.at(slot).deliveries};
  }
  // Sooner or later its messages will be looked for by value.
  if (lists_[to].records % kIndexAskedEvery == 0) (void)keyspace_.FindsQuickly(m.db, m.other);
  Hold(slot, lists_[from].policy);
}

void QueueBook::Hold(uint32_t slot, const Policy* policy) {
  const Message& message = messages_.at(slot);
  if (policy == nullptr || policy->grace_ms < 0 || message.holder == 0) return;
  std::vector<uint64_t>& ids = held_[message.holder];
  ids.push_back(message.id);
  // What was settled meanwhile goes now and then.
  if (ids.size() < 64 || (ids.size() & (ids.size() - 1)) != 0) return;
  std::erase_if(ids, [&](uint64_t id) {
    const uint32_t held = Find(id);
    return held == kNone || messages_.at(held).holder != message.holder;
  });
}

void QueueBook::Place(const Mutation& m, const QueueNote& note, uint32_t list) {
  uint32_t slot = Find(note.message.id);
  List::QueueState* queue = Changing(slot == kNone ? list : messages_.at(slot).source);
  if (slot == kNone) {
    // Acknowledged and pushed again in one batch: it was not settled after all.
    if (queue == nullptr) return;
    if (queue->account.acked > 0) --queue->account.acked;
    Message again = note.message;
    again.set_payload(HashOf(m.values.front()));
    again.source = list;
    slot = messages_.Add(again);
  }
  if (queue != nullptr) {
    const bool returned = note.value == kCountsReturn;
    queue->account.expired += returned && note.message.reason == ReturnReason::kExpired;
    queue->account.nacked += returned && (note.message.reason == ReturnReason::kNack ||
                                          note.message.reason == ReturnReason::kPushedAgain);
    queue->account.delivered -= note.value == kUncountsDelivery && queue->account.delivered > 0;
  }
  if (note.message.deliveries == 0 && note.message.state == MessageState::kReady) {
    // Nobody was ever given it, as far as anybody knows: it needs no record.
    Uncount(slot);
    messages_.Remove(slot);
    return;
  }
  Message& message = messages_.Edit(slot);
  message.failures = note.message.failures;
  message.deliveries = note.message.deliveries;
  message.reason = note.message.reason;
  message.granted = false;
  SetState(slot, list, note.message.state, note.message.at_ms);
}

void QueueBook::Extend(const Message& extended) {
  const uint32_t slot = Find(extended.id);
  if (slot == kNone) return;
  const int64_t held_ms = HeldMs(slot, 0);
  Message& message = messages_.Edit(slot);
  message.lease_ms = extended.lease_ms;
  message.granted = false;
  messages_.SetTime(slot, extended.at_ms);
  List::QueueState* queue = QueueOf(message.source);
  if (message.state != MessageState::kLeased || queue == nullptr || HeldMs(slot, 0) >= held_ms) return;
  // It is held anew.
  messages_.MoveToEnd(slot, queue->by_age);
}

void QueueBook::Grant(int64_t now_ms) {
  constexpr int64_t kGrantMs = 10'000;
  for (uint32_t slot = 0; slot < messages_.slots(); ++slot) {
    const Message& message = messages_.at(slot);
    if (message.id == 0 || message.state != MessageState::kLeased) continue;
    const int64_t lease_ms = message.lease_ms;
    int64_t at_ms = std::min(message.at_ms, now_ms + lease_ms);  // the clock may have been set back
    if (!message.granted) at_ms = std::max(at_ms, now_ms + std::min(lease_ms, kGrantMs));
    if (at_ms == message.at_ms) continue;
    Message& granted = messages_.Edit(slot);
    granted.granted = true;
    // It has been held since when it was, however long it lasts now.
    const int64_t longer_ms = std::max<int64_t>(at_ms - message.at_ms, 0);
    granted.lease_ms = static_cast<uint32_t>(std::min<int64_t>(lease_ms + longer_ms, UINT32_MAX));
    messages_.SetTime(slot, at_ms);
  }
}

void QueueBook::ApplyNote(const Mutation& m, const QueueNote& note) {
  switch (note.kind) {
    case NoteKind::kExtend:
      Extend(note.message);
      break;
    case NoteKind::kGrant:
      Grant(static_cast<int64_t>(note.value));
      break;
    case NoteKind::kIds:
      NoteId(note.value);
      break;
    case NoteKind::kHashSeed:
      hash_seed_ = note.value;
      hash_seed_known_ = true;
      keyspace_.UseElementSeed(hash_seed_);
      break;
    case NoteKind::kPolicy: {
      std::vector<std::string_view> words(note.words.begin(), note.words.end());
      auto policy = Policy::Parse(words);
      CHECK(policy.ok());  // whoever made the note has looked
      policies_.Set(std::move(*policy));
      PoliciesChanged();
      break;
    }
    case NoteKind::kPolicyRemove:
      policies_.Remove(note.words.at(0));
      PoliciesChanged();
      break;
    case NoteKind::kForget:
      Forget(m.db, note.words.at(0));
      break;
    case NoteKind::kList: {
      uint32_t number = NumberOf(m.db, note.words.at(0));
      if (number == kNone) number = AddList(m.db, note.words.at(0));
      restored_numbers_[note.value] = number;
      break;
    }
    case NoteKind::kAccount: {
      const auto found = restored_numbers_.find(note.value);
      if (found == restored_numbers_.end()) break;
      found->second = LookUpRole(found->second);
      if (List::QueueState* queue = Changing(found->second); queue != nullptr) queue->account = note.account;
      break;
    }
    case NoteKind::kMessage: {
      const auto list = restored_numbers_.find(note.message.list);
      const auto source = restored_numbers_.find(note.message.source);
      if (list == restored_numbers_.end() || source == restored_numbers_.end()) break;
      NoteId(note.message.id);
      if (Find(note.message.id) != kNone) break;
      Message message = note.message;
      message.source = source->second;
      message.holder = 0;
      const uint32_t slot = messages_.Add(message);
      SetState(slot, list->second, message.state, message.at_ms);
      break;
    }
    case NoteKind::kLease:
    case NoteKind::kSettle:
    case NoteKind::kSettleLate:
    case NoteKind::kLeave:
    case NoteKind::kPlace:
    case NoteKind::kByValue:
      CHECK(false);  // stand beside commands
  }
}

}  // namespace baton
