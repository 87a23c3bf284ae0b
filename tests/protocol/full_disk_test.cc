// A whole server on a disk that fills up: pushers, consumers as they are (RPOPLPUSH, LREM), and somebody else who takes
// room on the same disk and gives it back. Nothing acknowledged is lost; and whatever has happened, consumers come to
// the end of the queue, and pushes are taken again when there is room, without a restart. BATON_SEED=S starts at seed S,
// BATON_RUNS=N tries N seeds.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "doubles/test_server.h"

namespace baton {
namespace {

constexpr uint64_t kReserve = 64 << 10;
// As much as the server reckons with between two looks: doc/log-format.md, "Room on the disk".
constexpr uint64_t kTakenAtOnceMax = 40 * kReserve;
constexpr int kConsumers = 3, kPushers = 2;
constexpr int kSteps = 400;
// Longer than any time that the server itself lets go by before it tries again, but for what a client waits for.
constexpr int64_t kPatienceMs = 15'000;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What somebody else on the disk does, and when.
enum class Others {
  kBetweenLooks,  // the server has had time to put its room by: then consumers always come to the end
  kAtAnyCall,     // in the middle of whatever it does
};

class Run {
 public:
  Run(uint64_t seed, Others others) : random_(seed), others_(others), disk_(random_.Next()) {
    capacity_ = (2 << 20) + random_.Below(8 << 20);
    constexpr std::pair<size_t, size_t> kSizes[] = {{10, 60}, {900, 1100}, {10, 6000}, {15'000, 20'000}, {30'000, 80'000}};
    sizes_ = kSizes[random_.Below(std::size(kSizes))];
    shared_processing_ = random_.OneIn(3);
    policy_ = random_.OneIn(3);
    options_ = {"--dir", "/d", "--appendfsync", random_.OneIn(4) ? "everysec" : "always", "--aof-disk-reserve",
                std::to_string(kReserve), "--auto-aof-rewrite-min-size", random_.OneIn(2) ? "200kb" : "1gb",
                "--sync-timeout", "30"};
    disk_.set_capacity(capacity_);
    if (others_ == Others::kAtAnyCall) {
      disk_.set_watcher([this](std::string_view, const std::string&) {
        if (strikes_ && random_.OneIn(40)) OthersAct();
      });
    }
  }

  std::string Go() {
    strikes_ = false;  // not before there is a log
    Start();
    strikes_ = true;
    for (int step = 0; step < kSteps && wrong_.empty(); ++step) Step();
    if (wrong_.empty()) Epilogue();
    if (server_ != nullptr) Die();
    disk_.set_watcher({});
    return wrong_.empty() ? "" : wrong_ + "\n" + Trace();
  }

 private:
  struct Request {
    enum Kind { kPush, kMove, kRemove, kOther } kind;
    uint64_t id = 0;
  };
  struct Client {
    std::unique_ptr<TestClient> client;
    std::deque<Request> asked;
    std::string bytes;
    std::string leased;  // a consumer's message
  };

  // --- the course of events

  void Start() {
    server_ = std::make_unique<TestServer>(disk_, clock_, options_, random_.Next());
    // A crash may have brought back what was deleted, so that there is no room for a copy of a torn tail.
    const bool is_overfull = disk_.UsedBytes() + disk_.others_bytes() > capacity_;
    if (!server_->report().ok() && (is_overfull || others_ == Others::kAtAnyCall)) {
      Say("the start was refused: " + server_->report().status().message());
      server_.reset();
      strikes_ = false;
      disk_.set_others_bytes(0);
      disk_.set_capacity(2 * capacity_);
      server_ = std::make_unique<TestServer>(disk_, clock_, options_, random_.Next());
      strikes_ = true;
      disk_.set_capacity(capacity_);
    }
    if (!server_->report().ok()) {
      wrong_ = "the start was refused: " + server_->report().status().message();
      return;
    }
    clients_.clear();
    clients_.resize(kConsumers + kPushers);
    for (Client& client : clients_) client.client = std::make_unique<TestClient>(*server_);
    if (policy_) {
      clients_[0].asked.push_back({Request::kOther});
      clients_[0].bytes += clients_[0].client->Send(
          "QPOLICY SET q MATCH queue PROCESSING processing:* VISIBILITY 3600000 MAXDELIVER 5 DEADLETTER dead BACKOFF NONE");
    }
    CheckWhatIsThere();
    server_->job_runner().set_mode(random_.OneIn(2) ? ManualJobRunner::Mode::kManual : ManualJobRunner::Mode::kAtOnce);
    server_->sync_runner().set_mode(random_.OneIn(3) ? ManualJobRunner::Mode::kManual
                                                     : ManualJobRunner::Mode::kAtOnce);
  }

