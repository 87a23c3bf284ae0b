#include "commands/client_list.h"

#include <cinttypes>
#include <cstdio>

#include "base/text.h"
#include "commands/command.h"

namespace baton {
namespace {

std::string Flags(const ClientState& client) {
  const struct {
    bool on;
    char letter;
  } letters[] = {
      {client.subscribed, 'P'},  {client.in_multi, 'x'}, {client.blocked, 'b'},  {client.watch_dirty, 'd'},
      {client.unix_socket, 'U'}, {client.no_evict, 'e'}, {client.no_touch, 'T'},
  };
  std::string flags;
  for (const auto& [on, letter] : letters) {
    if (on) flags += letter;
  }
  return flags.empty() ? "N" : flags;
}

}  // namespace

std::optional<ClientType> ParseClientType(std::string_view word) {
  constexpr struct {
    std::string_view word;
    ClientType type;
  } kTypes[] = {{"normal", ClientType::kNormal},
                {"master", ClientType::kMaster},
                {"replica", ClientType::kReplica},
                {"slave", ClientType::kReplica},
                {"pubsub", ClientType::kPubSub}};
  for (const auto& known : kTypes) {
    if (EqualsIgnoreCase(word, known.word)) return known.type;
  }
  return std::nullopt;
}

std::string NameOfLastCommand(const ClientState& client) {
  if (client.last_command == nullptr) return "NULL";
  std::string name(client.last_command->name);
  if (client.last_subcommand != nullptr) name.append("|").append(client.last_subcommand->name);
  return name;
}

std::string DescribeClient(const ClientState& client, int64_t now_ms) {
  // Our reply buffers are chains: what Redis calls the list (oll, omem) is all there is, and the fixed buffer is empty.
  char figures[512];
  std::snprintf(figures, sizeof figures,
                " age=%" PRId64 " idle=%" PRId64 " flags=%s db=%" PRIu32 " sub=%" PRIu32 " psub=%" PRIu32
                " ssub=%" PRIu32 " multi=%" PRId64 " qbuf=%" PRIu64 " qbuf-free=%" PRIu64 " argv-mem=%" PRIu64
                " multi-mem=%" PRIu64 " rbs=0 rbp=0 obl=0 oll=%" PRIu64 " omem=%" PRIu64 " tot-mem=%" PRIu64
                " events=%s",
                (now_ms - client.connected_ms) / 1000, (now_ms - client.last_used_ms) / 1000, Flags(client).c_str(),
                client.db, client.subscription_counts[0], client.subscription_counts[1], client.subscription_counts[2],
                client.in_multi ? static_cast<int64_t>(client.queued.size()) : -1, client.query_buffer_bytes,
                client.query_buffer_free, client.argv_bytes, client.multi_bytes, client.output_blocks,
                client.output_bytes, client.total_bytes, client.output_bytes > 0 ? "rw" : "r");
  return "id=" + std::to_string(client.id) + " addr=" + client.address + " laddr=" + client.local_address +
         " fd=" + std::to_string(client.fd) + " name=" + client.name + figures + " cmd=" + NameOfLastCommand(client) +
         " user=default redir=-1 resp=" + std::to_string(client.protocol) + " lib-name=" + client.lib_name +
         " lib-ver=" + client.lib_version;
}

}  // namespace baton
