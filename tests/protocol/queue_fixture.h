#pragma once

#include <string>

#include "base/numbers.h"
#include "protocol/transcript.h"

namespace baton {

inline constexpr std::string_view kMail =
    "QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 3 DEADLETTER mail:dead BACKOFF EXP 1000 "
    "60000";

// A server with one policy and a client, and what most tests ask.
class Queue : public testing::Test {
 protected:
  Queue() : server_(disk_, clock_), a_(server_), b_(server_) { EXPECT_EQ(a_.Send(kMail), "+OK\r\n"); }

  // A figure of QINFO mail.
  int64_t Info(const std::string& name, std::string_view queue = "mail") {
    const std::string reply = a_.Send("QINFO " + std::string(queue));
    const std::string key = Bulk(name) + ":";
    const size_t at = reply.find(key);
    EXPECT_NE(at, std::string::npos) << reply;
    if (at == std::string::npos) return -1;
    const size_t from = at + key.size();
    int64_t value = -1;
    EXPECT_TRUE(ParseInt64(std::string_view(reply).substr(from, reply.find('\r', from) - from), &value));
    return value;
  }
  // The token in a reply of QPOP.
  static std::string TokenIn(const std::string& reply, std::string_view queue = "mail") {
    const std::string before = Bulk(queue);
    const size_t at = reply.find(before);
    if (at == std::string::npos) return "";
    const size_t line = reply.find("\r\n", at + before.size()) + 2;
    return reply.substr(line, reply.find("\r\n", line) - line);
  }
  void ExpectBalance() { EXPECT_EQ(Info("balanced"), 1); }
  void TearDown() override {
    if (!stopped_) ExpectBalance();
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
  TestServer server_;
  TestClient a_, b_;
  bool stopped_ = false;
};

}  // namespace baton
