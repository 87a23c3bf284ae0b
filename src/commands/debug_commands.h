#pragma once

#include <string_view>

#include "commands/client_state.h"
#include "commands/command.h"
#include "config/config.h"

namespace baton {

// Why a kProtected command may not run for this client ("enable-debug-command"); empty when it may. Asked before the
// command is queued by MULTI, and before authentication is, as in Redis.
std::string_view ProtectedCommandRefusal(const CommandRow& row, const ClientState& client, const Config& config);

}  // namespace baton
