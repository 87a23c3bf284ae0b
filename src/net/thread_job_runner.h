#pragma once

#include <uv.h>

#include <array>
#include <atomic>
#include <functional>
#include <semaphore>
#include <thread>

#include "base/job_runner.h"

namespace baton {

// One thread that runs jobs for the loop. Jobs go over in one ring and come back in another; each ring has one writer and
// one reader, so neither needs a lock. All methods: loop thread only.
class ThreadJobRunner final : public JobRunner {
 public:
  // `spins`: how often the idle thread looks for a next job before it sleeps; a sleeping thread costs a hand-over of
  // microseconds, which matters when a job (a sync) takes little more. `niceness`: of the thread, 0 to 19; long jobs leave
  // the loop its core.
  ThreadJobRunner(uv_loop_t& loop, int spins, int niceness);
  ~ThreadJobRunner() override;

  void Run(std::function<void()> job, std::function<void()> done) override;
  void Drain() override;
  // Waits for the thread to finish what it was given, then calls the remaining dones. Nothing may be run afterwards.
  void Stop();

 private:
  static constexpr size_t kRingSize = 64;  // far more jobs than the log ever has under way
  struct Work {
    std::function<void()> job, done;
  };

  void Loop();
  void DeliverDone();

  uv_async_t wake_loop_;
  std::array<Work, kRingSize> ring_;
  std::atomic<uint64_t> given_{0};     // written by the loop thread
  std::atomic<uint64_t> finished_{0};  // written by the runner's thread
  uint64_t delivered_ = 0;             // loop thread
  std::counting_semaphore<> work_{0};
  std::atomic<bool> stop_{false};
  bool stopped_ = false;
  const int spins_, niceness_;
  std::thread thread_;
};

}  // namespace baton
