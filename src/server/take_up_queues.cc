// Managed queues at a start, when the log is loaded.

#include <algorithm>

#include "base/text.h"
#include "base/words.h"
#include "server/server.h"

namespace baton {
namespace {

constexpr size_t kListsNamed = 5;  // in one warning

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + AsTyped(word);
  return line;
}

}  // namespace

// Policies of the configuration are set, leases go on, and what ADOPT names is adopted.
Status Server::TakeUpQueues(bool foreign) {
  queues_.EndLoad();
  std::vector<Policy> configured;
  if (Status status = ReadConfiguredPolicies(&configured); !status.ok()) return status;
  QueueNotes notes;
  // Before the first record: what is adopted is known by its hash.
  if (!configured.empty() && !queues_.hash_seed_known()) notes.list.push_back(queues_.HashSeedNote());
  for (const Policy& policy : configured) {
    const Policy* before = queues_.policies().Find(policy.name);
    if (before != nullptr && before->Words() == policy.Words()) continue;
    notes.list.push_back({.kind = NoteKind::kPolicy, .words = policy.Words()});
  }
  if (queues_.records() > 0) {
    notes.list.push_back({.kind = NoteKind::kGrant, .value = static_cast<uint64_t>(queue_now_ms())});
  }
  const Mutation take_up = Mutation::Queue(0, notes);
  if (!notes.list.empty()) Commit({&take_up, 1});
  for (const Policy& policy : configured) {
    for (uint32_t db = 0; policy.adopt && db < keyspace_.databases(); ++db) Adopt(policy, db);
  }
  EndCommand();
  if (foreign) WarnOfUnknownMessages();
  return Status::Ok();
}

Status Server::ReadConfiguredPolicies(std::vector<Policy>* policies) const {
  std::vector<std::string> words = parts_.config.Words("queue-policy");
  words.push_back(";");
  for (auto first = words.begin(); first != words.end();) {
    const auto end = std::find(first, words.end(), ";");
    if (first != end) {
      auto policy = Policy::Parse(std::vector<std::string_view>(first, end));
      if (!policy.ok()) return Status::Error("queue-policy in the configuration: " + policy.status().message());
      policies->push_back(std::move(*policy));
    }
    first = end + 1;
  }
  return Status::Ok();
}

uint64_t Server::Adopt(const Policy& policy, uint32_t db) {
  uint64_t position = 0;
  QueueBook::Adoption adoption;
  QueueNotes notes;
  while (queues_.PlanAdoption(policy, db, queue_now_ms(), &adoption, &notes)) {
    const Mutation adopt = Mutation::Queue(db, notes);
    position = Commit({&adopt, 1});
  }
  return position;
}

// A redis-server has written to the log. When it rewrites it, it leaves out what only we know, and what stands in
// processing and delayed lists would stay there for ever.
void Server::WarnOfUnknownMessages() {
  struct Lists {
    std::string names;
    size_t count = 0;
    int64_t elements = 0;
    void Add(std::string_view name, int64_t unknown) {
      if (count < kListsNamed) names += (count == 0 ? "" : ", ") + QuoteBytes(name);
      if (count++ == kListsNamed) names += " ...";
      elements += unknown;
    }
  };
  std::map<std::string, Lists> of_policies;  // by name
  Lists of_nobody;
  const auto has_suffix = [](std::string_view name) {
    return name.ends_with(kDelayedSuffix) || name.ends_with(kProcessingSuffix);
  };
  for (uint32_t db = 0; db < keyspace_.databases(); ++db) {
    keyspace_.Visit(db, 0, [&](const Entry& entry) {
      if (entry.type() != ValueType::kList) return true;
      const int64_t unknown = entry.list_size() - queues_.RecordsIn(db, entry.key());
      const PolicyTable::Match match = queues_.policies().MatchKey(entry.key());
      const bool waits = match.role == ListRole::kProcessing || match.role == ListRole::kDelayed;
      if (waits && unknown > 0) of_policies[match.policy->name].Add(entry.key(), unknown);
      if (queues_.policies().empty() && has_suffix(entry.key())) of_nobody.Add(entry.key(), entry.list_size());
      return true;
    });
  }
  for (const auto& [name, lists] : of_policies) {
    const Policy& policy = *queues_.policies().Find(name);
    const bool adoptable = Policy::CanAdopt(policy.match, policy.processing);
    std::vector<std::string> words = policy.Words();
    if (!policy.adopt) words.push_back("ADOPT");
    parts_.logger.Warning(
        "a redis-server has written to this log, and of %lld elements in %s nobody knows who has them: they are in no "
        "lease, and do not come back to their queue by themselves. %s",
        static_cast<long long>(lists.elements), lists.names.c_str(),
        adoptable ? ("To lease them from now on: QPOLICY SET " + Joined(words)).c_str()
                  : "To lease them from now on, set a policy with ADOPT for each of these queues (doc/queues.md, case 14); "
                    "or move them back.");
  }
  if (of_nobody.count > 0) {
    parts_.logger.Notice(
        "the log is a redis-server's and has no queue policy, but there are %s. If these served a managed queue whose "
        "policy was lost in a rewrite, set it again, with ADOPT (doc/queues.md, case 14).",
        of_nobody.names.c_str());
  }
}

}  // namespace baton
