// The load generator of `make bench`: one thread, epoll, N connections, requests encoded beforehand. redis-benchmark becomes
// the bottleneck at pipeline 64; this spends a few tens of nanoseconds per request, and says how busy it was itself.
//
//   load --port 6379 --clients 50 --pipeline 16 --requests 1000000 [--rate R] [--watch PID] [--json] [--until-term]
//     -- LPUSH key:{rand:1000} {data:64}
//
// Words may hold {data:BYTES} (bytes of 'x'), {rand:N} (12 digits, uniform below N), {seq} or {seq:NAME} (12 digits, counting
// up over all connections, each name for itself, from --seq, or for "ack" from 0). Several commands separated by a word ";" take turns in each connection.
//
// Closed loop: each connection sends `pipeline` requests, waits for as many replies, and so on. With --rate R requests a second are
// due at fixed times whatever the server does, and latency counts from the time at which a request was due, so that a
// server that stalls cannot hide what it would have delayed (coordinated omission).
//
// A pause may be the server's or the machine's. With --watch PID (of the server) and --rate, the time for which the server's
// first thread, or this program, was ready to run and had no core is taken off each latency; what is left is the server's
// `own`, be it work or waiting for a disk. Where another thread of the server had the core meanwhile, nothing is taken off.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

volatile std::sig_atomic_t terminated = 0;  // --until-term: SIGTERM ends the run and prints the figures

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "load: %s\n", message.c_str());
  std::exit(2);
}

int64_t NowNs(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Latencies in buckets of 1/64 of a power of two: at most 1.6 % off, 30 KiB in all.
class Histogram {
 public:
  void Add(int64_t ns) {
    ++buckets_[Bucket(static_cast<uint64_t>(std::max<int64_t>(ns, 0)))];
    ++count_;
    max_ = std::max(max_, ns);
  }
  double QuantileUs(double q) const {
    auto rank = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= rank && seen > 0) return std::min(Value(i), static_cast<double>(max_)) / 1000;
    }
    return static_cast<double>(max_) / 1000;
  }
  double MaxUs() const { return static_cast<double>(max_) / 1000; }

 private:
  static size_t Bucket(uint64_t ns) {
    if (ns < 64) return ns;
    int log = 63 - __builtin_clzll(ns);
    return static_cast<size_t>((log - 5) * 64) + ((ns >> (log - 6)) & 63);
  }
  static double Value(size_t bucket) {
    if (bucket < 64) return static_cast<double>(bucket);
    int log = static_cast<int>(bucket / 64) + 5;
    return std::ldexp(64.0 + static_cast<double>(bucket % 64) + 1, log - 6);
  }
  std::array<uint64_t, 64 * 60> buckets_{};
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

// How long the first thread of a process (the loop, in each server that is measured here) has waited for a core, and for how
// long its other threads had one, as the kernel accounts for it: see schedstat in man 5 proc.
class CoreWait {
 public:
  explicit CoreWait(int pid) {
    const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
    first_ = Open(tasks / std::to_string(pid));
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      if (task.path().filename() != std::to_string(pid)) others_.push_back(Open(task.path()));
    }
  }

  struct Reading {
    int64_t waited_ns = 0, others_ran_ns = 0;
  };
  Reading Read() const {
    Reading reading{Number(first_, 1), 0};
    for (int file : others_) reading.others_ran_ns += Number(file, 0);
    return reading;
  }

 private:
  static int Open(const std::filesystem::path& task) {
    const int file = open((task / "schedstat").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) Die("cannot open " + task.string() + "/schedstat: " + std::strerror(errno));
    return file;
  }
  // Of "nanoseconds on a core, nanoseconds of waiting for one, time slices".
  static int64_t Number(int file, size_t which) {
    char text[80];
    const ssize_t got = pread(file, text, sizeof text - 1, 0);
    if (got <= 0) Die("a thread that is watched has ended");
    text[got] = '\0';
    char* at = text;
    while (which-- > 0) std::strtoll(at, &at, 10);
    return std::strtoll(at, nullptr, 10);
  }

  int first_;
  std::vector<int> others_;
};

