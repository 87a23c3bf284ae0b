// CLIENT ...: a connection's own attributes. Looking at other connections and ending them is in client_control.cc.

#include <string>

#include "base/text.h"
#include "commands/client_control.h"
#include "commands/client_list.h"
#include "commands/client_names.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/help_reply.h"

namespace baton {

bool IsClientAttribute(std::string_view text) {
  for (char c : text) {
    if (c < '!' || c > '~') return false;
  }
  return true;
}

bool SetClientName(CommandContext& context, std::string_view name) {
  if (!IsClientAttribute(name)) {
    context.Error("ERR Client names cannot contain spaces, newlines or special characters.");
    return false;
  }
  context.client().name = name;
  return true;
}

namespace {

void ClientHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "CACHING (YES|NO)",
      "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
      "GETREDIR",
      "    Return the client ID we are redirecting to when tracking is enabled.",
      "GETNAME",
      "    Return the name of the current connection.",
      "ID",
      "    Return the ID of the current connection.",
      "INFO",
      "    Return information about the current client connection.",
      "KILL <ip:port>",
      "    Kill connection made from <ip:port>.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Kill connections. Options are:",
      "    * ADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made from the specified address",
      "    * LADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made to specified local address",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Kill connections by type.",
      "    * USER <username>",
      "      Kill connections authenticated by <username>.",
      "    * SKIPME (YES|NO)",
      "      Skip killing current connection (default: yes).",
      "LIST [options ...]",
      "    Return information about client connections. Options:",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Return clients of specified type.",
      "UNPAUSE",
      "    Stop the current client pause, resuming traffic.",
      "PAUSE <timeout> [WRITE|ALL]",
      "    Suspend all, or just write, clients for <timeout> milliseconds.",
      "REPLY (ON|OFF|SKIP)",
      "    Control the replies sent to the current connection.",
      "SETNAME <name>",
      "    Assign the name <name> to the current connection.",
      "SETINFO (LIB-NAME|LIB-VER) <value>",
      "    Tell which client library the current connection belongs to.",
      "UNBLOCK <clientid> [TIMEOUT|ERROR]",
      "    Unblock the specified blocked client.",
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
      "         [OPTIN] [OPTOUT] [NOLOOP]",
      "    Control server assisted client side caching. Only OFF can be had here.",
      "TRACKINGINFO",
      "    Report tracking status for the current connection.",
      "NO-EVICT (ON|OFF)",
      "    Protect current client connection from eviction.",
      "NO-TOUCH (ON|OFF)",
      "    Leave the idle time of keys alone when this connection looks at them.",
  };
  ReplyHelp(context, kLines);
}

void ClientId(CommandContext& context) { context.reply().Integer(static_cast<int64_t>(context.client().id)); }

void ClientInfo(CommandContext& context) {
  std::string line;
  // Only the server's own walk brings a connection's figures up to date.
  context.host().ForEachClient([&](ClientState& client) {
    if (client.id == context.client().id) line = DescribeClient(client, context.host().monotonic_ns() / 1'000'000);
  });
  context.reply().Verbatim("txt", line + "\n");
}

void ClientGetName(CommandContext& context) {
  const std::string& name = context.client().name;
  name.empty() ? context.reply().Null() : context.reply().Bulk(name);
}

void ClientSetName(CommandContext& context) {
  if (SetClientName(context, context.arg(2))) context.reply().Ok();
}

void ClientSetInfo(CommandContext& context) {
  std::string* attribute = EqualsIgnoreCase(context.arg(2), "lib-name")  ? &context.client().lib_name
                           : EqualsIgnoreCase(context.arg(2), "lib-ver") ? &context.client().lib_version
                                                                         : nullptr;
  if (attribute == nullptr) {
    return context.Error("ERR Unrecognized option '" + errors::Shown(context.arg(2)) + "'");
  }
  if (!IsClientAttribute(context.arg(3))) {
    return context.Error("ERR " + errors::Shown(context.arg(2)) +
                         " cannot contain spaces, newlines or special characters.");
  }
  *attribute = context.arg(3);
  context.reply().Ok();
}

// The ON or OFF of argument 2; replies with the error and returns false when it is neither.
bool OnOffArg(CommandContext& context, bool* on) {
  *on = EqualsIgnoreCase(context.arg(2), "on");
  if (*on || EqualsIgnoreCase(context.arg(2), "off")) return true;
  context.Error(errors::kSyntax);
  return false;
}

