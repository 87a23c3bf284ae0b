#include "commands/queue_support.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/text.h"
#include "base/words.h"

namespace baton {
namespace {

// A glob that matches nothing but `name`.
std::string GlobOf(std::string_view name) {
  std::string glob;
  for (char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') glob += '\\';
    glob += c;
  }
  return glob;
}

// What makes that list a queue, and no policy another one; empty: nothing that names it alone.
std::string LineToType(const PolicyTable& policies, std::string_view queue) {
  constexpr size_t kNameBytesMax = 100;
  std::string name(queue.substr(0, kNameBytesMax));
  while (policies.Find(name) != nullptr) name += "-2";
  const std::string match = GlobOf(queue), processing = match + std::string(kProcessingSuffix);
  const std::string_view words[] = {name, "MATCH", match, "PROCESSING", processing, "VISIBILITY", "60000"};
  if (!Policy::Parse(words).ok()) return "";
  std::string line = "QPOLICY SET";
  for (std::string_view word : words) line += " " + AsTyped(word);
  return line;
}

}  // namespace

bool Token::Parse(std::string_view text, Token* token) {
  const size_t dash = text.find('-');
  int64_t id = 0, delivery = 0;
  if (dash == std::string_view::npos || !ParseInt64(text.substr(0, dash), &id) ||
      !ParseInt64(text.substr(dash + 1), &delivery)) {
    return false;
  }
  if (id <= 0 || delivery <= 0 || delivery > UINT16_MAX) return false;
  token->id = static_cast<uint64_t>(id);
  token->delivery = static_cast<uint16_t>(delivery);
  return true;
}

std::string TokenOf(const Message& message) {
  return std::to_string(message.id) + "-" + std::to_string(message.deliveries);
}

bool RangeArg(CommandContext& context, size_t i, int64_t min, int64_t max, int64_t* value, std::string_view name) {
  if (ParseInt64(context.arg(i), value) && *value >= min && *value <= max) return true;
  context.Error("ERR " + (name.empty() ? ToUpper(context.arg(i - 1)) : std::string(name)) + ": '" +
                errors::Shown(context.arg(i), 64) + "' should be a number from " + std::to_string(min) + " to " +
                std::to_string(max));
  return false;
}

bool OptionsMakeSense(CommandContext& context, size_t first, std::span<const OptionWord> options) {
  uint64_t given = 0;  // a bit for each of options
  for (size_t i = first; i < context.argc(); ++i) {
    const auto option = std::find_if(options.begin(), options.end(), [&](const OptionWord& known) {
      return EqualsIgnoreCase(context.arg(i), known.word);
    });
    if (option == options.end()) break;
    const uint64_t bit = uint64_t{1} << (option - options.begin());
    if ((given & bit) != 0) {
      context.Error("ERR " + std::string(option->word) + " is given twice");
      return false;
    }
    given |= bit;
    if (!option->takes_value) continue;
    if (++i == context.argc()) {
      SyntaxError(context, std::string(option->word) + " lacks its value");
      return false;
    }
  }
  return true;
}

void SyntaxError(CommandContext& context, std::string_view what) {
  const CommandRow& row = context.row();
  context.Error("ERR " + std::string(what) + ". Syntax: " + ToUpper(row.name) + " " + std::string(row.syntax));
}

const Policy* QueuePolicyArg(CommandContext& context, std::string_view queue) {
  const PolicyTable::Match match = context.host().queues().policies().MatchKey(queue);
  if (match.role == ListRole::kQueue) return match.policy;
  context.LooksAtEverything();
  const std::string name = errors::Shown(queue, 128);
  if (match.role != ListRole::kPlain) {
    context.Error("NOPOLICY '" + name + "' is no queue: " + match.why);
  } else {
    const std::string line = LineToType(context.host().queues().policies(), queue);
    context.Error("NOPOLICY no policy names the queue '" + name + "'. " +
                  (line.empty() ? "No MATCH can name it alone, but one with '*' can" : "Set one: " + line));
  }
  return nullptr;
}

void ReplyMeta(CommandContext& context, uint32_t slot) {
  Host& host = context.host();
  const QueueBook& queues = host.queues();
  const Message& message = queues.messages().at(slot);
  const int64_t now_ms = host.queue_now_ms();
  const bool timed = message.state == MessageState::kLeased || message.state == MessageState::kDelayed;
  ReplyBuilder& reply = context.reply();
  reply.Map(timed ? 10 : 9);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(message.id));
  reply.Bulk("token");
  reply.Bulk(TokenOf(message));
  reply.Bulk("state");
  reply.Bulk(StateName(message.state));
  reply.Bulk("queue");
  reply.Bulk(queues.NameOf(message.source));
  reply.Bulk("list");
  reply.Bulk(queues.NameOf(message.list));
  reply.Bulk("deliveries");
  reply.Integer(message.deliveries);
  reply.Bulk("failures");
  reply.Integer(message.failures);
  reply.Bulk("reason");
  reply.Bulk(ReasonName(message.reason));
  reply.Bulk("first-delivered-ms-ago");
  reply.Integer(std::max<int64_t>(now_ms - message.first_ms(), 0));
  if (!timed) return;
  reply.Bulk(message.state == MessageState::kLeased ? "lease-ends-in-ms" : "due-in-ms");
  reply.Integer(std::max<int64_t>(message.at_ms - now_ms, 0));
}

}  // namespace baton