// Counts whole replies in a stream that may be cut anywhere.
class ReplyCounter {
 public:
  // Returns how many replies ended within `bytes`.
  uint64_t Feed(std::string_view bytes, uint64_t* errors) {
    uint64_t done = 0;
    size_t i = 0;
    while (i < bytes.size()) {
      if (skip_ > 0) {
        size_t take = std::min<size_t>(skip_, bytes.size() - i);
        skip_ -= take;
        i += take;
        if (skip_ == 0) done += ItemEnded();
        continue;
      }
      const void* end = std::memchr(bytes.data() + i, '\n', bytes.size() - i);
      if (end == nullptr) {
        line_.append(bytes.substr(i));
        return done;
      }
      size_t stop = static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1;
      std::string_view line = bytes.substr(i, stop - i);
      i = stop;
      if (!line_.empty()) {
        line_.append(line);
        line = line_;
      }
      done += Line(line, errors);
      line_.clear();
    }
    return done;
  }

 private:
  uint64_t Line(std::string_view line, uint64_t* errors) {
    if (line[0] == '$') {
      long length = std::strtol(line.data() + 1, nullptr, 10);
      if (length >= 0) {
        skip_ = static_cast<uint64_t>(length) + 2;
        return 0;
      }
    } else if (line[0] == '*') {
      long items = std::strtol(line.data() + 1, nullptr, 10);
      if (items > 0) {
        open_.push_back(items);
        return 0;
      }
    } else if (line[0] == '-') {
      if ((*errors)++ == 0) std::fprintf(stderr, "load: first error reply: %.*s", static_cast<int>(line.size()), line.data());
    }
    return ItemEnded();
  }
  uint64_t ItemEnded() {
    while (!open_.empty()) {
      if (--open_.back() > 0) return 0;
      open_.pop_back();
    }
    return 1;
  }
  std::string line_;
  uint64_t skip_ = 0;
  std::vector<long> open_;
};

// A request, encoded, with the places of its changing digits.
struct Template {
  struct Hole {
    size_t offset;
    uint64_t below;   // of a random number; 0: a sequence
    size_t sequence;  // which one
  };
  std::string bytes;
  std::vector<Hole> holes;
};

constexpr size_t kDigits = 12;

Template Encode(const std::vector<std::string>& words, std::vector<std::string>& sequences) {
  Template made;
  made.bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    std::string text;
    std::vector<Template::Hole> holes;
    for (size_t i = 0; i < word.size();) {
      size_t close = word[i] == '{' ? word.find('}', i) : std::string::npos;
      if (close == std::string::npos) {
        text += word[i++];
        continue;
      }
      std::string inside = word.substr(i + 1, close - i - 1);
      i = close + 1;
      if (inside.starts_with("data:")) {
        text.append(std::stoul(inside.substr(5)), 'x');
      } else if (inside.starts_with("rand:")) {
        holes.push_back({text.size(), std::stoull(inside.substr(5)), 0});
        text.append(kDigits, '0');
      } else if (inside.starts_with("seq")) {
        auto known = std::find(sequences.begin(), sequences.end(), inside);
        holes.push_back({text.size(), 0, static_cast<size_t>(known - sequences.begin())});
        if (known == sequences.end()) sequences.push_back(inside);
        text.append(kDigits, '0');
      } else {
        Die("unknown placeholder {" + inside + "}: data:BYTES, rand:N or seq");
      }
    }
    made.bytes += "$" + std::to_string(text.size()) + "\r\n";
    for (auto& hole : holes) made.holes.push_back({made.bytes.size() + hole.offset, hole.below, hole.sequence});
    made.bytes += text + "\r\n";
  }
  return made;
}

struct Options {
  std::string host = "127.0.0.1";
  int port = 6379;
  int clients = 50, pipeline = 1;
  uint64_t requests = 100000;
  double rate = 0;
  uint64_t seq_start = 0, seed = 1;
  int watch = 0;  // a process, 0: none
  std::vector<Template> templates;
  std::vector<std::string> sequences;
};

