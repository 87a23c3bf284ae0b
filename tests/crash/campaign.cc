#include "crash/campaign.h"

#include <memory>

#include "crash/life.h"
#include "doubles/queue_audit.h"

namespace baton {
namespace {

// How often it crashes: one in so many disk calls, of a life and of a recovery at each depth.
constexpr uint64_t kForkOneIn[] = {1, 4};
constexpr uint64_t kForkInRecoveryOneIn[] = {0, 16, 16};
constexpr int kDepthMax = 3;

class Simulation {
 public:
  Simulation(const Campaign& campaign, Tally& tally, bool verbose)
      : campaign_(campaign), tally_(tally), verbose_(verbose), random_(campaign.seed), disk_(random_.Next()) {
    disk_.set_leave_out(campaign.leave_out);
    disk_.set_retries_syncs(campaign.retries_syncs);
  }

  std::string Go() {
    for (int number = 0; number <= campaign_.lives && wrong_.empty(); ++number) {
      // Some rewrite by themselves, too.
      config_ = Options(campaign_.rewrites && random_.OneIn(3));
      auto life = StartLife();
      if (!wrong_.empty()) break;
      if (number < campaign_.lives) Live(*life);
      life->Die();
      disk_.Heal();
      if (number == campaign_.lives || !wrong_.empty()) break;
      End(disk_, life->place(), &power_lost_);
      before_ = std::move(life);
      clock_.AdvanceMs(1 + static_cast<int64_t>(random_.Below(500)));  // a start takes its time
    }
    return wrong_;
  }

 private:
  Config Options(bool rewrites_by_itself) {
    Config config;
    // Segments with room, and such as are used up soon.
    constexpr const char* kRooms[] = {"0", "700", "1500", "6kb"};
    std::vector<std::string> notes;
    Status loaded = config.LoadArguments(
        {"--dir", "/d", "--appendfsync", campaign_.policy, "--databases", std::to_string(State::kDatabases),
         "--notify-keyspace-events", "KEAnm", "--sync-timeout", "5", "--enable-debug-command", "yes",
         "--auto-aof-rewrite-percentage", rewrites_by_itself ? "100" : "0", "--auto-aof-rewrite-min-size", "1kb", "--aof-disk-reserve", "2kb",
         "--aof-preallocate", kRooms[random_.Below(std::size(kRooms))]},
        &notes);
    CHECK(loaded.ok());
    return config;
  }

  std::unique_ptr<Life> NewLife() {
    const Life::Plan plan{config_,          campaign_.steps, campaign_.rewrites, campaign_.large_values,
                          campaign_.faults, verbose_,        campaign_.queues};
    return std::make_unique<Life>(plan, disk_, clock_, random_.Next(), memory_);
  }

  // The next life on the disk, after crashes and failures on the way.
  std::unique_ptr<Life> StartLife() {
    for (int attempt = 0;; ++attempt) {
      const bool cut = attempt < 2 && random_.OneIn(4), fail = campaign_.faults && attempt < 2 && random_.OneIn(4);
      if (cut) disk_.PowerOffAtCall(disk_.calls() + 1 + random_.Below(40));
      if (fail) {
        disk_.FailCalls(disk_.calls() + 1 + random_.Below(40), 1 + random_.Below(2),
                        random_.OneIn(2) ? SimFileSystem::Fault::kIo : SimFileSystem::Fault::kShort);
      }
      auto life = NewLife();
      const std::string refused = life->Start();
      disk_.Heal();
      if (!disk_.powered_off() && refused.empty()) {
        if (before_ != nullptr) CheckRecovered(life->server(), power_lost_, "a start");
        life->Welcome();
        return life;
      }
      if (!disk_.powered_off() && !fail) {
        Wrong("the start was refused: " + refused);
        return life;
      }
      life->Die();
      bool lost = disk_.powered_off();
      End(disk_, Place::kRecovery, &lost);
      power_lost_ |= lost;
    }
  }

  void Live(Life& life) {
    if (random_.OneIn(2)) {
      disk_.PowerOffAtCall(disk_.calls() + 1 + random_.Below(static_cast<uint64_t>(campaign_.steps)));
    }
    const uint64_t fork_one_in = kForkOneIn[random_.Below(std::size(kForkOneIn))];
    disk_.set_watcher([&, fork_one_in](std::string_view kind, const std::string& path) {
      life.BeforeDiskCall(kind, path);
      if (random_.OneIn(fork_one_in) && wrong_.empty()) {
        Explore(disk_, clock_, life, life.place(), false, 1, std::string(kind) + " " + path);
      }
    });
    life.Play();
    if (!disk_.powered_off() && life.wrong().empty() && random_.OneIn(3) && !life.has_given_up()) Calm(life);
    disk_.set_watcher({});
    if (wrong_.empty() && !life.wrong().empty()) WrongIn(life, life.wrong());
    power_lost_ = disk_.powered_off();
  }

  // With a disk that works and nothing left to write, the log holds what memory holds; and so it does when it was
  // rewritten.
  void Calm(Life& life) {
    std::string wrong = life.Heal();
    if (disk_.powered_off()) return;
    if (wrong.empty()) wrong = Compare(life, "what the log brings back is not what was in memory");
    if (wrong.empty() && campaign_.rewrites && !disk_.powered_off()) {
      wrong = life.Rewrite();
      if (disk_.powered_off()) return;
      if (wrong.empty()) wrong = Compare(life, "what the rewritten log brings back is not what was in memory");
    }
    if (!wrong.empty() && wrong_.empty()) WrongIn(life, wrong);
  }

