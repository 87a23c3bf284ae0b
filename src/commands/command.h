#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace baton {

class CommandContext;

// What a command may do and need; the same words as COMMAND INFO's flags.
enum CommandFlag : uint32_t {
  kWrite = 1u << 0,
  kReadonly = 1u << 1,
  kDenyOom = 1u << 2,        // may grow memory or the disk: refused at maxmemory and on a full disk
  kAdmin = 1u << 3,
  kPubSub = 1u << 4,
  kNoScript = 1u << 5,
  kBlocking = 1u << 6,
  kLoading = 1u << 7,        // allowed while loading
  kStale = 1u << 8,
  kSkipMonitor = 1u << 9,
  kSkipSlowlog = 1u << 10,
  kAsking = 1u << 11,
  kFast = 1u << 12,
  kNoAuth = 1u << 13,        // allowed before AUTH
  kMayReplicate = 1u << 14,
  kNoMulti = 1u << 15,
  kMovableKeys = 1u << 16,
  kAllowBusy = 1u << 17,
  kNoMandatoryKeys = 1u << 18,
  kProtected = 1u << 19,
  kNoAsyncLoading = 1u << 20,
  kNeverGrows = 1u << 22,          // shows denyoom as Redis's does, but only moves or shrinks: passes at maxmemory and on a
                                   // full disk, so that a full system can be drained (not shown to clients)
  kTransactionControl = 1u << 21,  // runs at once inside MULTI instead of being queued (not shown to clients)
  kAbsent = 1u << 23,              // known by name only, and refused with the reason: see absent_commands.cc
  kForListeners = 1u << 24,        // allowed to a RESP2 client that is subscribed to something (not shown to clients)
  kKeysAreChannels = 1u << 25,     // what stands where keys stand are names of channels (not shown to clients)
};

enum class CommandGroup : uint8_t { kGeneric, kString, kList, kConnection, kServer, kTransactions, kQueue, kPubSub };

using CommandHandler = void (*)(CommandContext&);
// Writes the positions of the keys in argv, for commands whose keys do not follow first/last/step
// (LMPOP numkeys ...). Returns how many were written, or -1 when the arguments make no sense.
using KeyFinder = int (*)(std::span<const std::string_view> argv, int* positions, int max);

// One row holds everything known about a command: dispatch, COMMAND INFO and DOCS, redis-cli's hints, ACL categories and
// the README's table are all made from it. Rows stand beside their handlers, one file per family.
struct CommandRow {
  std::string_view name;             // lower case; subcommands: their own word only ("kill")
  int arity = 0;                     // as Redis: the name counts; negative = at least
  uint32_t flags = 0;                // CommandFlag
  std::string_view categories = {};  // ACL categories, space separated, without '@': "write list fast"
  int first_key = 0, last_key = 0, key_step = 0;
  CommandGroup group = CommandGroup::kGeneric;
  std::string_view syntax = {};      // arguments as redis.io prints them: "key [NX|XX] [GET] [EX seconds|PX milliseconds]"
  std::string_view summary = {};     // one line
  std::string_view complexity = {};  // "O(1)"
  std::string_view since = {};       // Redis's version, or Baton's for our own commands
  std::string_view examples = {};    // of our own commands: lines as one types them in redis-cli, '\n' between them
  CommandHandler handler = nullptr;  // null for a container
  std::span<const CommandRow> subcommands = {};
  KeyFinder find_keys = nullptr;
};

}  // namespace baton
