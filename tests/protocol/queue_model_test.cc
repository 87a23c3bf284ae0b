// Managed queues under whatever clients do to their lists: after every step every account balances, and records and
// elements belong together one to one; a restart and a rewrite change nothing. BATON_SEED=S starts at seed S,
// BATON_RUNS=N tries N seeds.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "base/random.h"
#include "doubles/queue_audit.h"
#include "doubles/test_server.h"

namespace baton {
namespace {

struct Row {
  int weight;
  // K key, Q a queue, P a list that serves one, V value, I index, C count, S side, D database, N small number,
  // M milliseconds, O a token, G policy.
  const char* request;
};
constexpr Row kRows[] = {
    {14, "LPUSH Q V"},
    {4, "RPUSH Q V V V"},
    {4, "LPUSH K V V"},
    {14, "RPOPLPUSH Q P"},
    {6, "LMOVE Q P S S"},
    {5, "RPOPLPUSH P Q"},
    {4, "LMOVE K K S S"},
    {5, "BLMOVE Q P S S 0.2"},
    {8, "LREM P C V"},
    {3, "LREM K C V"},
    {12, "LREM P 1 V"},
    {10, "QPOP COUNT N FROM Q"},
    {3, "QPOP LEASE M WITHMETA FROM Q Q"},
    {5, "QPOP BLOCK M FROM Q"},
    {6, "QACK Q O"},
    {6, "QNACK Q O O"},
    {3, "QNACK Q DELAY M O"},
    {2, "QNACK Q SILENT O"},
    {2, "QTOUCH Q M O"},
    {2, "QTOUCH P M VALUE V"},
    {2, "QREDRIVE P"},
    {1, "QREDRIVE P TO Q COUNT N RESET"},
    {2, "QINFO Q"},
    {1, "QPENDING Q 0 10"},
    {1, "QMETA P V"},
    {4, "RPOP K"},
    {3, "LPOP K N"},
    {2, "LMPOP 2 K K S COUNT N"},
    {3, "LTRIM K I I"},
    {3, "LSET K I V"},
    {2, "LINSERT K BEFORE V V"},
    {2, "LINSERT P AFTER V V"},
    {2, "DEL K"},
    {2, "RENAME K K"},
    {1, "RENAMENX K K"},
    {2, "COPY K K REPLACE"},
    {2, "MOVE K D"},
    {1, "SWAPDB 0 1"},
    {1, "SET K V"},
    {1, "EXPIRE K 1"},
    {2, "SELECT D"},
    {6, "MULTI"},
    {2, "G"},
    {1, "QPOLICY DEL mail"},
    {1, "QPOLICY DEL all"},
};
constexpr int kRareOneIn = 150;  // FLUSHDB, FLUSHALL
constexpr const char* kQueues[] = {"k0", "k0", "k0", "k4"};
constexpr const char* kServing[] = {"k1", "k1", "k1", "k2", "k0:delayed", "k0:processing", "k4:processing"};
constexpr const char* kKeys[] = {"k0", "k1", "k2", "k3", "k4", "k0:delayed", "k0:processing"};
constexpr const char* kPolicies[] = {
    "QPOLICY SET mail MATCH k0 PROCESSING k1 VISIBILITY 300 MAXDELIVER 2 DEADLETTER k2 BACKOFF EXP 50 400",
    "QPOLICY SET mail MATCH k0 PROCESSING k1 VISIBILITY 200 BACKOFF NONE",
    "QPOLICY SET mail MATCH k0 PROCESSING k[13] VISIBILITY 300 MAXDELIVER 3 DEADLETTER k2 REQUEUE BACK",
    "QPOLICY SET mail MATCH k0 PROCESSING k1 VISIBILITY 400 MAXINFLIGHT 3 LATEACK NO ONDISCONNECT GRACE 20",
    "QPOLICY SET mail MATCH k0 PROCESSING k1 VISIBILITY 400 PERCONSUMER 2 ADOPT",
    "QPOLICY SET mail MATCH k0 PROCESSING k[13] VISIBILITY 300 MAXINFLIGHT 2 PERCONSUMER 1 COALESCE YES BACKOFF NONE",
    "QPOLICY SET mail MATCH k0 PROCESSING k1 VISIBILITY 300 MAXDELIVER 2 DEADLETTER k2 COALESCE YES",
    "QPOLICY SET mail MATCH k[01] PROCESSING k3 VISIBILITY 300",
    "QPOLICY SET all MATCH k[04] PROCESSING k1 VISIBILITY 250 MAXDELIVER 1 DEADLETTER k2 BACKOFF LINEAR 10 30",
    "QPOLICY SET all MATCH k* PROCESSING k3 VISIBILITY 250",
};

constexpr size_t kWeights = [] {
  size_t sum = 0;
  for (const Row& row : kRows) sum += static_cast<size_t>(row.weight);
  return sum;
}();

class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed), disk_(seed) { Start(); }

