#include "config/config.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/glob.h"
#include "base/text.h"
#include "config/config_file.h"
#include "config/config_line.h"
#include "config/nearest_name.h"

namespace baton {
namespace {

constexpr int kIncludeDepthMax = 16;

// Lines of a file that are no options: they have no value, and CONFIG does not know them.
struct Directive {
  std::string_view name;
  std::string_view refusal;  // empty: understood
};
constexpr Directive kDirectives[] = {
    {"include", ""},
    {"rename-command",
     "commands cannot be renamed in this version, and one that still answered to its old name would be a hole: keep "
     "clients out with bind, requirepass and a firewall"},
    {"user", "there are no users but the default one in this version: use requirepass"},
    {"loadmodule", "there are no modules in this version"},
};

// All rows and their places, made once and never changed.
struct RowTable {
  std::vector<OptionRow> rows;
  std::unordered_map<std::string_view, size_t> by_name;  // lower case; aliases too

  RowTable() {
    for (std::span<const OptionRow> part : {UsedOptionRows(), UnusedOptionRows()}) {
      for (const OptionRow& row : part) {
        bool added = by_name.emplace(row.name, rows.size()).second;
        CHECK(added);
        if (!row.alias.empty()) by_name.emplace(row.alias, rows.size());
        rows.push_back(row);
      }
    }
  }
  static const RowTable& Get() {
    static const RowTable table;
    return table;
  }
  // -1 when there is none.
  int Find(std::string_view name) const {
    auto found = by_name.find(ToLower(name));
    return found == by_name.end() ? -1 : static_cast<int>(found->second);
  }
};

std::string DidYouMean(std::string_view word) {
  std::vector<std::string_view> names;
  for (const OptionRow& row : Config::Rows()) {
    names.push_back(row.name);
    if (!row.alias.empty()) names.push_back(row.alias);
  }
  for (const Directive& directive : kDirectives) names.push_back(directive.name);
  std::string_view nearest = NearestName(word, names);
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

// What Redis's words leave open.
std::string Allowed(const OptionRow& row) {
  switch (row.type) {
    case OptionType::kBytes:
      return " such as 100mb or 1gb";
    default:
      return "";
  }
}

}  // namespace

// Where a line stands. Lines of the command line have no number.
struct Config::Place {
  std::string origin;
  size_t line_number = 0;
  std::string_view line;

