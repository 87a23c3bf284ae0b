// The commands that consumers of managed queues use beside the plain list commands: messages by token. What leases are
// and what becomes of them is QueueBook's; the page for users is doc/queues.md.

#include <algorithm>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "base/text.h"
#include "commands/families.h"
#include "commands/list_support.h"
#include "commands/queue_support.h"

namespace baton {
namespace {

// --- QPOP

constexpr OptionWord kPopOptions[] = {{"COUNT", true}, {"BLOCK", true}, {"LEASE", true}, {"WITHMETA", false}};

struct PopRequest {
  int64_t count = 1;
  int64_t block_ms = -1;  // -1: does not block; 0: for ever
  int64_t lease_ms = 0;   // 0: as the policy says
  bool with_meta = false;
  size_t first_queue = 0;  // index in argv

  // Or replies with the error and returns false.
  bool Parse(CommandContext& context);
};

bool PopRequest::Parse(CommandContext& context) {
  if (!OptionsMakeSense(context, 1, kPopOptions)) return false;
  const size_t argc = context.argc();
  for (size_t i = 1; i < argc; ++i) {
    const std::string_view word = context.arg(i);
    if (EqualsIgnoreCase(word, "from")) {
      first_queue = i + 1;
      if (first_queue < argc) return true;
      break;
    }
    if (EqualsIgnoreCase(word, "withmeta")) {
      with_meta = true;
      continue;
    }
    if (EqualsIgnoreCase(word, "count")) {
      if (!RangeArg(context, ++i, 1, kMessagesMax, &count)) return false;
    } else if (EqualsIgnoreCase(word, "block")) {
      if (!RangeArg(context, ++i, 0, kLeaseMsMax, &block_ms)) return false;
    } else if (EqualsIgnoreCase(word, "lease")) {
      if (!RangeArg(context, ++i, 1, kLeaseMsMax, &lease_ms)) return false;
    } else {
      SyntaxError(context, "QPOP does not know '" + errors::Shown(word, 64) + "'");
      return false;
    }
  }
  SyntaxError(context, "QPOP lacks its queues");
  return false;
}

void ReplyMessage(CommandContext& context, const PopRequest& request, std::string_view queue, std::string_view payload,
                  uint32_t slot) {
  ReplyBuilder& reply = context.reply();
  reply.Array(request.with_meta ? 4 : 3);
  reply.Bulk(queue);
  reply.Bulk(TokenOf(context.host().queues().messages().at(slot)));
  reply.Bulk(payload);
  if (request.with_meta) ReplyMeta(context, slot);
}

// Leases from one queue. kEmpty: it has nothing to give.
Attempt PopFrom(CommandContext& context, const PopRequest& request, size_t queue_index) {
  QueueBook& queues = context.host().queues();
  const std::string_view queue = context.arg(queue_index);
  const Policy* policy = QueuePolicyArg(context, queue);
  if (policy == nullptr) return Attempt::kAnswered;
  const std::string processing = policy->ProcessingOf(queue);
  const KeyRef from = context.Ref(queue), to = context.Ref(processing);
  bool ok;
  const Entry* entry = FindListToServe(context, from, &ok);
  if (!ok) return Attempt::kAnswered;
  if (entry == nullptr || LeaseRefused(context, from, to)) return Attempt::kEmpty;
  context.FindTyped(to, ValueType::kList, &ok);
  if (!ok) return Attempt::kAnswered;

  const uint64_t array = context.reply().BeginDeferredArray();
  int64_t popped = 0;
  while (popped < request.count && !LeaseRefused(context, from, to)) {
    entry = context.Find(from);
    if (entry == nullptr) break;
    const std::string payload(entry->list().Back());
    Mutation move = Mutation::Move(context.db(), from, to, Side::kRight, Side::kLeft);
    move.a = request.lease_ms;
    context.Commit(move);
    ReplyMessage(context, request, queue, payload, queues.Find(queues.last_leased_id()));
    ++popped;
  }
  context.reply().EndDeferredArray(array, popped);
  return Attempt::kAnswered;
}

void QPop(CommandContext& context) {
  PopRequest request;
  if (!request.Parse(context)) return;
  if (const size_t woken = context.served_key(); woken != 0) {
    PopFrom(context, request, woken);
    return;
  }
  for (size_t i = request.first_queue; i < context.argc(); ++i) {
    if (PopFrom(context, request, i) == Attempt::kAnswered) return;
  }
  if (request.block_ms < 0 || !context.may_block()) {
    context.reply().NullArray();
    return;
  }
  std::vector<int> keys;
  for (size_t i = request.first_queue; i < context.argc(); ++i) keys.push_back(static_cast<int>(i));
  context.host().Block(context, keys, request.block_ms);
}

int QPopKeys(std::span<const std::string_view> argv, int* positions, int max) {
  for (size_t i = 1; i < argv.size(); ++i) {
    if (!EqualsIgnoreCase(argv[i], "from")) continue;
    const int written = std::min(max, static_cast<int>(argv.size() - i - 1));
    for (int k = 0; k < written; ++k) positions[k] = static_cast<int>(i) + 1 + k;
    return written == 0 ? -1 : written;
  }
  return -1;
}

// --- QACK QNACK QTOUCH

// An error reply when the key holds what no message can stand in.
bool HoldsAListOrNothing(CommandContext& context, std::string_view key) {
  const Entry* entry = context.Peek(context.Ref(key), CommandContext::Miss::kIsNotTold);
  if (entry == nullptr || entry->type() == ValueType::kList) return true;
  context.Error(errors::kWrongType);
  return false;
}

// Calls `act` for each of argv[first ..] that is the token of a message leased from the queue argv[1]; replies how
// many there were. A token is good for one delivery: of a message given out again meanwhile it says nothing. What can
// be done is done, whatever has become of the queue's name meanwhile; who gets nothing done by a name that is no queue
// has mistyped it, and hears of that.
template <typename Act>
void ForEachToken(CommandContext& context, size_t first, const Act& act) {
  std::vector<Token> tokens;
  for (size_t i = first; i < context.argc(); ++i) {
    Token token;
    if (!Token::Parse(context.arg(i), &token)) {
      context.Error("ERR '" + errors::Shown(context.arg(i), 64) +
                    "' is no token: QPOP gives them, as <message id>-<delivery>");
      return;
    }
    tokens.push_back(token);
  }
  QueueBook& queues = context.host().queues();
  int64_t done = 0;
  for (const Token& token : tokens) {
    const uint32_t slot = queues.Find(token.id);
    if (slot == QueueBook::kNone) continue;
    const Message& message = queues.messages().at(slot);
    if (message.state != MessageState::kLeased || message.deliveries != token.delivery) continue;
    if (queues.DbOf(message.source) != context.db() || queues.NameOf(message.source) != context.arg(1)) continue;
    if (act(slot)) ++done;
  }
  // Whoever hears that a token is stale has seen what made it so.
  context.LooksAtEverything();
  if (done == 0 && QueuePolicyArg(context, context.arg(1)) == nullptr) return;
  if (done == 0 && !HoldsAListOrNothing(context, context.arg(1))) return;
  context.reply().Integer(done);
}

void QAck(CommandContext& context) {
  QueueBook& queues = context.host().queues();
  ForEachToken(context, 2, [&](uint32_t slot) {
    const auto payload = queues.PayloadOf(slot);
    if (!payload) return false;
    const Message& message = queues.messages().at(slot);
    QueueNotes notes;
    notes.list.push_back({.kind = NoteKind::kSettle, .message = message});
    const std::string list(queues.NameOf(message.list)), value(*payload);
    Mutation acknowledge = Mutation::ListRemove(queues.DbOf(message.list), context.Ref(list), -1, value);
    acknowledge.notes = &notes;
    context.Commit(acknowledge);
    return true;
  });
}

void QNack(CommandContext& context) {
  constexpr OptionWord kOptions[] = {{"DELAY", true}, {"SILENT", false}};
  if (!OptionsMakeSense(context, 2, kOptions)) return;
  int64_t delay_ms = -1;
  bool silent = false;
  size_t i = 2;
  for (; i < context.argc(); ++i) {
    if (EqualsIgnoreCase(context.arg(i), "silent")) {
      silent = true;
    } else if (EqualsIgnoreCase(context.arg(i), "delay")) {
      if (!RangeArg(context, ++i, 0, kLeaseMsMax, &delay_ms)) return;
    } else {
      break;
    }
  }
  if (i == context.argc()) {
    SyntaxError(context, "QNACK lacks its tokens");
    return;
  }
  const auto why = silent ? QueueBook::GiveBack::kSilentNack : QueueBook::GiveBack::kNack;
  ForEachToken(context, i, [&](uint32_t slot) {
    QueueTransfer transfer;
    Host& host = context.host();
    if (!host.queues().PlanReturn(slot, why, host.queue_now_ms(), delay_ms, &transfer)) return false;
    context.WaitFor(host.CommitTransfer(transfer));
    return true;
  });
}

bool Extend(CommandContext& context, uint32_t slot, int64_t ms) {
  QueueNotes notes;
  notes.list.push_back({.kind = NoteKind::kExtend, .message = context.host().queues().messages().at(slot)});
  Message& message = notes.list.front().message;
  message.at_ms = context.host().queue_now_ms() + ms;
  message.lease_ms = static_cast<uint32_t>(ms);
  context.Commit(Mutation::Queue(context.db(), notes));
  return true;
}

// Or an error reply.
bool IsProcessingList(CommandContext& context, std::string_view key) {
  const PolicyTable::Match match = context.host().queues().policies().MatchKey(key);
  if (match.role == ListRole::kProcessing) return HoldsAListOrNothing(context, key);
  context.Error("NOPOLICY '" + errors::Shown(key, 128) +
                "' is no processing list: " + (match.role == ListRole::kPlain ? "no policy names it" : match.why));
  return false;
}

void QTouch(CommandContext& context) {
  int64_t ms;
  if (!RangeArg(context, 2, 0, kLeaseMsMax, &ms, "milliseconds")) return;
  if (!EqualsIgnoreCase(context.arg(3), "value")) {
    ForEachToken(context, 3, [&](uint32_t slot) { return Extend(context, slot, ms); });
    return;
  }
  if (context.argc() != 5) {
    SyntaxError(context, "VALUE takes one element");
    return;
  }
  QueueBook& queues = context.host().queues();
  const uint32_t slot =
      queues.FindByPayload(context.db(), context.arg(1), context.arg(4), static_cast<uint32_t>(context.client().id));
  const bool leased = slot != QueueBook::kNone && queues.messages().at(slot).state == MessageState::kLeased;
  context.LooksAtEverything();
  if (!leased && !IsProcessingList(context, context.arg(1))) return;
  context.reply().Integer(leased && Extend(context, slot, ms) ? 1 : 0);
}

// --- QREDRIVE

// The queue that a list serves by its name; empty: none.
std::string_view ServedBy(CommandContext& context, std::string_view list) {
  for (std::string_view suffix : {kDelayedSuffix, kProcessingSuffix}) {
    if (!list.ends_with(suffix)) continue;
    const std::string_view queue = list.substr(0, list.size() - suffix.size());
    if (context.host().queues().policies().MatchKey(queue).role == ListRole::kQueue) return queue;
  }
  return {};
}

// Takes one element off the end of `source`. False: there is none that can go.
bool RedriveOne(CommandContext& context, const KeyRef& source, std::string_view to, bool reset, std::string* why) {
  QueueBook& queues = context.host().queues();
  const Entry* entry = context.Find(source);
  if (entry == nullptr || entry->type() != ValueType::kList) return false;
  const std::string payload(entry->list().Back());
  const uint32_t slot = queues.FindByPayload(context.db(), source.name, payload, 0);
  if (slot != QueueBook::kNone && queues.messages().at(slot).state == MessageState::kLeased) {
    *why = "ERR the oldest element of '" + errors::Shown(source.name, 128) +
           "' is leased to a consumer: QREDRIVE moves what is dead or delayed; its consumer gives it back with QNACK";
    return false;
  }
  if (slot != QueueBook::kNone) {
    const uint32_t home = queues.messages().at(slot).source;
    const bool goes_home = to.empty() || (queues.NameOf(home) == to && queues.DbOf(home) == context.db());
    if (goes_home) {
      QueueTransfer transfer;
      if (!queues.PlanReady(slot, std::string(queues.NameOf(home)), reset, ReturnReason::kRedriven, &transfer)) {
        *why = errors::kWrongType;
        return false;
      }
      // Behind what is there already, as a new message.
      transfer.side = queues.messages().at(slot).side == Side::kRight ? Side::kLeft : Side::kRight;
      context.WaitFor(context.host().CommitTransfer(transfer));
      return true;
    }
  } else if (to.empty()) {
    to = ServedBy(context, source.name);
  }
  if (to.empty()) {
    *why = "ERR nothing is known of the oldest element of '" + errors::Shown(source.name, 128) +
           "': say where it is to go with TO <queue>";
    return false;
  }
  bool ok;
  const KeyRef target = context.Ref(to);
  context.FindTyped(target, ValueType::kList, &ok);
  if (!ok) return false;
  context.Commit(Mutation::Move(context.db(), source, target, Side::kRight, Side::kLeft));
  return true;
}

void QRedrive(CommandContext& context) {
  constexpr OptionWord kOptions[] = {{"TO", true}, {"COUNT", true}, {"RESET", false}};
  if (!OptionsMakeSense(context, 2, kOptions)) return;
  std::string_view to;
  int64_t count = INT64_MAX;
  bool has_to = false, reset = false;
  for (size_t i = 2; i < context.argc(); ++i) {
    if (EqualsIgnoreCase(context.arg(i), "reset")) {
      reset = true;
    } else if (EqualsIgnoreCase(context.arg(i), "to")) {
      has_to = true;
      to = context.arg(++i);
    } else if (EqualsIgnoreCase(context.arg(i), "count")) {
      if (!RangeArg(context, ++i, 1, INT64_MAX, &count)) return;
    } else {
      context.Error("ERR QREDRIVE does not know '" + errors::Shown(context.arg(i), 64) +
                    "': QREDRIVE source [TO queue] [COUNT n] [RESET]");
      return;
    }
  }
  const KeyRef source = context.Ref(context.arg(1));
  context.LooksAtEverything();  // what it says, an error, too, may come from any policy and any record
  if (has_to && to == source.name) {
    context.Error("ERR QREDRIVE from a list to itself");
    return;
  }
  if (context.host().queues().policies().MatchKey(source.name).role == ListRole::kQueue) {
    context.Error("ERR '" + errors::Shown(source.name, 128) +
                  "' is a queue: QREDRIVE takes a dead-letter list, or a delayed list, of which messages go back to their queue");
    return;
  }
  bool ok;
  const Entry* entry = context.FindTyped(source, ValueType::kList, &ok);
  if (!ok) return;
  count = std::min(count, entry == nullptr ? 0 : entry->list().size());
  int64_t moved = 0;
  std::string why;
  while (moved < count && context.reply().first_error().empty() && RedriveOne(context, source, to, reset, &why)) {
    ++moved;
  }
  if (!context.reply().first_error().empty()) return;
  if (moved == 0 && !why.empty()) {
    context.Error(why);
  } else {
    context.reply().Integer(moved);
  }
}

int QRedriveKeys(std::span<const std::string_view> argv, int* positions, int max) {
  int written = 0;
  if (max > 0) positions[written++] = 1;
  for (size_t i = 2; i + 1 < argv.size(); ++i) {
    if (EqualsIgnoreCase(argv[i], "to") && written < max) positions[written++] = static_cast<int>(i) + 1;
    if (!EqualsIgnoreCase(argv[i], "reset")) ++i;  // TO and COUNT take a word
  }
  return written;
}

constexpr uint32_t kFlags = kWrite | kFast;

constexpr CommandRow kRows[] = {
    {.name = "qpop",
     .arity = -3,
     .flags = kWrite | kNoScript | kBlocking | kMovableKeys,
     .categories = "write queue slow blocking",
     .group = CommandGroup::kQueue,
     .syntax = "[COUNT count] [BLOCK milliseconds] [LEASE milliseconds] [WITHMETA] FROM key [key ...]",
     .summary =
         "Lease messages from the first of several queues that has any: its name, a token and the payload of each",
     .complexity = "O(N+M) where N is the number of queues and M is the number of messages returned.",
     .since = "0.1.0",
     .examples = "QPOP FROM mail\n"
                 "QPOP COUNT 10 BLOCK 5000 FROM mail:urgent mail\n"
                 "QPOP LEASE 300000 WITHMETA FROM mail",
     .handler = QPop,
     .find_keys = QPopKeys},
    {.name = "qack",
     .arity = -3,
     .flags = kFlags,
     .categories = "write queue fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key token [token ...]",
     .summary = "Acknowledge leased messages by token; returns how many leases that settled",
     .complexity = "O(N) where N is the number of tokens.",
     .since = "0.1.0",
     .examples = "QACK mail 1882412139625316353-1\n"
                 "QACK mail 1882412139625316353-1 1882412139625316354-2",
     .handler = QAck},
    {.name = "qnack",
     .arity = -3,
     .flags = kFlags,
     .categories = "write queue fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key [DELAY milliseconds] [SILENT] token [token ...]",
     .summary = "Give leased messages back, at once or after a delay; SILENT does not count it as a failure",
     .complexity = "O(N) where N is the number of tokens.",
     .since = "0.1.0",
     .examples = "QNACK mail 1882412139625316353-1\n"
                 "QNACK mail DELAY 30000 1882412139625316353-1\n"
                 "QNACK mail DELAY 0 SILENT 1882412139625316353-1",
     .handler = QNack},
    {.name = "qtouch",
     .arity = -4,
     .flags = kFlags,
     .categories = "write queue fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key milliseconds <token [token ...]|VALUE element>",
     .summary =
         "Let leases end so many milliseconds from now: of a queue's tokens, or of an element of a processing list",
     .complexity = "O(N) where N is the number of tokens.",
     .since = "0.1.0",
     .examples = "QTOUCH mail 60000 1882412139625316353-1\n"
                 "QTOUCH backup 60000 VALUE \"to: ann\"",
     .handler = QTouch},
    {.name = "qredrive",
     .arity = -2,
     .flags = kWrite | kMovableKeys,
     .categories = "write queue slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "source [TO destination] [COUNT count] [RESET]",
     .summary = "Move dead letters back to the queues that they came from, or to another one",
     .complexity = "O(N) where N is the number of messages moved.",
     .since = "0.1.0",
     .examples = "QREDRIVE mail:dead\n"
                 "QREDRIVE mail:dead COUNT 100 RESET\n"
                 "QREDRIVE mail:dead TO mail:retry",
     .handler = QRedrive,
     .find_keys = QRedriveKeys},
};

}  // namespace

std::span<const CommandRow> QueueCommands() { return kRows; }

}  // namespace baton
