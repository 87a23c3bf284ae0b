#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "commands/client_state.h"

namespace baton {

// Redis's kinds of connections. There are no replicas, and no master.
enum class ClientType : uint8_t { kNormal, kMaster, kReplica, kPubSub };
std::optional<ClientType> ParseClientType(std::string_view word);
inline ClientType TypeOf(const ClientState& client) {
  return client.subscribed ? ClientType::kPubSub : ClientType::kNormal;
}

// "client|kill"; "NULL" when it has sent nothing yet.
std::string NameOfLastCommand(const ClientState& client);

// One line of CLIENT LIST, without its end: Redis 7.2's fields in its order. `now_ms` is monotonic.
std::string DescribeClient(const ClientState& client, int64_t now_ms);

}  // namespace baton
