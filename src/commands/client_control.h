#pragma once

#include "commands/context.h"

namespace baton {

// CLIENT LIST, KILL, PAUSE, UNPAUSE, UNBLOCK: what a connection may ask about and do to others. Their rows stand with
// the rest of CLIENT in client_commands.cc.
void ClientList(CommandContext& context);
void ClientKill(CommandContext& context);
void ClientPause(CommandContext& context);
void ClientUnpause(CommandContext& context);
void ClientUnblock(CommandContext& context);

}  // namespace baton
