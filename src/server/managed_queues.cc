// What commits mean to managed queues, and what time does to their messages. QueueBook decides; here it is carried out.

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "server/server.h"

namespace baton {
namespace {

constexpr int kGivenBackPerTurn = 200;  // a slice of about a millisecond
constexpr int64_t kLateStartMs = 1000;  // a lease that starts so late is written down anew

Mutation WithNotes(Mutation mutation, const QueueNotes& notes) {
  mutation.notes = &notes;
  return mutation;
}

}  // namespace

QueueBook::Actor Server::QueueActor() const {
  return {queue_now_ms(), current_ == nullptr ? 0 : static_cast<uint32_t>(current_->id)};
}

// A change while there are policies. What is replayed has been planned when it was made.
void Server::CarryManaged(const Mutation& mutation, uint64_t position) {
  if (mutation.kind != MutationKind::kQueue && !loading_ && !queues_.hash_seed_known()) {
    QueueNotes seed;
    seed.list.push_back(queues_.HashSeedNote());
    CarryManaged(Mutation::Queue(0, seed), position);
  }
  const QueueBook::Actor actor = QueueActor();
  QueueNotes notes;
  Mutation managed = mutation;
  std::vector<std::string_view> pushed;
  if (mutation.kind == MutationKind::kPush && mutation.notes == nullptr && current_ != nullptr &&
      queues_.Coalesces(mutation.db, mutation.key)) {
    pushed = GiveBackPushed(mutation);
    if (pushed.empty()) return;
    managed.values = pushed;
  }
  if (mutation.notes == nullptr && !loading_) {
    queues_.Plan(managed, actor, &notes);
    if (!notes.list.empty()) managed.notes = &notes;
  }
  QueueNotes by_value;
  if (mutation.kind == MutationKind::kListRemove && mutation.flag) {
    if (managed.notes != nullptr) by_value = *managed.notes;
    by_value.list.push_back({.kind = NoteKind::kByValue});
    managed.notes = &by_value;
  }
  queues_.Apply(managed, actor);
  if (const auto delivery = queues_.TakeDelivery()) {
    if (current_->untold == nullptr) current_->untold = std::make_unique<UntoldLeases>();
    current_->untold->Add(current_->reply_offset(), *delivery);
  }
  Carry(managed, position);
  WakeForQueues();
}

// COALESCE: what the client pushes again while it holds it is given back instead. Returns the rest.
std::vector<std::string_view> Server::GiveBackPushed(const Mutation& push) {
  std::vector<std::string_view> rest;
  for (std::string_view value : push.values) {
    const uint32_t slot = queues_.FindHeld(push.db, push.key, value, QueueActor().connection);
    QueueTransfer transfer;
    if (slot != QueueBook::kNone &&
        queues_.PlanReturn(slot, QueueBook::GiveBack::kPushedAgain, queue_now_ms(), -1, &transfer)) {
      queues_.NotePushedAgain(transfer, QueueActor().connection);
      CommitTransfer(transfer);
    } else {
      rest.push_back(value);
    }
  }
  return rest;
}

// Leases that have ended, delays that are over. True when there is more to do at once.
bool Server::TendQueues() {
  if (now_ns_ - queues_ticked_ns_ >= 1'000'000'000 && !queues_.Tick(queue_now_ms())) {
    queues_ticked_ns_ = now_ns_;
    ForgetUnusedQueues();
  }
  ShortenLeases();
  const bool more = queues_.SweepSome();
  WakeForQueues();
  EndCommand();
  // While the log is behind, what is given back could not be told to anybody.
  if (log_->congested()) return more;
  return UndoDeliveries() || GiveBackSome() || more;
}

void Server::ForgetUnusedQueues() {
  const auto is_waited_for = [this](uint32_t db, std::string_view name) { return waiters_.Count(db, name) > 0; };
  for (uint32_t queue : queues_.TakeUnused(queue_now_ms(), is_waited_for)) {
    const QueueNotes notes{{{.kind = NoteKind::kForget, .words = {std::string(queues_.NameOf(queue))}}}};
    const Mutation forget = Mutation::Queue(queues_.DbOf(queue), notes);
    Commit({&forget, 1});
  }
  EndCommand();
}

bool Server::GiveBackSome() {
  if (queues_.next_due_ms() > queue_now_ms()) return false;
  for (int i = 0; i < kGivenBackPerTurn; ++i) {
    uint32_t slot;
    switch (queues_.TakeDue(queue_now_ms(), &slot)) {
      case QueueBook::Due::kNothing:
        return false;
      case QueueBook::Due::kCollecting:
        return true;
      case QueueBook::Due::kMessage:
        if (!queues_.FindsQuickly(slot)) {
          queues_.TakeAgain(slot);
          return true;
        }
        GiveBackDue(slot);
        break;
    }
  }
  return true;
}

void Server::GiveBackDue(uint32_t slot) {
  QueueTransfer transfer;
  const Message& message = queues_.messages().at(slot);
  const bool planned =
      message.state == MessageState::kDelayed
          ? queues_.PlanReady(slot, std::string(queues_.NameOf(message.source)), false, ReturnReason::kNone, &transfer)
          : queues_.PlanReturn(slot, QueueBook::GiveBack::kExpired, queue_now_ms(), -1, &transfer);
  if (!planned) {
    queues_.Postpone(slot, queue_now_ms());
    return;
  }
  // For people: VISIBILITY may be too short.
  if (message.state == MessageState::kLeased && FindClient(message.holder) != nullptr) queues_.NoteExpiredHeld(slot);
  CommitTransfer(transfer);
  EndCommand();
}

// Replies are about to be sent, or were dropped: the leases in them run from now on.
void Server::StartLeases(Session& session) {
  QueueNotes late;
  const auto start = [&](const Delivery& delivery) {
    const uint32_t slot = queues_.SlotOf(delivery);
    if (slot == QueueBook::kNone) return;
    // A start gives every lease some seconds, so less than that need not be in the log.
    if (queues_.StartLease(slot, queue_now_ms()) < kLateStartMs) return;
    late.list.push_back({.kind = NoteKind::kExtend, .message = queues_.messages().at(slot)});
  };
  session.untold->Forget(session.sent_offset());
  session.untold->Release(session.sendable_offset(), start);
  session.untold->Drop(session.output().end_offset(), start);
  if (late.list.empty()) return;
  const Mutation extend = Mutation::Queue(0, late);
  Commit({&extend, 1});
}

void Server::ForEachUntold(const std::function<void(const Delivery&)>& visit) const {
  for (const auto& [id, session] : sessions_) {
    if (session->untold != nullptr) session->untold->ForEach(visit);
  }
  for (const Delivery& delivery : undone_) visit(delivery);
}

// The session goes. What it was told it holds on to, for as long as the policy says; what it was not told it never had.
void Server::LeaveLeases(Session& session) {
  gone_connections_.push_back(static_cast<uint32_t>(session.id));
  queues_.ForgetConnection(static_cast<uint32_t>(session.id));
  if (session.untold == nullptr) return;
  session.untold->Forget(session.sent_offset());
  session.untold->ForEach([&](const Delivery& delivery) { undone_.push_back(delivery); });
  std::sort(undone_.begin(), undone_.end(), [](const auto& a, const auto& b) { return a.turn < b.turn; });
}

// The last one first, so that all stand in their old order again. True when some are left.
bool Server::UndoDeliveries() {
  for (int i = 0; i < kGivenBackPerTurn && !undone_.empty(); ++i) {
    const uint32_t slot = queues_.SlotOf(undone_.back());
    if (slot != QueueBook::kNone && !queues_.FindsQuickly(slot)) break;
    undone_.pop_back();
    if (slot == QueueBook::kNone) continue;
    QueueTransfer transfer;
    if (queues_.PlanUndo(slot, &transfer)) {
      CommitTransfer(transfer);
    } else {
      queues_.StartLease(slot, queue_now_ms());  // it cannot go back: as if the client had been told
    }
  }
  EndCommand();
  return !undone_.empty();
}

uint64_t Server::CommitTransfer(const QueueTransfer& transfer) {
  const std::string_view payload = transfer.payload;
  // A target whose time is up is as good as gone, and must not take the message with it.
  const KeyRef target = keyspace_.Ref(transfer.to);
  const Entry* there = keyspace_.Find(transfer.db, target);
  if (there != nullptr && there->ExpiredAt(now_ms_)) ExpireKey(transfer.db, target);
  const Mutation moves[] = {
      WithNotes(Mutation::ListRemove(transfer.db, keyspace_.Ref(transfer.from), -1, payload), transfer.leave),
      WithNotes(Mutation::Push(transfer.db, keyspace_.Ref(transfer.to), transfer.side, {&payload, 1}), transfer.place)};
  return Commit(moves);
}

uint64_t Server::ExpireKey(uint32_t db, const KeyRef& key) {
  if (queues_.active()) SaveMessages(db, key);
  const Mutation gone = Mutation::Expire(db, key);
  if (keyspace_.Find(db, key) != nullptr) {
    Commit({&gone, 1});
  } else {  // without its last element the list is gone already
    TellOf(gone, log_->open_position());
  }
  return log_->open_position();
}

// A time to live never takes a message away unheard: what is leased goes back to its queue, what is ready becomes a dead
// letter where the policy has a place for those.
void Server::SaveMessages(uint32_t db, const KeyRef& key) {
  const Entry* entry = keyspace_.Find(db, key);
  if (entry == nullptr || entry->type() != ValueType::kList) return;
  const PolicyTable::Match match = queues_.policies().MatchKey(key.name);
  const bool ready = match.role == ListRole::kQueue;
  if (!ready && queues_.NumberOf(db, key.name) == QueueBook::kNone) return;
  std::vector<std::string> payloads;
  payloads.reserve(static_cast<size_t>(entry->list().size()));
  entry->list().ForEach(0, entry->list().size(), [&](std::string_view element) { payloads.emplace_back(element); });
  const std::string dead_letter = ready ? match.policy->dead_letter : "";
  const KeyRef target = keyspace_.Ref(dead_letter);
  const bool fits = !dead_letter.empty() && queues_.TargetFits(db, dead_letter);
  size_t saved = 0;
  for (size_t i = payloads.size(); i > 0; --i) {
    if (ready) {
      if (!fits) break;
      const Mutation move = Mutation::Move(db, key, target, Side::kRight, Side::kLeft);
      Commit({&move, 1});
      ++saved;
      continue;
    }
    const uint32_t slot = queues_.FindByPayload(db, key.name, payloads[i - 1], 0);
    QueueTransfer transfer;
    if (slot == QueueBook::kNone || queues_.messages().at(slot).state == MessageState::kDead ||
        !queues_.PlanReturn(slot, QueueBook::GiveBack::kSilentNack, queue_now_ms(), 0, &transfer)) {
      continue;
    }
    CommitTransfer(transfer);
    ++saved;
  }
  parts_.logger.Warning("the time to live of %s has ended: %llu of its %llu elements were saved as messages of a queue",
                        QuoteBytes(key.name).c_str(), static_cast<unsigned long long>(saved),
                        static_cast<unsigned long long>(payloads.size()));
}

// Whose connection has ended keeps what it holds for as long as ONDISCONNECT GRACE says.
void Server::ShortenLeases() {
  for (uint32_t connection : std::exchange(gone_connections_, {})) {
    QueueNotes notes;
    for (uint64_t id : queues_.HeldWithGrace(connection)) {
      const Message& message = queues_.messages().at(queues_.Find(id));
      const Policy* policy = queues_.PolicyOf(message.source);
      if (policy == nullptr || policy->grace_ms < 0) continue;
      const int64_t shorter_ms = message.at_ms - (queue_now_ms() + policy->grace_ms);
      if (shorter_ms <= 0) continue;
      // It ends sooner, and has been held since when it was.
      QueueNote note{.kind = NoteKind::kExtend, .message = message};
      note.message.at_ms -= shorter_ms;
      note.message.lease_ms -= static_cast<uint32_t>(std::min<int64_t>(shorter_ms, message.lease_ms));
      notes.list.push_back(std::move(note));
    }
    if (notes.list.empty()) continue;
    const Mutation shorten = Mutation::Queue(0, notes);
    Commit({&shorten, 1});
    EndCommand();
  }
}

}  // namespace baton
