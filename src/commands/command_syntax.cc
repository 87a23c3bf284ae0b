#include "commands/command_syntax.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace baton {
namespace {

constexpr std::string_view kPureToken = "pure-token";
constexpr std::string_view kOneOf = "oneof";
constexpr std::string_view kBlock = "block";

struct NameType {
  std::string_view name, type;
};
// What is not here is a string.
constexpr NameType kTypes[] = {
    {"key", "key"},
    {"source", "key"},
    {"destination", "key"},
    {"newkey", "key"},
    {"pattern", "pattern"},
    {"unix-time-seconds", "unix-time"},
    {"unix-time-milliseconds", "unix-time"},
    {"count", "integer"},
    {"min", "integer"},
    {"max", "integer"},
    {"numkeys", "integer"},
    {"seconds", "integer"},
    {"milliseconds", "integer"},
    {"index", "integer"},
    {"index1", "integer"},
    {"index2", "integer"},
    {"start", "integer"},
    {"stop", "integer"},
    {"end", "integer"},
    {"offset", "integer"},
    {"increment", "integer"},
    {"decrement", "integer"},
    {"rank", "integer"},
    {"num-matches", "integer"},
    {"len", "integer"},
    {"cursor", "integer"},
    {"db", "integer"},
    {"destination-db", "integer"},
    {"protover", "integer"},
    {"timeout", "integer"},
    {"client-id", "integer"},
    {"numlocal", "integer"},
    {"numreplicas", "integer"},
    {"version", "integer"},
};

std::string_view TypeOf(const CommandRow& row, std::string_view name) {
  if (name == "timeout" && (row.flags & kBlocking) != 0) return "double";
  if (name == "increment" && row.name.ends_with("float")) return "double";
  auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const NameType& t) { return t.name == name; });
  return found == std::end(kTypes) ? "string" : found->type;
}

bool IsToken(std::string_view word) {
  bool upper = false;
  for (char c : word) {
    if (c >= 'a' && c <= 'z') return false;
    upper |= c >= 'A' && c <= 'Z';
  }
  return upper;
}

// Groups have no name of their own; they are called after what is in them, as most are in Redis.
SyntaxArgument MakeGroup(std::string_view type, std::vector<SyntaxArgument> members) {
  SyntaxArgument group;
  for (const SyntaxArgument& member : members) group.name += (group.name.empty() ? "" : "_") + member.name;
  group.type = type;
  group.arguments = std::move(members);
  return group;
}

class SyntaxParser {
 public:
  explicit SyntaxParser(const CommandRow& row) : row_(row), text_(row.syntax) {}

  bool ParseAll(std::vector<SyntaxArgument>* arguments) {
    *arguments = ParseSequence();
    return !failed_ && p_ == text_.size();
  }

