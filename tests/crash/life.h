#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crash/history.h"
#include "crash/tally.h"
#include "crash/workload.h"
#include "doubles/manual_clock.h"
#include "doubles/test_server.h"

namespace baton {

// One life of a server: it starts on what the disk holds, several clients ask random things of it, syncs and rewrites
// end when the seed says so, time passes, the disk fails and works again. All the while the life keeps the history that
// a recovery is held to.
class Life {
 public:
  struct Plan {
    const Config& config;
    int steps;
    bool rewrites;
    bool large_values;
    bool faults;
    bool verbose;  // keep a trace of everything
    bool queues;
  };
  // What goes on from one life to the next.
  struct Memory {
    uint64_t payloads = 0;
    std::set<std::string> first_tokens;  // those of first deliveries that clients were told
  };
  Life(const Plan& plan, SimFileSystem& disk, ManualClock& clock, uint64_t seed, Memory& memory);

  // Why the start was refused; empty when it was not.
  std::string Start();
  // What was loaded is what clients may see: the history begins here.
  void Welcome();
  // Until all steps are done, or the power goes.
  void Play();
  // The disk works again, and time passes: then the server must work again, too. Everything is synced when
  // this returns. Empty, or what is wrong.
  std::string Heal();
  // A whole rewrite, with nobody asking for anything meanwhile. Empty, or what is wrong.
  std::string Rewrite();
  // The process ends here, as after kill -9. The history stays.
  void Die();

  // To be called before each disk call (SimFileSystem::set_watcher).
  void BeforeDiskCall(std::string_view kind, const std::string& path);
  // Where the server is now, for a crash that comes before the coming disk call.
  Place place() const { return place_; }
  // The server has given up (a reload that failed): its data is not there any more.
  bool has_given_up() const { return server_->server().stopping() || server_->server().loading(); }
  Server& server() const { return server_->server(); }
  const History& history() const { return *history_; }
  // What the life itself has seen go wrong.
  const std::string& wrong() const { return wrong_; }
  std::string Trace() const;

 private:
  // What the reply to one request rests on.
  struct Due {
    size_t needs = 0;
    size_t needs_for_null = 0;  // when it is a null: nothing came, or a watched key was changed
    size_t needs_for_no_policy = 0;
    bool is_wait = false;       // WAITAOF
    std::string what = {};
  };
  struct Witness {
    std::unique_ptr<TestClient> client;
    std::string bytes;     // received, but no whole reply yet
    std::deque<Due> dues;  // replies still to come
    bool blocked = false;  // the last one is not decided yet
    uint32_t db = 0;
    bool in_multi = false;
    std::vector<std::vector<std::string>> queued;
    std::vector<size_t> watched;
    size_t last_write = 0;  // the state that its newest change led to
  };
  // One that asks for nothing and is told of every change.
  struct Listener {
    std::unique_ptr<TestClient> client;
    uint64_t end = 0;         // of what was written to it
    uint64_t heard_from = 0;  // `heard` are the bytes from there on
    std::string heard;
    // What was written to it in one step, up to that byte, and the state that the step led to; 0: to no new one.
    struct Written {
      uint64_t end;
      size_t needs;
    };
    std::deque<Written> written;
  };
  // How often each kind of event comes in this life.
  struct Mood {
    uint64_t send, turn, sync, sync_done, job, job_done, time, trouble, leave;
  };

  static Mood DrawMood(Random& random, const Plan& plan);
  void Event();
  void Turn();
  void PassTime();
  void MakeTrouble();
  void HealDisk();
  void AskSomething();
  size_t Rests(const LookedAt& looked) const;
  size_t RestsOn(const std::vector<std::string>& words, uint32_t db) const;
  size_t RestsOnQueued(const Witness& witness, uint32_t db) const;
  void NoteData();
  void NoteUnblocked();
  void Hear();
  void HearOfChanges();
  void BeginToListen();
  void HearOne(Witness& witness, std::string_view reply);
  void HearTokens(std::string_view reply);
  void MeetAgain(Witness& witness);
  void OneLeaves();
  void NotePlace(std::string_view kind);
  bool in_trouble() const { return trouble_ || !server_->server().log().growth_refused().empty(); }
  void Say(const std::string& line);

  const Plan plan_;
  SimFileSystem& disk_;
  ManualClock& clock_;
  Random random_;
  Memory& memory_;
  Mood mood_;
  std::unique_ptr<TestServer> server_;
  std::optional<History> history_;
  std::vector<Witness> witnesses_;
  Listener listener_;
  std::deque<std::string> tokens_;  // told lately
  bool trouble_ = false;
  bool reloading_ = false, in_job_ = false;
  bool switched_ = false;  // to a new segment, and no sync has ended since
  Place place_ = Place::kWorkload;
  std::string wrong_;
  std::deque<std::string> trace_;
};

}  // namespace baton
