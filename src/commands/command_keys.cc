#include "commands/command_keys.h"

#include <algorithm>

#include "commands/command_syntax.h"

namespace baton {

std::vector<int> FindKeys(const CommandRow& row, std::span<const std::string_view> argv) {
  int argc = static_cast<int>(argv.size());
  std::vector<int> positions;
  if (row.find_keys != nullptr) {
    positions.resize(argv.size());
    int count = row.find_keys(argv, positions.data(), argc);
    positions.resize(static_cast<size_t>(std::max(count, 0)));
  } else if (row.first_key > 0) {
    int last = row.last_key < 0 ? argc + row.last_key : row.last_key;
    for (int i = row.first_key; i <= last && i < argc; i += row.key_step) positions.push_back(i);
  }
  return positions;
}

std::vector<KeySpec> KeySpecs(const CommandRow& row) {
  std::vector<SyntaxArgument> arguments;
  if (!ParseSyntax(row, &arguments)) arguments.clear();
  if (row.find_keys != nullptr) {
    auto numkeys = std::find_if(arguments.begin(), arguments.end(), [](auto& a) { return a.name == "numkeys"; });
    if (numkeys != arguments.end()) {
      return {{.begin_index = static_cast<int>(numkeys - arguments.begin()) + 1, .counted = true}};
    }
  }
  if (row.first_key == 0) return {};
  auto named =
      std::count_if(arguments.begin(), arguments.end(), [](auto& a) { return a.type == "key" && !a.multiple; });
  if (named < 2) {
    int last = row.last_key < 0 ? row.last_key : row.last_key - row.first_key;
    return {{.begin_index = row.first_key, .counted = false, .last_key = last, .key_step = row.key_step}};
  }
  std::vector<KeySpec> specs;
  for (int i = row.first_key; i <= row.last_key; i += row.key_step)
    specs.push_back({.begin_index = i, .counted = false});
  return specs;
}

}  // namespace baton
