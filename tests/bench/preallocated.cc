// Does a segment that was allocated beforehand make fdatasync cheaper? Appends pieces to a file and syncs after each:
//
//   append       the file grows with each write (what the log does)
//   fallocate    the file has its size beforehand, its blocks are reserved, not written (fallocate)
//   zeros        the file has its size beforehand, and zeros were written and synced (what an old segment used again
//   is)
//
//   preallocated DIRECTORY [SYNCS]     prints the median and the 99th percentile of write + fdatasync in microseconds,
//                                      and the median as a ratio to append's; the three take turns, so that a disk that
//                                      changes its mind changes it for all

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr off_t kSegmentBytes = 64 << 20;
constexpr const char* kKinds[] = {"append", "fallocate", "zeros"};

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(2);
}

double NowUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

int MakeSegment(const std::string& path, int kind) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  Check(fd >= 0, path.c_str());
  if (kind == 1) Check(posix_fallocate(fd, 0, kSegmentBytes) == 0, "fallocate");
  if (kind == 2) {
    const std::string zeros(1 << 20, '\0');
    for (off_t at = 0; at < kSegmentBytes; at += static_cast<off_t>(zeros.size())) {
      Check(pwrite(fd, zeros.data(), zeros.size(), at) == static_cast<ssize_t>(zeros.size()), "write");
    }
  }
  Check(fsync(fd) == 0, "fsync");
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: preallocated DIRECTORY [SYNCS]\n");
    return 2;
  }
  const std::string directory = argv[1];
  const int syncs = argc > 2 ? std::atoi(argv[2]) : 1000;
  std::printf("%10s %10s %12s %12s %8s\n", "bytes", "", "median us", "p99 us", "ratio");
  for (size_t bytes : {128, 1024, 4096, 65536}) {
    const int count = std::min<int>(syncs, static_cast<int>(kSegmentBytes / static_cast<off_t>(bytes)));
    const std::string piece(bytes, 'x');
    int fds[3];
    std::vector<double> took_us[3];
    for (int kind = 0; kind < 3; ++kind) fds[kind] = MakeSegment(directory + "/segment-" + kKinds[kind], kind);
    for (int i = 0; i < count; ++i) {
      for (int kind = 0; kind < 3; ++kind) {
        const double start_us = NowUs();
        const off_t at = static_cast<off_t>(bytes) * i;
        Check(pwrite(fds[kind], piece.data(), bytes, at) == static_cast<ssize_t>(bytes), "write");
        Check(fdatasync(fds[kind]) == 0, "fdatasync");
        took_us[kind].push_back(NowUs() - start_us);
      }
    }
    double append_median = 0;
    for (int kind = 0; kind < 3; ++kind) {
      std::sort(took_us[kind].begin(), took_us[kind].end());
      const double median = took_us[kind][took_us[kind].size() / 2];
      const double p99 = took_us[kind][took_us[kind].size() * 99 / 100];
      if (kind == 0) append_median = median;
      std::printf("%10zu %10s %12.0f %12.0f %8.2f\n", bytes, kKinds[kind], median, p99, median / append_median);
      close(fds[kind]);
      unlink((directory + "/segment-" + kKinds[kind]).c_str());
    }
  }
  return 0;
}
