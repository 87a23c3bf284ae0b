#include "resp/reply_errors.h"

#include "base/text.h"

namespace baton::errors {
namespace {

constexpr size_t kWordBytesMax = 128;  // of names and arguments of commands that are not known

std::string Quoted(std::string_view word, size_t bytes_max) { return "'" + Shown(word, bytes_max) + "'"; }

}  // namespace

std::string Shown(std::string_view word, size_t bytes_max) {
  return std::string(word.substr(0, word.find('\0')).substr(0, bytes_max));
}

std::string UnknownCommand(std::string_view name, const std::string_view* arguments, size_t count) {
  std::string shown;
  for (size_t i = 0; i < count && shown.size() < kWordBytesMax; ++i) {
    shown += Quoted(arguments[i], kWordBytesMax - shown.size()) + " ";
  }
  return "ERR unknown command " + Quoted(name, kWordBytesMax) + ", with args beginning with: " + shown;
}

std::string UnknownSubcommand(std::string_view container, std::string_view subcommand) {
  return "ERR unknown subcommand " + Quoted(subcommand, kWordBytesMax) + ". Try " + ToUpper(container) + " HELP.";
}

std::string OnlyListens(std::string_view lower_case_name) {
  return "ERR Can't execute '" + std::string(lower_case_name) +
         "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";
}

std::string WrongArity(std::string_view lower_case_name) {
  return "ERR wrong number of arguments for '" + std::string(lower_case_name) + "' command";
}

}  // namespace baton::errors
