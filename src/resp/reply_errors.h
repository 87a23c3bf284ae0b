#pragma once

#include <string>
#include <string_view>

// Every error text that clients match on, in redis-server 7.0.15's exact words, without the leading '-'.
namespace baton::errors {

inline constexpr std::string_view kWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kIndexOutOfRange = "ERR index out of range";
inline constexpr std::string_view kOutOfRangePositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kExecAbort = "EXECABORT Transaction discarded because of previous errors.";
inline constexpr std::string_view kNoMulti = "ERR Command not allowed inside a transaction";
inline constexpr std::string_view kUnblocked = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kLoading = "LOADING Redis is loading the dataset in memory";
inline constexpr std::string_view kOom = "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kNoRoom =
    "MISCONF The disk of the append-only log has no room for what this command adds. Smaller ones are taken.";
inline constexpr std::string_view kNoProto = "NOPROTO unsupported protocol version";

// A client's word as Redis prints it in an error: nothing behind a zero byte, and at most `bytes_max` bytes.
std::string Shown(std::string_view word, size_t bytes_max = std::string_view::npos);

std::string UnknownCommand(std::string_view name, const std::string_view* arguments, size_t count);
std::string UnknownSubcommand(std::string_view container, std::string_view subcommand);  // "... Try X HELP."
std::string OnlyListens(std::string_view lower_case_name);  // "client|kill" for subcommands, as below
std::string WrongArity(std::string_view lower_case_name);   // "client|kill" for subcommands

}  // namespace baton::errors
