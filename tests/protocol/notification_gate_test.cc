// Keyspace notifications and the log: nobody is told of what a power cut may still take back.
#include "protocol/notification_fixture.h"

namespace baton {
namespace {

class GatedNotifications : public Notifications {
 protected:
};

TEST_F(GatedNotifications, WaitForTheSyncOfTheChange) {
  server.HoldSyncs();
  EXPECT_EQ(a.Send("LPUSH q x"), "");
  EXPECT_EQ(Heard(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(a.Receive(), ":1\r\n");
  EXPECT_EQ(Heard(), "0:new(q) 0:lpush(q)");
}

TEST_F(GatedNotifications, OfAChangeDuringASyncWaitForTheNext) {
  server.HoldSyncs();
  a.Send("LPUSH q x");
  b.Send("LPUSH other x");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(Heard(), "0:new(q) 0:lpush(q)");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(Heard(), "0:new(other) 0:lpush(other)");
}

TEST_F(GatedNotifications, HoldBackTheMessagesBehindThemAndNobodyElse) {
  TestClient other(server);
  other.Send("SUBSCRIBE ch");
  other.Receive();
  server.HoldSyncs();
  a.Send("LPUSH q x");
  EXPECT_EQ(b.Send("PUBLISH ch m"), ":2\r\n");
  EXPECT_EQ(other.Receive(), Bulks({"message", "ch", "m"}));
  EXPECT_EQ(Heard(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(Heard(), "0:new(q) 0:lpush(q) <ch m>");
}

TEST_F(GatedNotifications, OfWhatAWaitingClientGotWaitForBothChanges) {
  b.Send("BLMOVE q dst LEFT RIGHT 0");
  server.HoldSyncs();
  a.Send("RPUSH q x");
  EXPECT_EQ(Heard(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(Heard(), "0:new(q) 0:rpush(q) 0:new(dst) 0:rpush(dst) 0:lpop(q) 0:del(q)");
}

TEST_F(GatedNotifications, OfAMissWaitForTheRemovalThatItMaySee) {
  a.Send("SET k v");
  observer.Receive();
  server.HoldSyncs();
  b.Send("GET never");
  EXPECT_EQ(Heard(), "0:keymiss(never)");
  a.Send("DEL k");
  b.Send("GET k");
  EXPECT_EQ(Heard(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(Heard(), "0:del(k) 0:keymiss(k)");
}

TEST_F(GatedNotifications, OfTimeThatIsUpWaitToo) {
  a.Send("SET k v PX 100");
  observer.Receive();
  server.HoldSyncs();
  server.Advance(200);
  EXPECT_EQ(Heard(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(Heard(), "0:expired(k)");
}

TEST_F(GatedNotifications, OfWhatOnlyPassesForAChangeRestOnWhatWasSeen) {
  a.Send("RPUSH old 1 2");
  observer.Receive();
  server.HoldSyncs();
  b.Send("RPUSH q 1 2");
  EXPECT_EQ(a.Send("LTRIM old 0 -1"), "+OK\r\n");
  TestClient other(server);
  other.Send("SUBSCRIBE __keyevent@0__:ltrim");
  other.Receive();
  EXPECT_EQ(a.Send("LTRIM old 0 -1"), "+OK\r\n");
  EXPECT_EQ(other.Receive(), Bulks({"message", "__keyevent@0__:ltrim", "old"}));
  EXPECT_EQ(a.Send("LTRIM q 0 -1"), "");
  EXPECT_EQ(other.Receive(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(other.Receive(), Bulks({"message", "__keyevent@0__:ltrim", "q"}));
}

TEST_F(GatedNotifications, AreNeverToldWhenTheDiskStaysAway) {
  server.HoldSyncs();
  a.Send("LPUSH q x");
  server.Advance(61'000);
  EXPECT_EQ(Heard(), "");
  EXPECT_TRUE(observer.closed());  // it must not believe that nothing has happened
}

TEST(EverySecondNotifications, LeaveOnceTheChangeIsWritten) {
  TestServer server({"--appendfsync", "everysec", "--notify-keyspace-events", "E$"});
  TestClient client(server), observer(server);
  observer.Send("SUBSCRIBE __keyevent@0__:set");
  observer.Receive();
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  client.Send("SET k v");
  EXPECT_EQ(observer.Receive(), Bulks({"message", "__keyevent@0__:set", "k"}));
}

}  // namespace
}  // namespace baton
