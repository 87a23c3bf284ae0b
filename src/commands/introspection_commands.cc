#include <string>
#include <string_view>
#include <vector>

#include "base/glob.h"
#include "base/text.h"
#include "commands/command_keys.h"
#include "commands/command_names.h"
#include "commands/command_syntax.h"
#include "commands/command_table.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/help_reply.h"

// COMMAND: what this server can do, told from the rows, in the shapes of redis-server 7.0 (RESP2 and RESP3).
namespace baton {
namespace {

struct FlagWord {
  uint32_t flag;
  std::string_view word;
};
// In the order in which Redis lists them; it does not list all that it has.
constexpr FlagWord kFlagWords[] = {
    {kWrite, "write"},
    {kReadonly, "readonly"},
    {kDenyOom, "denyoom"},
    {kAdmin, "admin"},
    {kPubSub, "pubsub"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipMonitor, "skip_monitor"},
    {kSkipSlowlog, "skip_slowlog"},
    {kAsking, "asking"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMandatoryKeys, "no_mandatory_keys"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMulti, "no_multi"},
    {kMovableKeys, "movablekeys"},
    {kAllowBusy, "allow_busy"},
};

std::string_view GroupWord(CommandGroup group) {
  switch (group) {
    case CommandGroup::kGeneric:
      return "generic";
    case CommandGroup::kString:
      return "string";
    case CommandGroup::kList:
      return "list";
    case CommandGroup::kConnection:
      return "connection";
    case CommandGroup::kServer:
      return "server";
    case CommandGroup::kTransactions:
      return "transactions";
    case CommandGroup::kQueue:
      return "queue";
    case CommandGroup::kPubSub:
      return "pubsub";
  }
  return "generic";
}

std::vector<std::string_view> Split(std::string_view text, char between) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(between), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}
std::vector<std::string_view> SplitWords(std::string_view text) { return Split(text, ' '); }

NamedCommand FindShown(CommandContext& context, std::string_view name) {
  NamedCommand command = FindNamedCommand(context.host().command_table(), name);
  if (command.row != nullptr && (command.row->flags & kAbsent) != 0) return {};
  return command;
}

// --- COMMAND INFO

void ReplyWordSet(ReplyBuilder& reply, const std::vector<std::string_view>& words, std::string_view prefix = "") {
  reply.Set(static_cast<int64_t>(words.size()));
  for (std::string_view word : words) reply.Simple(std::string(prefix) + std::string(word));
}

void ReplyFlags(ReplyBuilder& reply, const CommandRow& row) {
  std::vector<std::string_view> words;
  for (const FlagWord& f : kFlagWords) {
    if ((row.flags & f.flag) != 0) words.push_back(f.word);
  }
  ReplyWordSet(reply, words);
}

// What a command does with its keys, as far as a row tells.
void ReplyKeyAccess(ReplyBuilder& reply, const CommandRow& row) {
  if ((row.flags & kKeysAreChannels) != 0) return ReplyWordSet(reply, {"not_key"});
  if ((row.flags & kWrite) != 0) return ReplyWordSet(reply, {"RW", "access", "update"});
  ReplyWordSet(reply, {"RO", "access"});
}

void ReplyKeySpec(ReplyBuilder& reply, const CommandRow& row, const KeySpec& spec) {
  auto field = [&](std::string_view name, int value) {
    reply.Bulk(name);
    reply.Integer(value);
  };
  auto step = [&](std::string_view name, std::string_view type, int fields) {
    reply.Bulk(name);
    reply.Map(2);
    reply.Bulk("type");
    reply.Bulk(type);
    reply.Bulk("spec");
    reply.Map(fields);
  };
  reply.Map(3);
  reply.Bulk("flags");
  ReplyKeyAccess(reply, row);
  step("begin_search", "index", 1);
  field("index", spec.begin_index);
  if (spec.counted) {
    step("find_keys", "keynum", 3);
    field("keynumidx", 0);
    field("firstkey", 1);
    field("keystep", 1);
  } else {
    step("find_keys", "range", 3);
    field("lastkey", spec.last_key);
    field("keystep", spec.key_step);
    field("limit", 0);
  }
}

void ReplyInfo(ReplyBuilder& reply, const CommandRow& row, const std::string& name) {
  reply.Array(10);
  reply.Bulk(name);
  reply.Integer(row.arity);
  ReplyFlags(reply, row);
  reply.Integer(row.first_key);
  reply.Integer(row.last_key);
  reply.Integer(row.key_step);
  ReplyWordSet(reply, SplitWords(row.categories), "@");
  reply.Set(0);  // tips: hints for proxies of several servers
  std::vector<KeySpec> specs = KeySpecs(row);
  reply.Set(static_cast<int64_t>(specs.size()));
  for (const KeySpec& spec : specs) ReplyKeySpec(reply, row, spec);
  reply.Array(static_cast<int64_t>(row.subcommands.size()));
  for (const CommandRow& inner : row.subcommands) ReplyInfo(reply, inner, name + "|" + std::string(inner.name));
}

void CommandAll(CommandContext& context) {
  const auto& rows = context.host().command_table().rows();
  context.reply().Array(static_cast<int64_t>(rows.size()));
  for (const CommandRow* row : rows) ReplyInfo(context.reply(), *row, std::string(row->name));
}

void CommandInfo(CommandContext& context) {
  if (context.argc() == 2) return CommandAll(context);
  context.reply().Array(static_cast<int64_t>(context.argc()) - 2);
  for (size_t i = 2; i < context.argc(); ++i) {
    NamedCommand command = FindShown(context, context.arg(i));
    if (command.row == nullptr) {
      context.reply().Null();
    } else {
      ReplyInfo(context.reply(), *command.row, command.name);
    }
  }
}

// --- COMMAND DOCS

// `keys_seen` counts the keys before this argument: each is described by the key specification of that number, as far
// as there are `specs`.
void ReplyArgument(ReplyBuilder& reply, const SyntaxArgument& argument, size_t specs, size_t* keys_seen) {
  std::vector<std::string_view> flags;
  if (argument.optional) flags.push_back("optional");
  if (argument.multiple) flags.push_back("multiple");
  if (argument.multiple_token) flags.push_back("multiple_token");
  bool is_key = argument.type == "key" && *keys_seen < specs;
  reply.Map(2 + (is_key ? 1 : 0) + (argument.token.empty() ? 0 : 1) + (flags.empty() ? 0 : 1) +
            (argument.arguments.empty() ? 0 : 1));
  reply.Bulk("name");
  reply.Bulk(argument.name);
  reply.Bulk("type");
  reply.Bulk(argument.type);
  if (is_key) {
    reply.Bulk("key_spec_index");
    reply.Integer(static_cast<int64_t>((*keys_seen)++));
  }
  if (!argument.token.empty()) {
    reply.Bulk("token");
    reply.Bulk(argument.token);
  }
  if (!flags.empty()) {
    reply.Bulk("flags");
    ReplyWordSet(reply, flags);
  }
  if (argument.arguments.empty()) return;
  reply.Bulk("arguments");
  reply.Array(static_cast<int64_t>(argument.arguments.size()));
  for (const SyntaxArgument& inner : argument.arguments) ReplyArgument(reply, inner, specs, keys_seen);
}

void ReplyDocs(ReplyBuilder& reply, const CommandRow& row, const std::string& name) {
  std::vector<SyntaxArgument> arguments;
  if (!ParseSyntax(row, &arguments)) arguments.clear();  // a test sees to it that every row's is good
  auto field = [&](std::string_view key, std::string_view value) {
    reply.Bulk(key);
    reply.Bulk(value);
  };
  reply.Bulk(name);
  reply.Map(3 + (row.complexity.empty() ? 0 : 1) + (row.examples.empty() ? 0 : 2) + (arguments.empty() ? 0 : 1) +
            (row.subcommands.empty() ? 0 : 1));
  field("summary", row.summary);
  field("since", row.since);
  field("group", GroupWord(row.group));
  if (!row.complexity.empty()) field("complexity", row.complexity);
  if (!row.examples.empty()) {  // fields that Redis does not have, for commands that it does not have
    field("syntax", row.syntax);
    reply.Bulk("examples");
    const std::vector<std::string_view> lines = Split(row.examples, '\n');
    reply.Array(static_cast<int64_t>(lines.size()));
    for (std::string_view line : lines) reply.Bulk(line);
  }
  if (!arguments.empty()) {
    reply.Bulk("arguments");
    reply.Array(static_cast<int64_t>(arguments.size()));
    const size_t specs = MayHaveKeys(row) ? KeySpecs(row).size() : 0;
    size_t keys_seen = 0;
    for (const SyntaxArgument& argument : arguments) ReplyArgument(reply, argument, specs, &keys_seen);
  }
  if (row.subcommands.empty()) return;
  reply.Bulk("subcommands");
  reply.Map(static_cast<int64_t>(row.subcommands.size()));
  for (const CommandRow& inner : row.subcommands) ReplyDocs(reply, inner, name + "|" + std::string(inner.name));
}

void CommandDocs(CommandContext& context) {
  std::vector<NamedCommand> commands;
  if (context.argc() == 2) {
    for (const CommandRow* row : context.host().command_table().rows())
      commands.push_back({row, std::string(row->name)});
  }
  for (size_t i = 2; i < context.argc(); ++i) {
    NamedCommand command = FindShown(context, context.arg(i));
    if (command.row != nullptr) commands.push_back(std::move(command));
  }
  context.reply().Map(static_cast<int64_t>(commands.size()));
  for (const NamedCommand& command : commands) ReplyDocs(context.reply(), *command.row, command.name);
}

// --- COMMAND LIST, COUNT

bool HasCategory(const CommandRow& row, std::string_view category) {
  for (std::string_view word : SplitWords(row.categories)) {
    if (EqualsIgnoreCase(word, category)) return true;
  }
  return false;
}

void CommandList(CommandContext& context) {
  bool filtered = context.argc() == 5 && EqualsIgnoreCase(context.arg(2), "filterby");
  std::string_view filter = filtered ? context.arg(3) : "";
  bool by_category = EqualsIgnoreCase(filter, "aclcat");
  bool by_pattern = EqualsIgnoreCase(filter, "pattern");
  bool by_module = EqualsIgnoreCase(filter, "module");  // there are none, so it never matches
  if (context.argc() > 2 && !by_category && !by_pattern && !by_module) return context.Error(errors::kSyntax);
  std::vector<std::string> names;
  ForEachCommand(context.host().command_table(), [&](const CommandRow& row, const std::string& name) {
    bool shown = (!filtered || (by_category && HasCategory(row, context.arg(4))) ||
                  (by_pattern && GlobMatch(context.arg(4), name, true)));
    if (shown) names.push_back(name);
  });
  context.reply().Array(static_cast<int64_t>(names.size()));
  for (const std::string& name : names) context.reply().Bulk(name);
}

void CommandCount(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(context.host().command_table().rows().size()));
}

