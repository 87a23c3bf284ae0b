#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/keyspace.h"
#include "queue/hold_times.h"
#include "queue/message_table.h"
#include "queue/note.h"
#include "queue/policy.h"
#include "queue/transfer.h"

namespace baton {

class QueueSnapshot;

// What the server knows of messages beyond the lists that they stand in: policies, records, accounts.
//
// Plan says what a change means (who gets a lease, which of several equal messages an LREM acknowledges), as notes
// beside the mutation; Apply follows the mutation and its notes, in a live server and when a log is replayed. So replay
// needs no clock and no policy that has changed since. Apply looks at the keyspace as it is before the mutation.
//
// Times are milliseconds of the wall clock as it was at the start of the process, plus monotonic time since: they do
// not jump. Loop thread only.
class QueueBook {
 public:
  QueueBook(Keyspace& keyspace, uint64_t random_seed);
  ~QueueBook();
  QueueBook(const QueueBook&) = delete;
  QueueBook& operator=(const QueueBook&) = delete;

  // False: there are no policies and no records, and no mutation concerns the book.
  bool active() const { return !policies_.empty() || messages_.size() > 0; }

  const PolicyTable& policies() const { return policies_; }

  // Who does it, and when.
  struct Actor {
    int64_t now_ms = 0;
    uint32_t connection = 0;
  };
  // Adds to `notes` what Apply cannot know by itself. A move's `a` is the length of its lease, 0: the policy's.
  void Plan(const Mutation& mutation, const Actor& actor, QueueNotes* notes);
  // Between commands of one batch Plan remembers what was acknowledged and may be pushed again.
  void EndBatch() { acknowledged_.clear(); }
  void Apply(const Mutation& mutation, const Actor& actor);

  // A managed queue that has handed out all that it may: its source is to be taken for empty.
  bool LeaseRefused(uint32_t db, const KeyRef& from, const KeyRef& to, uint32_t connection);
  // What the last refusal was for.
  enum class Refusal : uint8_t { kNone, kFull, kHolds };  // MAXINFLIGHT; PERCONSUMER
  Refusal TakeRefusal() { return std::exchange(refusal_, Refusal::kNone); }
  // False: for MAXINFLIGHT it would hand out nothing to anybody.
  bool HasRoom(uint32_t db, const KeyRef& queue);
  // Queues that may hand out again since the last call, and who has given something back there (0: nobody knows).
  struct Woken {
    uint32_t list;
    uint32_t connection;
  };
  std::vector<Woken> TakeWoken() { return woken_.empty() ? std::vector<Woken>() : std::exchange(woken_, {}); }
  // Any queue may.
  bool TakeWokenAll() { return std::exchange(woken_all_, false); }

  // --- messages. A slot is good until the next Apply.
  static constexpr uint32_t kNone = MessageTable::kNone;
  const MessageTable& messages() const { return messages_; }
  uint32_t Find(uint64_t id) const {
    const uint32_t slot = messages_.Find(id);
    return slot == kNone || IsGone(slot) ? kNone : slot;
  }
  // How many there are.
  size_t records() const { return messages_.size() - gone_; }
  int64_t RecordsIn(uint32_t db, std::string_view list) const {
    const uint32_t number = NumberOf(db, list);
    return number == kNone ? 0 : lists_[number].records;
  }
  // Its element went with many others at once; its record is swept up later.
  bool IsGone(uint32_t slot) const { return gone_ > 0 && HasGone(messages_.at(slot)); }
  // The message that was handed out last.
  uint64_t last_leased_id() const { return last_leased_id_; }

