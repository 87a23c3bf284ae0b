#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "base/job_runner.h"

namespace baton {

// Runs jobs on the calling thread, when the test says so. A real runner has a job run some time after Run, and its
// `done` some time after that; a test puts its own events between the three:
//
//   Run(job, done)  ->  waiting  --RunJob-->  finished  --DeliverDone-->  gone
//
// In mode kAtOnce all three happen inside Run, as for a disk and a thread without delay.
class ManualJobRunner final : public JobRunner {
 public:
  enum class Mode { kManual, kAtOnce };
  explicit ManualJobRunner(Mode mode = Mode::kManual) : mode_(mode) {}

  void set_mode(Mode mode) { mode_ = mode; }

  void Run(std::function<void()> job, std::function<void()> done) override {
    waiting_.push_back({std::move(job), std::move(done)});
    if (mode_ == Mode::kAtOnce) RunAll();
  }

  void Drain() override { RunAll(); }

  size_t waiting() const { return waiting_.size(); }
  size_t finished() const { return finished_.size(); }
  bool idle() const { return waiting_.empty() && finished_.empty(); }

  // Runs the oldest waiting job, without its done. False when none waits.
  bool RunJob() {
    if (waiting_.empty()) return false;
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    work.job();
    finished_.push_back(std::move(work.done));
    return true;
  }
  // Calls the oldest done whose job has run. False when there is none.
  bool DeliverDone() {
    if (finished_.empty()) return false;
    std::function<void()> done = std::move(finished_.front());
    finished_.pop_front();
    if (done) done();
    return true;
  }
  // The oldest job and its done. False when nothing was left to do.
  bool RunOne() {
    if (finished_.empty()) RunJob();
    return DeliverDone();
  }
  // Until nothing is left, also of what the jobs and dones asked for themselves.
  void RunAll() {
    while (RunOne()) {
    }
  }
  // The process died: nothing that was waiting ever happens.
  void Forget() {
    waiting_.clear();
    finished_.clear();
  }

 private:
  struct Work {
    std::function<void()> job;
    std::function<void()> done;
  };
  Mode mode_;
  std::deque<Work> waiting_;
  std::deque<std::function<void()>> finished_;
};

}  // namespace baton
