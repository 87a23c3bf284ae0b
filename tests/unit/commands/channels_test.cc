#include "commands/channels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace baton {
namespace {

using enum ChannelKind;

// The same, kept in the plainest way.
class Model {
 public:
  bool Subscribe(size_t client, ChannelKind kind, const std::string& name) {
    auto& names = of_[client][static_cast<size_t>(kind)];
    if (std::find(names.begin(), names.end(), name) != names.end()) return false;
    names.push_back(name);
    return true;
  }
  bool Unsubscribe(size_t client, ChannelKind kind, const std::string& name) {
    return std::erase(of_[client][static_cast<size_t>(kind)], name) > 0;
  }
  void Forget(size_t client) { of_[client] = {}; }
  const std::vector<std::string>& NamesOf(size_t client, ChannelKind kind) {
    return of_[client][static_cast<size_t>(kind)];
  }
  std::set<size_t> Subscribers(ChannelKind kind, const std::string& name) {
    std::set<size_t> found;
    for (auto& [client, kinds] : of_) {
      const auto& names = kinds[static_cast<size_t>(kind)];
      if (std::find(names.begin(), names.end(), name) != names.end()) found.insert(client);
    }
    return found;
  }

 private:
  std::map<size_t, std::array<std::vector<std::string>, kChannelKinds>> of_;
};

constexpr size_t kClients = 12;
constexpr ChannelKind kKinds[] = {kChannel, kPattern, kShardChannel};
const std::string kNames[] = {"a", "b", "", "a*", std::string("\0x", 2), std::string(300, 'n')};

class RandomChannels : public testing::TestWithParam<uint64_t> {};  // by seed

TEST_P(RandomChannels, DoWhatThePlainestListOfNamesDoes) {
  Random random(GetParam());
  Channels channels;
  Model model;
  std::vector<ClientState> clients(kClients);
  for (int step = 0; step < 20'000; ++step) {
    const size_t who = random.Below(kClients);
    const ChannelKind kind = kKinds[random.Below(std::size(kKinds))];
    const std::string& name = kNames[random.Below(std::size(kNames))];
    switch (random.Below(16)) {
      case 0:
        channels.Forget(clients[who]);
        model.Forget(who);
        break;
      case 1 ... 8:
        ASSERT_EQ(channels.Subscribe(clients[who], kind, name), model.Subscribe(who, kind, name));
        break;
      default:
        ASSERT_EQ(channels.Unsubscribe(clients[who], kind, name), model.Unsubscribe(who, kind, name));
    }
    ASSERT_EQ(channels.NamesOf(clients[who], kind), model.NamesOf(who, kind));
    ASSERT_EQ(clients[who].subscription_counts[static_cast<size_t>(kind)], model.NamesOf(who, kind).size());
    bool any = false;
    for (ChannelKind each : kKinds) any |= !model.NamesOf(who, each).empty();
    ASSERT_EQ(clients[who].subscribed, any);

    std::set<size_t> heard;
    channels.ForEachSubscriber(
        kind, name, [&](ClientState& client) { heard.insert(static_cast<size_t>(&client - clients.data())); });
    ASSERT_EQ(heard, model.Subscribers(kind, name));
    ASSERT_EQ(channels.SubscriberCount(kind, name), heard.size());
    size_t count = 0;
    for (const std::string& each : kNames) count += model.Subscribers(kind, each).empty() ? 0 : 1;
    ASSERT_EQ(channels.Count(kind), count);
    size_t named = 0;
    channels.ForEachName(kind, [&](std::string_view each) {
      ASSERT_FALSE(model.Subscribers(kind, std::string(each)).empty());
      ++named;
    });
    ASSERT_EQ(named, count);
  }
  for (ClientState& client : clients) channels.Forget(client);
  EXPECT_TRUE(channels.empty());
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomChannels, testing::Range<uint64_t>(1, 4));

TEST(Channels, AnEmptyNameIsMatchedByTheEmptyPatternOnly) {
  EXPECT_TRUE(Channels::Matches("", ""));
  EXPECT_FALSE(Channels::Matches("*", ""));
  EXPECT_FALSE(Channels::Matches("", "x"));
  EXPECT_TRUE(Channels::Matches("*", "x"));
  EXPECT_TRUE(Channels::Matches("n?w[rs]*", "news"));
}

}  // namespace
}  // namespace baton
