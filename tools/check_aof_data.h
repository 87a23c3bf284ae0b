#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/job_runner.h"
#include "base/logging.h"
#include "config/config.h"
#include "env/file_system.h"
#include "log/log.h"
#include "server/server.h"

namespace baton {

// The data that the log makes, in a real server (without log, clock and sockets) that takes each command as one that
// starts takes it. So what a start would refuse is refused here.
class CheckedData final : public ReplayTarget {
 public:
  using OnProgress = std::function<void(uint64_t bytes_done, uint64_t bytes_total)>;
  // How many there are is for the server's configuration to say; here, more than anybody has.
  static constexpr uint32_t kDatabases = 1024;

  // `holds_data`: else bytes and checks are all that is looked at, and everything fits.
  CheckedData(bool holds_data, FileSystem& files, OnProgress on_progress);

  ApplyOutcome Replay(const Mutation& mutation) override;
  KeyRef Ref(std::string_view name) override;
  Status ReplayForeign(uint32_t db, std::span<const std::string_view> argv) override;
  void Progress(uint64_t bytes_done, uint64_t bytes_total) override { on_progress_(bytes_done, bytes_total); }

  Keyspace& keyspace() { return server_->keyspace(); }
  QueueBook& queues() { return server_->queues(); }
  uint32_t highest_db() const { return highest_db_; }

 private:
  class NoJobs final : public JobRunner {
   public:
    void Run(std::function<void()>, std::function<void()>) override { CHECK(false); }
    void Drain() override {}
  };

  const bool holds_data_;
  const OnProgress on_progress_;
  Config config_;
  SystemClock clock_;
  NoJobs jobs_;
  Logger logger_;
  std::unique_ptr<Server> server_;
  uint32_t highest_db_ = 0;
};

}  // namespace baton
