// Commands that show what is in managed queues: QINFO, QPENDING, QMETA; and INFO queues.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "commands/families.h"
#include "commands/info_sections.h"
#include "commands/queue_support.h"

namespace baton {
namespace {

constexpr int64_t kWalkedMax = 100'000;  // elements, by one QPENDING: some milliseconds

// One figure of a queue, for QINFO and INFO queues.
struct Figure {
  std::string_view name;
  int64_t (*value)(const QueueBook::Queue& queue);
};
int64_t Of(uint64_t value) { return static_cast<int64_t>(value); }
constexpr Figure kFigures[] = {
    {"ready", [](const QueueBook::Queue& q) { return Of(q.ready); }},
    {"leased", [](const QueueBook::Queue& q) { return Of(q.leased); }},
    {"delayed", [](const QueueBook::Queue& q) { return Of(q.delayed); }},
    {"dead", [](const QueueBook::Queue& q) { return Of(q.dead); }},
    {"unleased", [](const QueueBook::Queue& q) { return Of(q.unleased); }},
    {"enqueued", [](const QueueBook::Queue& q) { return Of(q.account.enqueued); }},
    {"adopted", [](const QueueBook::Queue& q) { return Of(q.account.adopted); }},
    {"acked", [](const QueueBook::Queue& q) { return Of(q.account.acked); }},
    {"removed", [](const QueueBook::Queue& q) { return Of(q.account.removed); }},
    {"forwarded", [](const QueueBook::Queue& q) { return Of(q.account.forwarded); }},
    {"dropped", [](const QueueBook::Queue& q) { return Of(q.account.dropped); }},
    {"balanced", [](const QueueBook::Queue& q) { return int64_t{q.balanced()}; }},
    {"delivered", [](const QueueBook::Queue& q) { return Of(q.account.delivered); }},
    {"expired", [](const QueueBook::Queue& q) { return Of(q.account.expired); }},
    {"nacked", [](const QueueBook::Queue& q) { return Of(q.account.nacked); }},
    {"late-acks", [](const QueueBook::Queue& q) { return Of(q.account.late_acks); }},
    {"expired-while-connected", [](const QueueBook::Queue& q) { return Of(q.expired_held); }},
    {"oldest-age-ms", [](const QueueBook::Queue& q) { return q.oldest_age_ms; }},
    {"hold-p50-ms", [](const QueueBook::Queue& q) { return q.hold_p50_ms; }},
    {"hold-p99-ms", [](const QueueBook::Queue& q) { return q.hold_p99_ms; }},
    {"redelivery-late-max-ms", [](const QueueBook::Queue& q) { return q.lateness_max_ms; }},
    {"enqueued-per-second", [](const QueueBook::Queue& q) { return static_cast<int64_t>(q.enqueued_rate + 0.5); }},
    {"delivered-per-second", [](const QueueBook::Queue& q) { return static_cast<int64_t>(q.delivered_rate + 0.5); }},
    {"acked-per-second", [](const QueueBook::Queue& q) { return static_cast<int64_t>(q.acked_rate + 0.5); }},
    {"expired-per-second", [](const QueueBook::Queue& q) { return static_cast<int64_t>(q.expired_rate + 0.5); }},
};

void QInfo(CommandContext& context) {
  Host& host = context.host();
  if (QueuePolicyArg(context, context.arg(1)) == nullptr) return;
  const auto queue = host.queues().Describe(context.db(), context.arg(1), host.queue_now_ms());
  if (!queue) {  // the key holds something else
    context.Error(errors::kWrongType);
    return;
  }
  context.LooksAtEverything();
  ReplyBuilder& reply = context.reply();
  reply.Map(static_cast<int64_t>(std::size(kFigures)) + 3);
  reply.Bulk("queue");
  reply.Bulk(queue->name);
  reply.Bulk("policy");
  reply.Bulk(queue->policy->name);
  reply.Bulk("waiting-consumers");
  reply.Integer(static_cast<int64_t>(host.WaitingFor(context.db(), queue->name)));
  for (const Figure& figure : kFigures) {
    reply.Bulk(figure.name);
    reply.Integer(figure.value(*queue));
  }
}

// `walk`: how many elements may still be walked over. While a long list is being indexed, after a start, nobody waits
// for more than that, and values are missing.
void ReplyPending(CommandContext& context, uint32_t slot, int64_t now_ms, int64_t* walk) {
  QueueBook& queues = context.host().queues();
  const Message& message = queues.messages().at(slot);
  const int64_t here = queues.WalkFor(slot);
  const auto payload = here <= *walk ? queues.PayloadOf(slot) : std::nullopt;
  *walk -= std::min(here, *walk);
  const ClientState* holder = message.holder == 0 ? nullptr : context.host().FindClient(message.holder);
  ReplyBuilder& reply = context.reply();
  reply.Map(8);
  reply.Bulk("token");
  reply.Bulk(TokenOf(message));
  reply.Bulk("value");
  payload ? reply.Bulk(*payload) : reply.Null();
  reply.Bulk("list");
  reply.Bulk(queues.NameOf(message.list));
  reply.Bulk("connection");
  reply.Integer(message.holder);
  reply.Bulk("address");
  reply.Bulk(holder == nullptr ? std::string_view() : std::string_view(holder->address));
  reply.Bulk("held-ms");
  reply.Integer(std::max<int64_t>(queues.HeldMs(slot, now_ms), 0));
  reply.Bulk("lease-ends-in-ms");
  reply.Integer(std::max<int64_t>(message.at_ms - now_ms, 0));
  reply.Bulk("deliveries");
  reply.Integer(message.deliveries);
}

void QPending(CommandContext& context) {
  Host& host = context.host();
  QueueBook& queues = host.queues();
  if (QueuePolicyArg(context, context.arg(1)) == nullptr) return;
  int64_t idle_ms = 0, start, count;
  size_t i = 2;
  constexpr OptionWord kOptions[] = {{"IDLE", true}};
  if (!OptionsMakeSense(context, i, kOptions)) return;
  if (EqualsIgnoreCase(context.arg(i), "idle")) {
    if (!RangeArg(context, i + 1, 0, kLeaseMsMax, &idle_ms)) return;
    i += 2;
  }
  if (context.argc() != i + 2) {
    SyntaxError(context, "QPENDING takes a start and a count");
    return;
  }
  if (!RangeArg(context, i, 0, INT64_MAX, &start, "start")) return;
  if (!RangeArg(context, i + 1, 0, kMessagesMax, &count, "count")) return;
  context.LooksAtEverything();
  const uint32_t queue = queues.NumberOf(context.db(), context.arg(1));
  const int64_t now_ms = host.queue_now_ms();
  const uint64_t array = context.reply().BeginDeferredArray();
  int64_t shown = 0, walk = kWalkedMax;
  const auto show = [&](uint32_t slot) {
    // Those behind it are not held for longer.
    if (shown == count || queues.HeldMs(slot, now_ms) < idle_ms) return false;
    ReplyPending(context, slot, now_ms, &walk);
    ++shown;
    return true;
  };
  if (queue != QueueBook::kNone) queues.VisitLeased(queue, static_cast<uint64_t>(start), show);
  context.reply().EndDeferredArray(array, shown);
}

void QMeta(CommandContext& context) {
  bool ok;
  context.FindTyped(context.Ref(context.arg(1)), ValueType::kList, &ok);
  if (!ok) return;
  context.LooksAtEverything();
  const uint32_t slot = context.host().queues().FindByPayload(context.db(), context.arg(1), context.arg(2),
                                                              static_cast<uint32_t>(context.client().id));
  if (slot == QueueBook::kNone) {
    context.reply().Null();
  } else {
    ReplyMeta(context, slot);
  }
}

constexpr uint32_t kFlags = kReadonly;

constexpr CommandRow kRows[] = {
    {.name = "qinfo",
     .arity = 2,
     .flags = kFlags,
     .categories = "read queue slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key",
     .summary = "Show a managed queue: its messages by state, its account, rates and times",
     .complexity = "O(1)",
     .since = "0.1.0",
     .examples = "QINFO mail",
     .handler = QInfo},
    {.name = "qpending",
     .arity = -4,
     .flags = kFlags,
     .categories = "read queue slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key [IDLE milliseconds] start count",
     .summary = "Show who holds which messages of a queue, since when and how long still, the longest held first",
     .complexity = "O(N) where N is the number of messages shown; start is skipped by the hundred.",
     .since = "0.1.0",
     .examples = "QPENDING mail 0 10\n"
                 "QPENDING mail IDLE 30000 0 10",
     .handler = QPending},
    {.name = "qmeta",
     .arity = 3,
     .flags = kFlags | kFast,
     .categories = "read queue fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key element",
     .summary = "Show what is known of a message: the element of a queue, processing, delayed or dead-letter list",
     .complexity = "O(1)",
     .since = "0.1.0",
     .examples = "QMETA backup \"to: ann\"\n"
                 "QMETA mail:dead \"to: ann\"",
     .handler = QMeta},
};

// A name in a line of INFO, whose fields "," and "=" set apart.
std::string InLine(std::string_view name) {
  std::string text;
  AppendPercentForm(name, ",=", &text);
  return text;
}

}  // namespace

std::span<const CommandRow> QueueInfoCommands() { return kRows; }

void WriteInfoQueues(Host& host, InfoText& text) {
  QueueBook& queues = host.queues();
  text.Line("queue_policies", static_cast<uint64_t>(queues.policies().size()));
  text.Line("queue_records", static_cast<uint64_t>(queues.records()));
  text.Line("queue_records_bytes", static_cast<uint64_t>(queues.allocated_bytes()));
  size_t number = 0;
  for (const QueueBook::Queue& queue : queues.DescribeAll(host.queue_now_ms())) {
    std::string line = "name=" + InLine(queue.name) + ",db=" + std::to_string(queue.db) +
                       ",policy=" + InLine(queue.policy->name) +
                       ",waiting-consumers=" + std::to_string(host.WaitingFor(queue.db, queue.name));
    for (const Figure& figure : kFigures) {
      line.append(",").append(figure.name).append("=").append(std::to_string(figure.value(queue)));
    }
    text.Line("queue" + std::to_string(number++), line);
  }
}

}  // namespace baton
