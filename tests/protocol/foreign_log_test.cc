// A server that starts on a log which redis-server wrote.

#include <gtest/gtest.h>

#include "doubles/test_server.h"

namespace baton {
namespace {

class ForeignLog : public testing::Test {
 protected:
  // Puts the commands into the log's segment, as redis-server would have written them.
  void Write(const std::vector<std::vector<std::string>>& commands) {
    std::string text;
    for (const auto& command : commands) text += TestClient::Encode(command);
    TestServer first(disk_, clock_);
    ASSERT_TRUE(first.Stop().ok());
    first.Kill();
    for (const std::string& path : disk_.Paths()) {
      if (path.ends_with(".base.aof")) disk_.SetContent(path, "");
      if (path.ends_with(".incr.aof")) disk_.SetContent(path, text);
    }
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
};

TEST_F(ForeignLog, CommandsThatOnlyOthersWriteAreRunAsAClientWould) {
  Write({{"SELECT", "0"},
         {"INCRBY", "n", "41"},
         {"INCR", "n"},
         {"SELECT", "3"},
         {"RPUSH", "q", "a", "b"},
         {"SETNX", "k", "v"}});
  TestServer server(disk_, clock_);
  ASSERT_TRUE(server.report().ok()) << server.report().status().message();
  TestClient client(server);
  EXPECT_EQ(client.Send("GET n"), "$2\r\n42\r\n");
  client.Send("SELECT 3");
  EXPECT_EQ(client.Send("LLEN q"), ":2\r\n");
  EXPECT_EQ(client.Send("GET k"), "$1\r\nv\r\n");
}

TEST_F(ForeignLog, ACommandThatAClientCouldNotRunStopsTheStart) {
  const std::pair<std::vector<std::string>, std::string> rows[] = {
      {{"INCR", "q"}, "WRONGTYPE"},
      {{"ZADD", "z", "1", "m"}, "'ZADD' is not a command that Baton can load"},
      {{"GET", "q"}, "'GET' is not a command that Baton can load"},
      {{"INCR"}, "wrong number of arguments"},
  };
  for (const auto& [command, said] : rows) {
    Write({{"SELECT", "0"}, {"RPUSH", "q", "a"}, command});
    TestServer server(disk_, clock_);
    ASSERT_FALSE(server.report().ok()) << command[0];
    EXPECT_NE(server.report().status().message().find(said), std::string::npos) << server.report().status().message();
    server.Kill();
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
  }
}

TEST_F(ForeignLog, ADatabaseThatIsNotThereStopsTheStart) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{"INCR", "n"}, {"RPUSH", "q", "a"}}) {
    Write({{"SELECT", "16"}, command});
    TestServer server(disk_, clock_);
    EXPECT_FALSE(server.report().ok()) << command[0];
    server.Kill();
    TestServer wider(disk_, clock_, {"--databases", "17"});
    EXPECT_TRUE(wider.report().ok()) << wider.report().status().message();
    wider.Kill();
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
  }
}

}  // namespace
}  // namespace baton
