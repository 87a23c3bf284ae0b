#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doubles/manual_clock.h"
#include "doubles/manual_job_runner.h"
#include "doubles/sim_file_system.h"
#include "server/server.h"

namespace baton {

// A whole server in the hand of a test: manual clock, simulated disk, no sockets, no threads. Syncs and jobs run at
// once unless the test says otherwise (sync_runner.set_mode).
class TestServer {
 public:
  // `options`: as on the command line, e.g. {"--appendfsync", "everysec"}. The default is appendfsync always.
  explicit TestServer(std::vector<std::string> options = {}, uint64_t seed = 1);
  // A server on a disk (and a clock) that outlive it: for restarts and crashes.
  TestServer(SimFileSystem& disk, ManualClock& clock, std::vector<std::string> options = {}, uint64_t seed = 1);
  // The same with options that are parsed already, for tests that start thousands of them. No turn has ended yet: what
  // was loaded is there as it was loaded, keys whose time is up included.
  TestServer(SimFileSystem& disk, ManualClock& clock, const Config& config, uint64_t seed);
  ~TestServer();

  Server& server() { return *server_; }
  ManualClock& clock() { return clock_; }
  ManualJobRunner& sync_runner() { return sync_runner_; }
  ManualJobRunner& job_runner() { return job_runner_; }
  Config& config() { return config_; }
  const std::vector<std::string>& log_lines() const { return log_lines_; }
  // Not ok when the start failed; server() then serves nothing.
  const Result<RecoveryReport>& report() const { return *report_; }

  // Ends turns until there is nothing left to do at once.
  void Settle();
  // From here on syncs end only when the test says so.
  void HoldSyncs() { sync_runner_.set_mode(ManualJobRunner::Mode::kManual); }
  // False: none was under way.
  [[nodiscard]] bool FinishOneSync() {
    if (!sync_runner_.RunJob() || !sync_runner_.DeliverDone()) return false;
    Settle();
    return true;
  }
  // Moves the clock in steps, running timers on the way.
  void Advance(int64_t ms);
  // Writes everything and ends, as SHUTDOWN does.
  Status Stop();
  // The process dies here: nothing is flushed, no job is finished.
  void Kill();

 private:
  void Configure(const std::vector<std::string>& options);
  void Start(uint64_t seed);

  std::unique_ptr<SimFileSystem> own_disk_;
  std::unique_ptr<ManualClock> own_clock_;
  SimFileSystem& disk_;
  ManualClock& clock_;
  ManualJobRunner sync_runner_{ManualJobRunner::Mode::kAtOnce};
  ManualJobRunner job_runner_{ManualJobRunner::Mode::kAtOnce};
  Config config_;
  std::vector<std::string> log_lines_;
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Result<RecoveryReport>> report_;
};

// One connection to a TestServer.
class TestClient final : public Peer {
 public:
  explicit TestClient(TestServer& server);
  ~TestClient() override;

  // Sends one request and returns what came back in that turn. Words as redis-cli splits them: quotes, \r \n \xHH.
  std::string Send(std::string_view line);
  std::string Send(const std::vector<std::string>& words);
  // Raw bytes, cut and garbled as the test likes.
  std::string SendBytes(std::string_view bytes);
  // Puts the bytes in without ending the turn: several clients share one turn and one group.
  void Feed(std::string_view bytes);
  // What has come since the last look.
  std::string Receive();

  bool closed() const { return closed_; }
  bool reading() const { return reading_; }
  void set_accepts(bool accepts);  // false: a slow reader, nothing is taken from the session
  void set_room(size_t bytes) { room_ = bytes; }  // so much is taken, and no more
  uint64_t id() const { return id_; }
  void Disconnect();
  // The same, and the turn goes on.
  void Leave();
  // The server is about to die with the session: nothing is told to it any more.
  void Abandon() { session_ = nullptr; }

  // "*2\r\n$4\r\n..." of the words.
  static std::string Encode(const std::vector<std::string>& words);
  static std::vector<std::string> Split(std::string_view line);

 private:
  void Send(Session& session) override;
  void SetReading(bool on) override { reading_ = on; }
  void Close() override;

  TestServer& server_;
  Session* session_ = nullptr;
  uint64_t id_ = 0;
  std::string received_;
  bool closed_ = false;
  bool reading_ = true;
  bool accepts_ = true;
  size_t room_ = SIZE_MAX;
};

}  // namespace baton
