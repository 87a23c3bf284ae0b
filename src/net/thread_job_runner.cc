#include "net/thread_job_runner.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "base/check.h"

namespace baton {
namespace {

// Looking for the next job before going to sleep costs processor time, and pays only where jobs follow each other.
constexpr uint64_t kSoonNs = 5'000'000;

}  // namespace

ThreadJobRunner::ThreadJobRunner(uv_loop_t& loop, int spins, int niceness) : spins_(spins), niceness_(niceness) {
  CHECK(uv_async_init(&loop, &wake_loop_,
                      [](uv_async_t* handle) { static_cast<ThreadJobRunner*>(handle->data)->DeliverDone(); }) == 0);
  wake_loop_.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&wake_loop_));
  // Signals are for the loop thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Loop(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ThreadJobRunner::~ThreadJobRunner() {
  Stop();
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_loop_), nullptr);
  uv_run(wake_loop_.loop, UV_RUN_NOWAIT);  // lets libuv forget the handle before its memory goes
}

void ThreadJobRunner::Run(std::function<void()> job, std::function<void()> done) {
  CHECK(!stopped_);
  uint64_t given = given_.load(std::memory_order_relaxed);
  CHECK(given - delivered_ < kRingSize);
  ring_[given % kRingSize] = {std::move(job), std::move(done)};
  given_.store(given + 1, std::memory_order_release);
  work_.release();
}

void ThreadJobRunner::Loop() {
  // On Linux a thread has a niceness of its own. One that may not be lowered only competes more than it should.
  if (niceness_ > 0) (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness_);
  bool jobs_come_soon = true;
  for (uint64_t next = 0;; ++next) {
    int spins = jobs_come_soon ? spins_ : 0;
    const uint64_t idle_since_ns = uv_hrtime();
    while (!work_.try_acquire()) {
      if (spins-- > 0) continue;
      work_.acquire();
      break;
    }
    jobs_come_soon = uv_hrtime() - idle_since_ns < kSoonNs;
    if (next == given_.load(std::memory_order_acquire)) {
      CHECK(stop_.load(std::memory_order_acquire));
      return;
    }
    ring_[next % kRingSize].job();
    finished_.store(next + 1, std::memory_order_release);
    finished_.notify_one();  // Drain may wait for it
    uv_async_send(&wake_loop_);
  }
}

void ThreadJobRunner::DeliverDone() {
  while (delivered_ < finished_.load(std::memory_order_acquire)) {
    Work work = std::move(ring_[delivered_ % kRingSize]);
    ring_[delivered_ % kRingSize] = {};
    ++delivered_;
    if (work.done) work.done();
  }
}

void ThreadJobRunner::Drain() {
  while (delivered_ < given_.load(std::memory_order_relaxed)) {
    finished_.wait(delivered_, std::memory_order_acquire);
    DeliverDone();
  }
}

void ThreadJobRunner::Stop() {
  if (stopped_) return;
  stopped_ = true;
  stop_.store(true, std::memory_order_release);
  work_.release();
  thread_.join();
  DeliverDone();
}

}  // namespace baton