// --- COMMAND GETKEYS, GETKEYSANDFLAGS

void ReplyKeys(CommandContext& context, bool with_flags) {
  std::span<const std::string_view> argv = std::span(context.argv()).subspan(2);
  const CommandRow* row = context.host().command_table().Find(argv[0]);
  if (row != nullptr && !row->subcommands.empty() && argv.size() > 1) row = CommandTable::FindSubcommand(*row, argv[1]);
  if (row == nullptr || (row->flags & kAbsent) != 0) return context.Error("ERR Invalid command specified");
  if (!MayHaveKeys(*row)) return context.Error("ERR The command has no key arguments");
  auto argc = static_cast<int>(argv.size());
  if (row->arity >= 0 ? argc != row->arity : argc < -row->arity) {
    return context.Error("ERR Invalid number of arguments specified for command");
  }
  std::vector<int> positions = FindKeys(*row, argv);
  if (positions.empty() && (row->flags & kNoMandatoryKeys) == 0) {
    return context.Error("ERR Invalid arguments specified for command");
  }
  ReplyBuilder& reply = context.reply();
  reply.Array(static_cast<int64_t>(positions.size()));
  for (int position : positions) {
    if (with_flags) reply.Array(2);
    reply.Bulk(argv[static_cast<size_t>(position)]);
    if (with_flags) ReplyKeyAccess(reply, *row);
  }
}