struct Connection {
  int fd = -1;
  std::string out;           // encoded requests not yet sent
  size_t out_begin = 0;
  uint64_t waiting = 0;      // requests sent (or in `out`) whose replies have not come
  int64_t sent_ns = 0;       // closed loop: when the batch was sent
  struct Due {
    int64_t ns;
    CoreWait::Reading server;  // when it was sent
    int64_t own_waited_ns;     // before it was sent
  };
  std::vector<Due> due;  // open loop: when each waiting request was due
  size_t due_begin = 0;
  size_t turn = 0;           // which template is next
  bool want_write = false;
  ReplyCounter counter;
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)), random_(options_.seed * 0x9e3779b97f4a7c15u + 1) {
    for (const std::string& name : options_.sequences) next_.push_back(name == "seq:ack" ? 0 : options_.seq_start);
    if (options_.watch != 0) {
      server_ = std::make_unique<CoreWait>(options_.watch);
      self_ = std::make_unique<CoreWait>(getpid());
    }
    epoll_ = epoll_create1(0);
    connections_.resize(static_cast<size_t>(options_.clients));
    for (Connection& connection : connections_) Connect(connection);
  }

  void Run(bool json) {
    started_ns_ = NowNs(CLOCK_MONOTONIC);
    int64_t cpu_before = NowNs(CLOCK_PROCESS_CPUTIME_ID);
    if (options_.rate <= 0) {
      for (Connection& connection : connections_) SendBatch(connection);
    }
    std::vector<epoll_event> events(1024);
    while (answered_ < Wanted() && terminated == 0) {
      timespec left{};
      const bool more_is_due = options_.rate > 0 && SendDue(&left);
      int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), more_is_due ? &left : nullptr, nullptr);
      for (int i = 0; i < count; ++i) {
        Connection& connection = connections_[events[static_cast<size_t>(i)].data.u64];
        if (events[static_cast<size_t>(i)].events & EPOLLOUT) Write(connection);
        if (events[static_cast<size_t>(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) Read(connection);
      }
    }
    double seconds = static_cast<double>(NowNs(CLOCK_MONOTONIC) - started_ns_) / 1e9;
    double cpu = static_cast<double>(NowNs(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) / 1e9;
    const char* form = json ? "{\"requests\": %llu, \"errors\": %llu, \"seconds\": %.6f, \"per_second\": %.1f, "
                              "\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f, \"load_cpu\": %.6f, \"own_p999_us\": %.1f, \"own_max_us\": %.1f}\n"
                            : "%llu requests, %llu errors, %.3f s, %.0f/s; latency us p50 %.0f p99 %.0f p99.9 %.0f max %.0f; "
                              "own cpu %.3f s; the server's own p99.9 %.0f max %.0f\n";
    std::printf(form, static_cast<unsigned long long>(answered_), static_cast<unsigned long long>(errors_), seconds,
                static_cast<double>(answered_) / seconds, latency_.QuantileUs(0.5), latency_.QuantileUs(0.99),
                latency_.QuantileUs(0.999), latency_.MaxUs(), cpu,
                own_latency_.QuantileUs(0.999), own_latency_.MaxUs());
  }

 private:
  uint64_t Wanted() const { return options_.requests; }

  void Connect(Connection& connection) {
    if (options_.host.starts_with('/')) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      options_.host.copy(address.sun_path, sizeof address.sun_path - 1);
      connection.fd = socket(AF_UNIX, SOCK_STREAM, 0);
      if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Die("cannot connect to " + options_.host);
    } else {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<uint16_t>(options_.port));
      if (inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr) != 1) Die("host must be an IPv4 address or a path");
      connection.fd = socket(AF_INET, SOCK_STREAM, 0);
      if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        Die("cannot connect to port " + std::to_string(options_.port) + ": " + std::strerror(errno));
      }
      int one = 1;
      setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    fcntl(connection.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<uint64_t>(&connection - connections_.data());
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  }

  void AppendRequest(Connection& connection) {
    const Template& request = options_.templates[connection.turn++ % options_.templates.size()];
    size_t start = connection.out.size();
    connection.out += request.bytes;
    for (const Template::Hole& hole : request.holes) {
      uint64_t value;
      if (hole.below == 0) {
        value = next_[hole.sequence]++;
      } else {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        value = random_ % hole.below;
      }
      for (size_t digit = kDigits; digit-- > 0; value /= 10) {
        connection.out[start + hole.offset + digit] = static_cast<char>('0' + value % 10);
      }
    }
    ++connection.waiting;
  }

  void SendBatch(Connection& connection) {
    if (sent_ >= options_.requests) return;
    auto count = std::min<uint64_t>(static_cast<uint64_t>(options_.pipeline), options_.requests - sent_);
    for (uint64_t i = 0; i < count; ++i) AppendRequest(connection);
    sent_ += count;
    connection.sent_ns = NowNs(CLOCK_MONOTONIC);
    Write(connection);
  }

  // Sends what is due by now, and says how long it is until the next; false: there is no next.
  bool SendDue(timespec* left) {
    // Of the last turn, when none of these was due.
    const int64_t self_waited_ns = self_waited_ns_;
    if (self_) self_waited_ns_ = self_->Read().waited_ns;
    int64_t now_ns = NowNs(CLOCK_MONOTONIC);
    while (sent_ < options_.requests) {
      int64_t due_ns = started_ns_ + static_cast<int64_t>(static_cast<double>(sent_) * 1e9 / options_.rate);
      if (due_ns > now_ns) {
        *left = {(due_ns - now_ns) / 1'000'000'000, (due_ns - now_ns) % 1'000'000'000};
        return true;
      }
      Connection& connection = connections_[sent_ % connections_.size()];
      AppendRequest(connection);
      connection.due.push_back({due_ns, server_ ? server_->Read() : CoreWait::Reading{}, self_waited_ns});
      ++sent_;
      Write(connection);
    }
    return false;
  }

  void Write(Connection& connection) {
    while (connection.out_begin < connection.out.size()) {
      ssize_t written = write(connection.fd, connection.out.data() + connection.out_begin, connection.out.size() - connection.out_begin);
      if (written < 0) {
        if (errno != EAGAIN) Die(std::string("write: ") + std::strerror(errno));
        WantWrite(connection, true);
        return;
      }
      connection.out_begin += static_cast<size_t>(written);
    }
    connection.out.clear();
    connection.out_begin = 0;
    WantWrite(connection, false);
  }

  void WantWrite(Connection& connection, bool want) {
    if (connection.want_write == want) return;
    connection.want_write = want;
    epoll_event event{};
    event.events = EPOLLIN | (want ? EPOLLOUT : 0u);
    event.data.u64 = static_cast<uint64_t>(&connection - connections_.data());
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
  }

  void Read(Connection& connection) {
    static char buffer[256 << 10];
    ssize_t got = read(connection.fd, buffer, sizeof buffer);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) Die("the server closed a connection");
    uint64_t replies = connection.counter.Feed({buffer, static_cast<size_t>(got)}, &errors_);
    if (replies == 0) return;
    int64_t now_ns = NowNs(CLOCK_MONOTONIC);
    for (uint64_t i = 0; i < replies; ++i) {
      latency_.Add(now_ns - (options_.rate > 0 ? connection.due[connection.due_begin].ns : connection.sent_ns));
      if (server_) own_latency_.Add(now_ns - connection.due[connection.due_begin].ns - MachineNs(connection.due[connection.due_begin]));
      ++connection.due_begin;
    }
    if (connection.due_begin == connection.due.size()) {
      connection.due.clear();
      connection.due_begin = 0;
    }
    connection.waiting -= replies;
    answered_ += replies;
    if (options_.rate <= 0 && connection.waiting == 0) SendBatch(connection);
  }

  // How much of the time since then the machine owes.
  int64_t MachineNs(const Connection::Due& due) const {
    const CoreWait::Reading now = server_->Read();
    const int64_t by_itself_ns = now.others_ran_ns - due.server.others_ran_ns;
    return std::max<int64_t>(now.waited_ns - due.server.waited_ns - by_itself_ns, 0) + self_->Read().waited_ns - due.own_waited_ns;
  }

  Options options_;
  std::unique_ptr<CoreWait> server_, self_;
  int64_t self_waited_ns_ = 0;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  Histogram latency_, own_latency_;
  uint64_t sent_ = 0, answered_ = 0, errors_ = 0;
  std::vector<uint64_t> next_;  // of each sequence
  uint64_t random_;
  int64_t started_ns_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool json = false;
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    std::string_view flag = argv[i];
    if (flag == "--json") {
      json = true;
      continue;
    }
    if (flag == "--until-term") {
      std::signal(SIGTERM, [](int) { terminated = 1; });
      continue;
    }
    if (i + 1 >= argc) Die("a value is missing behind " + std::string(flag));
    const char* value = argv[++i];
    if (flag == "--port") options.port = std::atoi(value);
    else if (flag == "--host") options.host = value;
    else if (flag == "--clients") options.clients = std::atoi(value);
    else if (flag == "--pipeline") options.pipeline = std::atoi(value);
    else if (flag == "--requests") options.requests = std::strtoull(value, nullptr, 10);
    else if (flag == "--rate") options.rate = std::atof(value);
    else if (flag == "--seq") options.seq_start = std::strtoull(value, nullptr, 10);
    else if (flag == "--watch") options.watch = std::atoi(value);
    else if (flag == "--seed") options.seed = std::strtoull(value, nullptr, 10);
    else Die("unknown flag " + std::string(flag));
  }
  std::vector<std::string> words;
  for (++i; i <= argc; ++i) {
    if (i < argc && std::string_view(argv[i]) != ";") {
      words.emplace_back(argv[i]);
      continue;
    }
    if (!words.empty()) options.templates.push_back(Encode(words, options.sequences));
    words.clear();
  }
  if (options.templates.empty()) Die("no command: write it behind --");
  Load(std::move(options)).Run(json);
}
