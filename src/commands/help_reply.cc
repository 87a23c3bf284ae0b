#include "commands/help_reply.h"

#include <string>

#include "base/text.h"

namespace baton {

void ReplyHelp(CommandContext& context, std::span<const std::string_view> lines) {
  ReplyBuilder& reply = context.reply();
  reply.Array(static_cast<int64_t>(lines.size()) + 3);
  reply.Simple(ToUpper(context.arg(0)) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (std::string_view line : lines) reply.Simple(line);
  reply.Simple("HELP");
  reply.Simple("    Prints this help.");
}

void ReplyUnknownForm(CommandContext& context) {
  constexpr size_t kShownBytesMax = 128;
  context.Error("ERR unknown subcommand or wrong number of arguments for '" +
                errors::Shown(context.arg(1), kShownBytesMax) + "'. Try " + ToUpper(context.arg(0)) + " HELP.");
}

}  // namespace baton
