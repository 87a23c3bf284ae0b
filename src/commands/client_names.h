#pragma once

#include <string_view>

#include "commands/context.h"

namespace baton {

// What stands in CLIENT LIST must not break its lines: printable ASCII without spaces.
bool IsClientAttribute(std::string_view text);

// CLIENT SETNAME and HELLO SETNAME; an empty name removes it. Replies with the error and returns false when it can't
// be.
bool SetClientName(CommandContext& context, std::string_view name);

}  // namespace baton
