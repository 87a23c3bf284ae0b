#include "crash/workload.h"

#include <algorithm>
#include <string_view>

namespace baton {
namespace {

// What a command looks at before it can say that nothing is to be done.
enum class Looks : uint8_t {
  kNothing,
  kKeys,         // each key that it names
  kSourceFirst,  // the first key; the second only when that is there (and of the right type, where types matter)
  kUntilFound,   // its keys in their order, up to the first that is there
  kOtherDb,      // its key, and where that is there, the same key of the database that it names
  kDatabase,     // every key of the database
  kEverything,
};

struct Row {
  int weight;
  // The request, its words set apart by blanks. K key, V new value, E value pushed before, I index, C count, S side,
  // D database, T time-out in seconds, M milliseconds, N small number, B a blocked client's id, O a token.
  const char* request;
  Looks looks = Looks::kKeys;
  bool queues = false;  // only where there are queues
};

constexpr const char* kAnyPolicy = "QPOLICY SET";
constexpr const char* kPolicies[] = {
    "p MATCH k0 PROCESSING k1 VISIBILITY 400 MAXDELIVER 2 DEADLETTER k2 BACKOFF EXP 100 300",
    "p MATCH k[03] PROCESSING k1 VISIBILITY 300 MAXDELIVER 3 DEADLETTER k2 BACKOFF NONE",
    "p MATCH k0 PROCESSING k[14] VISIBILITY 300 REQUEUE BACK LATEACK NO ONDISCONNECT GRACE 50",
    "p MATCH k0 PROCESSING k[14] VISIBILITY 300 MAXDELIVER 3 DEADLETTER k2 COALESCE YES MAXINFLIGHT 4 PERCONSUMER 3",
    "p MATCH k0 PROCESSING k1 VISIBILITY 500 COALESCE YES BACKOFF NONE ADOPT",
    "q MATCH k3 PROCESSING k1 VISIBILITY 700 MAXDELIVER 1 DEADLETTER k2 ADOPT",
};

constexpr Row kRows[] = {
    {10, "LPUSH K V"},
    {5, "RPUSH K V V V"},
    {1, "RPUSH K V V V V V V V V V V V V"},
    {3, "LPUSHX K V"},
    {2, "RPUSHX K V V"},
    {8, "RPOP K"},
    {6, "LPOP K N"},
    {2, "LPOP K 0"},
    {6, "RPOPLPUSH K K", Looks::kSourceFirst},
    {6, "LMOVE K K S S", Looks::kSourceFirst},
    {4, "LMPOP 2 K K S COUNT N", Looks::kUntilFound},
    {5, "LREM K C E"},
    {3, "LTRIM K I I"},
    {3, "LINSERT K BEFORE E V"},
    {3, "LINSERT K AFTER E V"},
    {3, "LSET K I V"},
    {4, "LRANGE K 0 -1"},
    {2, "LLEN K"},
    {2, "LINDEX K I"},
    {2, "LPOS K E"},
    {4, "BLPOP K K T", Looks::kUntilFound},
    {3, "BRPOP K T", Looks::kUntilFound},
    {3, "BLMOVE K K S S T", Looks::kSourceFirst},
    {2, "BRPOPLPUSH K K T", Looks::kSourceFirst},
    {2, "BLMPOP T 2 K K S COUNT N", Looks::kUntilFound},
    {4, "SET K V"},
    {2, "SET K V PX M"},
    {2, "SET K V NX GET"},
    {2, "SET K 7"},
    {3, "GET K"},
    {2, "GETDEL K"},
    {1, "GETEX K PX M"},
    {1, "GETSET K V"},
    {2, "APPEND K V"},
    {1, "SETRANGE K N V"},
    {2, "INCR K"},
    {1, "DECRBY K N"},
    {1, "INCRBYFLOAT K 0.5"},
    {2, "MSET K V K V"},
    {1, "MSETNX K V K V", Looks::kUntilFound},
    {2, "MGET K K"},
    {3, "DEL K"},
    {2, "UNLINK K K"},
    {2, "EXISTS K K"},
    {1, "TYPE K"},
    {1, "OBJECT ENCODING K"},
    {3, "PEXPIRE K M"},
    {1, "PEXPIRE K -1"},
    {1, "PERSIST K"},
    {2, "PTTL K"},
    {3, "RENAME K K", Looks::kSourceFirst},
    {2, "RENAMENX K K", Looks::kSourceFirst},
    {2, "COPY K K", Looks::kSourceFirst},
    {2, "COPY K K REPLACE", Looks::kSourceFirst},
    {2, "MOVE K D", Looks::kOtherDb},
    {1, "SWAPDB D D", Looks::kNothing},
    {1, "FLUSHDB", Looks::kDatabase},
    {1, "FLUSHALL", Looks::kEverything},
    {4, "SELECT D", Looks::kNothing},
    {2, "DBSIZE", Looks::kEverything},
    {1, "KEYS *", Looks::kEverything},
    {2, "PING", Looks::kNothing},
    {1, "INFO persistence", Looks::kNothing},
    {2, "WAITAOF 1 0 M", Looks::kNothing},
    {2, "CLIENT UNBLOCK B TIMEOUT", Looks::kNothing},
    {2, "CLIENT UNBLOCK B ERROR", Looks::kNothing},
    {4, "WATCH K K", Looks::kNothing},
    {1, "UNWATCH", Looks::kNothing},
    {8, "MULTI", Looks::kNothing},
    {2, "DISCARD", Looks::kNothing},
    {5, "BGREWRITEAOF", Looks::kNothing},
    {1, "DEBUG RELOAD", Looks::kNothing},
    // --- queues; what looks at the book waits for all of it
    {20, "LPUSH k0 V V", Looks::kKeys, true},
    {20, "RPOPLPUSH k0 k1", Looks::kSourceFirst, true},
    {6, "BRPOPLPUSH k0 k1 T", Looks::kSourceFirst, true},
    {6, "LMOVE k3 k1 S S", Looks::kSourceFirst, true},
    {14, "LREM k1 1 E", Looks::kKeys, true},
    {4, "RPOPLPUSH k1 k0", Looks::kSourceFirst, true},
    {14, "QPOP COUNT N FROM k0", Looks::kUntilFound, true},
    {4, "QPOP LEASE M WITHMETA FROM k3 k0", Looks::kUntilFound, true},
    {4, "QPOP BLOCK M FROM K", Looks::kUntilFound, true},
    {8, "QACK k0 O", Looks::kEverything, true},
    {8, "QNACK k0 O", Looks::kEverything, true},
    {3, "QNACK k0 DELAY M O", Looks::kEverything, true},
    {3, "QTOUCH k0 M O", Looks::kEverything, true},
    {6, "LPUSH k0 E", Looks::kKeys, true},
    {3, "QREDRIVE k2", Looks::kKeys, true},
    {3, "QREDRIVE k2 RESET", Looks::kKeys, true},
    {1, "QREDRIVE K", Looks::kKeys, true},
    {2, "QINFO k0", Looks::kEverything, true},
    {2, "QPOLICY GET p", Looks::kEverything, true},
    {6, kAnyPolicy, Looks::kEverything, true},
    {1, "QPOLICY DEL p", Looks::kEverything, true},
};
constexpr int kExecOneIn = 4;  // requests inside MULTI

constexpr uint64_t kWeights = [] {
  uint64_t sum = 0;
  for (const Row& row : kRows) sum += static_cast<uint64_t>(row.weight);
  return sum;
}();

const Row& Draw(Random& random) {
  auto left = static_cast<int64_t>(random.Below(kWeights));
  const Row* row = kRows;
  while ((left -= row->weight) >= 0) ++row;
  return *row;
}

std::string EqualValue(Random& random) { return "w" + std::to_string(random.Below(3)); }

std::string Value(Random& random, uint64_t& payloads, bool large) {
  std::string text = "v" + std::to_string(payloads++);
  if (large && random.OneIn(4)) text.append(random.Below(random.OneIn(8) ? 40'000 : 4000), 'y');
  if (random.OneIn(10)) text.append(random.Below(1200), 'x');
  if (random.OneIn(16)) text += "\r\n#C 0 0 0\r\n";  // bytes that look like the log's own
  return text;
}

std::string Fill(std::string_view word, Random& random, uint64_t& payloads, const Asking& asking) {
  if (word.size() != 1) return std::string(word);
  switch (word[0]) {
    case 'K': {
      const std::string name = "k" + std::to_string(random.Below(State::kNames));
      const bool serving = asking.queues && random.OneIn(12);
      return serving ? name + std::string(State::kSuffixes[random.Below(std::size(State::kSuffixes))]) : name;
    }
    case 'V':
      if (asking.queues && random.OneIn(3)) return EqualValue(random);
      return Value(random, payloads, asking.large_values);
    case 'E':
      if (asking.queues && random.OneIn(2)) return EqualValue(random);
      return "v" + std::to_string(payloads - std::min(payloads, 1 + random.Below(24)));
    case 'I':
      return std::to_string(static_cast<int64_t>(random.Below(7)) - 3);
    case 'C':
      return std::to_string(static_cast<int64_t>(random.Below(5)) - 2);
    case 'S':
      return random.OneIn(2) ? "LEFT" : "RIGHT";
    case 'D':
      return std::to_string(random.Below(State::kDatabases));
    case 'T':
      return random.OneIn(3) ? "0" : "0." + std::to_string(1 + random.Below(9));
    case 'M':
      return std::to_string(1 + random.Below(2000));
    case 'N':
      return std::to_string(1 + random.Below(3));
    case 'O':
      return asking.token;
    case 'B':
      return std::to_string(asking.blocked_client);
    default:
      return std::string(word);
  }
}

std::string_view NextWord(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

// Not at this moment, or not in this life.
bool IsIdle(const Row& row, const Asking& asking) {
  const std::string_view request = row.request;
  if (row.queues && !asking.queues) return true;
  if (request.ends_with(" O")) return asking.token.empty();
  if (request.starts_with("BGREWRITEAOF")) return !asking.rewrites || asking.in_multi;
  if (request.starts_with("DEBUG")) return asking.in_multi;
  if (request.starts_with("CLIENT UNBLOCK")) return asking.blocked_client == 0;
  return false;
}

Looks LooksOf(const std::vector<std::string>& words) {
  // By the first word, and by as much more of the row as is no variable: COPY with and without REPLACE look at the
  // same.
  for (const Row& row : kRows) {
    std::string_view rest = row.request;
    if (NextWord(rest) == words[0]) return row.looks;
  }
  return Looks::kEverything;
}

}  // namespace

std::vector<std::string> NextRequest(Random& random, uint64_t& payloads, const Asking& asking) {
  if (asking.in_multi && random.OneIn(kExecOneIn)) return {"EXEC"};
  const Row* row = &Draw(random);
  while (IsIdle(*row, asking)) row = &Draw(random);
  std::vector<std::string> words;
  if (row->request == kAnyPolicy) {
    words = {"QPOLICY", "SET"};
    std::string_view rest = kPolicies[random.Below(std::size(kPolicies))];
    while (!rest.empty()) words.emplace_back(NextWord(rest));
    return words;
  }
  for (std::string_view rest = row->request; !rest.empty();) {
    words.push_back(Fill(NextWord(rest), random, payloads, asking));
  }
  return words;
}

LookedAt WhatIsLookedAt(const std::vector<std::string>& words, uint32_t db, const State& state) {
  LookedAt looked;
  const Looks looks = LooksOf(words);
  auto whole_database = [&](uint32_t which) {
    for (size_t key = 0; key < State::kKeys; ++key) looked.slots.push_back(which * State::kKeys + key);
  };
  // COPY and MOVE of a key to itself are refused before anybody looks.
  const bool to_itself =
      (words[0] == "COPY" && words[1] == words[2]) || (words[0] == "MOVE" && words[2] == std::to_string(db));
  if (looks == Looks::kNothing || to_itself) return looked;
  if (looks == Looks::kEverything) looked.everything = true;
  if (looks == Looks::kDatabase) whole_database(db);
  for (const std::string& word : words) {
    if (!State::IsKey(word)) continue;
    const size_t slot = State::SlotOf(db, word);
    looked.slots.push_back(slot);
    const bool there = state.exists(slot);
    if (looks == Looks::kUntilFound && there) break;
    if (looks == Looks::kSourceFirst) {
      const bool moves_elements =
          words[0].find("MOVE") != std::string::npos || words[0].find("POP") != std::string::npos;
      if (!there || (moves_elements && !state.is_list(slot))) break;
    }
    if (looks == Looks::kOtherDb && there) {
      looked.slots.push_back(State::SlotOf(static_cast<uint32_t>(std::stoul(words[2])), word));
    }
  }
  return looked;
}

}  // namespace baton