void ClientNoEvict(CommandContext& context) {
  bool on;
  if (!OnOffArg(context, &on)) return;
  context.client().no_evict = on;
  context.reply().Ok();
}

void ClientNoTouch(CommandContext& context) {
  bool on;
  if (!OnOffArg(context, &on)) return;
  context.client().no_touch = on;
  context.reply().Ok();
}

// OFF and SKIP have no reply of their own; the server drops those of the commands that follow.
void ClientReply(CommandContext& context) {
  ClientState& client = context.client();
  if (EqualsIgnoreCase(context.arg(2), "on")) {
    client.replies_off = client.reply_skipped = false;  // a SKIP before it in the same transaction still holds
    context.reply().Ok();
  } else if (EqualsIgnoreCase(context.arg(2), "off")) {
    client.replies_off = true;
  } else if (EqualsIgnoreCase(context.arg(2), "skip")) {
    if (!client.replies_off) client.next_reply_skipped = true;
  } else {
    context.Error(errors::kSyntax);
  }
}

// --- client side caching: this server sends no invalidations, and says so

// The options of CLIENT TRACKING, checked as Redis does; replies with the error and returns false.
bool CheckTrackingOptions(CommandContext& context) {
  bool redirected = false;
  for (size_t i = 3; i < context.argc(); ++i) {
    std::string_view word = context.arg(i);
    bool has_value = i + 1 < context.argc();
    if (EqualsIgnoreCase(word, "redirect") && has_value) {
      if (redirected) {
        context.Error("ERR A client can only redirect to a single other client");
        return false;
      }
      int64_t id;
      if (!context.IntegerArg(++i, &id)) return false;
      if (context.host().FindClient(static_cast<uint64_t>(id)) == nullptr) {
        context.Error("ERR The client ID you want redirect to does not exist");
        return false;
      }
      redirected = true;
    } else if (EqualsIgnoreCase(word, "prefix") && has_value) {
      ++i;
    } else if (!EqualsIgnoreCase(word, "bcast") && !EqualsIgnoreCase(word, "optin") &&
               !EqualsIgnoreCase(word, "optout") && !EqualsIgnoreCase(word, "noloop")) {
      context.Error(errors::kSyntax);
      return false;
    }
  }
  return true;
}

void ClientTracking(CommandContext& context) {
  bool on;
  if (!CheckTrackingOptions(context) || !OnOffArg(context, &on)) return;
  if (on) return context.Error("ERR CLIENT TRACKING ON is not available: this server sends no invalidation messages");
  context.reply().Ok();
}

void ClientCaching(CommandContext& context) {
  context.Error(
      "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled");
}

void ClientGetRedir(CommandContext& context) { context.reply().Integer(-1); }

void ClientTrackingInfo(CommandContext& context) {
  ReplyBuilder& reply = context.reply();
  reply.Map(3);
  reply.Bulk("flags");
  reply.Set(1);
  reply.Bulk("off");
  reply.Bulk("redirect");
  reply.Integer(-1);
  reply.Bulk("prefixes");
  reply.Array(0);
}

// --- rows

constexpr uint32_t kOwn = kNoScript | kLoading | kStale;
constexpr uint32_t kOthers = kAdmin | kNoScript | kLoading | kStale;
constexpr std::string_view kOwnCategories = "slow connection";
constexpr std::string_view kOthersCategories = "admin slow dangerous connection";