  // What went wrong; empty when nothing did.
  std::string Run(int steps) {
    for (int i = 0; i < steps && wrong_.empty(); ++i) Step();
    if (wrong_.empty()) EverythingComesBack();
    return wrong_;
  }
  std::string Trace() const {
    std::string text;
    for (const std::string& line : trace_) text += "    " + line + "\n";
    return text;
  }

 private:
  static constexpr size_t kClients = 3;

  void Start() {
    server_ = std::make_unique<TestServer>(
        disk_, clock_, std::vector<std::string>{"--databases", "2", "--enable-debug-command", "yes"}, random_.Next());
    ASSERT_TRUE(server_->report().ok()) << server_->report().status().message();
    clients_.clear();
    for (size_t i = 0; i < kClients; ++i) clients_.push_back(std::make_unique<TestClient>(*server_));
    in_multi_.assign(kClients, false);
    syncs_held_ = false;
    // Lists are short here, and many elements that go at once are to be seen, too.
    if (random_.OneIn(2)) server_->server().queues().set_looked_at_each(0);
  }

  void Step() {
    const uint64_t drawn = random_.Below(100);
    for (size_t i = 0; i < kClients; ++i) {
      if (!clients_[i]->closed()) continue;  // sync-timeout
      clients_[i] = std::make_unique<TestClient>(*server_);
      in_multi_[i] = false;
    }
    if (random_.OneIn(40)) HoldSyncs(!syncs_held_);
    if (random_.OneIn(60)) {
      const size_t i = random_.Below(kClients);
      const bool accepts = !random_.OneIn(3);
      Say("client " + std::to_string(i) + (accepts ? " reads" : " reads nothing more"));
      clients_[i]->set_accepts(accepts);
    }
    if (drawn < 85) {
      Ask(random_.Below(kClients));
    } else if (drawn < 95) {
      const auto ms = static_cast<int64_t>(random_.Below(random_.OneIn(3) ? 500 : 60));
      Say(std::to_string(ms) + " ms pass");
      server_->Advance(ms);
    } else if (drawn < 97) {
      const size_t i = random_.Below(kClients);
      Say("client " + std::to_string(i) + " leaves");
      clients_[i] = std::make_unique<TestClient>(*server_);
      in_multi_[i] = false;
    } else if (drawn < 98) {
      Restart();
    } else if (drawn < 99) {
      Say("rewrite");
      clients_[0]->Send("BGREWRITEAOF");
    } else {
      Reload();
    }
    Audit();
  }

  // Replies wait, and whoever leaves meanwhile was never told what it was handed.
  void HoldSyncs(bool held) {
    Say(held ? "syncs hang" : "syncs go on");
    syncs_held_ = held;
    ManualJobRunner& runner = server_->sync_runner();
    runner.set_mode(held ? ManualJobRunner::Mode::kManual : ManualJobRunner::Mode::kAtOnce);
    if (!held) runner.RunAll();
    server_->Settle();
  }

