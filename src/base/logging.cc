#include "base/logging.h"

#include <cstdio>

namespace baton {

void Logger::Write(LogLevel level, const char* format, va_list arguments) {
  if (level < level_) return;
  va_list again;
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, format, arguments);
  std::string line(length > 0 ? static_cast<size_t>(length) : 0, '\0');
  std::vsnprintf(line.data(), line.size() + 1, format, again);
  va_end(again);
  sink_(level, line);
}

#define BATON_LOG_METHOD(name)                  \
  void Logger::name(const char* format, ...) {  \
    va_list arguments;                          \
    va_start(arguments, format);                \
    Write(LogLevel::k##name, format, arguments);\
    va_end(arguments);                          \
  }
BATON_LOG_METHOD(Debug)
BATON_LOG_METHOD(Verbose)
BATON_LOG_METHOD(Notice)
BATON_LOG_METHOD(Warning)
#undef BATON_LOG_METHOD

}  // namespace baton
