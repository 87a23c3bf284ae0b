// DEBUG: for tests. One command as in Redis, not a container; enable-debug-command says who may.

#include "commands/debug_commands.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "commands/context.h"
#include "commands/encoding.h"
#include "commands/families.h"
#include "commands/help_reply.h"

namespace baton {

std::string_view ProtectedCommandRefusal(const CommandRow& row, const ClientState& client, const Config& config) {
  if ((row.flags & kProtected) == 0) return {};
  const std::string allowed = config.String("enable-debug-command");
  bool is_local = client.unix_socket || client.address.starts_with("127.") || client.address.starts_with("[::1]:");
  if (allowed == "yes" || (allowed == "local" && is_local)) return {};
  return "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a "
         "local connection, otherwise you need to set this option in the configuration file, and then restart the "
         "server.";
}

namespace {

// DEBUG SLEEP seconds: what is no number sleeps for 0, as in Redis.
void Sleep(CommandContext& context) {
  double seconds = std::strtod(std::string(context.arg(2)).c_str(), nullptr);
  constexpr double kSecondsMax = 1e9;
  if (seconds > 0) context.host().SleepForDebug(static_cast<int64_t>(std::min(seconds, kSecondsMax) * 1e6));
  context.reply().Ok();
}

void SetActiveExpire(CommandContext& context) {
  context.host().SetActiveExpire(std::atoi(std::string(context.arg(2)).c_str()) != 0);
  context.reply().Ok();
}

// Bytes of payload; Redis's figure is the length of its own file format.
uint64_t PayloadBytes(const Entry& entry) {
  if (entry.type() == ValueType::kString) return entry.string().size();
  uint64_t bytes = 0;
  for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
    bytes += cursor.element().size();
  }
  return bytes;
}

void Object(CommandContext& context) {
  const Entry* entry = context.Inspect(context.Ref(context.arg(2)));
  if (entry == nullptr) return context.Error(errors::kNoSuchKey);
  int64_t accessed_s = entry->access_seconds();
  int64_t idle_s = std::max<int64_t>(context.now_ms() / 1000 - accessed_s, 0);
  char line[256];
  std::snprintf(line, sizeof line,
                "Value at:%p refcount:1 encoding:%s serializedlength:%" PRIu64 " lru:%" PRId64
                " lru_seconds_idle:%" PRId64,
                static_cast<const void*>(entry), std::string(EncodingOf(*entry)).c_str(), PayloadBytes(*entry),
                accessed_s & 0xffffff, idle_s);
  context.reply().Simple(line);
}

void ReloadAndReply(CommandContext& context) {
  Status reloaded = context.host().ReloadFromLog();
  reloaded.ok() ? context.reply().Ok() : context.Error(reloaded.message());
}

// The log is the only file that there is to load: whatever Redis's options say about its snapshot comes to the same.
void Reload(CommandContext& context) {
  for (size_t i = 2; i < context.argc(); ++i) {
    if (EqualsIgnoreCase(context.arg(i), "nosave") || EqualsIgnoreCase(context.arg(i), "noflush") ||
        EqualsIgnoreCase(context.arg(i), "merge")) {
      continue;
    }
    return context.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
  }
  ReloadAndReply(context);
}

void Help(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "LOADAOF",
      "    Write the log out, empty the keyspace and load the log again.",
      "OBJECT <key>",
      "    Show low level info about `key` and associated value.",
      "RELOAD [option ...]",
      "    The same as LOADAOF: there is no other file. Redis's options MERGE, NOFLUSH and",
      "    NOSAVE are accepted and change nothing.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    Setting it to 0 disables expiring keys in background when they are not",
      "    accessed (otherwise the default behavior). Setting it to 1 reenables back the",
      "    default.",
      "SLEEP <seconds>",
      "    Stop the server for <seconds>. Decimals allowed.",
  };
  ReplyHelp(context, kLines);
}

struct Action {
  std::string_view word;
  size_t argc_min, argc_max;
  CommandHandler handler;
};
constexpr Action kActions[] = {
    {"help", 2, 2, Help},
    {"loadaof", 2, SIZE_MAX, ReloadAndReply},
    {"object", 3, 3, Object},
    {"reload", 2, SIZE_MAX, Reload},
    {"set-active-expire", 3, 3, SetActiveExpire},
    {"sleep", 3, 3, Sleep},
};

void Debug(CommandContext& context) {
  // Where a request goes by MULTI, the server has asked already; the handler must not rely on it.
  if (std::string_view refusal = ProtectedCommandRefusal(context.row(), context.client(), context.host().config());
      !refusal.empty()) {
    return context.Error(refusal);
  }
  for (const Action& action : kActions) {
    if (EqualsIgnoreCase(context.arg(1), action.word) && context.argc() >= action.argc_min &&
        context.argc() <= action.argc_max) {
      return action.handler(context);
    }
  }
  ReplyUnknownForm(context);
}

constexpr CommandRow kRows[] = {
    {.name = "debug",
     .arity = -2,
     .flags = kAdmin | kNoScript | kLoading | kStale | kProtected,
     .categories = "admin slow dangerous",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "A container for debugging commands",
     .complexity = "Depends on subcommand.",
     .since = "1.0.0",
     .handler = Debug},
};

}  // namespace

std::span<const CommandRow> DebugCommands() { return kRows; }

}  // namespace baton
