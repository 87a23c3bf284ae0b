#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.h"
#include "data/mutation.h"

namespace baton {

// A request that was copied out of the input buffer because it must outlive its turn (queued by MULTI, blocked).
struct StoredRequest {
  const CommandRow* row = nullptr;
  std::vector<std::string> words;
  std::vector<std::string_view> argv;  // views into words
  static std::unique_ptr<StoredRequest> Copy(const CommandRow* row, const std::vector<std::string_view>& argv);
};

// What SUBSCRIBE, PSUBSCRIBE and SSUBSCRIBE name.
enum class ChannelKind : uint8_t { kChannel, kPattern, kShardChannel };
inline constexpr size_t kChannelKinds = 3;

struct WatchedKey {
  uint32_t db;
  std::string name;
  bool was_expired;  // at the time of WATCH
};

// What commands know of one connection. Owned by its Session; handlers see it as CommandContext::client().
struct ClientState {
  uint64_t id = 0;
  std::string name, lib_name, lib_version;
  std::string address, local_address;     // "127.0.0.1:5000", "/tmp/baton.sock:0"
  int fd = -1;
  bool unix_socket = false;
  bool authenticated = false;
  uint32_t db = 0;
  int protocol = 2;
  int64_t connected_ms = 0, last_used_ms = 0;  // monotonic
  const CommandRow* last_command = nullptr;
  const CommandRow* last_subcommand = nullptr;
  bool no_evict = false, no_touch = false;

  // MULTI
  bool in_multi = false;
  bool multi_failed = false;               // a queued command was refused: EXEC answers EXECABORT
  std::vector<std::unique_ptr<StoredRequest>> queued;
  // WATCH
  std::vector<WatchedKey> watched;
  bool watch_dirty = false;                // set by the server when a watched key was changed

  // CLIENT REPLY: from here on, for this command, for the next command.
  bool replies_off = false, reply_skipped = false, next_reply_skipped = false;
  bool wants_replies() const { return !replies_off && !reply_skipped; }
  // What stands before it in the output is sent whatever CLIENT REPLY says: messages, and replies of before.
  uint64_t settled_offset = 0;

  // How many names it is subscribed to, by ChannelKind, and whether to any: Channels keeps the account.
  std::array<uint32_t, kChannelKinds> subscription_counts{};
  bool subscribed = false;
  // RESP2 cannot tell messages from replies: while such a client is subscribed it may ask for little else.
  bool only_listens() const { return subscribed && protocol < 3; }

  uint64_t last_write_position = 0;        // log position of the newest change this connection made; set by the server

  bool blocked = false;
  bool close_after_reply = false;          // QUIT, protocol error, CLIENT KILL of oneself

  // Filled by the session before CLIENT LIST/INFO asks.
  uint64_t query_buffer_bytes = 0, query_buffer_free = 0, argv_bytes = 0;
  uint64_t output_bytes = 0, output_blocks = 0, total_bytes = 0, multi_bytes = 0;
};

}  // namespace baton