 private:
  char Peek() const { return p_ < text_.size() ? text_[p_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++p_;
    return true;
  }
  std::string_view PeekWord() const {
    size_t end = text_.find_first_of(" []<>|", p_);
    return text_.substr(p_, end == std::string_view::npos ? end : end - p_);
  }

  // Up to a closing bracket or the end; an alternative: up to the next bar, too.
  std::vector<SyntaxArgument> ParseSequence(bool alternative = false) {
    std::vector<SyntaxArgument> sequence;
    repeated_ = false;
    for (;;) {
      while (Take(' ')) continue;
      if (Peek() == '\0' || Peek() == ']' || Peek() == '>' || failed_) return sequence;
      if (alternative && Peek() == '|') return sequence;
      if (PeekWord() == "...") {
        p_ += 3;
        repeated_ = true;
        continue;
      }
      bool group = Peek() == '[';
      SyntaxArgument argument = alternative ? ParseUnit(true, true) : ParseChoice();
      if (group && repeated_) {
        MarkMultiple(&sequence, std::move(argument));
      } else {
        sequence.push_back(std::move(argument));
      }
      repeated_ = false;
    }
  }

  SyntaxArgument ParseChoice() {
    SyntaxArgument first = ParseUnit(true);
    if (Peek() != '|') return first;
    bool with_values = first.type != kPureToken;
    std::vector<SyntaxArgument> choices = {std::move(first)};
    while (Take('|')) choices.push_back(ParseUnit(with_values));
    return MakeGroup(kOneOf, std::move(choices));
  }

  SyntaxArgument ParseUnit(bool with_values, bool alternative = false) {
    if (Take('[')) {
      SyntaxArgument argument = ParseOptional();
      argument.optional = true;
      return argument;
    }
    if (Take('<')) return ParseAlternatives();
    std::string_view word = PeekWord();
    if (word.empty()) failed_ = true;
    p_ += word.size();
    if (!IsToken(word)) return MakeValue(word);
    SyntaxArgument argument;
    if (with_values) argument = ParseValueOfToken(alternative);
    if (argument.type.empty()) argument = {.name = ToLower(word), .type = kPureToken};
    argument.token = word;
    return argument;
  }

  // The value behind a token: names, a choice of tokens or what stands in <>; without a type when there is none.
  SyntaxArgument ParseValueOfToken(bool alternative) {
    std::vector<SyntaxArgument> values;
    for (size_t start = p_; Take(' '); start = p_) {
      if (values.empty() && Take('<')) return ParseAlternatives();
      std::string_view word = PeekWord();
      bool name = !word.empty() && word != "..." && !IsToken(word);
      bool before_bar = text_.substr(p_ + word.size()).starts_with('|');
      if (!name && !alternative && values.empty() && IsToken(word) && before_bar) return ParseChoice();
      if (!name) {
        p_ = start;
        break;
      }
      p_ += word.size();
      values.push_back(MakeValue(word));
    }
    if (values.empty()) return {};
    return values.size() == 1 ? std::move(values[0]) : MakeGroup(kBlock, std::move(values));
  }

  // "a b|C d e>": between bars, all words belong together.
  SyntaxArgument ParseAlternatives() {
    std::vector<SyntaxArgument> choices;
    do {
      choices.push_back(Joined(ParseSequence(true)));
    } while (Take('|'));
    if (!Take('>')) failed_ = true;
    return choices.size() == 1 ? std::move(choices[0]) : MakeGroup(kOneOf, std::move(choices));
  }

  SyntaxArgument ParseOptional() {
    SyntaxArgument argument = Joined(ParseSequence());
    if (!Take(']')) failed_ = true;
    return argument;
  }

  SyntaxArgument Joined(std::vector<SyntaxArgument> sequence) {
    if (sequence.empty()) {
      failed_ = true;
      return {};
    }
    return sequence.size() == 1 ? std::move(sequence[0]) : MakeGroup(kBlock, std::move(sequence));
  }

  // `group` is what stood in "[... ...]": what may be repeated.
  void MarkMultiple(std::vector<SyntaxArgument>* sequence, SyntaxArgument group) {
    group.optional = false;
    std::vector<SyntaxArgument> again = {group};
    if (group.type == kBlock && group.token.empty()) again = group.arguments;
    if (sequence->size() >= again.size() && std::equal(again.rbegin(), again.rend(), sequence->rbegin())) {
      if (again.size() > 1) {
        sequence->erase(sequence->end() - static_cast<ptrdiff_t>(again.size()), sequence->end());
        sequence->push_back(std::move(group));
      }
      sequence->back().multiple = true;
      sequence->back().multiple_token = !sequence->back().token.empty();
      return;
    }
    if (!sequence->empty()) {
      SyntaxArgument value = sequence->back();
      value.token.clear();
      if (value == group) {
        sequence->back().multiple = true;
        return;
      }
    }
    if (!sequence->empty() && group.type == kOneOf && sequence->back().type == kOneOf &&
        RepeatsLast(sequence->back(), group)) {
      std::vector<SyntaxArgument> choices = std::move(sequence->back().arguments);
      choices.resize(choices.size() - group.arguments.size());
      group.multiple = true;
      choices.push_back(std::move(group));
      sequence->back() = MakeGroup(kOneOf, std::move(choices));
      return;
    }
    group.optional = group.multiple = true;
    sequence->push_back(std::move(group));
  }

  // "a|B b|C c [B b|C c ...]": the last choices may be repeated, the first ones not.
  static bool RepeatsLast(const SyntaxArgument& choice, const SyntaxArgument& again) {
    return choice.arguments.size() > again.arguments.size() &&
           std::equal(again.arguments.rbegin(), again.arguments.rend(), choice.arguments.rbegin());
  }

  SyntaxArgument MakeValue(std::string_view name) { return {.name = std::string(name), .type = TypeOf(row_, name)}; }

  const CommandRow& row_;
  std::string_view text_;
  size_t p_ = 0;
  bool repeated_ = false;  // the sequence parsed last ended in "..."
  bool failed_ = false;
};

}  // namespace

bool ParseSyntax(const CommandRow& row, std::vector<SyntaxArgument>* arguments) {
  return SyntaxParser(row).ParseAll(arguments);
}

}  // namespace baton