  void Die() {
    for (Client& client : clients_) Forget(client);
    for (Client& client : clients_) {
      if (client.client != nullptr) client.client->Abandon();
    }
    server_->Kill();
    server_.reset();
  }

  void Step() {
    // Phases, so that the disk does get full, and empty.
    if (random_.OneIn(60)) mood_ = random_.Below(3);
    const uint64_t drawn = random_.Below(100);
    if (drawn < (mood_ == 0 ? 60 : mood_ == 1 ? 30 : 5)) {
      for (int i = 0; i < 8; ++i) Push(clients_[kConsumers + random_.Below(kPushers)]);
    } else if (drawn < 80) {
      for (int i = 0; i < 4; ++i) Consume(random_.Below(kConsumers));
    } else if (drawn < 92) {
      Pass(static_cast<int64_t>(random_.Below(300)));
    } else if (drawn < 97) {
      if (others_ == Others::kBetweenLooks) Rest();
      OthersAct();
    } else if (drawn < 98 && random_.OneIn(3)) {
      Restart();
    } else if (drawn < 99 && random_.OneIn(3)) {
      clients_[0].asked.push_back({Request::kOther});
      clients_[0].bytes += clients_[0].client->Send("BGREWRITEAOF");
      Hear(clients_[0]);
    }
    RunSomeJobs();
    Hear();
  }

  void Restart() {
    Say("the process dies");
    Die();
    random_.OneIn(3) && options_[3] == "always" ? disk_.Crash() : disk_.Kill();
    clock_.AdvanceMs(100);
    Start();
  }

  void RunSomeJobs() {
    for (uint64_t i = random_.Below(3); i > 0; --i) {
      server_->job_runner().RunOne();
      server_->sync_runner().RunOne();
    }
    server_->Settle();
  }
  void Pass(int64_t ms) {
    const int64_t end_ns = clock_.MonotonicNs() + ms * 1'000'000;
    while (clock_.MonotonicNs() < end_ns) {
      server_->Advance(std::min<int64_t>(50, (end_ns - clock_.MonotonicNs()) / 1'000'000 + 1));
      RunSomeJobs();
    }
  }
  // All that is under way ends, and the disk has been looked at.
  void Rest() {
    for (int i = 0; i < 12; ++i) {
      server_->Advance(50);
      server_->job_runner().RunAll();
      server_->sync_runner().RunAll();
      server_->Settle();
    }
    Hear();
  }

  void OthersAct() {
    const uint64_t others = disk_.others_bytes();
    uint64_t available = disk_.Available();
    if (others_ == Others::kBetweenLooks) available = std::min(available, kTakenAtOnceMax);
    switch (random_.Below(5)) {
      case 0:
      case 1:
        disk_.set_others_bytes(others + available);
        break;
      case 2:
        disk_.set_others_bytes(others + (available > 0 ? random_.Below(available) : 0));
        break;
      case 3:
        disk_.set_others_bytes(others > 0 ? random_.Below(others) : 0);
        break;
      case 4:
        disk_.set_others_bytes(0);
        break;
    }
    Say("others take " + std::to_string(disk_.others_bytes()) + ", " + std::to_string(disk_.Available()) + " are free");
  }

  void OthersTakeAll() {
    do {
      Rest();
      disk_.set_others_bytes(disk_.others_bytes() + std::min(disk_.Available(), kTakenAtOnceMax));
    } while (disk_.Available() > 0);
  }

  // --- clients

  std::string Processing(size_t consumer) const {
    return "processing:" + std::to_string(shared_processing_ ? 0 : consumer);
  }
  void Push(Client& client) {
    if (client.asked.size() > 2) return;
    const uint64_t id = next_id_++;
    std::string message = std::to_string(id) + ":";
    message.resize(std::max(message.size(), sizes_.first + random_.Below(sizes_.second - sizes_.first)), 'x');
    maybe_.insert(id);
    Ask(client, {Request::kPush, id}, {"LPUSH", "queue", message});
  }
  void Consume(size_t consumer) {
    Client& client = clients_[consumer];
    if (!client.asked.empty()) return;
    if (client.leased.empty()) {
      Ask(client, {Request::kMove}, {"RPOPLPUSH", "queue", Processing(consumer)});
      return;
    }
    const uint64_t id = IdOf(client.leased);
    maybe_.insert(id);
    Ask(client, {Request::kRemove, id}, {"LREM", Processing(consumer), "1", std::exchange(client.leased, "")});
  }
  static uint64_t IdOf(const std::string& message) { return std::strtoull(message.c_str(), nullptr, 10); }

