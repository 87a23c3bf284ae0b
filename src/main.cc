// Options → parts, bottom-up → loop → teardown. The only place where real parts meet.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "base/logging.h"
#include "commands/command_docs.h"
#include "config/config.h"
#include "config/usage.h"
#include "env/posix_file_system.h"
#include "net/event_loop.h"
#include "net/thread_job_runner.h"
#include "server/banner.h"
#include "server/server.h"

namespace baton {
namespace {

// The idle sync thread looks this often for the next sync before it sleeps (a few tens of microseconds).
constexpr int kSyncSpins = 2000;
// Of the thread of long jobs (the rewriter).
constexpr int kJobNiceness = 15;

// Lines as redis-server prints them: "pid:M 14 Nov 2023 22:13:20.000 * text", to a file or to standard output.
class LogSink {
 public:
  Status Open(const std::string& path) {
    if (path.empty()) return Status::Ok();
    file_ = std::fopen(path.c_str(), "a");
    return file_ != nullptr ? Status::Ok() : Status::FromErrno(errno, "cannot open logfile " + path);
  }
  void Write(LogLevel level, std::string_view line) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    tm local;
    localtime_r(&now.tv_sec, &local);
    char when[64];
    std::strftime(when, sizeof when, "%d %b %Y %H:%M:%S", &local);
    std::FILE* to = file_ != nullptr ? file_ : stdout;
    std::fprintf(to, "%d:M %s.%03ld %c %.*s\n", getpid(), when, now.tv_nsec / 1'000'000,
                 ".-*#"[static_cast<int>(level)], static_cast<int>(line.size()), line.data());
    std::fflush(to);
  }

