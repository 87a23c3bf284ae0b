#include "crash/campaign.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <sstream>
#include <vector>

#include "doubles/manual_clock.h"
#include "doubles/test_server.h"

namespace baton {
namespace {

using State = std::map<std::string, std::string>;  // "db/key" → its value, printed

State Look(Server& server) {
  State state;
  for (uint32_t db = 0; db < 2; ++db) {
    server.keyspace().Visit(db, 0, [&](const Entry& entry) {
      std::string value = entry.type() == ValueType::kList ? "list" : "string";
      if (entry.type() == ValueType::kList) {
        for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
          value += " " + std::string(cursor.element());
        }
      } else {
        value += " " + std::string(entry.string());
      }
      if (entry.has_expiry()) value += " until " + std::to_string(entry.expire_at_ms());
      state[std::to_string(db) + "/" + std::string(entry.key())] = value;
      return true;
    });
  }
  return state;
}

// A key whose time is up is as good as gone, deleted yet or not.
State Living(State state, int64_t now_ms) {
  std::erase_if(state, [&](const auto& item) {
    size_t at = item.second.rfind(" until ");
    return at != std::string::npos && std::stoll(item.second.substr(at + 7)) <= now_ms;
  });
  return state;
}

std::string Print(const State& state) {
  std::string text;
  for (const auto& [key, value] : state) text += "    " + key + " = " + value.substr(0, 300) + "\n";
  return text.empty() ? "    (empty)\n" : text;
}

// Counts whole replies at the front of `bytes` and drops them.
size_t TakeReplies(std::string& bytes) {
  size_t count = 0, at = 0;
  auto one = [&](auto&& self, size_t from) -> size_t {  // end of the reply at `from`, or npos
    size_t line = bytes.find("\r\n", from);
    if (line == std::string::npos) return line;
    size_t end = line + 2;
    long number = bytes[from] == '$' || bytes[from] == '*' ? std::stol(bytes.substr(from + 1)) : 0;
    if (bytes[from] == '$' && number >= 0) {
      end += static_cast<size_t>(number) + 2;
      return end <= bytes.size() ? end : std::string::npos;
    }
    if (bytes[from] == '*') {
      for (long i = 0; i < number; ++i) {
        if (end >= bytes.size() || (end = self(self, end)) == std::string::npos) return std::string::npos;
      }
    }
    return end;
  };
  while (at < bytes.size()) {
    size_t end = one(one, at);
    if (end == std::string::npos) break;
    at = end;
    ++count;
  }
  bytes.erase(0, at);
  return count;
}

// One client, and for each reply that it still waits for what must survive once it has that reply: an index into the
// history.
struct Witness {
  std::unique_ptr<TestClient> client;
  uint32_t db = 0;
  bool in_multi = false;
  std::string bytes;
  std::deque<size_t> needs;
  bool blocked = false;
  std::vector<std::vector<std::string>> queued;  // since MULTI
};

constexpr size_t kUnknown = SIZE_MAX;
constexpr size_t kFromNowhere = SIZE_MAX - 1;

struct TellTale {
  int64_t at_ns;
  size_t needs;
};

class Life {
 public:
  Life(const Campaign& campaign, Random& random, SimFileSystem& disk, ManualClock& clock, uint64_t& payloads)
      : campaign_(campaign), random_(random), disk_(disk), clock_(clock), payloads_(payloads) {}

  // Starts on what the disk holds. Empty when it did.
  std::string Start() {
    server_ = std::make_unique<TestServer>(
        disk_, clock_,
        std::vector<std::string>{"--appendfsync", campaign_.policy, "--auto-aof-rewrite-percentage",
                                 campaign_.rewrites && random_.OneIn(3) ? "100" : "0", "--auto-aof-rewrite-min-size",
                                 "1kb"},
        random_.Next());
    if (!server_->report().ok()) return server_->report().status().message();
    return "";
  }

  State Now() { return Look(server_->server()); }
  void Die() { server_->Kill(); }
  Server& server() { return server_->server(); }

