// The process as a whole: TIME ROLE WAIT WAITAOF BGREWRITEAOF SHUTDOWN LOLWUT.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/version.h"
#include "config/config.h"
#include "log/log.h"

namespace baton {
namespace {

void Time(CommandContext& context) {
  int64_t now_us = context.host().unix_us();
  context.reply().Array(2);
  context.reply().BulkInteger(now_us / 1'000'000);
  context.reply().BulkInteger(now_us % 1'000'000);
}

void Role(CommandContext& context) {
  context.reply().Array(3);
  context.reply().Bulk("master");
  context.reply().Integer(0);
  context.reply().Array(0);
}

// --- waiting for copies

// No position ever reaches it: whoever waits for it waits for the timeout.
constexpr uint64_t kNeverReached = UINT64_MAX;

bool TimeoutArg(CommandContext& context, size_t i, int64_t* timeout_ms) {
  if (!context.IntegerArg(i, timeout_ms, "ERR timeout is not an integer or out of range")) return false;
  if (*timeout_ms >= 0) return true;
  context.Error("ERR timeout is negative");
  return false;
}

// WAIT numreplicas timeout. There are no replicas: who waits for some waits for the whole timeout, as with Redis.
void Wait(CommandContext& context) {
  int64_t replicas, timeout_ms;
  if (!context.IntegerArg(1, &replicas) || !TimeoutArg(context, 2, &timeout_ms)) return;
  if (replicas <= 0 || !context.may_block()) return context.reply().Integer(0);
  context.host().WaitForSync(context, kNeverReached, timeout_ms, [](ReplyBuilder& reply, bool) { reply.Integer(0); });
}

// WAITAOF numlocal numreplicas timeout, as Redis 7.2 documents it: the reply is how many logs, ours and those of
// replicas, have synced what this connection wrote.
void WaitAof(CommandContext& context) {
  int64_t local, replicas, timeout_ms;
  if (!context.IntegerArg(1, &local)) return;
  if (local < 0 || local > 1) return context.Error("ERR value is out of range, value must between 0 and 1");
  if (!context.IntegerArg(2, &replicas)) return;
  if (replicas < 0) return context.Error(errors::kOutOfRangePositive);
  if (!TimeoutArg(context, 3, &timeout_ms)) return;

  bool has_log = context.host().config().Bool("appendonly");
  if (local > 0 && !has_log) {
    return context.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  Host& host = context.host();  // not its log: DEBUG RELOAD may put another one in its place meanwhile
  uint64_t position = context.client().last_write_position;
  auto write = [&host, has_log, position](ReplyBuilder& reply, bool) {
    reply.Array(2);
    reply.Integer(has_log && host.log().synced() >= position ? 1 : 0);
    reply.Integer(0);
  };
  bool satisfied = replicas == 0 && (local == 0 || host.log().synced() >= position);
  if (satisfied || !context.may_block()) return write(context.reply(), satisfied);
  host.WaitForSync(context, replicas > 0 ? kNeverReached : position, timeout_ms, write);
}

// --- the log and the end

void BgRewriteAof(CommandContext& context) {
  Status started = context.host().log().StartRewrite();
  if (!started.ok()) return context.Error(started.message());
  context.reply().Simple("Background append only file rewriting started");
}

void Shutdown(CommandContext& context) {
  bool save = false, nosave = false, now = false, force = false, abort = false;
  for (size_t i = 1; i < context.argc(); ++i) {
    std::string_view word = context.arg(i);
    if (EqualsIgnoreCase(word, "save")) {
      save = true;
    } else if (EqualsIgnoreCase(word, "nosave")) {
      nosave = true;
    } else if (EqualsIgnoreCase(word, "now")) {
      now = true;
    } else if (EqualsIgnoreCase(word, "force")) {
      force = true;
    } else if (EqualsIgnoreCase(word, "abort")) {
      abort = true;
    } else {
      return context.Error(errors::kSyntax);
    }
  }
  if ((save && nosave) || (abort && (save || nosave || now || force))) return context.Error(errors::kSyntax);
  if (abort) {
    Status aborted = context.host().AbortShutdown();
    return aborted.ok() ? context.reply().Ok() : context.Error(aborted.message());
  }
  ShutdownMode mode = save ? ShutdownMode::kSave : nosave ? ShutdownMode::kNoSave : ShutdownMode::kDefault;
  Status stopping = context.host().Shutdown(mode, now, force);
  if (!stopping.ok()) context.Error(stopping.message());
}

// --- LOLWUT

void Lolwut(CommandContext& context) {
  if (context.argc() >= 3 && EqualsIgnoreCase(context.arg(1), "version")) {
    int64_t version, number;
    if (!context.IntegerArg(2, &version)) return;
    // How many numbers Redis's drawing of that version takes.
    const size_t numbers = version == 5 ? 3 : version == 6 ? 2 : 0;
    for (size_t i = 3; i < std::min(context.argc(), 3 + numbers); ++i) {
      if (!context.IntegerArg(i, &number)) return;
    }
  }
  static constexpr std::string_view kHandOver =
      "     o                 o\n"
      "    /|\\__   ======   __/|\\\n"
      "    / \\                / \\\n"
      "\n"
      "Nothing is dropped between two hands.\n";
  std::string text(kHandOver);
  context.reply().Verbatim("txt", text.append("Baton ver. ").append(kBatonVersion).append("\n"));
}

constexpr CommandRow kRows[] = {
    {.name = "bgrewriteaof",
     .arity = 1,
     .flags = kAdmin | kNoScript | kNoAsyncLoading,
     .categories = "admin slow dangerous",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Asynchronously rewrite the append-only file",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = BgRewriteAof},
    {.name = "lolwut",
     .arity = -1,
     .flags = kReadonly | kFast,
     .categories = "read fast",
     .group = CommandGroup::kServer,
     .syntax = "[VERSION version]",
     .summary = "Display some computer art and the server's version",
     .complexity = "O(1)",
     .since = "5.0.0",
     .handler = Lolwut},
    {.name = "role",
     .arity = 1,
     .flags = kNoScript | kLoading | kStale | kFast,
     .categories = "admin fast dangerous",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Return the role of the instance in the context of replication",
     .complexity = "O(1)",
     .since = "2.8.12",
     .handler = Role},
    {.name = "shutdown",
     .arity = -1,
     .flags = kAdmin | kNoScript | kLoading | kStale | kNoMulti | kAllowBusy,
     .categories = "admin slow dangerous",
     .group = CommandGroup::kServer,
     .syntax = "[NOSAVE|SAVE] [NOW] [FORCE] [ABORT]",
     .summary = "Synchronously save the dataset to disk and then shut down the server",
     .complexity = "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise "
                   "O(1)",
     .since = "1.0.0",
     .handler = Shutdown},
    {.name = "time",
     .arity = 1,
     .flags = kLoading | kStale | kFast,
     .categories = "fast",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Return the current server time",
     .complexity = "O(1)",
     .since = "2.6.0",
     .handler = Time},
    {.name = "wait",
     .arity = 3,
     .flags = kNoScript,
     .categories = "slow connection",
     .group = CommandGroup::kGeneric,
     .syntax = "numreplicas timeout",
     .summary = "Wait for the synchronous replication of all the write commands sent in the context of the current "
                "connection",
     .complexity = "O(1)",
     .since = "3.0.0",
     .handler = Wait},
    {.name = "waitaof",
     .arity = 4,
     .flags = kNoScript,
     .categories = "slow connection",
     .group = CommandGroup::kGeneric,
     .syntax = "numlocal numreplicas timeout",
     .summary = "Wait until all the write commands sent in the context of the current connection are synced to the "
                "append-only file",
     .complexity = "O(1)",
     .since = "7.2.0",
     .handler = WaitAof},
};

}  // namespace

std::span<const CommandRow> ServerCommands() { return kRows; }

}  // namespace baton