  std::string Word(std::string_view word) {
    const auto one_of = [&](const auto& names) { return std::string(names[random_.Below(std::size(names))]); };
    if (word.size() != 1) return std::string(word);
    switch (word[0]) {
      case 'K':
        return one_of(kKeys);
      case 'Q':
        return one_of(kQueues);
      case 'P':
        return one_of(kServing);
      case 'V':
        return random_.OneIn(4) ? "v" + std::to_string(random_.Below(40)) : std::string(1, "abc"[random_.Below(3)]);
      case 'I':
        return std::to_string(static_cast<int64_t>(random_.Below(7)) - 3);
      case 'C':
        return std::to_string(static_cast<int64_t>(random_.Below(5)) - 2);
      case 'S':
        return random_.OneIn(2) ? "LEFT" : "RIGHT";
      case 'D':
        return random_.OneIn(4) ? "1" : "0";
      case 'N':
        return std::to_string(1 + random_.Below(3));
      case 'M':
        return std::to_string(1 + random_.Below(400));
      case 'O':
        return tokens_.empty() ? "1-1" : tokens_[random_.Below(tokens_.size())];
      default:
        return std::string(word);
    }
  }

  std::string NextRequest(size_t who) {
    if (in_multi_[who] && random_.OneIn(4)) return "EXEC";
    if (random_.OneIn(kRareOneIn)) return random_.OneIn(2) ? "FLUSHDB" : "FLUSHALL";
    auto left = static_cast<int64_t>(random_.Below(kWeights));
    const Row* row = kRows;
    while ((left -= row->weight) >= 0) ++row;
    if (row->request == std::string_view("G")) return kPolicies[random_.Below(std::size(kPolicies))];
    std::string request;
    for (const std::string& word : TestClient::Split(row->request)) request += Word(word) + " ";
    return request;
  }

  void Ask(size_t who) {
    const std::string request = NextRequest(who);
    const std::string reply = clients_[who]->Send(request);
    std::string line = "client " + std::to_string(who) + ": " + request + "-> ";
    for (char c : reply.substr(0, 200)) line += c == '\r' ? ' ' : c == '\n' ? '|' : c;
    Say(line);
    if (reply.starts_with("-ERR unknown") || reply.starts_with("-ERR policy")) wrong_ = "a bad request: " + line;
    const ClientState* state = server_->server().FindClient(clients_[who]->id());
    in_multi_[who] = state != nullptr && state->in_multi;
    // Tokens: numbers of many digits, a dash, a number.
    for (size_t dash = reply.find('-'); dash != std::string::npos; dash = reply.find('-', dash + 1)) {
      const auto digit = [&](size_t at) { return at < reply.size() && reply[at] >= '0' && reply[at] <= '9'; };
      size_t first = dash, last = dash + 1;
      while (first > 0 && digit(first - 1)) --first;
      while (digit(last)) ++last;
      if (dash - first > 10 && last > dash + 1) tokens_.push_back(reply.substr(first, last - first));
    }
    while (tokens_.size() > 12) tokens_.pop_front();
  }

  void Restart() {
    Say("restart");
    // What waits for a sync may not have been written yet.
    server_->sync_runner().RunAll();
    server_->Settle();
    const std::string before = Describe(server_->server());
    for (auto& client : clients_) client->Abandon();
    server_->Kill();
    clock_.AdvanceMs(static_cast<int64_t>(random_.Below(200)));
    // As a start finds it: no turn has ended.
    {
      Config config;
      std::vector<std::string> notes;
      ASSERT_TRUE(config.LoadArguments({"--databases", "2"}, &notes).ok());
      TestServer loaded(disk_, clock_, config, random_.Next());
      ASSERT_TRUE(loaded.report().ok()) << loaded.report().status().message();
      Expect(before, Describe(loaded.server()), "a restart");
      const std::string wrong = AuditQueues(loaded.server());
      if (!wrong.empty()) wrong_ += "after a start:\n" + wrong;
    }
    Start();
  }

  void Reload() {
    Say("reload");
    // Who holds what is forgotten with the process, and PERCONSUMER lets go those who wait.
    for (size_t i = 0; i < kClients; ++i) {
      const ClientState* state = server_->server().FindClient(clients_[i]->id());
      if (in_multi_[i] || state == nullptr || state->blocked) return;
    }
    const std::string before = Describe(server_->server());
    clients_[0]->Feed(TestClient::Encode({"DEBUG", "RELOAD"}));
    Expect(before, Describe(server_->server()), "a reload");
    server_->Settle();
    clients_[0]->Receive();
  }

  static std::string Describe(Server& server) { return DescribePolicies(server) + DescribeQueues(server); }
  void Expect(const std::string& before, const std::string& after, const std::string& what) {
    if (before != after) wrong_ += what + " changed\n" + before + "into\n" + after;
  }