  // --- deliveries whose client has not heard of them. Their leases do not run until StartLease says that the reply has
  // gone.
  // The one that the last Apply made, once.
  std::optional<Delivery> TakeDelivery() { return std::exchange(delivery_, std::nullopt); }
  // kNone: it is over, by whatever came in between.
  uint32_t SlotOf(const Delivery& delivery) const;
  // The lease runs from now on, for its whole length. Returns how long that is after it was made.
  int64_t StartLease(uint32_t slot, int64_t now_ms);
  // The element of a record, as it stands in its list. Most who ask are about to take it away, so what that will look at is
  // asked for ahead. nullopt: the book and the lists disagree, which is a bug.
  std::optional<std::string_view> PayloadOf(uint32_t slot);
  // An LREM, or the like, of `payload` at `list` is near. Of very many records it meets one that is in no cache: what it
  // will look at is asked for ahead. Twice, with some work in between; the second time finds what the first has brought.
  struct Expected {
    uint32_t list = kNone;  // kNone: nothing of it concerns the book
    PayloadHash payload{};
  };
  Expected Expect(uint32_t db, std::string_view list, std::string_view payload) const;
  void Fetch(const Expected& expected) const {
    if (expected.list != kNone) messages_.PrefetchRecord(expected.list, expected.payload);
  }
  // A record of `payload` at `list`, the one that an LREM of `connection` would settle.
  uint32_t FindByPayload(uint32_t db, std::string_view list, std::string_view payload, uint32_t connection);
  // LREM of what is not in `list` any more: the message that came back, or was handed out again into another list, which
  // its consumer means; else kNone.
  uint32_t FindLate(uint32_t db, std::string_view list, std::string_view payload);

  // --- COALESCE
  // Whether what is pushed there may be given back instead.
  bool Coalesces(uint32_t db, const KeyRef& queue);
  // A message of that queue that this connection holds and pushes again, else kNone.
  uint32_t FindHeld(uint32_t db, const KeyRef& queue, std::string_view payload, uint32_t connection);
  // It is given back; the connection may ask for its LREM yet.
  void NotePushedAgain(const QueueTransfer& transfer, uint32_t connection);
  // LREM of what this connection has pushed again, so that it is not in `list` any more: once for each such push.
  bool TakePushedAgain(uint32_t db, const KeyRef& list, std::string_view payload, uint32_t connection);

  enum class GiveBack : uint8_t { kExpired, kNack, kSilentNack, kPushedAgain };
  // ADOPT: elements that stand without a record in the processing lists of a policy's queue are leased from now on, those
  // of its delayed list are due at once. In pieces, oldest first; between them no list changes. False: that was all.
  struct Adoption {
    size_t list = 0;     // of those that serve the queue
    int64_t passed = 0;  // of its elements
    // Of each payload that was met, how many elements are still to come that had a record before.
    absl::flat_hash_map<std::pair<uint64_t, uint32_t>, size_t> known;
  };
  bool PlanAdoption(const Policy& policy, uint32_t db, int64_t now_ms, Adoption* adoption, QueueNotes* notes);
  // Whether elements can be put there: into a list, or where nothing is.
  bool TargetFits(uint32_t db, std::string_view name) const;
  // What is to be done with a message that its consumer does not hold any longer. `delay_ms` < 0: as the policy says.
  // False: it cannot be done now (the target is of another type).
  bool PlanReturn(uint32_t slot, GiveBack why, int64_t now_ms, int64_t delay_ms, QueueTransfer* transfer);
  // The client was never told of its delivery: the message goes back to where it was taken from, and has not been
  // handed out.
  bool PlanUndo(uint32_t slot, QueueTransfer* transfer);
  // A delayed message is due, or a dead one is wanted again.
  bool PlanReady(uint32_t slot, std::string_view queue, bool reset, ReturnReason reason, QueueTransfer* transfer);

  // --- time
  // When TakeDue has something to do, or may have; INT64_MAX: never.
  int64_t next_due_ms() const;
  enum class Due : uint8_t { kNothing, kCollecting, kMessage };
  // The next message whose lease has ended or whose delay is over. Of those whose time has come together the one handed
  // out last comes first, so that they stand in their old order when all are back at the end that they were taken from.
  Due TakeDue(int64_t now_ms, uint32_t* slot);
  // How many elements PayloadOf walks over; 0 unless the list is long and still being indexed.
  int64_t WalkFor(uint32_t slot);
  bool FindsQuickly(uint32_t slot) { return WalkFor(slot) == 0; }
  // Nothing could be done with it yet: TakeDue hands it out again.
  void TakeAgain(uint32_t slot);
  // It could not be given back: it stays where it is, and is looked at again.
  void Postpone(uint32_t slot, int64_t now_ms);
  // Whether its time is waited for, or has come and is about to be seen to.
  bool IsWaitedFor(uint32_t slot) const;