void CommandGetKeys(CommandContext& context) { ReplyKeys(context, false); }
void CommandGetKeysAndFlags(CommandContext& context) { ReplyKeys(context, true); }

// --- COMMAND HELP

void CommandHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "(no subcommand)",
      "    Return details about all commands.",
      "COUNT",
      "    Return the total number of commands in this server.",
      "LIST [FILTERBY ACLCAT|PATTERN|MODULE <value>]",
      "    Return the names of all commands, or of those that the filter lets through.",
      "INFO [<command-name> ...]",
      "    Return details about the named commands; without names, about all.",
      "DOCS [<command-name> ...]",
      "    Return documentation of the named commands; without names, of all.",
      "GETKEYS <full-command>",
      "    Return the keys that a full command names.",
      "GETKEYSANDFLAGS <full-command>",
      "    Return the keys that a full command names, and what it does with them.",
  };
  ReplyHelp(context, kLines);
}

constexpr uint32_t kFlags = kLoading | kStale;
constexpr std::string_view kCategories = "slow connection";

constexpr CommandRow kSubcommands[] = {
    {.name = "count",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .summary = "Get total number of commands",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = CommandCount},
    {.name = "docs",
     .arity = -2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "[command-name [command-name ...]]",
     .summary = "Get documentation of commands",
     .complexity = "O(N) where N is the number of commands to look up",
     .since = "7.0.0",
     .handler = CommandDocs},
    {.name = "getkeys",
     .arity = -4,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "command arg [arg ...]",
     .summary = "Extract the keys that a full command names",
     .complexity = "O(N) where N is the number of arguments to the command",
     .since = "2.8.13",
     .handler = CommandGetKeys},
    {.name = "getkeysandflags",
     .arity = -4,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "command arg [arg ...]",
     .summary = "Extract the keys that a full command names, and what it does with them",
     .complexity = "O(N) where N is the number of arguments to the command",
     .since = "7.0.0",
     .handler = CommandGetKeysAndFlags},
    {.name = "help",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .summary = "Show what the subcommands do",
     .complexity = "O(1)",
     .since = "5.0.0",
     .handler = CommandHelp},
    {.name = "info",
     .arity = -2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "[command-name [command-name ...]]",
     .summary = "Get details of commands: arity, flags, keys, categories",
     .complexity = "O(N) where N is the number of commands to look up",
     .since = "2.8.13",
     .handler = CommandInfo},
    {.name = "list",
     .arity = -2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "[FILTERBY <MODULE module-name|ACLCAT category|PATTERN pattern>]",
     .summary = "Get the names of commands",
     .complexity = "O(N) where N is the total number of commands",
     .since = "7.0.0",
     .handler = CommandList},
};

constexpr CommandRow kRows[] = {
    {.name = "command",
     .arity = -1,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .summary = "Get details of all commands",
     .complexity = "O(N) where N is the total number of commands",
     .since = "2.8.13",
     .handler = CommandAll,
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> IntrospectionCommands() { return kRows; }

}  // namespace baton
