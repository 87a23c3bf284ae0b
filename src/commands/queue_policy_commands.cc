// QPOLICY: which queues are managed, and how.

#include <string>
#include <vector>

#include "commands/families.h"
#include "commands/help_reply.h"
#include "commands/queue_support.h"

namespace baton {
namespace {

void ReplyWords(CommandContext& context, const std::vector<std::string>& words) {
  context.reply().Array(static_cast<int64_t>(words.size()));
  for (const std::string& word : words) context.reply().Bulk(word);
}

void PolicySet(CommandContext& context) {
  auto policy = Policy::Parse(std::span(context.argv()).subspan(2));
  if (!policy.ok()) {
    context.Error(policy.status().message());
    return;
  }
  QueueBook& queues = context.host().queues();
  QueueNotes notes;
  if (!queues.hash_seed_known()) notes.list.push_back(queues.HashSeedNote());
  notes.list.push_back({.kind = NoteKind::kPolicy, .words = policy->Words()});
  context.Commit(Mutation::Queue(context.db(), notes));
  if (policy->adopt) context.WaitFor(context.host().Adopt(*policy, context.db()));
  context.reply().Ok();
}

void PolicyGet(CommandContext& context) {
  context.LooksAtEverything();
  const Policy* policy = context.host().queues().policies().Find(context.arg(2));
  if (policy == nullptr) {
    context.reply().NullArray();
  } else {
    ReplyWords(context, policy->Words());
  }
}

void PolicyDel(CommandContext& context) {
  QueueBook& queues = context.host().queues();
  context.LooksAtEverything();
  if (queues.policies().Find(context.arg(2)) == nullptr) {
    context.reply().Null();
    return;
  }
  const size_t before = queues.records();
  QueueNotes notes;
  notes.list.push_back({.kind = NoteKind::kPolicyRemove, .words = {std::string(context.arg(2))}});
  context.Commit(Mutation::Queue(context.db(), notes));
  context.reply().Integer(static_cast<int64_t>(before - queues.records()));
}

void PolicyList(CommandContext& context) {
  context.LooksAtEverything();
  const auto& all = context.host().queues().policies().all();
  context.reply().Array(static_cast<int64_t>(all.size()));
  for (const auto& [name, policy] : all) ReplyWords(context, policy.Words());
}

void PolicyMatch(CommandContext& context) {
  context.LooksAtEverything();
  const PolicyTable::Match match = context.host().queues().policies().MatchKey(context.arg(2));
  ReplyBuilder& reply = context.reply();
  reply.Map(4);
  reply.Bulk("key");
  reply.Bulk(context.arg(2));
  reply.Bulk("role");
  reply.Bulk(RoleName(match.role));
  reply.Bulk("policy");
  match.policy == nullptr ? reply.Null() : reply.Bulk(match.policy->name);
  reply.Bulk("why");
  reply.Bulk(match.policy == nullptr ? std::string_view("no policy names it") : std::string_view(match.why));
}

void PolicyHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "DEL <name>",
      "    Remove a policy. Return how many messages became plain elements.",
      "GET <name>",
      "    Return a policy in the words that SET takes.",
      "LIST",
      "    Return all policies.",
      "MATCH <key>",
      "    Return what a key is to the policies, and why.",
      "SET <name> MATCH <glob> PROCESSING <glob> VISIBILITY <milliseconds> [<option> ...]",
      "    Make the lists that match managed queues: a move into a processing list is a",
      "    lease from then on. Options are:",
      "    * MAXDELIVER <count> DEADLETTER <key>",
      "    * BACKOFF (NONE|LINEAR <min> <max>|EXP <min> <max>)",
      "    * REQUEUE (FRONT|BACK)",
      "    * LATEACK (YES|NO)",
      "    * ONDISCONNECT (KEEP|GRACE <milliseconds>)",
      "    * COALESCE (YES|NO)",
      "    * MAXINFLIGHT <count>",
      "    * PERCONSUMER <count>",
      "    * ADOPT",
  };
  ReplyHelp(context, kLines);
}

constexpr uint32_t kRead = kReadonly | kLoading | kStale;

constexpr CommandRow kSubcommands[] = {
    {.name = "del",
     .arity = 3,
     .flags = kWrite,
     .categories = "admin write queue slow dangerous",
     .group = CommandGroup::kQueue,
     .syntax = "name",
     .summary = "Remove a policy; returns how many messages became plain elements, nil when there is no such policy",
     .complexity = "O(N) where N is the number of lists that policies know.",
     .since = "0.1.0",
     .examples = "QPOLICY DEL mail",
     .handler = PolicyDel},
    {.name = "get",
     .arity = 3,
     .flags = kRead | kFast,
     .categories = "read queue fast",
     .group = CommandGroup::kQueue,
     .syntax = "name",
     .summary = "Show a policy in the words that QPOLICY SET takes",
     .complexity = "O(1)",
     .since = "0.1.0",
     .examples = "QPOLICY GET mail",
     .handler = PolicyGet},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "queue slow",
     .group = CommandGroup::kQueue,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "0.1.0",
     .handler = PolicyHelp},
    {.name = "list",
     .arity = 2,
     .flags = kRead,
     .categories = "read queue slow",
     .group = CommandGroup::kQueue,
     .syntax = "",
     .summary = "Show all policies",
     .complexity = "O(N) where N is the number of policies.",
     .since = "0.1.0",
     .examples = "QPOLICY LIST",
     .handler = PolicyList},
    {.name = "match",
     .arity = 3,
     .flags = kRead | kFast,
     .categories = "read queue fast",
     .first_key = 2,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kQueue,
     .syntax = "key",
     .summary = "Show what a key is to the policies, and why",
     .complexity = "O(N) where N is the number of policies.",
     .since = "0.1.0",
     .examples = "QPOLICY MATCH backup",
     .handler = PolicyMatch},
    {.name = "set",
     .arity = -3,  // it says itself what is missing behind the name
     .flags = kWrite | kDenyOom,
     .categories = "admin write queue slow dangerous",
     .group = CommandGroup::kQueue,
     .syntax =
         "name MATCH pattern PROCESSING pattern VISIBILITY milliseconds "
         "[MAXDELIVER count DEADLETTER dead-letter-list] "
         "[BACKOFF <NONE|LINEAR min max|EXP min max>] [REQUEUE <FRONT|BACK>] [LATEACK <YES|NO>] "
         "[ONDISCONNECT <KEEP|GRACE milliseconds>] [COALESCE <YES|NO>] [MAXINFLIGHT count] [PERCONSUMER count] [ADOPT]",
     .summary = "Make plain lists managed queues: moves into the processing list are leases from then on",
     .complexity = "O(N) where N is the number of lists that policies know.",
     .since = "0.1.0",
     .examples =
         "QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXDELIVER 5 DEADLETTER mail:dead\n"
         "QPOLICY SET jobs MATCH jobs:* PROCESSING work:* VISIBILITY 30000 BACKOFF EXP 1000 60000 MAXINFLIGHT 100\n"
         "QPOLICY SET old MATCH letters PROCESSING letters:taken VISIBILITY 60000 ONDISCONNECT GRACE 5000 ADOPT",
     .handler = PolicySet},
};

constexpr CommandRow kRows[] = {
    {.name = "qpolicy",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kQueue,
     .syntax = "",
     .summary = "A container for queue policy commands",
     .complexity = "Depends on subcommand.",
     .since = "0.1.0",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> QueuePolicyCommands() { return kRows; }

}  // namespace baton