  std::string Text() const { return line_number == 0 ? origin : origin + ":" + std::to_string(line_number); }
  // "origin:line:column: what", then the line itself with a mark below the column.
  Status Error(size_t column, const std::string& what) const {
    if (line_number == 0) return Status::Error(origin + ": " + what + "\n  --" + std::string(line));
    std::string mark;
    for (char c : line.substr(0, column - 1)) mark += c == '\t' ? '\t' : ' ';
    return Status::Error(Text() + ":" + std::to_string(column) + ": " + what + "\n  " + std::string(line) + "\n  " +
                         mark + "^");
  }
};

Config::Config() {
  const RowTable& table = RowTable::Get();
  values_.resize(table.rows.size());
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const OptionRow& row = table.rows[i];
    Status parsed = ParseOption(row, values_[i], SplitOptionText(row, row.default_value), &values_[i]);
    CHECK(parsed.ok());
  }
}

std::span<const OptionRow> Config::Rows() { return RowTable::Get().rows; }

const OptionRow* Config::FindRow(std::string_view name) {
  int index = RowTable::Get().Find(name);
  return index < 0 ? nullptr : &Rows()[static_cast<size_t>(index)];
}

Status Config::LoadFile(const std::string& path, std::vector<std::string>* notes) {
  Result<std::string> text = config_file::Read(path);
  if (!text.ok()) return text.status();
  std::error_code failed;
  file_path_ = std::filesystem::absolute(path, failed).lexically_normal().string();
  if (failed) return Status::FromErrno(failed.value(), "finding the working directory");
  return LoadText(*text, path, notes);
}

Status Config::LoadText(std::string_view text, const std::string& origin, std::vector<std::string>* notes) {
  return LoadLines(text, origin, 0, notes);
}

Status Config::LoadArguments(const std::vector<std::string>& arguments, std::vector<std::string>* notes,
                             std::FILE* standard_input) {
  size_t begin = 0;
  size_t end = arguments.size();
  bool reads_input = false;
  if (begin < end && arguments[begin] == "-") {
    reads_input = true;
    ++begin;
  } else if (begin < end && !arguments[begin].starts_with('-')) {
    Status loaded = LoadFile(arguments[begin++], notes);
    if (!loaded.ok()) return loaded;
  }
  if (!reads_input && begin < end && arguments[end - 1] == "-") {
    reads_input = true;
    --end;
  }
  if (reads_input) {
    Result<std::string> text = config_file::ReadAll(standard_input, "standard input");
    if (!text.ok()) return text.status();
    Status loaded = LoadText(*text, "standard input", notes);
    if (!loaded.ok()) return loaded;
  }
  while (begin < end) {
    if (!arguments[begin].starts_with("--") || arguments[begin].size() == 2) {
      return Status::Error("command line: '" + arguments[begin] +
                           "' is no option; options begin with --, and --help shows how");
    }
    // Each option becomes a line of a file. `--name value` in one argument is two words; further words are quoted.
    std::string line = arguments[begin++].substr(2);
    bool has_word = line.find(' ') != std::string::npos;
    while (begin < end) {
      // The word behind a name is its value even if it looks like an option; only `save` may have none.
      if (arguments[begin].starts_with("--") && (has_word || line == "save")) break;
      line += " " + QuoteBytes(arguments[begin++]);
      has_word = true;
    }
    Status loaded = LoadLine({"command line", 0, line}, line, 0, notes);
    if (!loaded.ok()) return loaded;
  }
  return Status::Ok();
}

Status Config::LoadLines(std::string_view text, const std::string& origin, int depth, std::vector<std::string>* notes) {
  size_t line_number = 0;
  while (!text.empty()) {
    size_t newline = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(std::min(newline + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    Status loaded = LoadLine({origin, ++line_number, line}, line, depth, notes);
    if (!loaded.ok()) return loaded;
  }
  return Status::Ok();
}

Status Config::LoadLine(const Place& place, std::string_view line, int depth, std::vector<std::string>* notes) {
  size_t error_column = 1;
  Result<std::vector<ConfigWord>> split = SplitConfigLine(line, &error_column);
  if (!split.ok()) return place.Error(error_column, split.status().message());
  if (split->empty()) return Status::Ok();
  const ConfigWord name = split->front();
  std::vector<std::string> words;
  for (size_t i = 1; i < split->size(); ++i) words.push_back((*split)[i].text);
  size_t value_column = words.empty() ? name.column : (*split)[1].column;

  for (const Directive& directive : kDirectives) {
    if (!EqualsIgnoreCase(directive.name, name.text)) continue;
    if (!directive.refusal.empty()) return place.Error(name.column, std::string(directive.refusal));
    if (words.size() != 1) return place.Error(value_column, "include takes one path or pattern");
    return Include(place, words[0], depth, notes);
  }
  int index = RowTable::Get().Find(name.text);
  if (index < 0) return place.Error(name.column, "unknown option '" + name.text + "'" + DidYouMean(name.text));
  const OptionRow& row = Rows()[static_cast<size_t>(index)];
  if (row.type != OptionType::kWords && words.size() != 1) {
    size_t column = words.empty() ? name.column : (*split)[2].column;
    return place.Error(column, name.text + ": wrong number of arguments, it takes " + DescribeOption(row));
  }
  OptionValue& value = values_[static_cast<size_t>(index)];
  Status parsed = ParseOption(row, value, std::move(words), &value);
  if (!parsed.ok()) return place.Error(value_column, name.text + ": " + parsed.message() + Allowed(row));
  if (!row.has_meaning && notes != nullptr) {
    notes->push_back(place.Text() + ": '" + std::string(row.name) + "' has no effect: " + std::string(row.comment));
  }
  return Status::Ok();
}

Status Config::Include(const Place& place, const std::string& pattern, int depth, std::vector<std::string>* notes) {
  if (depth >= kIncludeDepthMax) {
    return place.Error(
        1, "files include one another more than " + std::to_string(kIncludeDepthMax) + " deep; is there a circle?");
  }
  std::vector<std::string> paths = {pattern};
  if (config_file::IsPattern(pattern)) paths = config_file::Matching(pattern);
  for (const std::string& path : paths) {
    Result<std::string> text = config_file::Read(path);
    if (!text.ok()) return place.Error(1, text.status().message());
    Status loaded = LoadLines(*text, path, depth + 1, notes);
    if (!loaded.ok()) return Status::Error(loaded.message() + "\n  included from " + place.Text());
  }
  return Status::Ok();
}

const OptionValue& Config::Value(std::string_view name) const {
  int index = RowTable::Get().Find(name);
  CHECK(index >= 0);
  return values_[static_cast<size_t>(index)];
}

bool Config::Bool(std::string_view name) const {
  const OptionValue& value = Value(name);
  CHECK(FindRow(name)->type == OptionType::kBool);
  return value.number != 0;
}

int64_t Config::Integer(std::string_view name) const {
  const OptionValue& value = Value(name);
  OptionType type = FindRow(name)->type;
  CHECK(type == OptionType::kInteger || type == OptionType::kOctal || type == OptionType::kBytes ||
        type == OptionType::kTime);
  return value.number;
}

std::string Config::String(std::string_view name) const {
  const OptionValue& value = Value(name);
  OptionType type = FindRow(name)->type;
  CHECK(type == OptionType::kString || type == OptionType::kEnum || type == OptionType::kWords);
  return value.Printed();
}

std::vector<std::string> Config::Words(std::string_view name) const {
  const OptionValue& value = Value(name);
  CHECK(FindRow(name)->type == OptionType::kWords);
  return value.words;
}

OutputLimits Config::ClientOutputLimits(std::string_view client_class) const {
  const std::vector<std::string>& words = Value("client-output-buffer-limit").words;
  auto at = std::find(words.begin(), words.end(), client_class);
  CHECK(words.end() - at >= 4);
  OutputLimits limits;
  CHECK(ParseBytes(at[1], &limits.hard_bytes) && ParseBytes(at[2], &limits.soft_bytes) &&
        ParseBytes(at[3], &limits.soft_seconds));
  return limits;
}

std::map<std::string, std::string> Config::Get(std::string_view glob) const {
  std::map<std::string, std::string> found;
  const auto shown = [this](size_t index) {
    const OptionRow& row = Rows()[index];
    return row.shown != nullptr ? row.shown(values_[index].words) : values_[index].Printed();
  };
  if (!config_file::IsPattern(glob)) {
    int index = RowTable::Get().Find(glob);
    if (index >= 0) found.emplace(glob, shown(static_cast<size_t>(index)));
    return found;
  }
  for (const auto& [name, index] : RowTable::Get().by_name) {
    if (GlobMatch(glob, name, /*ignore_case=*/true)) found.emplace(name, shown(index));
  }
  return found;
}

Status Config::Set(std::string_view name, std::string_view text) {
  int index = RowTable::Get().Find(name);
  if (index < 0) return Status::Error("there is no option '" + std::string(name) + "'" + DidYouMean(name));
  const OptionRow& row = Rows()[static_cast<size_t>(index)];
  OptionValue& value = values_[static_cast<size_t>(index)];
  return ParseOption(row, value, SplitOptionText(row, text), &value);
}

std::string Config::Printed(std::string_view name) const { return Value(name).Printed(); }

}  // namespace baton
