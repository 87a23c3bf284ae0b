// PING ECHO AUTH HELLO QUIT RESET: what a client sends to get going and to leave.

#include <string>

#include "base/numbers.h"
#include "base/text.h"
#include "commands/client_names.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/version.h"
#include "config/config.h"

namespace baton {
namespace {

constexpr std::string_view kWrongPass = "WRONGPASS invalid username-password pair or user is disabled.";
constexpr std::string_view kDefaultUser = "default";

// Takes the same time wherever the two differ.
bool SameSecret(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() != expected.size();
  for (size_t i = 0; i < given.size(); ++i) {
    char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

// The one user is "default"; without requirepass any password will do.
bool LogIn(CommandContext& context, std::string_view user, std::string_view password) {
  const std::string required = context.host().config().String("requirepass");
  if (user != kDefaultUser || (!required.empty() && !SameSecret(password, required))) {
    context.Error(kWrongPass);
    return false;
  }
  context.client().authenticated = true;
  return true;
}

void Ping(CommandContext& context) {
  if (context.argc() > 2) return context.Error(errors::WrongArity("ping"));
  if (context.client().only_listens()) [[unlikely]] {  // in the form of a message
    context.reply().Array(2);
    context.reply().Bulk("pong");
    return context.reply().Bulk(context.argc() == 2 ? context.arg(1) : "");
  }
  if (context.argc() == 2) return context.reply().Bulk(context.arg(1));
  context.reply().Simple("PONG");
}

void Echo(CommandContext& context) { context.reply().Bulk(context.arg(1)); }

void Auth(CommandContext& context) {
  if (context.argc() > 3) return context.Error(errors::kSyntax);
  if (context.argc() == 2 && context.host().config().String("requirepass").empty()) {
    return context.Error(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        "configuration is correct?");
  }
  bool names_user = context.argc() == 3;
  if (LogIn(context, names_user ? context.arg(1) : kDefaultUser, context.arg(names_user ? 2 : 1))) context.reply().Ok();
}

void ReplyToHello(CommandContext& context) {
  ReplyBuilder& reply = context.reply();
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(context.client().protocol);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(context.client().id));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

// HELLO [protover [AUTH user password] [SETNAME name]]. Options take effect one by one, as in Redis: an error in a
// later one leaves the earlier ones done, but the protocol as it was.
void Hello(CommandContext& context) {
  int64_t protocol = 0;
  if (context.argc() >= 2) {
    if (!context.IntegerArg(1, &protocol, "ERR Protocol version is not an integer or out of range")) return;
    if (protocol != 2 && protocol != 3) return context.Error(errors::kNoProto);
  }
  for (size_t i = 2; i < context.argc(); ++i) {
    size_t left = context.argc() - i - 1;
    if (EqualsIgnoreCase(context.arg(i), "AUTH") && left >= 2) {
      if (!LogIn(context, context.arg(i + 1), context.arg(i + 2))) return;
      i += 2;
    } else if (EqualsIgnoreCase(context.arg(i), "SETNAME") && left >= 1) {
      if (!SetClientName(context, context.arg(i + 1))) return;
      i += 1;
    } else {
      return context.Error("ERR Syntax error in HELLO option '" + errors::Shown(context.arg(i)) + "'");
    }
  }
  if (!context.client().authenticated) {
    return context.Error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> "
        "option can be used to authenticate the client and select the RESP protocol version at the same time");
  }
  if (protocol != 0) {
    context.client().protocol = static_cast<int>(protocol);
    context.reply().set_protocol(static_cast<int>(protocol));
  }
  ReplyToHello(context);
}

void Quit(CommandContext& context) {
  context.reply().Ok();
  context.client().close_after_reply = true;
}

void Reset(CommandContext& context) {
  context.host().ResetConnection(context.client());
  context.reply().set_protocol(context.client().protocol);
  context.reply().Simple("RESET");
}

constexpr uint32_t kAnyTime = kNoScript | kLoading | kStale | kFast | kNoAuth | kAllowBusy;

constexpr CommandRow kRows[] = {
    {.name = "ping",
     .arity = -1,
     .flags = kFast | kForListeners,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "[message]",
     .summary = "Ping the server",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Ping},
    {.name = "echo",
     .arity = 2,
     .flags = kLoading | kStale | kFast,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "message",
     .summary = "Echo the given string",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Echo},
    {.name = "auth",
     .arity = -2,
     .flags = kAnyTime,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "[username] password",
     .summary = "Authenticate to the server",
     .complexity = "O(N) where N is the number of passwords defined for the user",
     .since = "1.0.0",
     .handler = Auth},
    {.name = "hello",
     .arity = -1,
     .flags = kAnyTime,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "[protover [AUTH username password] [SETNAME clientname]]",
     .summary = "Handshake with Redis",
     .complexity = "O(1)",
     .since = "6.0.0",
     .handler = Hello},
    {.name = "quit",
     .arity = -1,
     .flags = kAnyTime | kTransactionControl | kForListeners,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Close the connection",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Quit},
    {.name = "reset",
     .arity = 1,
     .flags = kAnyTime | kTransactionControl | kForListeners,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "",
     .summary = "Reset the connection",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = Reset},
};

}  // namespace

std::span<const CommandRow> ConnectionCommands() { return kRows; }

}  // namespace baton