  // The connection has ended.
  void ForgetConnection(uint32_t connection) { pushed_again_.erase(connection); }
  // Ids of the messages that a connection holds under a policy with GRACE.
  std::vector<uint64_t> HeldWithGrace(uint32_t connection);
  uint32_t HeldBy(uint32_t source, uint32_t connection) const;

  // --- queues, for people
  struct Queue {
    uint32_t number = 0;
    uint32_t db = 0;
    std::string name;
    const Policy* policy = nullptr;
    QueueAccount account;
    uint64_t ready = 0, leased = 0, delayed = 0, dead = 0;
    uint64_t unleased = 0;  // elements of the policy's one processing list that no record is about
    int64_t oldest_age_ms = 0;
    int64_t hold_p50_ms = 0, hold_p99_ms = 0;
    uint64_t expired_held = 0;
    int64_t lateness_max_ms = 0;
    double enqueued_rate = 0, delivered_rate = 0, acked_rate = 0, expired_rate = 0;
    bool balanced() const {
      const QueueAccount& a = account;
      return a.enqueued + a.adopted == ready + leased + delayed + dead + a.acked + a.removed + a.forwarded + a.dropped;
    }
  };
  // nullopt: no managed queue has that name.
  std::optional<Queue> Describe(uint32_t db, std::string_view name, int64_t now_ms);
  // Every queue that something has happened to.
  std::vector<Queue> DescribeAll(int64_t now_ms);
  // Once a second: rates, of some of the queues that have changed lately. True when some are left.
  bool Tick(int64_t now_ms);
  // Queues that have had nothing in them and have not changed for an hour, some at a time; those that `is_wanted` says
  // somebody uses stay. To be committed: their accounts end.
  std::vector<uint32_t> TakeUnused(int64_t now_ms, const std::function<bool(uint32_t db, std::string_view name)>& is_wanted);
  // The lease of this message has ended while its connection was there.
  void NoteExpiredHeld(uint32_t slot);
  std::string_view NameOf(uint32_t list) const { return lists_[list].name; }
  const Policy* PolicyOf(uint32_t list) const { return lists_[list].policy; }
  uint32_t DbOf(uint32_t list) const { return lists_[list].db; }
  // The messages that a queue has handed out, those that are held longest first, from the skip-th on; until `visit(slot)`
  // returns false.
  void VisitLeased(uint32_t queue, uint64_t skip, const std::function<bool(uint32_t slot)>& visit) const;
  int64_t HeldMs(uint32_t slot, int64_t now_ms) const {
    return now_ms - (messages_.at(slot).at_ms - messages_.at(slot).lease_ms);
  }
  // kNone when the book has no number for it.
  uint32_t NumberOf(uint32_t db, std::string_view name) const;

  // Of records, and about as much as queues take.
  size_t allocated_bytes() const;

  // The next slice of what many that went at once have left behind; true when there is more.
  bool SweepSome();
  // Of how many elements that go at once each is looked at, so that nothing need be swept up; for tests.
  void set_looked_at_each(int64_t elements) { looked_at_each_ = elements; }

  // --- persistence
  // When a log has been loaded.
  void EndLoad();
  // To be logged before the first record is made.
  QueueNote HashSeedNote() const;
  bool hash_seed_known() const { return hash_seed_known_; }
  std::unique_ptr<QueueSnapshot> TakeSnapshot();
  void ReleaseSnapshot(std::unique_ptr<QueueSnapshot> snapshot);
  // Forgets everything, before a log is loaded anew.
  void Clear();

 private:
  struct List {
    uint32_t db = 0;
    std::string name;
    uint64_t epoch = 0;  // of the policies, when role and policy were found
    ListRole role = ListRole::kPlain;
    const Policy* policy = nullptr;
    uint32_t records = 0;
    bool used = false;
    // Not in use any more, but some records that are gone still name it.
    bool retired = false;
    // Ready messages have it as their time; those that have another one are gone.
    int64_t generation = INT64_MAX;
    // Of queues.
    struct QueueState;
    std::unique_ptr<QueueState> queue;
  };

