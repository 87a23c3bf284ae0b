#include "queue/policy.h"

#include <algorithm>
#include <set>

#include "base/glob.h"
#include "base/numbers.h"
#include "base/text.h"

namespace baton {
namespace {

constexpr int64_t kMsMax = int64_t{49} * 24 * 3600 * 1000;  // a record holds 32 bits of them
constexpr size_t kNameBytesMax = 128;
constexpr size_t kGlobBytesMax = 255;

bool HasGlobSigns(std::string_view text) { return text.find_first_of("*?[\\") != std::string_view::npos; }

// Bytes that stand for themselves: what makes one glob more specific than another.
size_t LiteralBytes(std::string_view glob) {
  size_t literal = 0;
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '*' || glob[i] == '?') continue;
    if (glob[i] == '[') {
      i = std::min(glob.find(']', i + 1), glob.size());
      continue;
    }
    if (glob[i] == '\\') ++i;
    ++literal;
  }
  return literal;
}

bool MoreSpecific(const Policy& a, const Policy& b) {
  if (HasGlobSigns(a.match) != HasGlobSigns(b.match)) return !HasGlobSigns(a.match);
  const size_t in_a = LiteralBytes(a.match), in_b = LiteralBytes(b.match);
  return in_a != in_b ? in_a > in_b : a.name < b.name;
}

// Goes through the words of a policy, one option after the other.
class PolicyReader {
 public:
  explicit PolicyReader(std::span<const std::string_view> words) : words_(words) {}

  Status Read(Policy* policy) {
    if (words_.empty() || words_[0].empty()) return Wrong("the policy's name is missing");
    if (words_[0].size() > kNameBytesMax) return Wrong("the policy's name is longer than 128 bytes");
    policy->name = words_[0];
    std::set<std::string> given;
    for (at_ = 1; at_ < words_.size();) {
      option_ = ToUpper(words_[at_++]);
      if (!given.insert(option_).second) return Wrong(option_ + " is given twice");
      if (Status status = ReadOption(policy); !status.ok()) return status;
    }
    return Judge(*policy);
  }

 private:
  static Status Wrong(const std::string& what) {
    return Status::Error("ERR policy: " + what +
                         ". Syntax: <name> MATCH <glob> PROCESSING <glob> VISIBILITY <ms> [MAXDELIVER <n> DEADLETTER "
                         "<key>] [BACKOFF NONE|LINEAR <min> <max>|EXP <min> <max>] [REQUEUE FRONT|BACK] [LATEACK "
                         "YES|NO] [ONDISCONNECT KEEP|GRACE <ms>] [COALESCE YES|NO] [MAXINFLIGHT <n>] [PERCONSUMER <n>] "
                         "[ADOPT]");
  }

  Status Word(std::string* word) {
    if (at_ == words_.size()) return Wrong(option_ + " lacks its value");
    *word = words_[at_++];
    return Status::Ok();
  }
  Status Glob(std::string* glob) {
    Status status = Word(glob);
    if (!status.ok()) return status;
    if (glob->empty() || glob->size() > kGlobBytesMax) return Wrong(option_ + " takes 1 to 255 bytes");
    return status;
  }
  Status Number(int64_t min, int64_t max, int64_t* value) {
    std::string word;
    if (Status status = Word(&word); !status.ok()) return status;
    if (ParseInt64(word, value) && *value >= min && *value <= max) return Status::Ok();
    return Wrong(option_ + " takes a number from " + std::to_string(min) + " to " + std::to_string(max) + ", not '" +
                 word + "'");
  }
  // One of two words.
  Status Either(std::string_view yes, std::string_view no, bool* value) {
    std::string word;
    if (Status status = Word(&word); !status.ok()) return status;
    *value = EqualsIgnoreCase(word, yes);
    if (*value || EqualsIgnoreCase(word, no)) return Status::Ok();
    return Wrong(option_ + " is " + std::string(yes) + " or " + std::string(no) + ", not '" + word + "'");
  }

  Status ReadBackoff(Policy* policy) {
    std::string kind;
    if (Status status = Word(&kind); !status.ok()) return status;
    if (EqualsIgnoreCase(kind, "NONE")) {
      policy->backoff = Policy::Backoff::kNone;
      return Status::Ok();
    }
    if (EqualsIgnoreCase(kind, "LINEAR")) {
      policy->backoff = Policy::Backoff::kLinear;
    } else if (EqualsIgnoreCase(kind, "EXP")) {
      policy->backoff = Policy::Backoff::kExponential;
    } else {
      return Wrong("BACKOFF is NONE, LINEAR or EXP, not '" + kind + "'");
    }
    if (Status status = Number(0, kMsMax, &policy->backoff_min_ms); !status.ok()) return status;
    return Number(policy->backoff_min_ms, kMsMax, &policy->backoff_max_ms);
  }