  void Play() {
    history_ = {Now()};
    server_->sync_runner().set_mode(ManualJobRunner::Mode::kManual);
    server_->job_runner().set_mode(ManualJobRunner::Mode::kManual);
    for (int i = 0; i < 4; ++i) {
      witnesses_.emplace_back();
      witnesses_.back().client = std::make_unique<TestClient>(*server_);
    }
    for (int step = 0; step < campaign_.steps && !disk_.powered_off(); ++step) {
      Event();
      // What left the server while the power went may or may not have left the machine: nobody counts it as told.
      if (!disk_.powered_off()) HearReplies();
    }
    for (Witness& witness : witnesses_) witness.client->Abandon();
  }

  // The oldest index of the history that recovery may come back with: what clients were told later than that was told
  // within a span of `span_ns`, wherever the disk stalled.
  size_t Floor(int64_t span_ns) const {
    for (size_t floor = 0; floor < history_.size(); ++floor) {
      int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
      for (const TellTale& told : told_) {
        if (told.needs == kFromNowhere) return history_.size();
        if (told.needs <= floor) continue;
        first_ns = std::min(first_ns, told.at_ns);
        last_ns = std::max(last_ns, told.at_ns);
      }
      if (first_ns == INT64_MAX || last_ns - first_ns <= span_ns) return floor;
    }
    return history_.size();
  }
  const std::vector<State>& history() const { return history_; }
  const std::vector<std::string>& trace() const { return trace_; }

 private:
  void Event() {
    switch (random_.Below(10)) {
      case 0:
        server_->server().EndTurn();
        return;
      case 1:
        server_->sync_runner().RunJob();
        return;
      case 2:
        server_->sync_runner().DeliverDone();
        server_->server().EndTurn();
        return;
      case 3:
        server_->job_runner().RunOne();
        server_->server().EndTurn();
        return;
      case 4:
        // Time passes between turns, while the loop sleeps.
        server_->server().EndTurn();
        if (!disk_.powered_off()) HearReplies();
        clock_.AdvanceMs(static_cast<int64_t>(random_.Below(400)));
        server_->server().EndTurn();
        Noticed();
        return;
      default:
        SendSome();
    }
  }

  // One command of one client, and what its reply will rest on.
  void SendSome() {
    size_t chosen = random_.Below(witnesses_.size());
    Witness& witness = witnesses_[chosen];
    if (witness.blocked || witness.client->closed()) return;
    std::vector<std::string> words = Command(witness);
    trace_.push_back(std::to_string(chosen) + ": ");
    for (const std::string& word : words) trace_.back() += word + " ";
    witness.needs.push_back(kUnknown);
    size_t place = witness.needs.size() - 1;
    size_t told_before = history_.size() - 1;
    uint32_t db_before = witness.db;
    witness.client->Feed(TestClient::Encode(words));
    ClientState* state = server_->server().FindClient(witness.client->id());
    Noticed();
    if (state == nullptr) return;
    witness.blocked = state->blocked;
    witness.db = state->db;
    witness.in_multi = state->in_multi;
    if (witness.blocked) return;  // its needs are known when it is served
    bool changed = history_.size() - 1 > told_before;
    witness.needs[place] = changed ? history_.size() - 1 : LookedAt(words, db_before, witness);
    if (words[0] == "MULTI") witness.queued.clear();
    if (witness.in_multi && words[0] != "MULTI") witness.queued.push_back(words);
  }

  // Takes note of a change, and of blocked clients that got theirs with it.
  void Noticed() {
    State now = Now();
    if (now != history_.back()) {
      history_.push_back(now);
      for (const auto& [key, value] : now) {
        auto before = history_[history_.size() - 2].find(key);
        if (before == history_[history_.size() - 2].end() || before->second != value)
          touched_[key] = history_.size() - 1;
      }
      for (const auto& [key, value] : history_[history_.size() - 2]) {
        if (!now.contains(key)) touched_[key] = history_.size() - 1;
      }
    }
    for (Witness& witness : witnesses_) {
      if (!witness.blocked) continue;
      ClientState* state = server_->server().FindClient(witness.client->id());
      if (state == nullptr || state->blocked) continue;
      witness.blocked = false;
      for (size_t& needs : witness.needs) {
        if (needs == kUnknown) needs = history_.size() - 1;
      }
    }
  }