  static constexpr size_t kPlainCache = 1024;  // a power of two

  // book_lists.cc
  // The list's number if it concerns the book, else kNone.
  uint32_t Resolve(uint32_t db, const KeyRef& key);
  uint32_t Resolve(uint32_t db, std::string_view name) { return Resolve(db, keyspace_.Ref(name)); }
  uint32_t AddList(uint32_t db, std::string_view name);
  uint32_t LookUpRole(uint32_t number);
  void RefreshRole(uint32_t number);
  uint32_t BecomeQueue(uint32_t number);
  void DropIfUnused(uint32_t number);
  void RenameList(uint32_t number, uint32_t db, std::string_view name);
  void PoliciesChanged();
  const Entry* ListEntry(uint32_t db, std::string_view name) const;
  int64_t LengthOf(uint32_t db, const KeyRef& key) const;
  List::QueueState* QueueOf(uint32_t number) { return lists_[number].queue.get(); }
  // The same, of a queue that is about to change.
  List::QueueState* Changing(uint32_t number);
  bool IsForgettable(uint32_t number) const;
  void Forget(uint32_t db, std::string_view name);

  // book_gone.cc: many at once
  bool HasGone(const Message& message) const;
  void EveryElementLeft(uint32_t list, const KeyRef& key, Outcome outcome);
  void AllButLeft(uint32_t list, const ListView& view, int64_t kept_start, int64_t kept_count, Outcome outcome);
  void AllButLeftAtOnce(uint32_t list, const ListView& view, int64_t kept_start, int64_t kept_count, Outcome outcome);
  std::vector<uint32_t> ThoseThatStay(uint32_t list, const ListView& view, int64_t start, int64_t count) const;
  void QueueLost(uint32_t list, int64_t elements, const std::vector<uint32_t>& staying, Outcome outcome);
  void ServingListLost(uint32_t list, const std::vector<uint32_t>& staying, Outcome outcome);
  void DropQueue(uint32_t number);
  void ApplyFlush(std::optional<uint32_t> db);
  void Retire(uint32_t number);
  void DropGone(uint32_t slot);

  // book_apply.cc
  PayloadHash HashOf(std::string_view payload) const;
  uint64_t NewId(int64_t now_ms);
  void NoteId(uint64_t id) { next_id_ = std::max(next_id_, id + 1); }
  uint32_t Choose(uint32_t list, const PayloadHash& payload, uint32_t connection) const;
  using Visit = std::function<void(uint32_t slot)>;
  void ForEachEqualOf(uint32_t queue, const PayloadHash& payload, const Visit& visit) const;
  void ForEachEqualLeasedInto(uint32_t db, std::string_view list, const PayloadHash& payload, const Visit& visit) const;
  std::vector<uint32_t> OldestEqual(uint32_t list, const PayloadHash& payload, size_t count) const;
  void ElementsLeft(uint32_t list, const PayloadHash& payload, size_t count, Outcome outcome);
  void RunLeft(uint32_t list, const ListView& view, int64_t start, int64_t count, Outcome outcome);
  void ApplyPush(const Mutation& m);
  void ApplyPop(const Mutation& m);
  void ApplyMove(const Mutation& m, const Actor& actor);
  void ApplyListSet(const Mutation& m);
  void ApplyListRemove(const Mutation& m);
  void ApplyTrim(const Mutation& m);
  void ApplyRename(const Mutation& m);
  void ApplyArrival(uint32_t db, const KeyRef& key, int64_t elements);
  void ApplyGone(uint32_t db, const KeyRef& key, Outcome outcome);
  void ApplySwapDb(const Mutation& m);
  void ApplyNote(const Mutation& m, const QueueNote& note);
  const QueueNote* NoteOf(const Mutation& m, NoteKind kind) const;

