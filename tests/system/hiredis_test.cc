// The reference client on a real socket: hiredis_test PORT. Whatever server listens there is emptied.

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

int server_port = 0;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

Context Connect() {
  Context context(redisConnect("127.0.0.1", server_port));
  EXPECT_NE(context, nullptr);
  EXPECT_EQ(context->err, 0) << context->errstr;
  timeval ten_seconds{10, 0};
  redisSetTimeout(context.get(), ten_seconds);
  return context;
}

template <typename... Arguments>
Reply Ask(const Context& context, const char* format, Arguments... arguments) {
  Reply reply(static_cast<redisReply*>(redisCommand(context.get(), format, arguments...)));
  EXPECT_NE(reply, nullptr) << context->errstr;
  return reply;
}

Reply Next(const Context& context) {
  void* reply = nullptr;
  EXPECT_EQ(redisGetReply(context.get(), &reply), REDIS_OK) << context->errstr;
  return Reply(static_cast<redisReply*>(reply));
}

std::string Text(const redisReply* reply) {
  return reply != nullptr && reply->str != nullptr ? std::string(reply->str, reply->len) : "(none)";
}

std::vector<std::string> Texts(const Reply& reply) {
  std::vector<std::string> texts;
  for (size_t i = 0; reply != nullptr && i < reply->elements; ++i) texts.push_back(Text(reply->element[i]));
  return texts;
}

using Strings = std::vector<std::string>;

class HiredisTest : public testing::Test {
 protected:
  void SetUp() override { Ask(client_, "FLUSHALL"); }
  Context client_ = Connect();
};

TEST_F(HiredisTest, PushesAndReadsBinaryPayloads) {
  std::string payload("\0\r\n\xff*1\r\n", 8);
  EXPECT_EQ(Ask(client_, "LPUSH q %b %b", payload.data(), payload.size(), "", size_t{0})->integer, 2);
  EXPECT_EQ(Texts(Ask(client_, "LRANGE q 0 -1")), (Strings{"", payload}));
  EXPECT_EQ(Text(Ask(client_, "RPOP q").get()), payload);
}

TEST_F(HiredisTest, AcknowledgesByValue) {
  Ask(client_, "RPUSH q a b c");
  EXPECT_EQ(Text(Ask(client_, "RPOPLPUSH q processing").get()), "c");
  EXPECT_EQ(Text(Ask(client_, "LMOVE q processing LEFT RIGHT").get()), "a");
  EXPECT_EQ(Texts(Ask(client_, "LRANGE processing 0 -1")), (Strings{"c", "a"}));
  EXPECT_EQ(Ask(client_, "LREM processing 1 c")->integer, 1);
  EXPECT_EQ(Ask(client_, "LREM processing 1 c")->integer, 0);
}

TEST_F(HiredisTest, AnswersAPipelineInOrder) {
  constexpr int kCommands = 20'000;
  for (int i = 0; i < kCommands; ++i) redisAppendCommand(client_.get(), "RPUSH q %d", i);
  for (int i = 0; i < kCommands; ++i) ASSERT_EQ(Next(client_)->integer, i + 1);
  Reply all = Ask(client_, "LRANGE q 0 -1");
  ASSERT_EQ(all->elements, size_t{kCommands});
  EXPECT_EQ(Text(all->element[kCommands - 1]), std::to_string(kCommands - 1));
}

TEST_F(HiredisTest, ServesAClientThatWaits) {
  Context waiter = Connect();
  redisAppendCommand(waiter.get(), "BRPOPLPUSH q processing 0");
  redisAppendCommand(waiter.get(), "BLPOP other q 0");
  int done = 0;
  while (!done) redisBufferWrite(waiter.get(), &done);
  while (Text(Ask(client_, "INFO clients").get()).find("blocked_clients:1") == std::string::npos) {
  }
  Ask(client_, "LPUSH q first");
  EXPECT_EQ(Text(Next(waiter).get()), "first");
  Ask(client_, "LPUSH q second");
  EXPECT_EQ(Texts(Next(waiter)), (Strings{"q", "second"}));
  EXPECT_EQ(Texts(Ask(client_, "LRANGE processing 0 -1")), Strings{"first"});
}

TEST_F(HiredisTest, AnswersNilWhenTheWaitIsOver) {
  EXPECT_EQ(Ask(client_, "BLPOP q 0.01")->type, REDIS_REPLY_NIL);
  EXPECT_EQ(Ask(client_, "BLMOVE q p LEFT LEFT 0.01")->type, REDIS_REPLY_NIL);
}

TEST_F(HiredisTest, RunsATransactionUnlessAWatchedKeyChanged) {
  Context other = Connect();
  Ask(client_, "RPUSH q a");
  Ask(client_, "WATCH q");
  Ask(other, "RPUSH q b");
  Ask(client_, "MULTI");
  EXPECT_EQ(Text(Ask(client_, "LPOP q").get()), "QUEUED");
  EXPECT_EQ(Ask(client_, "EXEC")->type, REDIS_REPLY_NIL);
  Ask(client_, "MULTI");
  Ask(client_, "LPOP q");
  Ask(client_, "LLEN q");
  Reply done = Ask(client_, "EXEC");
  ASSERT_EQ(done->elements, size_t{2});
  EXPECT_EQ(Text(done->element[0]), "a");
  EXPECT_EQ(done->element[1]->integer, 1);
}

TEST_F(HiredisTest, ReportsErrorsInWords) {
  Ask(client_, "SET s text");
  Reply wrong = Ask(client_, "LPUSH s x");
  EXPECT_EQ(wrong->type, REDIS_REPLY_ERROR);
  EXPECT_EQ(Text(wrong.get()), "WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(Text(Ask(client_, "NOSUCH a").get()), "ERR unknown command 'NOSUCH', with args beginning with: 'a' ");
}

TEST_F(HiredisTest, CarriesALargePayload) {
  std::string payload(32 << 20, 'x');
  EXPECT_EQ(Ask(client_, "RPUSH q %b", payload.data(), payload.size())->integer, 1);
  EXPECT_EQ(Text(Ask(client_, "LINDEX q 0").get()), payload);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: hiredis_test PORT\n");
    return 2;
  }
  server_port = std::atoi(argv[1]);
  return RUN_ALL_TESTS();
}
