#pragma once

// CHECK stops the process when *we* are wrong: an invariant of our own is broken and going on could
// lose data. It is on in release builds. A client's mistake is an error reply (resp/reply_errors.h);
// a mistake of the world (disk, socket) is a Status.

namespace baton {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace baton

#define CHECK(condition)                                            \
  do {                                                              \
    if (!(condition)) [[unlikely]]                                  \
      ::baton::CheckFailed(__FILE__, __LINE__, #condition);         \
  } while (false)
