#include "config/option_value.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/numbers.h"
#include "base/text.h"
#include "base/words.h"

namespace baton {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};
// What CONFIG GET shows for a size that does not fit. Its number is INT64_MAX: no size ever reaches either.
constexpr std::string_view kSaturated = "18446744073709551615";

constexpr Unit kByteUnits[] = {{"", 1},
                               {"b", 1},
                               {"k", 1000},
                               {"kb", 1024},
                               {"m", 1'000'000},
                               {"mb", 1024 * 1024},
                               {"g", 1'000'000'000},
                               {"gb", 1024 * 1024 * 1024}};
constexpr Unit kTimeUnits[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

enum class Outcome : uint8_t { kRead, kNoNumber, kTooLarge };

// Digits (none count as 0, as in Redis), then a unit of the list in any case.
Outcome ReadWithUnit(std::string_view text, std::span<const Unit> units, int64_t* value) {
  size_t digits = 0;
  int64_t number = 0;
  bool fits = true;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    fits = fits && !__builtin_mul_overflow(number, 10, &number) &&
           !__builtin_add_overflow(number, text[digits] - '0', &number);
  }
  std::string_view name = text.substr(digits);
  for (const Unit& unit : units) {
    if (!EqualsIgnoreCase(name, unit.name)) continue;
    return fits && !__builtin_mul_overflow(number, unit.factor, value) ? Outcome::kRead : Outcome::kTooLarge;
  }
  return Outcome::kNoNumber;
}

bool ParseOctal(std::string_view text, int64_t* value) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 20) return false;
  int64_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '7') return false;
    number = number * 8 + (c - '0');
  }
  *value = negative ? -number : number;
  return true;
}

std::string Decimal(int64_t value) { return std::to_string(value); }

std::string Octal(int64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + value % 8));
    value /= 8;
  } while (value > 0);
  return digits;
}

std::string NumberText(const OptionRow& row, int64_t value) {
  return row.type == OptionType::kOctal ? Octal(value) : Decimal(value);
}

std::vector<std::string_view> Choices(const OptionRow& row) {
  std::vector<std::string_view> choices;
  std::string_view rest = row.choices;
  while (!rest.empty()) {
    size_t bar = std::min(rest.find('|'), rest.size());
    choices.push_back(rest.substr(0, bar));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  return choices;
}

std::string ChoicesText(const OptionRow& row) {
  std::string text;
  for (std::string_view choice : Choices(row)) text += (text.empty() ? "" : ", ") + std::string(choice);
  return text;
}

Outcome ReadNumber(const OptionRow& row, const std::string& word, int64_t* number) {
  switch (row.type) {
    case OptionType::kBytes:
      return ReadWithUnit(word, kByteUnits, number);
    case OptionType::kTime:
      return word.empty() ? Outcome::kNoNumber : ReadWithUnit(word, kTimeUnits, number);
    case OptionType::kOctal:
      return ParseOctal(word, number) ? Outcome::kRead : Outcome::kNoNumber;
    default:
      return ParseInt64(word, number) ? Outcome::kRead : Outcome::kNoNumber;
  }
}

std::string_view NoNumber(OptionType type) {
  switch (type) {
    case OptionType::kBytes:
      return "argument must be a memory value";
    case OptionType::kTime:
      return "argument must be a number of seconds, or a time such as 90s, 5m, 2h or 1d";
    case OptionType::kOctal:
      return "argument couldn't be parsed as an octal number";
    default:
      return "argument couldn't be parsed into an integer";
  }
}

Status ParseNumber(const OptionRow& row, const std::string& word, int64_t* number) {
  Outcome outcome = ReadNumber(row, word, number);
  if (outcome == Outcome::kTooLarge && row.saturates) {
    *number = INT64_MAX;
    outcome = Outcome::kRead;
  }
  if (outcome == Outcome::kNoNumber) return Status::Error(std::string(NoNumber(row.type)));
  if (outcome == Outcome::kTooLarge || *number < row.min || *number > row.max) {
    return Status::Error("argument must be between " + NumberText(row, row.min) + " and " + NumberText(row, row.max) +
                         " inclusive");
  }
  return Status::Ok();
}

// Plain text may stand bare in a file; everything else needs quotes to come back as it is.
bool IsPlain(std::string_view word) { return IsPlainWord(word) && word[0] != '#'; }

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : " ") + words[i];
  return text;
}

}  // namespace

std::string OptionValue::Printed() const { return Join(words); }

