#include "commands/channels.h"

#include "base/glob.h"

namespace baton {

bool Channels::Subscribe(ClientState& client, ChannelKind kind, std::string_view name) {
  const auto index = static_cast<size_t>(kind);
  Subscriptions& own = clients_[&client][index];
  if (own.by_name.contains(name)) return false;
  Kind& of = Of(kind);
  auto found = of.by_name.find(name);
  if (found == of.by_name.end()) {
    of.topics.push_back({std::string(name), {}});
    auto topic = std::prev(of.topics.end());
    found = of.by_name.emplace(topic->name, topic).first;
  }
  TopicPlace topic = found->second;
  own.in_order.push_back({topic, topic->subscribers.insert(topic->subscribers.end(), &client)});
  own.by_name.emplace(topic->name, std::prev(own.in_order.end()));
  ++client.subscription_counts[index];
  client.subscribed = true;
  return true;
}

bool Channels::Unsubscribe(ClientState& client, ChannelKind kind, std::string_view name) {
  auto found = clients_.find(&client);
  if (found == clients_.end()) return false;
  const auto index = static_cast<size_t>(kind);
  Subscriptions& own = found->second[index];
  auto subscription = own.by_name.find(name);
  if (subscription == own.by_name.end()) return false;
  auto place = subscription->second;
  own.by_name.erase(subscription);  // first: its key is the topic's
  Leave(Of(kind), *place);
  own.in_order.erase(place);
  --client.subscription_counts[index];
  client.subscribed = client.subscription_counts != decltype(client.subscription_counts){};
  if (!client.subscribed) clients_.erase(found);
  return true;
}

void Channels::Forget(ClientState& client) {
  if (!client.subscribed) return;
  auto found = clients_.find(&client);
  for (size_t i = 0; i < kChannelKinds; ++i) {
    for (const Subscription& subscription : found->second[i].in_order) Leave(kinds_[i], subscription);
  }
  clients_.erase(found);
  client.subscription_counts = {};
  client.subscribed = false;
}

void Channels::Leave(Kind& kind, const Subscription& subscription) {
  Topic& topic = *subscription.topic;
  topic.subscribers.erase(subscription.place);
  if (!topic.subscribers.empty()) return;
  kind.by_name.erase(topic.name);
  kind.topics.erase(subscription.topic);
}

bool Channels::Matches(std::string_view pattern, std::string_view channel) {
  return channel.empty() ? pattern.empty() : GlobMatch(pattern, channel);
}

size_t Channels::SubscriberCount(ChannelKind kind, std::string_view name) const {
  auto found = Of(kind).by_name.find(name);
  return found == Of(kind).by_name.end() ? 0 : found->second->subscribers.size();
}

std::vector<std::string> Channels::NamesOf(const ClientState& client, ChannelKind kind) const {
  std::vector<std::string> names;
  auto found = clients_.find(&client);
  if (found == clients_.end()) return names;
  for (const Subscription& subscription : found->second[static_cast<size_t>(kind)].in_order) {
    names.push_back(subscription.topic->name);
  }
  return names;
}

}  // namespace baton