  // Nobody waits for a queue that has something, and would hand it out to him.
  void AuditWaiters() {
    Server& server = server_->server();
    for (size_t i = 0; i < kClients; ++i) {
      const auto* state = static_cast<const Session*>(server.FindClient(clients_[i]->id()));
      if (state == nullptr || state->blocked_request == nullptr) continue;
      const std::vector<std::string>& words = state->blocked_request->words;
      const bool pops = words[0] == "QPOP";
      for (size_t k = pops ? 4 : 1; k < (pops ? words.size() : 2); ++k) {
        const Entry* entry = server.keyspace().Find(state->db, server.keyspace().Ref(words[k]));
        if (entry == nullptr || entry->type() != ValueType::kList || entry->ExpiredAt(server.now_ms())) continue;
        const Policy* policy = server.queues().policies().MatchKey(words[k]).policy;
        if (policy == nullptr) continue;
        const std::string to = pops ? policy->ProcessingOf(words[k]) : words[2];
        if (server.queues().LeaseRefused(state->db, server.keyspace().Ref(words[k]), server.keyspace().Ref(to),
                                         static_cast<uint32_t>(state->id))) {
          continue;
        }
        wrong_ += "client " + std::to_string(i) + " waits for " + words[k] + ", which has something for it\n";
      }
    }
  }

  void Audit() {
    wrong_ += AuditQueues(server_->server());
    AuditWaiters();
    uint64_t newest = newest_id_;
    std::vector<uint64_t> ids;
    const MessageTable& messages = server_->server().queues().messages();
    for (uint32_t slot = 0; slot < messages.slots(); ++slot) {
      const uint64_t id = messages.at(slot).id;
      if (id == 0) continue;
      ids.push_back(id);
      newest = std::max(newest, id);
      if (id <= newest_id_ && !std::binary_search(ids_.begin(), ids_.end(), id)) {
        wrong_ += "message id " + std::to_string(id) + " was given out twice\n";
      }
    }
    std::sort(ids.begin(), ids.end());
    ids_ = std::move(ids);
    newest_id_ = newest;
  }

  // Nobody does anything any more: whatever is leased or delayed stands in its queue, or is dead, in the end.
  void EverythingComesBack() {
    HoldSyncs(false);
    for (auto& client : clients_) client->Disconnect();
    TestClient cleaner(*server_);
    for (const char* db : {"0", "1"}) {
      cleaner.Send("SELECT " + std::string(db));
      for (const char* key : kKeys) {
        if (cleaner.Send("TYPE " + std::string(key)) == "+string\r\n") cleaner.Send("DEL " + std::string(key));
      }
    }
    Say("all is left alone");
    for (int i = 0; i < 60; ++i) {
      server_->Advance(15'000);
      Audit();
    }
    for (const QueueBook::Queue& queue : server_->server().queues().DescribeAll(0)) {
      if (queue.leased + queue.delayed > 0) wrong_ += "messages of " + queue.name + " do not come back\n";
    }
  }

  void Say(const std::string& line) {
    trace_.push_back(line);
    if (trace_.size() > 40) trace_.pop_front();
  }

  Random random_;
  SimFileSystem disk_;
  ManualClock clock_;
  std::unique_ptr<TestServer> server_;
  std::vector<std::unique_ptr<TestClient>> clients_;
  std::vector<bool> in_multi_;
  bool syncs_held_ = false;
  std::deque<std::string> tokens_;
  std::vector<uint64_t> ids_;
  uint64_t newest_id_ = 0;
  std::string wrong_;
  std::deque<std::string> trace_;
};

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(QueueModel, AccountsBalanceAndRecordsHaveElementsWhateverHappens) {
  const uint64_t first = FromEnvironment("BATON_SEED", 1), runs = FromEnvironment("BATON_RUNS", 20);
  std::printf("seeds %llu to %llu\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + runs - 1));
  std::fflush(stdout);
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    Model model(seed);
    ASSERT_EQ(model.Run(1000), "") << "BATON_SEED=" << seed << " BATON_RUNS=1\n" << model.Trace();
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace baton
