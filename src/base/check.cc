#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace baton {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "baton: %s:%d: CHECK(%s) failed; stopping so that nothing is lost\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace baton
