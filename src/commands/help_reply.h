#pragma once

#include <span>
#include <string_view>

#include "commands/context.h"

namespace baton {

// The reply of a container's HELP: Redis's frame around `lines`.
void ReplyHelp(CommandContext& context, std::span<const std::string_view> lines);

// What a subcommand replies that accepts several forms and was given none of them.
void ReplyUnknownForm(CommandContext& context);

}  // namespace baton