  // The newest change of the keys that a command which changed nothing looked at.
  size_t LookedAt(const std::vector<std::string>& words, uint32_t db, const Witness& witness) {
    if (witness.in_multi || words[0] == "PING" || words[0] == "SELECT" || words[0] == "MULTI" ||
        words[0] == "BGREWRITEAOF") {
      return 0;
    }
    if (words[0] == "DBSIZE") return history_.size() - 1;
    if (words[0] == "EXEC") {
      size_t needs = 0;
      for (const auto& queued : witness.queued) {
        if (queued[0] == "SELECT") db = static_cast<uint32_t>(std::stoul(queued[1]));
        needs = std::max(needs, LookedAt(queued, db, witness));
      }
      return needs;
    }
    size_t needs = 0;
    // A move that changed nothing found its source missing, and never looked at the other key.
    const bool move = words[0] == "RPOPLPUSH" || words[0] == "LMOVE" || words[0] == "BLMOVE";
    for (const std::string& word : std::span(words).first(move ? 2 : words.size())) {
      auto found = touched_.find(std::to_string(db) + "/" + word);
      if (found != touched_.end()) needs = std::max(needs, found->second);
    }
    return needs;
  }

  void HearReplies() {
    for (Witness& witness : witnesses_) {
      witness.bytes += witness.client->Receive();
      for (size_t count = TakeReplies(witness.bytes); count > 0; --count) {
        if (witness.needs.empty()) {
          trace_.push_back("a reply that nobody asked for");
          told_.push_back({clock_.MonotonicNs(), kFromNowhere});
          return;
        }
        told_.push_back({clock_.MonotonicNs(), witness.needs.front()});
        witness.needs.pop_front();
      }
    }
  }

  std::string Key() { return "k" + std::to_string(random_.Below(4)); }
  std::string Payload() {
    std::string text = "v" + std::to_string(payloads_++);
    if (random_.OneIn(8)) text += std::string(random_.Below(1200), 'x');
    if (random_.OneIn(16)) text += "\r\n#C 0 0 0\r\n";  // bytes that look like the log's own
    return text;
  }
  std::vector<std::string> Command(const Witness& witness) {
    switch (random_.Below(26)) {
      case 0:
      case 1:
      case 2:
        return {"LPUSH", Key(), Payload()};
      case 3:
      case 4:
        return {"RPUSH", Key(), Payload(), Payload(), Payload()};
      case 5:
      case 6:
        return {"RPOP", Key()};
      case 7:
        return {"LPOP", Key(), "2"};
      case 8:
      case 9:
        return {"RPOPLPUSH", Key(), Key()};
      case 10:
        return {"LMOVE", Key(), Key(), "LEFT", "RIGHT"};
      case 11:
        return {"LREM", Key(), "1", "v" + std::to_string(random_.Below(payloads_ + 1))};
      case 12:
        return {"LRANGE", Key(), "0", "-1"};
      case 13:
        return {"LLEN", Key()};
      case 14:
        return {"SET", "s" + Key(), Payload()};
      case 15:
        return {"GET", "s" + Key()};
      case 16:
        return {"INCR", "n" + Key()};
      case 17:
        return {"DEL", Key()};
      case 18:
        return {"LTRIM", Key(), "0", "2"};
      case 19:
        return witness.in_multi ? std::vector<std::string>{"EXEC"} : std::vector<std::string>{"MULTI"};
      case 20:
        return {"BLPOP", Key(), "0"};
      case 21:
        return {"BLMOVE", Key(), Key(), "RIGHT", "LEFT", "0"};
      case 22:
        return {"PEXPIRE", Key(), std::to_string(1 + random_.Below(2000))};
      case 23:
        return {"DBSIZE"};
      case 24:
        if (campaign_.rewrites && !witness.in_multi) return {"BGREWRITEAOF"};
        return {"PING"};
      default:
        return {"SELECT", std::to_string(random_.Below(2))};
    }
  }