  void Ask(Client& client, Request request, const std::vector<std::string>& words) {
    client.asked.push_back(request);
    client.bytes += client.client->Send(words);
    Hear(client);
  }
  void Hear() {
    for (Client& client : clients_) Hear(client);
  }
  void Hear(Client& client) {
    if (!client.asked.empty()) client.bytes += client.client->Receive();
    while (!client.asked.empty()) {
      const size_t line_end = client.bytes.find("\r\n");
      if (line_end == std::string::npos) break;
      size_t end = line_end + 2;
      std::string bulk;
      if (client.bytes[0] == '$' && client.bytes[1] != '-') {
        const size_t length = std::strtoull(client.bytes.c_str() + 1, nullptr, 10);
        bulk = client.bytes.substr(end, length);
        end += length + 2;
      }
      Heard(client, client.bytes.substr(0, line_end), std::move(bulk));
      client.bytes.erase(0, end);
    }
    if (client.client->closed()) {
      Say("a client waited too long");
      Forget(client);
      client.client = std::make_unique<TestClient>(*server_);
    }
  }
  void Heard(Client& client, const std::string& line, std::string bulk) {
    const Request request = client.asked.front();
    client.asked.pop_front();
    if (line.starts_with("-") && request.kind != Request::kOther) {
      if (request.kind != Request::kPush || !line.starts_with("-MISCONF")) {
        wrong_ = "a consumer was refused: " + line;
      }
      ++refusals_;
      maybe_.erase(request.id);
      return;
    }
    if (request.kind == Request::kPush) {
      maybe_.erase(request.id);
      there_.insert(request.id);
    } else if (request.kind == Request::kMove) {
      client.leased = std::move(bulk);
    } else if (request.kind == Request::kRemove) {
      if (line != ":1") wrong_ = "an acknowledgement found nothing: " + line;
      maybe_.erase(request.id);
      there_.erase(request.id);
      gone_.insert(request.id);
    }
  }
  // What it has asked for has happened or not.
  void Forget(Client& client) {
    client.asked.clear();
    client.bytes.clear();
    client.leased.clear();
  }

  // --- what is asserted

  std::set<uint64_t> IdsThere() {
    std::set<uint64_t> ids;
    std::vector<std::string> keys = {"queue", "dead"};
    for (size_t i = 0; i < kConsumers; ++i) keys.push_back("processing:" + std::to_string(i));
    for (const std::string& key : keys) {
      const Entry* entry = server_->server().keyspace().Find(0, server_->server().keyspace().Ref(key));
      if (entry == nullptr) continue;
      entry->list().ForEach(0, entry->list().size(), [&](std::string_view element) {
        if (!ids.insert(IdOf(std::string(element))).second) wrong_ = "a message is there twice";
      });
    }
    return ids;
  }
  void CheckWhatIsThere() {
    const std::set<uint64_t> ids = IdsThere();
    for (uint64_t id : there_) {
      if (!ids.contains(id) && !maybe_.contains(id)) wrong_ = "lost: " + std::to_string(id);
    }
    for (uint64_t id : ids) {
      if (gone_.contains(id)) wrong_ = "has come back: " + std::to_string(id);
    }
    // From here on it is known what became of all that was in doubt.
    for (uint64_t id : maybe_) {
      there_.erase(id);
      if (!ids.contains(id)) gone_.insert(id);
    }
    maybe_.clear();
    there_.insert(ids.begin(), ids.end());
  }

  bool Eventually(const std::function<bool()>& is_true) {
    for (int64_t waited = 0; waited < kPatienceMs; waited += 50) {
      if (is_true() || !wrong_.empty()) return true;
      server_->Advance(50);
      server_->job_runner().RunAll();
      server_->sync_runner().RunAll();
      server_->Settle();
      Hear();
    }
    return is_true();
  }
  bool AllAnswered() {
    return std::all_of(clients_.begin(), clients_.end(), [](const Client& client) { return client.asked.empty(); });
  }

