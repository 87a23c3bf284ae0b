#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace baton {

enum class OptionType : uint8_t { kBool, kInteger, kOctal, kBytes, kTime /*seconds*/, kEnum, kString, kWords };

struct OptionRow;

// What a row asks of its words beyond their type. May put `words` into the form that CONFIG GET prints; `current` is
// what is in force (for options whose lines add up). The message is Redis's, where Redis has one.
using OptionCheck = Status (*)(const OptionRow& row, const std::vector<std::string>& current,
                               std::vector<std::string>* words);

// What CONFIG GET prints, where it is not the words.
using OptionShown = std::string (*)(const std::vector<std::string>& words);

// One row per option: parsing, CONFIG GET/SET/REWRITE, conf/baton.conf and --help are all made from it.
struct OptionRow {
  std::string_view name = {};
  std::string_view alias = {};  // an older name of Redis's, or empty
  OptionType type = OptionType::kString;
  std::string_view default_value = {};  // as written in the file
  int64_t min = 0, max = INT64_MAX;     // numbers
  bool saturates = false;               // sizes that do not fit are taken for 2^64-1, as Redis does for these
  std::string_view choices = {};        // kEnum: "always|everysec|no", in the order in which errors name them
  OptionCheck check = nullptr;
  OptionShown shown = nullptr;
  bool mutable_at_runtime = true;  // CONFIG SET works
  // CONFIG SET works in Redis and not here: what else is wrong with a request is told first, as Redis tells it.
  bool fixed_only_here = false;
  bool is_protected = false;       // CONFIG SET needs enable-protected-configs
  bool has_meaning = true;         // false: an option of Redis that is accepted with a note, for CONFIG GET only
  // Not empty: only the default value is accepted, and this says why. For options of Redis where taking another value
  // and doing nothing would cost the user what he asked for: encryption, access control, copies of his data.
  std::string_view refusal = {};
  std::string_view section = {};  // the heading in conf/baton.conf
  std::string_view comment = {};  // what stands above it in conf/baton.conf; for !has_meaning: why not
  std::string_view example = {};  // shown commented out when the default is empty
};

std::span<const OptionRow> UsedOptionRows();    // option_rows.cc
std::span<const OptionRow> UnusedOptionRows();  // unused_option_rows.cc: of Redis, without meaning here

}  // namespace baton