  Status ReadDisconnect(Policy* policy) {
    bool grace = false;
    if (Status status = Either("GRACE", "KEEP", &grace); !status.ok()) return status;
    policy->grace_ms = -1;
    return grace ? Number(0, kMsMax, &policy->grace_ms) : Status::Ok();
  }

  Status ReadOption(Policy* policy) {
    bool front = false;
    if (option_ == "MATCH") return Glob(&policy->match);
    if (option_ == "PROCESSING") return Glob(&policy->processing);
    if (option_ == "VISIBILITY") return Number(1, kMsMax, &policy->visibility_ms);
    if (option_ == "MAXDELIVER") return Number(1, UINT16_MAX - 1, &policy->deliveries_max);
    if (option_ == "DEADLETTER") return Glob(&policy->dead_letter);
    if (option_ == "BACKOFF") return ReadBackoff(policy);
    if (option_ == "LATEACK") return Either("YES", "NO", &policy->late_ack);
    if (option_ == "ONDISCONNECT") return ReadDisconnect(policy);
    if (option_ == "COALESCE") return Either("YES", "NO", &policy->coalesce);
    if (option_ == "MAXINFLIGHT") return Number(0, INT64_MAX, &policy->leased_max);
    if (option_ == "PERCONSUMER") return Number(0, INT64_MAX, &policy->leased_max_each);
    if (option_ == "ADOPT") {
      policy->adopt = true;
      return Status::Ok();
    }
    if (option_ == "REQUEUE") {
      Status status = Either("FRONT", "BACK", &front);
      policy->requeue_back = !front;
      return status;
    }
    for (std::string_view later : {"MAXLEN", "MAXBYTES", "OVERFLOW", "MSGTTL", "ONTTL", "DEDUP"}) {
      if (option_ == later) return Wrong(option_ + " is not there yet");
    }
    return Wrong("'" + option_ + "' is not known");
  }

  static Status Judge(const Policy& policy) {
    if (policy.match.empty()) return Wrong("MATCH is missing");
    if (policy.processing.empty()) return Wrong("PROCESSING is missing");
    if (policy.visibility_ms == 0) return Wrong("VISIBILITY is missing");
    if ((policy.deliveries_max == 0) != policy.dead_letter.empty()) {
      return Wrong("MAXDELIVER and DEADLETTER go together");
    }
    const bool all = policy.processing.find_first_not_of('*') == std::string::npos;
    if (all) return Wrong("PROCESSING '*' would make every list a processing list, the queues too");
    if (policy.processing == policy.match) return Wrong("PROCESSING and MATCH name the same lists");
    if (!HasGlobSigns(policy.match) && GlobMatch(policy.processing, policy.match)) {
      return Wrong("PROCESSING matches the queue '" + policy.match + "' itself");
    }
    if (policy.adopt && !Policy::CanAdopt(policy.match, policy.processing)) {
      return Wrong("ADOPT needs a MATCH and a PROCESSING that name one list each");
    }
    if (policy.dead_letter == policy.match) return Wrong("DEADLETTER is the queue itself");
    if (policy.dead_letter == policy.processing) return Wrong("DEADLETTER is the processing list");
    return Status::Ok();
  }

  const std::span<const std::string_view> words_;
  size_t at_ = 0;
  std::string option_;
};

}  // namespace

Result<Policy> Policy::Parse(std::span<const std::string_view> words) {
  Policy policy;
  if (Status status = PolicyReader(words).Read(&policy); !status.ok()) return status;
  return policy;
}

bool Policy::CanAdopt(std::string_view match, std::string_view processing) {
  return !HasGlobSigns(match) && !HasGlobSigns(processing);
}

