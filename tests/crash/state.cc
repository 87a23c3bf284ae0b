#include "crash/state.h"

#include <cstring>
#include <map>

#include "base/check.h"
#include "data/entry.h"
#include "doubles/queue_audit.h"

namespace baton {
namespace {

uint64_t Mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

uint64_t Mix(uint64_t hash, std::string_view bytes) {
  hash = Mix(hash, bytes.size());
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    hash = Mix(hash, word);
    bytes.remove_prefix(count);
  }
  return hash;
}

}  // namespace

State::State(Server& server) {
  const Keyspace& keyspace = server.keyspace();
  for (uint32_t db = 0; db < kDatabases; ++db) {
    if (keyspace.size(db) == 0) continue;
    keyspace.Visit(db, 0, [&](const Entry& entry) {
      CHECK(IsKey(entry.key()));
      const bool list = entry.type() == ValueType::kList;
      uint64_t hash = Mix(0, entry.has_expiry() ? static_cast<uint64_t>(entry.expire_at_ms()) : 0);
      if (list) {
        for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
          hash = Mix(hash, cursor.element());
        }
      } else {
        hash = Mix(hash, entry.string());
      }
      hashes_[SlotOf(db, entry.key())] = (hash & ~kTypeBits) | (list ? kList : kString);
      return true;
    });
  }
  if (!server.queues().active()) return;
  if (const std::string policies = DescribePolicies(server); !policies.empty()) hashes_[kPolicies] = Mix(1, policies);
  if (const std::string book = DescribeQueues(server); !book.empty()) hashes_[kBook] = Mix(1, book);
}

std::string Print(Server& server) {
  const Keyspace& keyspace = server.keyspace();
  std::map<std::string, std::string> lines;
  for (uint32_t db = 0; db < keyspace.databases(); ++db) {
    keyspace.Visit(db, 0, [&](const Entry& entry) {
      std::string& line = lines[std::to_string(db) + "/" + std::string(entry.key())];
      if (entry.type() == ValueType::kList) {
        for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
          line += " " + std::string(cursor.element().substr(0, 24));
        }
      } else {
        line += " \"" + std::string(entry.string()).substr(0, 100) + "\"";
      }
      if (entry.has_expiry()) line += " until " + std::to_string(entry.expire_at_ms());
      return true;
    });
  }
  std::string text;
  for (const auto& [key, value] : lines) text += "    " + key + " =" + value + "\n";
  if (server.queues().active()) text += DescribePolicies(server) + DescribeQueues(server);
  return text.empty() ? "    (empty)\n" : text;
}

}  // namespace baton