 private:
  std::FILE* file_ = nullptr;  // open for as long as the process lives
};

int Fail(const Status& status) {
  std::fprintf(stderr, "baton-server: %s\n", status.message().c_str());
  return 1;
}

// Every client needs a descriptor, and the server some of its own.
void RaiseDescriptorLimit(const Config& config, Logger& logger) {
  rlim_t wanted = static_cast<rlim_t>(config.Integer("maxclients")) + 64;
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  rlimit raised{wanted, std::max(wanted, limit.rlim_max)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  raised = {std::min(wanted, limit.rlim_max), limit.rlim_max};
  (void)setrlimit(RLIMIT_NOFILE, &raised);
  logger.Warning(
      "The system allows %llu open files; maxclients %lld needs %llu: raise the limit (ulimit -n) or lower maxclients",
      static_cast<unsigned long long>(raised.rlim_cur), static_cast<long long>(config.Integer("maxclients")),
      static_cast<unsigned long long>(wanted));
}

void Daemonize() {
  pid_t child = fork();
  if (child != 0) std::_Exit(child > 0 ? 0 : 1);
  setsid();
  int null = open("/dev/null", O_RDWR);
  if (null < 0) return;
  dup2(null, 0);
  dup2(null, 1);
  dup2(null, 2);
  if (null > 2) close(null);
}

// systemd's readiness protocol (sd_notify(3)): one datagram to the socket that the environment names.
void NotifySupervisor(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || path[0] == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string name(path);
  if (name.size() >= sizeof address.sun_path) return;
  name.copy(address.sun_path, name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  (void)sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address),
               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
  close(fd);
}

std::string RandomHex(size_t digits) {
  std::random_device entropy;
  std::string text;
  while (text.size() < digits) text += "0123456789abcdef"[entropy() % 16];
  return text;
}

uint64_t RandomSeed() {
  std::random_device entropy;
  return (uint64_t{entropy()} << 32) | entropy();
}

std::string ExecutablePath() {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : "";
}

int Serve(uv_loop_t& loop, Config& config, const std::vector<std::string>& notes) {
  LogSink sink;
  Status opened = sink.Open(config.String("logfile"));
  if (!opened.ok()) return Fail(opened);
  Logger logger(LogLevel::kNotice, [&sink](LogLevel level, std::string_view line) { sink.Write(level, line); });
  for (const std::string& note : notes) logger.Notice("%s", note.c_str());

  const std::string directory = config.String("dir");
  struct stat facts;
  if (stat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return Fail(Status::Error("dir " + directory + " is not a directory: create it, or name another with --dir"));
  }
  RaiseDescriptorLimit(config, logger);

  SystemClock clock;
  PosixFileSystem files;
  int exit_code = 0;
  {
    ThreadJobRunner sync_runner(loop, kSyncSpins, 0);
    ThreadJobRunner job_runner(loop, 0, kJobNiceness);
    ServerFacts server_facts;
    server_facts.run_id = RandomHex(40);
    server_facts.executable = ExecutablePath();
    server_facts.config_file = config.file_path();
    server_facts.pid = getpid();
    server_facts.started_unix_ms = clock.UnixMs();
    server_facts.started_monotonic_ns = clock.MonotonicNs();
    Server server({config, files, clock, sync_runner, job_runner, logger, RandomSeed(), std::move(server_facts)});
    EventLoop event_loop(loop, server, config, logger);

    Status listening = event_loop.Listen();
    if (!listening.ok()) return Fail(listening);
    // Clients that come while the data is loading are answered, with -LOADING.
    Result<RecoveryReport> report = server.Start([&] {
      event_loop.RunReady();
      if (!server.stopping()) return;
      // Loading changes nothing on disk before all is read, and nobody has been told anything: the process may just end.
      event_loop.CloseListeners();
      logger.Notice("Baton has stopped while it was loading; the log is as it was");
      std::_Exit(0);
    });
    if (!report.ok()) {
      logger.Warning("%s", report.status().message().c_str());
      return Fail(report.status());
    }
    std::string pid_file = config.String("pidfile");
    if (pid_file.empty() && config.Bool("daemonize")) pid_file = "/var/run/baton.pid";
    if (!pid_file.empty()) {
      std::FILE* out = std::fopen(pid_file.c_str(), "w");
      if (out != nullptr) {
        std::fprintf(out, "%d\n", getpid());
        std::fclose(out);
      } else {
        logger.Warning("cannot write pidfile %s: %s", pid_file.c_str(), std::strerror(errno));
      }
    }
    int64_t sync_us =
        config.Bool("appendonly") ? MeasureSyncUs(files, clock, directory + "/" + config.String("appenddirname")) : -1;
    size_t keys = 0;
    for (uint32_t db = 0; db < server.keyspace().databases(); ++db) keys += server.keyspace().size(db);
    for (const std::string& line : Banner(config, event_loop.addresses(), *report, keys, sync_us)) {
      logger.Notice("%s", line.c_str());
    }
    if (config.String("supervised") != "no") NotifySupervisor("READY=1\nSTATUS=Ready to accept connections\n");

    event_loop.Run();

    NotifySupervisor("STOPPING=1\n");
    event_loop.CloseListeners();
    Status stopped = server.Stop();
    if (!stopped.ok()) {
      logger.Warning("The log could not be closed: %s", stopped.message().c_str());
      exit_code = 1;
    }
    job_runner.Stop();
    sync_runner.Stop();
    if (!pid_file.empty()) unlink(pid_file.c_str());
    logger.Notice("Baton has stopped%s", stopped.ok() ? "; everything is on disk" : "");
  }
  return exit_code;
}

int Main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1) {
    const std::string& word = arguments[0];
    if (word == "--help" || word == "-h") return std::fputs(UsageText().c_str(), stdout) < 0;
    if (word == "--version" || word == "-v") return std::fputs(VersionText().c_str(), stdout) < 0;
    if (word == "--print-default-config") return std::fputs(DefaultConfigText().c_str(), stdout) < 0;
    if (word == "--print-command-table") return std::fputs(CommandTableMarkdown().c_str(), stdout) < 0;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // ulimit -f: the write fails, and the log lives with that
  std::signal(SIGHUP, SIG_IGN);
  Config config;
  std::vector<std::string> notes;
  Status loaded = config.LoadArguments(arguments, &notes);
  if (!loaded.ok()) return Fail(loaded);
  if (config.Bool("daemonize")) Daemonize();
  uv_loop_t loop;
  CHECK(uv_loop_init(&loop) == 0);
  int exit_code = Serve(loop, config, notes);
  uv_run(&loop, UV_RUN_DEFAULT);  // the handles that are still closing
  (void)uv_loop_close(&loop);
  return exit_code;
}

}  // namespace
}  // namespace baton

int main(int argc, char** argv) { return baton::Main(argc, argv); }
