#pragma once

#include "protocol/transcript.h"

namespace baton {

// What an observer that is subscribed to "*" has been told, in short: "0:new(k) 0:set(k)" is two events, each of which
// was told to both of its channels, and "<channel message>" is anything else.
class Told {
 public:
  explicit Told(std::string_view bytes) : rest_(bytes) {}

  std::string Short() {
    std::string text;
    while (!rest_.empty()) {
      if (!text.empty()) text += ' ';
      text += Next();
    }
    return text;
  }

 private:
  std::string Next() {
    const auto [channel, payload] = Message();
    constexpr std::string_view kKeyspace = "__keyspace@";
    if (!channel.starts_with(kKeyspace)) return "<" + channel + " " + payload + ">";
    const size_t end = channel.find("__:");
    const std::string db = channel.substr(kKeyspace.size(), end - kKeyspace.size()), key = channel.substr(end + 3);
    const auto [event_channel, event_key] = Message();
    EXPECT_EQ(event_channel, "__keyevent@" + db + "__:" + payload);
    EXPECT_EQ(event_key, key);
    return db + ":" + payload + "(" + key + ")";
  }
  std::pair<std::string, std::string> Message() {
    EXPECT_TRUE(Skip("*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n")) << rest_;
    std::string channel = Bulk();
    return {channel, Bulk()};
  }
  std::string Bulk() {
    EXPECT_TRUE(Skip("$"));
    const size_t line = rest_.find("\r\n"), bytes = std::stoul(std::string(rest_.substr(0, line)));
    std::string text(rest_.substr(line + 2, bytes));
    rest_.remove_prefix(line + 2 + bytes + 2);
    return text;
  }
  bool Skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      rest_ = {};
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }

  std::string_view rest_;
};

// Who asks what, and what the observer is told of it. A who of kSleep or kJump: see transcript.h.
struct Step {
  std::string_view who, words, events;
};

// A server that tells of everything, and one client that listens to all of it.
class Notifications : public ::testing::Test {
 protected:
  Notifications() {
    a.Send("CONFIG SET notify-keyspace-events KEAnm");
    observer.Send("PSUBSCRIBE *");
  }

  std::string Heard() { return Told(observer.Receive()).Short(); }

  void Play(std::initializer_list<Step> steps) {
    for (const Step& step : steps) {
      SCOPED_TRACE(std::string(step.who) + ": " + std::string(step.words));
      if (step.who == kSleep || step.who == kJump) {
        const int64_t ms = std::stoll(std::string(step.words));
        step.who == kSleep ? server.Advance(ms) : server.clock().AdvanceNs(ms * 1'000'000);
      } else {
        (step.who == "b" ? b : a).Send(step.words);
      }
      EXPECT_EQ(Heard(), step.events);
    }
  }

  TestServer server{{"--enable-debug-command", "yes"}};
  TestClient a{server}, b{server}, observer{server};
};

}  // namespace baton
