#pragma once

#include <functional>

namespace baton {

// Runs work off the loop thread. One runner is one thread: jobs run one at a time, in the order given.
// `job` runs on the runner's thread and may touch only what it was given (immutable values, sealed files);
// `done` then runs on the loop thread. The runner outlives its jobs: its owner stops it before the parts
// that `done` refers to are destroyed. The real one is net/thread_job_runner; tests run jobs when they say so.
class JobRunner {
 public:
  virtual ~JobRunner() = default;
  virtual void Run(std::function<void()> job, std::function<void()> done) = 0;
  // Loop thread: waits for all jobs given so far, and for those that their dones give, and calls the dones. Blocks.
  virtual void Drain() = 0;
};

}  // namespace baton