constexpr CommandRow kSubcommands[] = {
    {.name = "caching",
     .arity = 3,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "YES|NO",
     .summary = "Instruct the server about tracking or not keys in the next request",
     .complexity = "O(1)",
     .since = "6.0.0",
     .handler = ClientCaching},
    {.name = "getname",
     .arity = 2,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Get the current connection name",
     .complexity = "O(1)",
     .since = "2.6.9",
     .handler = ClientGetName},
    {.name = "getredir",
     .arity = 2,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Get tracking notifications redirection client ID if any",
     .complexity = "O(1)",
     .since = "6.0.0",
     .handler = ClientGetRedir},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "5.0.0",
     .handler = ClientHelp},
    {.name = "id",
     .arity = 2,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Returns the client ID for the current connection",
     .complexity = "O(1)",
     .since = "5.0.0",
     .handler = ClientId},
    {.name = "info",
     .arity = 2,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Returns information about the current client connection.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = ClientInfo},
    {.name = "kill",
     .arity = -3,
     .flags = kOthers,
     .categories = kOthersCategories,
     .group = CommandGroup::kConnection,
     .syntax = "ip:port|[ID client-id]|[TYPE NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]|[USER username]|[ADDR ip:port]|"
               "[LADDR ip:port]|[SKIPME yes/no] [[ID client-id]|[TYPE NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]|"
               "[USER username]|[ADDR ip:port]|[LADDR ip:port]|[SKIPME yes/no] ...]",
     .summary = "Kill the connection of a client",
     .complexity = "O(N) where N is the number of client connections",
     .since = "2.4.0",
     .handler = ClientKill},
    {.name = "list",
     .arity = -2,
     .flags = kOthers,
     .categories = kOthersCategories,
     .group = CommandGroup::kConnection,
     .syntax = "[TYPE NORMAL|MASTER|REPLICA|PUBSUB] [ID client-id [client-id ...]]",
     .summary = "Get the list of client connections",
     .complexity = "O(N) where N is the number of client connections",
     .since = "2.4.0",
     .handler = ClientList},
    {.name = "no-evict",
     .arity = 3,
     .flags = kOthers,
     .categories = kOthersCategories,
     .group = CommandGroup::kConnection,
     .syntax = "ON|OFF",
     .summary = "Set client eviction mode for the current connection",
     .complexity = "O(1)",
     .since = "7.0.0",
     .handler = ClientNoEvict},
    {.name = "no-touch",
     .arity = 3,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "ON|OFF",
     .summary = "Leave the idle time of keys alone when the current connection looks at them",
     .complexity = "O(1)",
     .since = "7.2.0",
     .handler = ClientNoTouch},
    {.name = "pause",
     .arity = -3,
     .flags = kOthers,
     .categories = kOthersCategories,
     .group = CommandGroup::kConnection,
     .syntax = "timeout [WRITE|ALL]",
     .summary = "Stop processing commands from clients for some time",
     .complexity = "O(1)",
     .since = "2.9.50",
     .handler = ClientPause},
    {.name = "reply",
     .arity = 3,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "ON|OFF|SKIP",
     .summary = "Instruct the server whether to reply to commands",
     .complexity = "O(1)",
     .since = "3.2.0",
     .handler = ClientReply},
    {.name = "setinfo",
     .arity = 4,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "LIB-NAME libname|LIB-VER libver",
     .summary = "Tell which client library the current connection belongs to",
     .complexity = "O(1)",
     .since = "7.2.0",
     .handler = ClientSetInfo},
    {.name = "setname",
     .arity = 3,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "connection-name",
     .summary = "Set the current connection name",
     .complexity = "O(1)",
     .since = "2.6.9",
     .handler = ClientSetName},
    {.name = "tracking",
     .arity = -3,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "ON|OFF [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
     .summary = "Enable or disable server assisted client side caching support",
     .complexity = "O(1). Some options may introduce additional complexity.",
     .since = "6.0.0",
     .handler = ClientTracking},
    {.name = "trackinginfo",
     .arity = 2,
     .flags = kOwn,
     .categories = kOwnCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Return information about server assisted client side caching for the current connection",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = ClientTrackingInfo},
    {.name = "unblock",
     .arity = -3,
     .flags = kOthers,
     .categories = kOthersCategories,
     .group = CommandGroup::kConnection,
     .syntax = "client-id [TIMEOUT|ERROR]",
     .summary = "Unblock a client blocked in a blocking command from a different connection",
     .complexity = "O(log N) where N is the number of client connections",
     .since = "5.0.0",
     .handler = ClientUnblock},
    {.name = "unpause",
     .arity = 2,
     .flags = kOthers,
     .categories = kOthersCategories,
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Resume processing of clients that were paused",
     .complexity = "O(N) Where N is the number of paused clients",
     .since = "6.2.0",
     .handler = ClientUnpause},
};

constexpr CommandRow kRows[] = {
    {.name = "client",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "A container for client connection commands",
     .complexity = "Depends on subcommand.",
     .since = "2.4.0",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> ClientCommands() { return kRows; }

}  // namespace baton
