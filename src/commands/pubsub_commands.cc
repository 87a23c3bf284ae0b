// Publish and subscribe. A message is sent to who listens at that moment, and kept nowhere. Who is subscribed to what
// is kept by Channels; writing to other connections is the server's (Host::Publish).
//
// Subscribing and its opposite are answered with messages, one for each name: CLIENT REPLY does not concern them.

#include <string>

#include "commands/channels.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/help_reply.h"

namespace baton {
namespace {

// How many subscriptions the client is told that it has: shard channels are counted by themselves.
int64_t CountShown(const ClientState& client, ChannelKind kind) {
  const auto& counts = client.subscription_counts;
  if (kind == ChannelKind::kShardChannel) return counts[static_cast<size_t>(kind)];
  return int64_t{counts[static_cast<size_t>(ChannelKind::kChannel)]} +
         counts[static_cast<size_t>(ChannelKind::kPattern)];
}

// One of the messages that answer. The verb is the command's name.
void Confirm(CommandContext& context, ChannelKind kind, const std::string_view* name) {
  ReplyBuilder& reply = context.reply();
  reply.Push(3);
  reply.Bulk(context.row().name);
  name != nullptr ? reply.Bulk(*name) : reply.Null();
  reply.Integer(CountShown(context.client(), kind));
  context.SettleMessages();
}

template <ChannelKind kind>
void Subscribe(CommandContext& context) {
  // What redis-server says where nobody may wait; of channels and patterns it takes no notice of that in a transaction.
  if (kind == ChannelKind::kShardChannel && !context.may_block()) {
    return context.Error("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
  }
  for (size_t i = 1; i < context.argc(); ++i) {
    std::string_view name = context.arg(i);
    context.host().channels().Subscribe(context.client(), kind, name);
    Confirm(context, kind, &name);
  }
}

template <ChannelKind kind>
void Unsubscribe(CommandContext& context) {
  Channels& channels = context.host().channels();
  for (size_t i = 1; i < context.argc(); ++i) {
    std::string_view name = context.arg(i);
    channels.Unsubscribe(context.client(), kind, name);
    Confirm(context, kind, &name);
  }
  if (context.argc() > 1) return;
  const std::vector<std::string> all = channels.NamesOf(context.client(), kind);
  for (std::string_view name : all) {
    channels.Unsubscribe(context.client(), kind, name);
    Confirm(context, kind, &name);
  }
  if (all.empty()) Confirm(context, kind, nullptr);
}

template <ChannelKind kind>
void Publish(CommandContext& context) {
  context.reply().Integer(context.host().Publish(kind, context.arg(1), context.arg(2)));
}

// --- PUBSUB

template <ChannelKind kind>
void ListChannels(CommandContext& context) {
  if (context.argc() > 3) return ReplyUnknownForm(context);
  const bool all = context.argc() == 2;
  uint64_t mark = context.reply().BeginDeferredArray();
  int64_t count = 0;
  context.host().channels().ForEachName(kind, [&](std::string_view name) {
    if (!all && !Channels::Matches(context.arg(2), name)) return;
    context.reply().Bulk(name);
    ++count;
  });
  context.reply().EndDeferredArray(mark, count);
}

template <ChannelKind kind>
void CountSubscribers(CommandContext& context) {
  context.reply().Array(2 * static_cast<int64_t>(context.argc() - 2));
  for (size_t i = 2; i < context.argc(); ++i) {
    context.reply().Bulk(context.arg(i));
    context.reply().Integer(static_cast<int64_t>(context.host().channels().SubscriberCount(kind, context.arg(i))));
  }
}

void CountPatterns(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(context.host().channels().Count(ChannelKind::kPattern)));
}

void Help(CommandContext& context) {
  constexpr std::string_view kLines[] = {
      "CHANNELS [<pattern>]",
      "    Return the currently active channels matching a <pattern> (default: '*').",
      "NUMPAT",
      "    Return number of subscriptions to patterns.",
      "NUMSUB [<channel> ...]",
      "    Return the number of subscribers for the specified channels, excluding",
      "    pattern subscriptions(default: no channels).",
      "SHARDCHANNELS [<pattern>]",
      "    Return the currently active shard level channels matching a <pattern> (default: '*').",
      "SHARDNUMSUB [<shardchannel> ...]",
      "    Return the number of subscribers for the specified shard level channel(s)",
  };
  ReplyHelp(context, kLines);
}

using enum ChannelKind;

constexpr uint32_t kAsk = kPubSub | kLoading | kStale;
constexpr uint32_t kListen = kAsk | kNoScript | kForListeners;
constexpr uint32_t kSay = kAsk | kFast | kMayReplicate;  // the last is why CLIENT PAUSE WRITE holds it back

constexpr CommandRow kSubcommands[] = {
    {.name = "channels",
     .arity = -2,
     .flags = kAsk,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "[pattern]",
     .summary = "List active channels",
     .complexity = "O(N) where N is the number of active channels, and assuming constant time pattern matching "
                   "(relatively short channels and patterns)",
     .since = "2.8.0",
     .handler = ListChannels<kChannel>},
    {.name = "numpat",
     .arity = 2,
     .flags = kAsk,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "",
     .summary = "Get the count of unique patterns pattern subscriptions",
     .complexity = "O(1)",
     .since = "2.8.0",
     .handler = CountPatterns},
    {.name = "numsub",
     .arity = -2,
     .flags = kAsk,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "[channel [channel ...]]",
     .summary = "Get the count of subscribers for channels",
     .complexity = "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
     .since = "2.8.0",
     .handler = CountSubscribers<kChannel>},
    {.name = "shardchannels",
     .arity = -2,
     .flags = kAsk,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "[pattern]",
     .summary = "List active shard channels",
     .complexity = "O(N) where N is the number of active shard channels, and assuming constant time pattern matching "
                   "(relatively short shard channels).",
     .since = "7.0.0",
     .handler = ListChannels<kShardChannel>},
    {.name = "shardnumsub",
     .arity = -2,
     .flags = kAsk,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "[shardchannel [shardchannel ...]]",
     .summary = "Get the count of subscribers for shard channels",
     .complexity = "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
     .since = "7.0.0",
     .handler = CountSubscribers<kShardChannel>},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "slow",
     .group = CommandGroup::kPubSub,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = Help},
};

constexpr CommandRow kRows[] = {
    {.name = "subscribe",
     .arity = -2,
     .flags = kListen,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "channel [channel ...]",
     .summary = "Listen for messages published to the given channels",
     .complexity = "O(N) where N is the number of channels to subscribe to.",
     .since = "2.0.0",
     .handler = Subscribe<kChannel>},
    {.name = "unsubscribe",
     .arity = -1,
     .flags = kListen,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "[channel [channel ...]]",
     .summary = "Stop listening for messages posted to the given channels",
     .complexity = "O(N) where N is the number of channels to leave.",
     .since = "2.0.0",
     .handler = Unsubscribe<kChannel>},
    {.name = "psubscribe",
     .arity = -2,
     .flags = kListen,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "pattern [pattern ...]",
     .summary = "Listen for messages published to channels matching the given patterns",
     .complexity = "O(N) where N is the number of patterns to subscribe to.",
     .since = "2.0.0",
     .handler = Subscribe<kPattern>},
    {.name = "punsubscribe",
     .arity = -1,
     .flags = kListen,
     .categories = "pubsub slow",
     .group = CommandGroup::kPubSub,
     .syntax = "[pattern [pattern ...]]",
     .summary = "Stop listening for messages posted to channels matching the given patterns",
     .complexity = "O(N) where N is the number of patterns to leave.",
     .since = "2.0.0",
     .handler = Unsubscribe<kPattern>},
    {.name = "ssubscribe",
     .arity = -2,
     .flags = kListen | kKeysAreChannels,
     .categories = "pubsub slow",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kPubSub,
     .syntax = "shardchannel [shardchannel ...]",
     .summary = "Listen for messages published to the given shard channels",
     .complexity = "O(N) where N is the number of shard channels to subscribe to.",
     .since = "7.0.0",
     .handler = Subscribe<kShardChannel>},
    {.name = "sunsubscribe",
     .arity = -1,
     .flags = kListen | kKeysAreChannels,
     .categories = "pubsub slow",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kPubSub,
     .syntax = "[shardchannel [shardchannel ...]]",
     .summary = "Stop listening for messages posted to the given shard channels",
     .complexity = "O(N) where N is the number of shard channels to leave.",
     .since = "7.0.0",
     .handler = Unsubscribe<kShardChannel>},
    {.name = "publish",
     .arity = 3,
     .flags = kSay,
     .categories = "pubsub fast",
     .group = CommandGroup::kPubSub,
     .syntax = "channel message",
     .summary = "Post a message to a channel",
     .complexity = "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total "
                   "number of subscribed patterns (by any client).",
     .since = "2.0.0",
     .handler = Publish<kChannel>},
    {.name = "spublish",
     .arity = 3,
     .flags = kSay | kKeysAreChannels,
     .categories = "pubsub fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kPubSub,
     .syntax = "shardchannel message",
     .summary = "Post a message to a shard channel",
     .complexity = "O(N) where N is the number of clients subscribed to the receiving shard channel.",
     .since = "7.0.0",
     .handler = Publish<kShardChannel>},
    {.name = "pubsub",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kPubSub,
     .syntax = "",
     .summary = "A container for Pub/Sub commands",
     .complexity = "Depends on subcommand.",
     .since = "2.8.0",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> PubSubCommands() { return kRows; }

}  // namespace baton
