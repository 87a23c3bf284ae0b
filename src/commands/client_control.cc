#include "commands/client_control.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "base/text.h"
#include "commands/client_list.h"
#include "commands/help_reply.h"

namespace baton {
namespace {

int64_t MonotonicMs(CommandContext& context) { return context.host().monotonic_ns() / 1'000'000; }

std::optional<ClientType> TypeArg(CommandContext& context, size_t i) {
  std::optional<ClientType> type = ParseClientType(context.arg(i));
  if (!type) context.Error("ERR Unknown client type '" + errors::Shown(context.arg(i)) + "'");
  return type;
}

// --- KILL

struct KillFilter {
  std::optional<uint64_t> id;
  std::optional<ClientType> type;
  std::optional<std::string_view> address, local_address;  // none: any
  bool skip_me = true;

  bool Matches(const ClientState& client) const {
    return (!id || client.id == *id) && (!type || TypeOf(client) == *type) &&
           (!address || client.address == *address) && (!local_address || client.local_address == *local_address);
  }
};

// The filters from argument 2 on; replies with the error and returns false.
bool ParseKillFilter(CommandContext& context, KillFilter* filter) {
  for (size_t i = 2; i < context.argc(); i += 2) {
    std::string_view word = context.arg(i);
    bool has_value = i + 1 < context.argc();
    if (has_value && EqualsIgnoreCase(word, "id")) {
      int64_t id;
      if (!context.IntegerArg(i + 1, &id, "ERR client-id should be greater than 0")) return false;
      if (id < 1) {
        context.Error("ERR client-id should be greater than 0");
        return false;
      }
      filter->id = static_cast<uint64_t>(id);
    } else if (has_value && EqualsIgnoreCase(word, "type")) {
      filter->type = TypeArg(context, i + 1);
      if (!filter->type) return false;
    } else if (has_value && EqualsIgnoreCase(word, "addr")) {
      filter->address = context.arg(i + 1);
    } else if (has_value && EqualsIgnoreCase(word, "laddr")) {
      filter->local_address = context.arg(i + 1);
    } else if (has_value && EqualsIgnoreCase(word, "user")) {
      if (context.arg(i + 1) != "default") {
        context.Error("ERR No such user '" + errors::Shown(context.arg(i + 1)) + "'");
        return false;
      }
    } else if (has_value && EqualsIgnoreCase(word, "skipme") &&
               (EqualsIgnoreCase(context.arg(i + 1), "yes") || EqualsIgnoreCase(context.arg(i + 1), "no"))) {
      filter->skip_me = EqualsIgnoreCase(context.arg(i + 1), "yes");
    } else {
      context.Error(errors::kSyntax);
      return false;
    }
  }
  return true;
}

int64_t KillMatching(CommandContext& context, const KillFilter& filter) {
  // Collected first: killing changes what ForEachClient walks.
  std::vector<ClientState*> doomed;
  context.host().ForEachClient([&](ClientState& client) {
    bool is_me = client.id == context.client().id;
    if (filter.Matches(client) && !(is_me && filter.skip_me)) doomed.push_back(&client);
  });
  for (ClientState* client : doomed) context.host().KillClient(*client);
  return static_cast<int64_t>(doomed.size());
}

}  // namespace

void ClientList(CommandContext& context) {
  int64_t now_ms = MonotonicMs(context);
  std::string text;
  if (context.argc() == 2 || (context.argc() == 4 && EqualsIgnoreCase(context.arg(2), "type"))) {
    std::optional<ClientType> type;
    if (context.argc() == 4 && !(type = TypeArg(context, 3))) return;
    context.host().ForEachClient([&](ClientState& client) {
      if (!type || TypeOf(client) == *type) text += DescribeClient(client, now_ms) + "\n";
    });
  } else if (context.argc() > 3 && EqualsIgnoreCase(context.arg(2), "id")) {
    std::vector<int64_t> ids;
    std::map<int64_t, std::string> lines;
    for (size_t i = 3; i < context.argc(); ++i) {
      int64_t id;
      if (!context.IntegerArg(i, &id, "ERR Invalid client ID")) return;
      ids.push_back(id);
      lines[id];
    }
    context.host().ForEachClient([&](ClientState& client) {
      auto wanted = lines.find(static_cast<int64_t>(client.id));
      if (wanted != lines.end()) wanted->second = DescribeClient(client, now_ms) + "\n";
    });
    for (int64_t id : ids) text += lines[id];  // in the order asked for, as often as asked for
  } else {
    return context.Error(errors::kSyntax);
  }
  context.reply().Verbatim("txt", text);
}

void ClientKill(CommandContext& context) {
  if (context.argc() == 3) {  // the old form: one address, which may be our own
    KillFilter filter;
    filter.address = context.arg(2);
    filter.skip_me = false;
    if (KillMatching(context, filter) == 0) return context.Error("ERR No such client");
    return context.reply().Ok();
  }
  KillFilter filter;
  if (ParseKillFilter(context, &filter)) context.reply().Integer(KillMatching(context, filter));
}

void ClientPause(CommandContext& context) {
  if (context.argc() > 4) return ReplyUnknownForm(context);
  PauseMode mode = PauseMode::kAll;
  if (context.argc() == 4) {
    if (EqualsIgnoreCase(context.arg(3), "write")) {
      mode = PauseMode::kWrite;
    } else if (!EqualsIgnoreCase(context.arg(3), "all")) {
      return context.Error("ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
  }
  int64_t timeout_ms;
  if (!context.IntegerArg(2, &timeout_ms, "ERR timeout is not an integer or out of range")) return;
  if (timeout_ms < 0) return context.Error("ERR timeout is negative");
  int64_t now_ns = context.host().monotonic_ns();
  bool forever = timeout_ms > (INT64_MAX - now_ns) / 1'000'000;
  context.host().PauseClients(mode, forever ? INT64_MAX : now_ns + timeout_ms * 1'000'000);
  context.reply().Ok();
}

void ClientUnpause(CommandContext& context) {
  context.host().PauseClients(PauseMode::kNone, 0);
  context.reply().Ok();
}

void ClientUnblock(CommandContext& context) {
  if (context.argc() > 4) return ReplyUnknownForm(context);
  bool with_error = context.argc() == 4 && EqualsIgnoreCase(context.arg(3), "error");
  if (context.argc() == 4 && !with_error && !EqualsIgnoreCase(context.arg(3), "timeout")) {
    return context.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  int64_t id;
  if (!context.IntegerArg(2, &id)) return;
  context.reply().Integer(id > 0 && context.host().Unblock(static_cast<uint64_t>(id), with_error) ? 1 : 0);
}

}  // namespace baton