  const Campaign& campaign_;
  Random& random_;
  SimFileSystem& disk_;
  ManualClock& clock_;
  uint64_t& payloads_;
  std::unique_ptr<TestServer> server_;
  std::vector<Witness> witnesses_;
  std::vector<State> history_;
  std::map<std::string, size_t> touched_;
  std::vector<TellTale> told_;
  std::vector<std::string> trace_;
};

}  // namespace

std::string Campaign::Run() const {
  Random random(seed);
  SimFileSystem disk(random.Next());
  disk.set_syncs_lie(syncs_lie, directory_syncs_lie);
  ManualClock clock;
  uint64_t payloads = 0;
  std::ostringstream wrong;
  auto fail = [&](const std::string& what, const Life* life) {
    wrong << "seed " << seed << ", appendfsync " << policy << ": " << what << "\n";
    if (life != nullptr) {
      wrong << "  the life before:\n";
      for (const std::string& line : life->trace()) wrong << "    " << line.substr(0, 200) << "\n";
    }
    return wrong.str();
  };

  std::unique_ptr<Life> before;
  size_t floor = 0;
  for (int number = 0; number <= lives; ++number) {
    // Recover; sometimes the power goes again on the way, and then nothing may have changed for the worse.
    auto life = std::make_unique<Life>(*this, random, disk, clock, payloads);
    std::string refused;
    for (int attempt = 0;; ++attempt) {
      bool cut = cut_in_recovery && power_cut && attempt < 2 && random.OneIn(3);
      if (cut) disk.PowerOffAtCall(disk.calls() + 1 + random.Below(40));
      refused = life->Start();
      if (!disk.powered_off()) break;
      life->Die();
      disk.Crash();
      life = std::make_unique<Life>(*this, random, disk, clock, payloads);
    }
    if (!refused.empty()) return fail("the start was refused: " + refused, before.get());
    State recovered = Living(life->Now(), clock.UnixMs());
    if (before != nullptr) {
      const std::vector<State>& history = before->history();
      bool borne_out = false;
      for (size_t i = floor; i < history.size() && !borne_out; ++i) {
        borne_out = Living(history[i], clock.UnixMs()) == recovered;
      }
      if (!borne_out) {
        std::string floor_state = floor < history.size() ? Print(history[floor]) : "    (a reply out of nowhere)\n";
        return fail("recovery brought back what no promise allows:\n" + Print(recovered) +
                        "  told was at least change " + std::to_string(floor) + " of " +
                        std::to_string(history.size() - 1) + ":\n" + floor_state,
                    before.get());
      }
      // Clients may read all of it now: a second crash must bring back the very same.
      if (random.OneIn(4)) {
        life->Die();
        power_cut ? disk.Crash() : disk.Kill();
        life = std::make_unique<Life>(*this, random, disk, clock, payloads);
        refused = life->Start();
        if (!refused.empty()) return fail("the second start was refused: " + refused, before.get());
        if (Living(life->Now(), clock.UnixMs()) != recovered) {
          return fail(
              "a recovery of a recovery changed something:\n" + Print(recovered) + "  became\n" + Print(life->Now()),
              before.get());
        }
      }
    }
    if (number == lives) {
      life->Die();
      return "";
    }
    if (power_cut) disk.PowerOffAtCall(disk.calls() + 1 + random.Below(static_cast<uint64_t>(steps)));
    life->Play();
    if (!power_cut || promise == "always") {
      floor = life->Floor(-1);  // nothing at all
    } else if (promise == "everysec") {
      floor = life->Floor(2'000'000'000);
    } else {
      floor = 0;
    }
    life->Die();
    power_cut ? disk.Crash() : disk.Kill();
    if (after_crash) after_crash(disk);
    before = std::move(life);
  }
  return "";
}

}  // namespace baton
