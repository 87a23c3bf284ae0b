// Preloaded into a server (LD_PRELOAD): a disk whose syncs are as slow as the test says.
//
// SLOW_DISK_CONTROL names a file that holds the milliseconds that each sync takes, or "hang": then a sync lasts until the
// file says something else. SLOW_DISK_TRACE names a file that gets a line for each sync: begin and end, in nanoseconds of
// CLOCK_MONOTONIC.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long NowNs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Milliseconds, or -1 for "hang".
static long Wanted(void) {
  char text[32] = "0";
  const char* path = getenv("SLOW_DISK_CONTROL");
  const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = '\0';
  return strncmp(text, "hang", 4) == 0 ? -1 : atol(text);
}

static int Slowly(const char* name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const long long begin = NowNs();
  const struct timespec tick = {0, 1000000};
  for (long wanted = Wanted(); wanted < 0 || NowNs() - begin < wanted * 1000000LL; wanted = Wanted()) {
    nanosleep(&tick, NULL);
  }
  const int outcome = real(fd);
  const char* path = getenv("SLOW_DISK_TRACE");
  const int trace = path == NULL ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (trace >= 0) {
    char line[64];
    const int length = snprintf(line, sizeof line, "%lld %lld\n", begin, NowNs());
    if (write(trace, line, (size_t)length) != length) abort();
    close(trace);
  }
  return outcome;
}

int fdatasync(int fd) { return Slowly("fdatasync", fd); }
int fsync(int fd) { return Slowly("fsync", fd); }