std::vector<std::string> Policy::Words() const {
  const Policy defaults;
  std::vector<std::string> words = {
      name, "MATCH", match, "PROCESSING", processing, "VISIBILITY", std::to_string(visibility_ms)};
  const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  if (deliveries_max > 0) add({"MAXDELIVER", std::to_string(deliveries_max), "DEADLETTER", dead_letter});
  if (backoff == Backoff::kNone) {
    add({"BACKOFF", "NONE"});
  } else if (backoff != defaults.backoff || backoff_min_ms != defaults.backoff_min_ms ||
             backoff_max_ms != defaults.backoff_max_ms) {
    add({"BACKOFF", backoff == Backoff::kLinear ? "LINEAR" : "EXP", std::to_string(backoff_min_ms),
         std::to_string(backoff_max_ms)});
  }
  if (requeue_back) add({"REQUEUE", "BACK"});
  if (!late_ack) add({"LATEACK", "NO"});
  if (grace_ms >= 0) add({"ONDISCONNECT", "GRACE", std::to_string(grace_ms)});
  if (coalesce) add({"COALESCE", "YES"});
  if (leased_max > 0) add({"MAXINFLIGHT", std::to_string(leased_max)});
  if (leased_max_each > 0) add({"PERCONSUMER", std::to_string(leased_max_each)});
  if (adopt) add({"ADOPT"});
  return words;
}

int64_t Policy::BackoffMs(int64_t failures) const {
  if (backoff == Backoff::kNone || failures < 1) return 0;
  if (backoff == Backoff::kLinear) {
    return failures > backoff_max_ms ? backoff_max_ms : std::min(backoff_min_ms * failures, backoff_max_ms);
  }
  int64_t ms = backoff_min_ms;
  for (int64_t n = 1; n < failures && ms < backoff_max_ms && ms > 0; ++n) ms *= 2;
  return std::min(ms, backoff_max_ms);
}

std::string Policy::ProcessingOf(std::string_view queue) const {
  if (!HasGlobSigns(processing)) return processing;
  return std::string(queue) + std::string(kProcessingSuffix);
}

bool Policy::LeasesInto(std::string_view queue, std::string_view list) const {
  if (IsDeadLetter(list)) return false;
  if (list.size() == queue.size() + kProcessingSuffix.size() && list.starts_with(queue) &&
      list.ends_with(kProcessingSuffix)) {
    return true;
  }
  return GlobMatch(processing, list);
}

const Policy* PolicyTable::Find(std::string_view name) const {
  const auto found = policies_.find(name);
  return found == policies_.end() ? nullptr : &found->second;
}

void PolicyTable::Set(Policy policy) {
  ++epoch_;
  std::string name = policy.name;
  policies_.insert_or_assign(std::move(name), std::move(policy));
}

bool PolicyTable::Remove(std::string_view name) {
  const auto found = policies_.find(name);
  if (found == policies_.end()) return false;
  ++epoch_;
  policies_.erase(found);
  return true;
}

const Policy* PolicyTable::QueuePolicy(std::string_view key) const {
  const Policy* best = nullptr;
  for (const auto& [name, policy] : policies_) {
    if (!GlobMatch(policy.match, key)) continue;
    if (best == nullptr || MoreSpecific(policy, *best)) best = &policy;
  }
  return best;
}

bool PolicyTable::ServesAQueue(std::string_view key, Match* match) const {
  for (const auto& [name, policy] : policies_) {
    if (policy.IsDeadLetter(key)) {
      *match = {ListRole::kDead, &policy, "DEADLETTER of policy " + name};
      return true;
    }
  }
  struct Suffix {
    std::string_view text;
    ListRole role;
  };
  constexpr Suffix kSuffixes[] = {{kDelayedSuffix, ListRole::kDelayed},
                                  {kProcessingSuffix, ListRole::kProcessing},
                                  {kPreparedSuffix, ListRole::kReserved},
                                  {kCheckSuffix, ListRole::kReserved}};
  for (const Suffix& suffix : kSuffixes) {
    if (!key.ends_with(suffix.text) || key.size() == suffix.text.size()) continue;
    const std::string_view queue = key.substr(0, key.size() - suffix.text.size());
    if (const Policy* policy = QueuePolicy(queue); policy != nullptr) {
      *match = {suffix.role, policy, "serves the queue " + std::string(queue) + " of policy " + policy->name};
      return true;
    }
  }
  for (const auto& [name, policy] : policies_) {
    if (GlobMatch(policy.processing, key)) {
      *match = {ListRole::kProcessing, &policy, "PROCESSING " + policy.processing + " of policy " + name};
      return true;
    }
  }
  return false;
}

PolicyTable::Match PolicyTable::MatchKey(std::string_view key) const {
  Match match;
  if (ServesAQueue(key, &match)) return match;
  if (const Policy* policy = QueuePolicy(key); policy != nullptr) {
    match = {ListRole::kQueue, policy, "MATCH " + policy->match + " of policy " + policy->name};
  }
  return match;
}

std::string_view RoleName(ListRole role) {
  constexpr std::string_view kNames[] = {"plain list", "queue", "processing list", "delayed list", "dead-letter list", "reserved"};
  return kNames[static_cast<size_t>(role)];
}

}  // namespace baton
