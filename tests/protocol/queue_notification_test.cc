// Keyspace notifications of managed queues: what the server does by itself is told as the commands that the log says it
// with.
#include "protocol/notification_fixture.h"

namespace baton {
namespace {

class QueueNotifications : public Notifications {
 protected:
  QueueNotifications() {
    EXPECT_EQ(a.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 2 DEADLETTER mail:dead "
                     "BACKOFF EXP 1000 60000"),
              "+OK\r\n");
    EXPECT_EQ(Heard(), "");
  }
};

TEST_F(QueueNotifications, OfLeasesThatEnd) {
  Play({
      {"a", "LPUSH mail m", "0:new(mail) 0:lpush(mail)"},
      {"a", "RPOPLPUSH mail backup", "0:new(backup) 0:lpush(backup) 0:rpop(mail) 0:del(mail)"},
      {kSleep, "1100", "0:lrem(backup) 0:del(backup) 0:new(mail) 0:rpush(mail)"},
      {"a", "RPOPLPUSH mail backup", "0:new(backup) 0:lpush(backup) 0:rpop(mail) 0:del(mail)"},
      {kSleep, "1100", "0:lrem(backup) 0:del(backup) 0:new(mail:dead) 0:lpush(mail:dead)"},
      {"a", "QREDRIVE mail:dead RESET", "0:lrem(mail:dead) 0:del(mail:dead) 0:new(mail) 0:lpush(mail)"},
      {"a", "RPOPLPUSH mail backup", "0:new(backup) 0:lpush(backup) 0:rpop(mail) 0:del(mail)"},
      {"a", "LREM backup 1 m", "0:lrem(backup) 0:del(backup)"},
  });
}

TEST_F(QueueNotifications, OfTokens) {
  a.Send("LPUSH mail m n");
  observer.Receive();
  const std::string reply = a.Send("QPOP FROM mail");
  EXPECT_EQ(Heard(), "0:new(backup) 0:lpush(backup) 0:rpop(mail)");
  const size_t at = reply.find("$4\r\nmail\r\n") + 10, line = reply.find("\r\n", at) + 2;
  const std::string token = reply.substr(line, reply.find("\r\n", line) - line);
  a.Send("QNACK mail DELAY 500 " + token);
  EXPECT_EQ(Heard(), "0:lrem(backup) 0:del(backup) 0:new(mail:delayed) 0:lpush(mail:delayed)");
  server.Advance(600);
  EXPECT_EQ(Heard(), "0:lrem(mail:delayed) 0:del(mail:delayed) 0:rpush(mail)");
}

TEST_F(QueueNotifications, OfAPushThatGivesBackWhatItsConsumerHolds) {
  a.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 COALESCE YES");
  Play({
      {"a", "LPUSH mail m", "0:new(mail) 0:lpush(mail)"},
      {"a", "RPOPLPUSH mail backup", "0:new(backup) 0:lpush(backup) 0:rpop(mail) 0:del(mail)"},
      {"a", "LPUSH mail n m",
       "0:lrem(backup) 0:del(backup) 0:new(mail:delayed) 0:lpush(mail:delayed) 0:new(mail) 0:lpush(mail)"},
      {"a", "LREM backup 1 m", ""},  // it has been told of already
  });
}

TEST_F(QueueNotifications, OfADeliveryThatItsClientWasNeverToldOf) {
  a.Send("LPUSH mail m");
  observer.Receive();
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  EXPECT_EQ(b.Send("RPOPLPUSH mail backup"), "");
  b.Disconnect();
  server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server.sync_runner().RunAll();
  server.Settle();
  EXPECT_EQ(Heard(),
            "0:new(backup) 0:lpush(backup) 0:rpop(mail) 0:del(mail) "
            "0:lrem(backup) 0:del(backup) 0:new(mail) 0:rpush(mail)");
}

TEST_F(QueueNotifications, OfATimeToLiveThatTakesNoMessageAway) {
  Play({
      {"a", "LPUSH mail m n", "0:new(mail) 0:lpush(mail)"},
      {"a", "RPOPLPUSH mail backup", "0:new(backup) 0:lpush(backup) 0:rpop(mail)"},
      {"a", "PEXPIRE backup 100", "0:expire(backup)"},
      {kSleep, "200", "0:lrem(backup) 0:del(backup) 0:rpush(mail) 0:expired(backup)"},
  });
}

}  // namespace
}  // namespace baton
