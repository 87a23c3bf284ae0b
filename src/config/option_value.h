#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/option_row.h"

namespace baton {

// The value of one option: the words of its canonical form, and for numbers, sizes, times and modes what they mean.
struct OptionValue {
  std::vector<std::string> words;
  int64_t number = 0;  // kBool: 0 or 1

  std::string Printed() const;
};

// Checks `words` (those behind the option's name) against the row and makes a value of them. `current` is the value in
// force. The message is Redis's and does not name the option.
Status ParseOption(const OptionRow& row, const OptionValue& current, std::vector<std::string> words,
                   OptionValue* value);

// The words of one text, as CONFIG SET splits them: at every single space for kWords, else the text as it is.
std::vector<std::string> SplitOptionText(const OptionRow& row, std::string_view text);

// "name word..." as a line of a configuration file, without the newline: quoted where needed, sizes with their unit.
std::string OptionLine(const OptionRow& row, const OptionValue& value);
// Words as they stand in a file: those that are not plain in quotes, so that they are read again as they are.
std::string WordsInQuotes(const std::vector<std::string>& words);

// What a value of the row looks like, for people: "yes or no", "a number from 0 to 65535", "one of: always, no".
std::string DescribeOption(const OptionRow& row);

// Memory as Redis writes it: digits, then b, k, kb, m, mb, g or gb in any case (k = 1000, kb = 1024). False when it is
// none or does not fit.
bool ParseBytes(std::string_view text, int64_t* bytes);
// The shortest such form: 67108864 is "64mb".
std::string FormatBytes(int64_t bytes);

}  // namespace baton
