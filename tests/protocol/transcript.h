#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doubles/test_server.h"

namespace baton {

// A conversation with one server of its own, as data: who says what, and the exact bytes that must come back at once.
//
//   Converse({
//       {"a", "RPUSH q v w", ":2\r\n"},
//       {"r3", "LPOP q 1", Bulks({"v"})},   // a name that ends in 3 speaks RESP3
//       {"x", "BLPOP other 0", ""},         // nothing comes back: it waits
//       {"a", "RPUSH other v", ":1\r\n"},
//       {"x", kNothing, Bulks({"other", "v"})},  // says nothing, and this has come
//       {kSleep, "50", ""},                 // 50 ms pass, timers run
//       {kJump, "50", ""},                  // 50 ms pass, but no timer has run yet
//   });
//
// The replies were taken from redis-server 7.0.15, which was asked the same questions.
class Bytes : public std::string {
 public:
  template <size_t N>
  Bytes(const char (&literal)[N]) : std::string(literal, N - 1) {}  // NOLINT: zero bytes are kept
  Bytes(std::string bytes) : std::string(std::move(bytes)) {}       // NOLINT
};

struct Line {
  std::string_view who;
  std::string_view words;
  Bytes reply;
};

inline constexpr std::string_view kNothing = "";
inline constexpr std::string_view kSleep = "(sleep)";
inline constexpr std::string_view kJump = "(jump)";

inline const Bytes kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

inline Bytes Bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}
inline Bytes Bulks(const std::vector<std::string_view>& texts) {
  std::string array = "*" + std::to_string(texts.size()) + "\r\n";
  for (std::string_view text : texts) array += Bulk(text);
  return array;
}
// What LMPOP and BLMPOP answer.
inline Bytes Popped(std::string_view key, const std::vector<std::string_view>& texts) {
  return "*2\r\n" + Bulk(key) + Bulks(texts);
}
inline Bytes WrongArity(std::string_view name) {
  return "-ERR wrong number of arguments for '" + std::string(name) + "' command\r\n";
}

inline void Converse(std::initializer_list<Line> lines) {
  TestServer server;
  ASSERT_TRUE(server.report().ok());
  std::map<std::string_view, std::unique_ptr<TestClient>> clients;
  for (const Line& line : lines) {
    SCOPED_TRACE(std::string(line.who) + ": " + std::string(line.words));
    if (line.who == kSleep || line.who == kJump) {
      int64_t ms = std::stoll(std::string(line.words));
      line.who == kSleep ? server.Advance(ms) : server.clock().AdvanceNs(ms * 1'000'000);
      continue;
    }
    std::unique_ptr<TestClient>& client = clients[line.who];
    if (client == nullptr) {
      client = std::make_unique<TestClient>(server);
      if (line.who.back() == '3') client->Send("HELLO 3");
    }
    if (line.words == kNothing) {
      EXPECT_EQ(client->Receive(), line.reply);
    } else {
      EXPECT_EQ(client->Send(line.words), line.reply);
    }
  }
}

}  // namespace baton