  // --- records and their counts
  static uint64_t& FlowOf(QueueAccount& account, Outcome outcome);
  void SkipIds();
  void SetState(uint32_t slot, uint32_t list, MessageState state, int64_t at_ms);
  void Settle(uint32_t slot, Outcome outcome, bool late = false);
  void LetHolderGo(const Message& message);
  void Uncount(uint32_t slot);
  void Count(uint32_t slot);
  void Lease(const Mutation& m, const QueueNote& note, const Actor& actor);
  void Place(const Mutation& m, const QueueNote& note, uint32_t list);
  void Extend(const Message& extended);
  void Grant(int64_t now_ms);
  void NameChoice(uint32_t slot, QueueNotes* notes) const;
  bool SetTransfer(uint32_t slot, std::string_view to, Side side, QueueNote place, QueueTransfer* transfer);
  void Hold(uint32_t slot, const Policy* policy);

  Keyspace& keyspace_;
  uint64_t random_seed_;
  Actor actor_;  // of the mutation that is being applied
  PolicyTable policies_;
  MessageTable messages_;
  std::vector<List> lists_;
  std::vector<uint32_t> free_lists_, retired_lists_;
  size_t gone_ = 0;        // records to be swept up
  uint32_t swept_to_ = 0;  // a slot
  int64_t looked_at_each_ = 1000;
  struct NameHash {
    using is_transparent = void;
    size_t operator()(const std::pair<uint32_t, std::string_view>& name) const {
      return std::hash<std::string_view>()(name.second) ^ name.first;
    }
  };
  struct NameEqual {
    using is_transparent = void;
    using Name = std::pair<uint32_t, std::string_view>;
    bool operator()(const Name& a, const Name& b) const { return a == b; }
  };
  absl::flat_hash_map<std::pair<uint32_t, std::string>, uint32_t, NameHash, NameEqual> numbers_;
  // Keys that no policy names, by hash.
  struct PlainKey {
    uint64_t hash = 0, epoch = 0;
    uint32_t db = 0;
  };
  std::array<PlainKey, kPlainCache> plain_{};

  std::vector<uint32_t> busy_;  // queues
  size_t ticked_to_ = 0;        // of busy_
  struct Quiet {
    uint32_t list;
    int64_t since_ms;
  };
  std::deque<Quiet> quiet_;
  size_t queues_ = 0;

  uint64_t next_id_ = 1, last_leased_id_ = 0;
  std::optional<Delivery> delivery_;
  uint64_t deliveries_ = 0;  // of this process
  uint64_t hash_seed_ = 0;
  bool hash_seed_known_ = false;

  struct DueMessage {
    uint32_t slot;
    uint64_t id;
    int64_t at_ms;
    bool operator<(const DueMessage& other) const { return std::pair(at_ms, id) < std::pair(other.at_ms, other.id); }
  };
  void AddDue(const DueMessage& due);
  std::vector<DueMessage> due_;  // a heap: the last one on top
  struct Postponed {
    DueMessage due;
    int64_t until_ms;
  };
  std::deque<Postponed> postponed_;  // all for as long, so in order
  int64_t due_until_ms_ = 0;
  bool collecting_ = false;

  struct Acknowledged {
    uint32_t source;
    PayloadHash payload;
    Message message;
  };
  std::vector<Acknowledged> acknowledged_;
  std::vector<Woken> woken_;
  bool woken_all_ = false;
  Refusal refusal_ = Refusal::kNone;
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, uint32_t> held_counts_;  // (queue, connection)
  absl::flat_hash_map<uint32_t, std::vector<uint64_t>> held_;
  struct PushedAgain {
    uint32_t db;
    uint64_t list;  // hash of its name
    PayloadHash payload;
  };
  absl::flat_hash_map<uint32_t, std::vector<PushedAgain>> pushed_again_;  // by connection
  absl::flat_hash_map<uint64_t, uint32_t> restored_numbers_;  // of lists, as notes number them
};

// The book as it was at one instant, for the rewriter's thread. It must go back through QueueBook::ReleaseSnapshot.
class QueueSnapshot {
 public:
  // Everything, as notes: each is valid during the call. Stops when `take` returns false.
  bool ForEachNote(const std::function<bool(uint32_t db, const QueueNote& note)>& take) const;

 private:
  friend class QueueBook;
  std::vector<std::pair<uint32_t, QueueNote>> first_;  // policies, lists, accounts
  MessagePages::View messages_;
  std::function<bool(const Message&)> has_gone_;  // empty: none has
};

}  // namespace baton
