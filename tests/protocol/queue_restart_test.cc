// Managed queues and the start of a server: the configuration, what a log brings.

#include "protocol/queue_fixture.h"

namespace baton {
namespace {

TEST(QueueRestart, WhatALogBringsIsNoRate) {
  SimFileSystem disk(1);
  ManualClock clock;
  {
    TestServer server(disk, clock);
    TestClient a(server);
    a.Send(kMail);
    for (int i = 0; i < 1000; ++i) a.Send("LPUSH mail x");
    ASSERT_TRUE(server.Stop().ok());
  }
  TestServer server(disk, clock);
  TestClient a(server);
  server.Advance(1100);
  const std::string info = a.Send("QINFO mail");
  EXPECT_NE(info.find(Bulk("enqueued") + ":1000\r\n"), std::string::npos) << info;
  EXPECT_NE(info.find(Bulk("enqueued-per-second") + ":0\r\n"), std::string::npos) << info;
  a.Send("LPUSH mail x x x x x x x x");
  server.Advance(1100);
  EXPECT_EQ(a.Send("QINFO mail").find(Bulk("enqueued-per-second") + ":0\r\n"), std::string::npos);
}

TEST(QueueRestart, PoliciesOfTheConfigurationAreSetAtTheStart) {
  TestServer server({"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 1000"});
  ASSERT_TRUE(server.report().ok());
  TestClient a(server);
  a.Send("LPUSH mail 1");
  a.Send("RPOPLPUSH mail backup");
  server.Advance(1100);
  EXPECT_EQ(a.Send("LLEN mail"), ":1\r\n");
}

TEST(QueueRestart, AWrongPolicyInTheConfigurationStopsTheStart) {
  TestServer server({"--queue-policy", "mail MATCH mail"});
  EXPECT_FALSE(server.report().ok());
}

}  // namespace
}  // namespace baton
