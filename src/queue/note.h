#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "queue/message.h"

namespace baton {

// Where the messages of a queue have gone. At every moment
//   enqueued + adopted = ready + leased + delayed + dead + acked + removed + forwarded + dropped,
// where ready is the length of the list, and leased, delayed and dead are counted from the records.
struct QueueAccount {
  uint64_t enqueued = 0, adopted = 0;                              // in: pushed; there before the policy was
  uint64_t acked = 0, removed = 0, forwarded = 0, dropped = 0;     // out: see Outcome
  uint64_t delivered = 0, expired = 0, nacked = 0, late_acks = 0;  // what has happened on the way
};

enum class NoteKind : uint8_t {
  // --- beside a command
  kLease,   // a move: the element is handed out as message `id`, until at_ms
  kSettle,  // LREM, or a move that is no lease: of the records of that payload, it is about `id`
  kSettleLate,  // the same, after its lease had ended: the LREM is of another list than its consumer asked for
  kLeave,   // LREM: the element of `id` goes on in the next command
  kPlace,   // a push: its element is message `id`, in `state`, due at at_ms
  kByValue,  // a pop: it was LREM that took this element
  // --- on their own
  kExtend,        // the lease of `id` ends at at_ms
  kGrant,         // a start at `value` (wall clock, ms): leases that end too soon after it are prolonged, once
  kHashSeed,      // payload hashes of records start from `value`
  kPolicy,        // `words` are a policy
  kPolicyRemove,  // words[0] is its name
  kForget,        // the queue words[0] has been empty and unused for long: its account ends
  // --- in a base: how things stand
  kIds,      // ids up to `value` may have been given out
  kList,     // words[0] is the name of list number `value`, in the database of the record
  kAccount,  // of the queue that is list number `value`
  kMessage,  // a whole record
};

// What a kPlace note says to the account (`value`).
enum PlaceCounts : uint64_t {
  kCountsNothing = 0,
  kCountsReturn = 1,      // by its reason: expired, nacked
  kUncountsDelivery = 2,  // the last delivery never reached its client
};

// What Redis's commands cannot say about messages. Written to the log beside the command that it belongs to
// (log/note_record.h).
struct QueueNote {
  NoteKind kind;
  Message message{};  // the fields that the kind uses
  uint64_t value = 0;
  std::vector<std::string> words{};
  QueueAccount account{};
};

struct QueueNotes {
  std::vector<QueueNote> list;
};

}  // namespace baton