  void Epilogue() {
    strikes_ = false;
    const bool stays_full = others_ == Others::kBetweenLooks && random_.OneIn(2);
    Say(stays_full ? "the disk stays full" : "others give back all they have");
    server_->job_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
    server_->sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
    if (stays_full) {
      OthersTakeAll();
    } else {
      Rest();
      disk_.set_others_bytes(0);
    }
    if (!Eventually([&] { return AllAnswered(); })) return Wrong("replies are held back");
    // All that is in processing lists goes back, and is consumed like the rest.
    for (size_t i = 0; i < kConsumers; ++i) {
      clients_[i].leased.clear();
      for (bool more = true; more && wrong_.empty();) {
        TestClient& client = *clients_[i].client;
        std::string reply = client.Send({"RPOPLPUSH", Processing(i), "queue"});
        if (!Eventually([&] { return !(reply += client.Receive()).empty(); })) return Wrong("a move gets no reply");
        more = !reply.starts_with("$-1");
      }
    }
    int64_t takes = 0;
    while (wrong_.empty() && !there_.empty()) {
      const size_t before = there_.size();
      for (size_t i = 0; i < kConsumers; ++i) Consume(i);
      if (stays_full && random_.OneIn(20)) OthersTakeAll();
      if (random_.OneIn(10)) Pass(100);
      if (!Eventually([&] { return AllAnswered(); })) return Wrong("consumers do not get on");
      if (there_.size() == before && ++takes > 1000) return Wrong("consumers find nothing, though it is there");
    }
    if (!wrong_.empty()) return;
    if (!IdsThere().empty()) return Wrong("something is left");
    // The other one gives back what it has; then, without a restart, all is as at first.
    disk_.set_others_bytes(0);
    const auto push_is_taken = [&] {
      const std::string reply = clients_[0].client->Send("LPUSH queue again");
      return (reply + clients_[0].client->Receive()).starts_with(":");
    };
    if (!Eventually(push_is_taken)) return Wrong("pushes are not taken again: " + Refusal());
    // Where there is plenty of room the log may grow for a while before it is rewritten.
    const auto space_is_back = [&] {
      return disk_.UsedBytes() < capacity_ / 4 + 8 * kReserve || disk_.Available() > kTakenAtOnceMax;
    };
    if (!Eventually(space_is_back)) return Wrong("space has not come back: " + std::to_string(disk_.UsedBytes()));
    server_->job_runner().RunAll();
    for (const std::string& path : disk_.Paths()) {
      if (path.find("temp-") != std::string::npos) Wrong("left behind: " + path);
    }
  }
  std::string Refusal() { return std::string(server_->server().log().growth_refused()); }

  void Wrong(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }
  void Say(const std::string& what) {
    trace_.push_back(std::to_string(clock_.MonotonicNs() / 1'000'000) + " ms: " + what);
    if (trace_.size() > 40) trace_.pop_front();
  }
  std::string Trace() {
    std::string text;
    for (const std::string& line : trace_) text += "    " + line + "\n";
    for (const std::string& path : disk_.Paths()) {
      text += "    " + path + ": " + std::to_string(disk_.Content(path)->size()) + "\n";
    }
    text += "    used " + std::to_string(disk_.UsedBytes()) + " of " + std::to_string(capacity_) + ", others " +
            std::to_string(disk_.others_bytes()) + "; " + std::to_string(there_.size()) + " messages\n";
    return text + log_tail_;
  }

 public:
  // What came about, for who wants to know that the runs go where they should.
  int refusals() const { return refusals_; }

 private:
  Random random_;
  const Others others_;
  SimFileSystem disk_;
  ManualClock clock_;
  uint64_t capacity_ = 0;
  std::pair<size_t, size_t> sizes_;
  bool shared_processing_ = false, policy_ = false, strikes_ = true;
  std::vector<std::string> options_;
  std::unique_ptr<TestServer> server_;
  std::vector<Client> clients_;
  uint64_t mood_ = 0, next_id_ = 1;
  // Acknowledged and not consumed; in doubt; consumed.
  std::set<uint64_t> there_, maybe_, gone_;
  int refusals_ = 0;
  std::deque<std::string> trace_;
  std::string log_tail_;
  std::string wrong_;
};

void RunSeeds(Others others) {
  const uint64_t first = FromEnvironment("BATON_SEED", 1), runs = FromEnvironment("BATON_RUNS", 40);
  int refusals = 0;
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    Run run(seed, others);
    const std::string wrong = run.Go();
    refusals += run.refusals();
    if (!wrong.empty()) {
      ADD_FAILURE() << "BATON_SEED=" << seed << " BATON_RUNS=1: " << wrong;
      return;
    }
  }
  if (runs > 10) {
    EXPECT_GT(refusals, 0) << "no disk was ever full";
  }
}

TEST(FullDisk, ConsumersComeToTheEndWhateverOthersTakeBetweenTwoLooks) { RunSeeds(Others::kBetweenLooks); }
TEST(FullDisk, NothingIsLostAndAllWorksAgainWhateverOthersTakeAtAnyMoment) { RunSeeds(Others::kAtAnyCall); }

}  // namespace
}  // namespace baton
