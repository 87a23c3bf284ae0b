// CONFIG GET SET REWRITE RESETSTAT HELP.

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "commands/context.h"
#include "commands/counters.h"
#include "commands/families.h"
#include "commands/help_reply.h"
#include "config/config.h"

namespace baton {
namespace {

void ConfigGet(CommandContext& context) {
  std::vector<std::pair<std::string, std::string>> found;
  std::vector<std::string> names;  // of what was found, in lower case: several patterns may find the same option
  for (size_t i = 2; i < context.argc(); ++i) {
    for (auto& [name, value] : context.host().config().Get(context.arg(i))) {
      std::string lower = ToLower(name);
      if (std::find(names.begin(), names.end(), lower) != names.end()) continue;
      names.push_back(std::move(lower));
      found.emplace_back(name, value);
    }
  }
  context.reply().Map(static_cast<int64_t>(found.size()));
  for (const auto& [name, value] : found) {
    context.reply().Bulk(name);
    context.reply().Bulk(value);
  }
}

std::string SetFailed(std::string_view name, std::string_view why) {
  return "ERR CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " + std::string(why);
}

bool MaySetProtected(const Config& config, const ClientState& client) {
  const std::string who = config.String("enable-protected-configs");
  bool is_local = client.unix_socket || client.address.starts_with("127.") || client.address.starts_with("[::1]:");
  return who == "yes" || (who == "local" && is_local);
}

// Empty when all of the names may be set; else the error reply.
std::string NamesRefused(CommandContext& context) {
  const Config& config = context.host().config();
  for (size_t i = 2; i < context.argc(); i += 2) {
    std::string_view name = context.arg(i);
    const OptionRow* row = Config::FindRow(name);
    if (row == nullptr) {
      return "ERR Unknown option or number of arguments for CONFIG SET - '" + errors::Shown(name) + "'";
    }
    if (row->is_protected && !MaySetProtected(config, context.client())) {
      return SetFailed(name, "can't set protected config");
    }
    if (!row->mutable_at_runtime && !row->fixed_only_here) return SetFailed(name, "can't set immutable config");
    for (size_t before = 2; before < i; before += 2) {
      if (EqualsIgnoreCase(context.arg(before), name)) return SetFailed(name, "duplicate parameter");
    }
  }
  for (size_t i = 2; i < context.argc(); i += 2) {
    if (Config::FindRow(context.arg(i))->fixed_only_here)
      return SetFailed(context.arg(i), "can't set immutable config");
  }
  return "";
}

// All of the options or none: on any failure the old values are put back and into force.
void ConfigSet(CommandContext& context) {
  if (context.argc() % 2 != 0) return context.Error(errors::kSyntax);
  std::string refused = NamesRefused(context);
  if (!refused.empty()) return context.Error(refused);

  Host& host = context.host();
  Config& config = host.config();
  const Config before = config;
  for (size_t i = 2; i < context.argc(); i += 2) {
    Status set = config.Set(context.arg(i), context.arg(i + 1));
    if (set.ok()) continue;
    config = before;
    // Unlike the errors above, which repeat the request's spelling, this one names the option as the table does.
    return context.Error(SetFailed(ToLower(context.arg(i)), set.message()));
  }
  std::vector<std::string> changed;
  for (size_t i = 2; i < context.argc(); i += 2) {
    std::string name(Config::FindRow(context.arg(i))->name);
    if (config.Printed(name) != before.Printed(name)) changed.push_back(std::move(name));
  }
  Status applied = host.ApplyConfig(changed);
  if (applied.ok()) return context.reply().Ok();
  config = before;
  Status put_back = host.ApplyConfig(changed);
  if (!put_back.ok()) {
    host.logger().Warning("CONFIG SET failed, and so did putting the old values into force: %s",
                          put_back.message().c_str());
  }
  context.Error(SetFailed(context.arg(2), applied.message()));
}

void ConfigRewrite(CommandContext& context) {
  Host& host = context.host();
  const Config& config = host.config();
  if (config.file_path().empty()) return context.Error("ERR The server is running without a config file");
  Status rewritten = config.Rewrite();
  if (!rewritten.ok()) {
    host.logger().Warning("CONFIG REWRITE failed: %s", rewritten.message().c_str());
    std::string why = rewritten.os_error() != 0 ? std::strerror(rewritten.os_error()) : rewritten.message();
    return context.Error("ERR Rewriting config file: " + why);
  }
  host.logger().Notice("CONFIG REWRITE: %s is up to date", config.file_path().c_str());
  context.reply().Ok();
}

void ConfigResetStat(CommandContext& context) {
  ServerCounters& counters = context.host().counters();
  ServerCounters fresh;
  // These say what is, not what has been counted.
  fresh.blocked_clients = counters.blocked_clients;
  fresh.peak_memory_bytes = counters.peak_memory_bytes;
  fresh.loading_bytes_done = counters.loading_bytes_done;
  fresh.loading_bytes_total = counters.loading_bytes_total;
  // Zeroed in place: whoever keeps a pointer to a command's figures may go on using it.
  fresh.commands = std::move(counters.commands);
  for (auto& [row, figures] : fresh.commands) figures = {};
  counters = std::move(fresh);
  context.reply().Ok();
}

void ConfigHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "REWRITE",
      "    Rewrite the configuration file.",
  };
  ReplyHelp(context, kLines);
}

constexpr uint32_t kFlags = kAdmin | kNoScript | kLoading | kStale;
constexpr std::string_view kCategories = "admin slow dangerous";

constexpr CommandRow kSubcommands[] = {
    {.name = "get",
     .arity = -3,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "parameter [parameter ...]",
     .summary = "The values of options whose names match the patterns",
     .complexity = "O(N) where N is the number of options there are",
     .since = "2.0.0",
     .handler = ConfigGet},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .handler = ConfigHelp},
    {.name = "resetstat",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Set the counters that INFO shows back to zero",
     .complexity = "O(1)",
     .since = "2.0.0",
     .handler = ConfigResetStat},
    {.name = "rewrite",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Write the options that were changed into the configuration file",
     .complexity = "O(1)",
     .since = "2.8.0",
     .handler = ConfigRewrite},
    {.name = "set",
     .arity = -4,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "parameter value [parameter value ...]",
     .summary = "Set options, all of them or none",
     .complexity = "O(N) where N is the number of options given",
     .since = "2.0.0",
     .handler = ConfigSet},
};

constexpr CommandRow kRows[] = {
    {.name = "config",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "A container for server configuration commands",
     .complexity = "Depends on subcommand.",
     .since = "2.0.0",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> ConfigCommands() { return kRows; }

}  // namespace baton
