#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/check.h"

namespace baton {

// The outcome of a call that the world (disk, socket, configuration file) can make fail.
// It must be looked at. `message` names the file, the operation and the cause.
class [[nodiscard]] Status {
 public:
  static Status Ok() { return Status(); }
  static Status Error(std::string message) { return Status(0, std::move(message)); }
  // `os_error` is an errno value; "what: strerror" becomes the message.
  static Status FromErrno(int os_error, const std::string& what);

  bool ok() const { return ok_; }
  int os_error() const { return os_error_; }  // 0 when the system was not the cause
  const std::string& message() const { return message_; }

 private:
  Status() = default;
  Status(int os_error, std::string message) : ok_(false), os_error_(os_error), message_(std::move(message)) {}

  bool ok_ = true;
  int os_error_ = 0;
  std::string message_;
};

// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : status_(Status::Ok()), value_(std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Status status) : status_(std::move(status)) { CHECK(!status_.ok()); }  // NOLINT: implicit on purpose

  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  T& value() {
    CHECK(ok());
    return *value_;
  }
  T& operator*() { return value(); }
  T* operator->() { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace baton