Status ParseOption(const OptionRow& row, const OptionValue& current, std::vector<std::string> words,
                   OptionValue* value) {
  if (row.type != OptionType::kWords && words.size() != 1) return Status::Error("wrong number of arguments");
  int64_t number = 0;
  switch (row.type) {
    case OptionType::kBool:
      if (!EqualsIgnoreCase(words[0], "yes") && !EqualsIgnoreCase(words[0], "no")) {
        return Status::Error("argument must be 'yes' or 'no'");
      }
      words[0] = ToLower(words[0]);
      number = words[0] == "yes" ? 1 : 0;
      break;
    case OptionType::kEnum: {
      std::vector<std::string_view> choices = Choices(row);
      auto found = std::find_if(choices.begin(), choices.end(),
                                [&](std::string_view choice) { return EqualsIgnoreCase(choice, words[0]); });
      if (found == choices.end()) {
        return Status::Error("argument(s) must be one of the following: " + ChoicesText(row));
      }
      words[0] = std::string(*found);
      break;
    }
    case OptionType::kInteger:
    case OptionType::kOctal:
    case OptionType::kBytes:
    case OptionType::kTime: {
      Status parsed = ParseNumber(row, words[0], &number);
      if (!parsed.ok()) return parsed;
      words[0] = row.saturates && number == INT64_MAX ? kSaturated : NumberText(row, number);
      break;
    }
    case OptionType::kWords:
      // `bind "127.0.0.1 -::1"` is the same as two words, and `save ""` the same as none.
      if (words.size() == 1) words = SplitOptionText(row, words[0]);
      break;
    case OptionType::kString:
      break;
  }
  if (row.check != nullptr) {
    Status checked = row.check(row, current.words, &words);
    if (!checked.ok()) return checked;
    // A check may have moved a number into its bounds.
    if (row.type == OptionType::kInteger || row.type == OptionType::kBytes) CHECK(ParseInt64(words[0], &number));
  }
  if (!row.refusal.empty() && Join(words) != row.default_value) return Status::Error(std::string(row.refusal));
  value->words = std::move(words);
  value->number = number;
  return Status::Ok();
}

std::vector<std::string> SplitOptionText(const OptionRow& row, std::string_view text) {
  if (row.type != OptionType::kWords) return {std::string(text)};
  std::vector<std::string> words;
  if (text.empty()) return words;
  for (;;) {
    size_t space = text.find(' ');
    words.emplace_back(text.substr(0, space));
    if (space == std::string_view::npos) return words;
    text.remove_prefix(space + 1);
  }
}

std::string OptionLine(const OptionRow& row, const OptionValue& value) {
  std::string line(row.name);
  if (row.type == OptionType::kBytes && value.number != INT64_MAX) return line + " " + FormatBytes(value.number);
  if (value.words.empty()) return line + " \"\"";
  return line + " " + WordsInQuotes(value.words);
}

std::string WordsInQuotes(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + (IsPlain(word) ? word : QuoteBytes(word));
  return text;
}

std::string DescribeOption(const OptionRow& row) {
  auto bounds = [&](const std::string& low, const std::string& high, bool any_high) {
    return any_high ? " from " + low : " from " + low + " to " + high;
  };
  bool any_high = row.max >= INT32_MAX;  // what is larger is no bound that a user meets
  switch (row.type) {
    case OptionType::kBool:
      return "yes or no";
    case OptionType::kEnum:
      return "one of: " + ChoicesText(row);
    case OptionType::kInteger:
      return "a number" + bounds(Decimal(row.min), Decimal(row.max), any_high);
    case OptionType::kOctal:
      return "an octal number" + bounds(Octal(row.min), Octal(row.max), false);
    case OptionType::kBytes:
      return "a size" + bounds(FormatBytes(row.min), FormatBytes(row.max), any_high);
    case OptionType::kTime:
      return "seconds, or a time such as 5m," + bounds(Decimal(row.min), Decimal(row.max), any_high);
    case OptionType::kString:
      return "text";
    case OptionType::kWords:
      return "words";
  }
  CHECK(false);
}

bool ParseBytes(std::string_view text, int64_t* bytes) {
  return ReadWithUnit(text, kByteUnits, bytes) == Outcome::kRead;
}

std::string FormatBytes(int64_t bytes) {
  for (const Unit& unit : {kByteUnits[7], kByteUnits[5], kByteUnits[3]}) {
    if (bytes != 0 && bytes % unit.factor == 0) return Decimal(bytes / unit.factor) + std::string(unit.name);
  }
  return Decimal(bytes);
}

}  // namespace baton
