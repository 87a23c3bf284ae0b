// Messages to clients that did not ask for them just now: PUBLISH, and what happens to keys.
//
// What is published rests on nothing. What is told of a change rests on that change as a reply does, and waits at the
// gate of each session that it goes to: nobody hears of what a power cut may still take back.

#include "server/server.h"

namespace baton {

int64_t Server::Publish(ChannelKind kind, std::string_view channel, std::string_view payload) {
  return Publish({.kind = kind, .pattern = {}, .channel = channel, .payload = payload});
}

int64_t Server::Publish(Published message) {
  int64_t receivers = 0;
  const auto deliver = [&](ClientState& client) {
    Deliver(static_cast<Session&>(client), message);
    ++receivers;
  };
  channels_.ForEachSubscriber(message.kind, message.channel, deliver);
  if (message.kind != ChannelKind::kChannel) return receivers;
  message.kind = ChannelKind::kPattern;
  channels_.ForEachName(ChannelKind::kPattern, [&](std::string_view pattern) {
    if (!Channels::Matches(pattern, message.channel)) return;
    message.pattern = pattern;
    channels_.ForEachSubscriber(ChannelKind::kPattern, pattern, deliver);
  });
  return receivers;
}

// Ends no session: whoever publishes may be walking over lists that name it. One that has too much unread gets no more,
// and is ended with the turn.
void Server::Deliver(Session& session, const Published& message) {
  if (session.close_after_reply || session.over_output_limit) return;
  const bool to_itself = &session == current_;
  OutputBuffer& buffer = to_itself && message.is_event ? own_events_ : session.output();
  ReplyBuilder output(buffer, session.protocol);
  switch (message.kind) {
    case ChannelKind::kChannel:
    case ChannelKind::kShardChannel:
      output.Push(3);
      output.Bulk(message.kind == ChannelKind::kChannel ? "message" : "smessage");
      break;
    case ChannelKind::kPattern:
      output.Push(4);
      output.Bulk("pmessage");
      output.Bulk(message.pattern);
      break;
  }
  output.Bulk(message.channel);
  output.Bulk(message.payload);
  const int64_t limit = OutputLimitOf(session).hard;
  const size_t unsent = session.output().size() + (to_itself ? own_events_.size() : 0);
  session.over_output_limit = limit > 0 && static_cast<int64_t>(unsent) > limit;
  if (!to_itself) return SendOnceSafe(session, message.position);
  if (message.is_event) {
    // In the middle of a reply it would be taken for a part of it.
    own_events_of_ = &session;
    own_events_position_ = std::max(own_events_position_, message.position);
  } else {
    // It stands before what is left of the reply, and goes with it: what the reply began with may have to wait.
    session.settled_offset = session.output().end_offset();
  }
}

void Server::SendOwnEvents() {
  Session& session = *std::exchange(own_events_of_, nullptr);
  const uint64_t position = std::exchange(own_events_position_, 0);
  const bool wanted = !session.ended && !session.close_after_reply && !session.over_output_limit;
  for (std::string_view run; own_events_.Gather(own_events_.end_offset(), &run, 1) == 1;) {
    if (wanted) session.output().Append(run);
    own_events_.Consume(run.size());
  }
  if (!session.ended) SendOnceSafe(session, position);
}

// --- keyspace notifications

void Server::NoteAsChange(const Mutation& mutation, uint64_t position) {
  if (!waiters_.empty() || !watchers_.empty()) NoteEffects(mutation);
  TellOf(mutation, position);
}

// As if the mutation had been carried.
void Server::TellOf(const Mutation& mutation, uint64_t position) {
  if (event_classes_ == 0 || loading_) return;
  MutationEvents events(mutation, keyspace_, now_ms_);
  events.Complete(keyspace_);
  for (const KeyspaceEvent& event : events.list()) Tell(event, position);
}

void Server::NoteMiss(uint32_t db, std::string_view key, uint64_t position) {
  if ((event_classes_ & kMissEvents) != 0 && !loading_) Tell({kMissEvents, "keymiss", db, key}, position);
}

void Server::Tell(const KeyspaceEvent& event, uint64_t position) {
  if ((event_classes_ & event.event_class) == 0 || channels_.empty()) return;
  const auto tell = [&](std::string_view what, std::string_view of, std::string_view payload) {
    std::string channel = "__" + std::string(what) + "@" + std::to_string(event.db) + "__:" + std::string(of);
    Publish({.kind = ChannelKind::kChannel,
             .pattern = {},
             .channel = channel,
             .payload = payload,
             .is_event = true,
             .position = position});
  };
  if ((event_classes_ & kKeyspaceEvents) != 0) tell("keyspace", event.key, event.name);
  if ((event_classes_ & kKeyeventEvents) != 0) tell("keyevent", event.name, event.key);
}

}  // namespace baton
