#include "commands/slowlog.h"

#include <algorithm>

#include "base/text.h"

namespace baton {
namespace {

constexpr size_t kArgumentsMax = 32;
constexpr size_t kArgumentBytesMax = 128;

// Names and passwords must not be read out of the slow log by whoever may look at it.
bool IsSecret(const std::vector<std::string_view>& argv, size_t i) {
  std::string_view command = argv[0];
  if (EqualsIgnoreCase(command, "auth")) return i >= 1;
  if (EqualsIgnoreCase(command, "hello")) {  // HELLO protover ... AUTH user password ...: a whole AUTH clause only
    return (i >= 3 && i + 1 < argv.size() && EqualsIgnoreCase(argv[i - 1], "auth")) ||
           (i >= 4 && EqualsIgnoreCase(argv[i - 2], "auth"));
  }
  if (EqualsIgnoreCase(command, "config") && argv.size() > 1 && EqualsIgnoreCase(argv[1], "set")) {
    if (i < 3 || i % 2 == 0) return false;
    constexpr std::string_view kSecretOptions[] = {"requirepass", "masterauth", "masteruser"};
    return std::any_of(std::begin(kSecretOptions), std::end(kSecretOptions),
                       [&](std::string_view option) { return EqualsIgnoreCase(argv[i - 1], option); });
  }
  return false;
}

std::string Shown(std::string_view argument) {
  if (argument.size() <= kArgumentBytesMax) return std::string(argument);
  std::string shown(argument.substr(0, kArgumentBytesMax));
  return shown.append("... (").append(std::to_string(argument.size() - kArgumentBytesMax)).append(" more bytes)");
}

}  // namespace

void Slowlog::Add(int64_t unix_seconds, int64_t duration_us, const std::vector<std::string_view>& argv,
                  std::string_view client_address, std::string_view client_name, size_t length_max) {
  Item item{next_id_++, unix_seconds, duration_us, {}, std::string(client_address), std::string(client_name)};
  size_t whole = argv.size() <= kArgumentsMax ? argv.size() : kArgumentsMax - 1;
  item.arguments.reserve(std::min(argv.size(), kArgumentsMax));
  for (size_t i = 0; i < whole; ++i) item.arguments.push_back(IsSecret(argv, i) ? "(redacted)" : Shown(argv[i]));
  if (whole < argv.size()) {
    item.arguments.push_back("... (" + std::to_string(argv.size() - whole) + " more arguments)");
  }
  items_.push_front(std::move(item));
  Trim(length_max);
}

}  // namespace baton