  std::string Compare(const Life& life, const std::string& complaint) {
    auto disk = disk_.Fork(random_.Next());
    bool power_lost = false;
    End(*disk, Place::kWorkload, &power_lost);
    ManualClock clock = clock_;
    TestServer server(*disk, clock, config_, random_.Next());
    if (!server.report().ok()) return "the start was refused: " + server.report().status().message();
    if (State(server.server()) == State(life.server())) return "";
    return complaint + ":\n" + Print(server.server()) + "  but\n" + Print(life.server());
  }

  // What if it ended here? On a copy of the disk.
  void Explore(const SimFileSystem& disk_now, const ManualClock& clock_now, const Life& life, Place place,
               bool power_lost, int depth, const std::string& call) {
    auto disk = disk_now.Fork(random_.Next());
    ManualClock clock = clock_now;
    End(*disk, place, &power_lost);
    const std::string where = std::string("a crash ") + kPlaceNames[static_cast<size_t>(place)] +
                              (power_lost ? " with loss of power" : "") + " before \"" + call + "\"";
    if (depth < kDepthMax) {
      disk->set_watcher([&](std::string_view kind, const std::string& path) {
        if (!random_.OneIn(kForkInRecoveryOneIn[depth]) || !wrong_.empty()) return;
        Explore(*disk, clock, life, depth == 1 ? Place::kRecovery : Place::kRecoveryOfRecovery, power_lost, depth + 1,
                std::string(kind) + " " + path);
      });
    }
    TestServer server(*disk, clock, config_, random_.Next());
    disk->set_watcher({});
    if (!wrong_.empty()) return;
    if (!server.report().ok())
      return WrongIn(life, where + ": the start was refused: " + server.report().status().message());
    Server& recovered = server.server();
    if (campaign_.after_start) campaign_.after_start(recovered);
    if (std::string why = AuditQueues(recovered); !why.empty()) return WrongIn(life, where + ": " + why + Print(recovered));
    if (std::string why = life.history().Contradiction(recovered, PromiseAfter(power_lost)); !why.empty()) {
      return WrongIn(life, where + ": " + why);
    }
    if (!random_.OneIn(4)) return;

    // Clients may be told all of it now: whatever comes, the very same comes back.
    bool again_power_lost = false;
    End(*disk, Place::kRecovered, &again_power_lost);
    TestServer again(*disk, clock, config_, random_.Next());
    if (!again.report().ok()) {
      return WrongIn(life, where + ": the second start was refused: " + again.report().status().message());
    }
    if (State(again.server()) == State(recovered)) return;
    WrongIn(life, where + ": a recovery of a recovery changed something:\n" + Print(recovered) + "  became\n" +
                      Print(again.server()));
  }

  void CheckRecovered(Server& recovered, bool power_lost, const std::string& where) {
    if (std::string why = AuditQueues(recovered); !why.empty()) return Wrong(where + ": " + why + Print(recovered));
    const std::string why = before_->history().Contradiction(recovered, PromiseAfter(power_lost));
    if (!why.empty()) Wrong(where + ": " + why);
  }

  // The process dies, or the machine, which is what *power_lost tells then.
  void End(SimFileSystem& disk, Place place, bool* power_lost) {
    // What a failed sync has dropped may be gone though the power stays: then no more is promised than after a power
    // cut.
    const bool dropped = disk.has_dropped_pages();
    const bool cut = disk.powered_off() || (campaign_.policy == "always" ? !random_.OneIn(8) : random_.OneIn(2));
    cut ? disk.Crash() : disk.Kill();
    tally_.Add(place, cut);
    *power_lost |= cut || dropped;
    if (campaign_.after_crash) campaign_.after_crash(disk);
  }

  Promise PromiseAfter(bool power_lost) const {
    if (!power_lost || campaign_.promise == "always") return Promise::kEverything;
    return campaign_.promise == "everysec" ? Promise::kAllButTwoSeconds : Promise::kDurableOnly;
  }

  void WrongIn(const Life& life, const std::string& what) {
    wrong_ = what;
    if (verbose_) wrong_ += "\n  the life before:\n" + life.Trace();
    // It ends here, whatever it is in the middle of.
    disk_.PowerOffAtCall(disk_.calls() + 1);
  }
  void Wrong(const std::string& what) { before_ != nullptr ? WrongIn(*before_, what) : void(wrong_ = what); }

  const Campaign& campaign_;
  Tally& tally_;
  const bool verbose_;
  Random random_;
  SimFileSystem disk_;
  ManualClock clock_;
  Life::Memory memory_;
  Config config_;
  std::unique_ptr<Life> before_;
  bool power_lost_ = false;  // since before_ was alive
  std::string wrong_;
};

}  // namespace

std::string Campaign::Run(Tally& tally) const {
  if (Simulation(*this, tally, false).Go().empty()) return "";
  // Once more, with a trace.
  Tally not_counted;
  const std::string wrong = Simulation(*this, not_counted, true).Go();
  return "seed " + std::to_string(seed) + ", appendfsync " + policy + (faults ? ", disk failures" : "") + ": " +
         (wrong.empty() ? "something went wrong that did not go wrong again" : wrong);
}

}  // namespace baton
