#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "commands/client_state.h"

namespace baton {

// Who listens to which channel, and to which patterns of channels. Shard channels are names of their own: without a
// cluster they differ from channels only in that no pattern reaches them.
//
// A name is here while it has subscribers. Names, and the subscribers of a name, stand in the order in which they came.
// All is O(1) a name, whatever there is beside it. Clients are not owned: one that ends must be forgotten before
// (Forget).
class Channels {
 public:
  // False: it was so already.
  bool Subscribe(ClientState& client, ChannelKind kind, std::string_view name);
  bool Unsubscribe(ClientState& client, ChannelKind kind, std::string_view name);
  // Ends all subscriptions of the client.
  void Forget(ClientState& client);

  // Nobody listens to anything.
  bool empty() const { return clients_.empty(); }
  // How many names of the kind have subscribers.
  size_t Count(ChannelKind kind) const { return Of(kind).topics.size(); }
  size_t SubscriberCount(ChannelKind kind, std::string_view name) const;
  // What the client listens to, in the order in which it began to.
  std::vector<std::string> NamesOf(const ClientState& client, ChannelKind kind) const;

  // A channel with an empty name is matched by the empty pattern only, where "*" finds keys of that name.
  static bool Matches(std::string_view pattern, std::string_view channel);

  // Nothing may be subscribed to or ended from within.
  template <typename Visit>  // void(std::string_view name)
  void ForEachName(ChannelKind kind, const Visit& visit) const {
    for (const Topic& topic : Of(kind).topics) visit(std::string_view(topic.name));
  }
  template <typename Visit>  // void(ClientState&)
  void ForEachSubscriber(ChannelKind kind, std::string_view name, const Visit& visit) const {
    const Kind& of = Of(kind);
    auto found = of.by_name.find(name);
    if (found == of.by_name.end()) return;
    for (ClientState* client : found->second->subscribers) visit(*client);
  }

 private:
  struct Topic {
    std::string name;
    std::list<ClientState*> subscribers;
  };
  using TopicPlace = std::list<Topic>::iterator;
  struct Kind {
    std::list<Topic> topics;
    absl::flat_hash_map<std::string_view, TopicPlace> by_name;  // views into topics
  };
  // One client's subscription to one topic.
  struct Subscription {
    TopicPlace topic;
    std::list<ClientState*>::iterator place;
  };
  struct Subscriptions {
    std::list<Subscription> in_order;
    absl::flat_hash_map<std::string_view, std::list<Subscription>::iterator> by_name;
  };
  using OfClient = std::array<Subscriptions, kChannelKinds>;

  const Kind& Of(ChannelKind kind) const { return kinds_[static_cast<size_t>(kind)]; }
  Kind& Of(ChannelKind kind) { return kinds_[static_cast<size_t>(kind)]; }
  static void Leave(Kind& kind, const Subscription& subscription);

  std::array<Kind, kChannelKinds> kinds_;
  absl::flat_hash_map<const ClientState*, OfClient> clients_;  // those with a subscription
};

}  // namespace baton
