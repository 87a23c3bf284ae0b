#pragma once

#include <cstdarg>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace baton {

enum class LogLevel : uint8_t { kDebug, kVerbose, kNotice, kWarning };

// The operator's log (not the append-only log). Used on the loop thread only; a background job hands its
// lines back with its result. Where lines go is the sink's business: stdout, a file, or a test's vector.
class Logger {
 public:
  using Sink = std::function<void(LogLevel, std::string_view line)>;

  Logger(LogLevel level, Sink sink) : level_(level), sink_(std::move(sink)) {}

  void set_level(LogLevel level) { level_ = level; }
  LogLevel level() const { return level_; }

  void Debug(const char* format, ...) __attribute__((format(printf, 2, 3)));
  void Verbose(const char* format, ...) __attribute__((format(printf, 2, 3)));
  void Notice(const char* format, ...) __attribute__((format(printf, 2, 3)));
  void Warning(const char* format, ...) __attribute__((format(printf, 2, 3)));

 private:
  void Write(LogLevel level, const char* format, va_list arguments);

  LogLevel level_;
  Sink sink_;
};

}  // namespace baton
