#include "config/option_checks.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "config/option_value.h"

namespace baton::option_checks {
namespace {

using Words = std::vector<std::string>;

constexpr size_t kBindAddressesMax = 16;
constexpr std::string_view kClientClasses[] = {"normal", "slave", "pubsub"};  // in the order of CONFIG GET

// Numbers inside word lists are read as strtoll reads them ("+5" and "05" are 5), unlike numbers that stand alone.
bool ReadDecimal(const std::string& word, int64_t* value) {
  if (word.empty()) {
    *value = 0;
    return true;
  }
  char* end = nullptr;
  errno = 0;
  *value = std::strtoll(word.c_str(), &end, 10);
  return errno == 0 && end == word.c_str() + word.size();
}

}  // namespace

Status BindAddresses(const OptionRow&, const Words&, Words* words) {
  if (words->size() > kBindAddressesMax) return Status::Error("Too many bind addresses specified.");
  if (std::find(words->begin(), words->end(), "") != words->end()) {
    return Status::Error("Failed to bind to specified addresses.");
  }
  return Status::Ok();
}

Status Directory(const OptionRow&, const Words&, Words* words) {
  std::string& path = words->front();
  if (path.empty()) return Status::Error("dir can't be empty");
  std::error_code failed;
  std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  if (failed) return Status::FromErrno(failed.value(), "finding the working directory");
  path = absolute.lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return Status::Ok();
}

Status FileName(const OptionRow& row, const Words& current, Words* words) {
  if (words->front().empty()) return Status::Error(std::string(row.name) + " can't be empty");
  return OptionalFileName(row, current, words);
}

Status OptionalFileName(const OptionRow& row, const Words&, Words* words) {
  if (words->front().find('/') == std::string::npos) return Status::Ok();
  const char* what =
      row.name == "appenddirname" ? " can't be a path, just a dirname" : " can't be a path, just a filename";
  return Status::Error(std::string(row.name) + what);
}

Status BufferLimits(const OptionRow&, const Words& current, Words* words) {
  constexpr size_t kPerClass = 4;  // class, hard, soft, seconds
  if (words->size() % kPerClass != 0) {
    return Status::Error("Wrong number of arguments in buffer limit configuration.");
  }
  Words limits = current;
  limits.resize(std::size(kClientClasses) * kPerClass);
  for (size_t i = 0; i < words->size(); i += kPerClass) {
    std::string name = ToLower((*words)[i]);
    if (name == "replica") name = "slave";
    auto* found = std::find(std::begin(kClientClasses), std::end(kClientClasses), name);
    if (found == std::end(kClientClasses)) {
      return Status::Error("Invalid client class specified in buffer limit configuration.");
    }
    int64_t hard = 0;
    int64_t soft = 0;
    int64_t seconds = 0;
    if (!ParseBytes((*words)[i + 1], &hard) || !ParseBytes((*words)[i + 2], &soft) ||
        !ReadDecimal((*words)[i + 3], &seconds) || seconds < 0 || seconds > INT32_MAX) {
      return Status::Error("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    auto at = limits.begin() + (found - std::begin(kClientClasses)) * static_cast<std::ptrdiff_t>(kPerClass);
    at[0] = name;
    at[1] = std::to_string(hard);
    at[2] = std::to_string(soft);
    at[3] = std::to_string(seconds);
  }
  *words = std::move(limits);
  return Status::Ok();
}

Status QueuePolicies(const OptionRow&, const Words& current, Words* words) {
  std::vector<Words> policies;
  const auto add = [&policies](const Words& from) {
    bool begun = false;
    for (const std::string& word : from) {
      if (word == ";") {
        begun = false;
      } else if (begun) {
        policies.back().push_back(word);
      } else {
        std::erase_if(policies, [&](const Words& policy) { return policy.front() == word; });
        policies.push_back({word});
        begun = true;
      }
    }
  };
  add(current);
  add(*words);
  words->clear();
  for (const Words& policy : policies) {
    if (!words->empty()) words->emplace_back(";");
    words->insert(words->end(), policy.begin(), policy.end());
  }
  return Status::Ok();
}

Status Frequency(const OptionRow&, const Words&, Words* words) {
  words->front() = std::to_string(std::clamp<int64_t>(std::atoll(words->front().c_str()), 1, 500));
  return Status::Ok();
}

Status SavePoints(const OptionRow&, const Words&, Words* words) {
  if (words->size() % 2 != 0) return Status::Error("Invalid save parameters");
  for (size_t i = 0; i < words->size(); i += 2) {
    int64_t seconds = 0;
    int64_t changes = 0;
    if (!ReadDecimal((*words)[i], &seconds) || !ReadDecimal((*words)[i + 1], &changes) || seconds < 1 || changes < 0) {
      return Status::Error("Invalid save parameters");
    }
  }
  words->clear();  // there are no save points here, and CONFIG GET does not claim any
  return Status::Ok();
}

Status BacklogSize(const OptionRow&, const Words&, Words* words) {
  words->front() = std::to_string(std::max<int64_t>(std::atoll(words->front().c_str()), 16384));
  return Status::Ok();
}

Status MemoryOrPercent(const OptionRow&, const Words&, Words* words) {
  std::string& word = words->front();
  int64_t number = 0;
  if (word.ends_with('%')) {
    std::string digits = word.substr(0, word.size() - 1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos || digits.size() > 9) {
      return Status::Error("argument must be a memory or percent value");
    }
    number = std::atoll(digits.c_str());
    if (number > 100) return Status::Error("percentage argument must be less or equal to 100");
    word = number == 0 ? "0" : std::to_string(number) + "%";
    return Status::Ok();
  }
  if (!ParseBytes(word, &number)) return Status::Error("argument must be a memory or percent value");
  word = std::to_string(number);
  return Status::Ok();
}

Status EventClasses(const OptionRow&, const Words&, Words* words) {
  constexpr std::string_view kInAll = "g$lshzxetd";  // what A stands for, in the order of CONFIG GET
  constexpr std::string_view kOrder = "g$lshzxetdnKEm";
  std::string& word = words->front();
  std::string given;
  for (char c : word) {
    if (c == 'A') {
      given += kInAll;
    } else if (kOrder.find(c) != std::string_view::npos) {
      given += c;
    } else {
      return Status::Error("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
  }
  auto has = [&](char c) { return given.find(c) != std::string::npos; };
  bool all = std::all_of(kInAll.begin(), kInAll.end(), has);
  word = all ? "A" : "";
  for (char c : kOrder) {
    if (has(c) && !(all && kInAll.find(c) != std::string_view::npos)) word += c;
  }
  return Status::Ok();
}

std::string EventClassesShown(const Words& words) {
  std::string shown = words.front();
  if (shown.starts_with("An")) shown.erase(1, 1);
  return shown;
}

Status Percentiles(const OptionRow&, const Words&, Words* words) {
  for (std::string& word : *words) {
    char* end = nullptr;
    double value = std::strtod(word.c_str(), &end);
    bool blank_first = !word.empty() && (word[0] == ' ' || (word[0] >= '\t' && word[0] <= '\r'));
    if (word.empty() || blank_first || end != word.c_str() + word.size() || std::isnan(value)) {
      return Status::Error("Invalid latency-tracking-info-percentiles parameters");
    }
    if (value < 0 || value > 100) {
      return Status::Error("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    char text[40];
    std::snprintf(text, sizeof text, "%.6f", value);
    word = text;
    word.erase(word.find_last_not_of('0') + 1);
    if (word.ends_with('.')) word.pop_back();
  }
  return Status::Ok();
}

Status OomScores(const OptionRow&, const Words&, Words* words) {
  if (words->size() != 3) return Status::Error("wrong number of arguments");
  for (std::string& word : *words) {
    int64_t score = 0;
    if (!ReadDecimal(word, &score) || score < -2000 || score > 2000) {
      return Status::Error("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    word = std::to_string(score);
  }
  return Status::Ok();
}

Status ShutdownWords(const OptionRow&, const Words&, Words* words) {
  constexpr std::string_view kKnown[] = {"save", "nosave", "now", "force"};  // in the order of CONFIG GET
  auto given = [&](std::string_view name) {
    return std::any_of(words->begin(), words->end(),
                       [&](const std::string& word) { return EqualsIgnoreCase(word, name); });
  };
  auto known = [&](const std::string& word) {
    return EqualsIgnoreCase(word, "default") ||
           std::any_of(std::begin(kKnown), std::end(kKnown),
                       [&](std::string_view name) { return EqualsIgnoreCase(word, name); });
  };
  if (words->empty() || !std::all_of(words->begin(), words->end(), known)) {
    return Status::Error("argument(s) must be one of the following: default, save, nosave, now, force");
  }
  if (given("save") && given("nosave")) {
    return Status::Error("shutdown options SAVE and NOSAVE can't be used simultaneously");
  }
  Words ordered;
  for (std::string_view name : kKnown) {
    if (given(name)) ordered.emplace_back(name);
  }
  if (ordered.empty()) ordered.emplace_back("default");
  *words = std::move(ordered);
  return Status::Ok();
}

Status ReplicaOf(const OptionRow&, const Words&, Words* words) {
  if (words->empty()) return Status::Ok();
  if (words->size() != 2) return Status::Error("wrong number of arguments");
  if (EqualsIgnoreCase((*words)[0], "no") && EqualsIgnoreCase((*words)[1], "one")) {
    words->clear();
    return Status::Ok();
  }
  int64_t port = 0;
  if (!ReadDecimal((*words)[1], &port) || port < 0 || port > 65535) return Status::Error("Invalid master port");
  return Status::Ok();
}

}  // namespace baton::option_checks
