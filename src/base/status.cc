#include "base/status.h"

#include <system_error>

namespace baton {

Status Status::FromErrno(int os_error, const std::string& what) {
  return Status(os_error, what + ": " + std::generic_category().message(os_error));
}

}  // namespace baton
