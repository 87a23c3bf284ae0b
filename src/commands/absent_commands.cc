#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/version.h"

// Commands of Redis that operators and frameworks send and Baton does not have: they are told so, why, and what to do
// instead. Of Redis's other data types' commands not even the name is known here, as in a Redis that is too old for
// them. None of these is shown by COMMAND.
namespace baton {
namespace {

constexpr std::string_view kNoSnapshots =
    "the append-only log already holds every acknowledged write; use BGREWRITEAOF to compact it";
constexpr std::string_view kOneServer = "there is no replication; this server stands alone";
constexpr std::string_view kNoSerializedValues =
    "values are not exchanged in Redis's dump format; hand over the append-only directory, which redis-server 7 reads "
    "and "
    "writes too";
constexpr std::string_view kNoSort = "read the list with LRANGE and sort it in the client";
constexpr std::string_view kNoScripts =
    "there are no scripts and functions; use MULTI and EXEC, with WATCH where it matters";

struct Absence {
  std::string_view name, reason;
};
constexpr Absence kAbsences[] = {
    {"save", kNoSnapshots},
    {"bgsave", kNoSnapshots},
    {"lastsave", "there are no snapshot files; INFO persistence tells what the append-only log holds"},
    {"acl", "there is one user; its password is the option requirepass"},
    {"monitor", "look at traffic with SLOWLOG, CLIENT LIST and INFO commandstats"},
    {"module", "modules cannot be loaded"},
    {"replicaof", kOneServer},
    {"slaveof", kOneServer},
    {"replconf", kOneServer},
    {"psync", kOneServer},
    {"sync", kOneServer},
    {"failover", kOneServer},
    {"dump", kNoSerializedValues},
    {"restore", kNoSerializedValues},
    {"restore-asking", kNoSerializedValues},
    {"migrate", kNoSerializedValues},
    {"sort", kNoSort},
    {"sort_ro", kNoSort},
    {"eval", kNoScripts},
    {"eval_ro", kNoScripts},
    {"evalsha", kNoScripts},
    {"evalsha_ro", kNoScripts},
    {"script", kNoScripts},
    {"fcall", kNoScripts},
    {"fcall_ro", kNoScripts},
    {"function", kNoScripts},
};

void RefuseAbsent(CommandContext& context) {
  std::string_view name = context.row().name;
  auto absence =
      std::find_if(std::begin(kAbsences), std::end(kAbsences), [&](const Absence& a) { return a.name == name; });
  context.Error("ERR " + ToUpper(name) + " is not available in Baton " + std::string(kBatonVersion) + ": " +
                std::string(absence->reason));
}

// Clients that know clusters ask, and match on these words of a redis-server that is none.
void RefuseCluster(CommandContext& context) { context.Error("ERR This instance has cluster support disabled"); }

constexpr uint32_t kAbsentFlags = kAbsent | kNoScript | kLoading | kStale;

constexpr CommandRow kClusterRows[] = {
    {.name = "cluster", .arity = -2, .flags = kAbsentFlags, .handler = RefuseCluster},
    {.name = "readonly", .arity = 1, .flags = kAbsentFlags, .handler = RefuseCluster},
    {.name = "readwrite", .arity = 1, .flags = kAbsentFlags, .handler = RefuseCluster},
    {.name = "asking", .arity = 1, .flags = kAbsentFlags, .handler = RefuseCluster},
};

constexpr auto kRows = [] {
  std::array<CommandRow, std::size(kAbsences) + std::size(kClusterRows)> rows;
  auto row = rows.begin();
  for (const Absence& absence : kAbsences) {
    *row++ = {.name = absence.name, .arity = -1, .flags = kAbsentFlags, .handler = RefuseAbsent};
  }
  std::copy(std::begin(kClusterRows), std::end(kClusterRows), row);
  return rows;
}();

}  // namespace

std::span<const CommandRow> AbsentCommands() { return kRows; }

}  // namespace baton
