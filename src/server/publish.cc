// Messages to clients that did not ask for them just now: PUBLISH.

#include "base/glob.h"
#include "server/server.h"

namespace baton {

int64_t Server::Publish(ChannelKind kind, std::string_view channel, std::string_view payload) {
  int64_t receivers = 0;
  Published message{.kind = kind, .pattern = {}, .channel = channel, .payload = payload};
  const auto deliver = [&](ClientState& client) {
    Deliver(static_cast<Session&>(client), message);
    ++receivers;
  };
  channels_.ForEachSubscriber(kind, channel, deliver);
  if (kind != ChannelKind::kChannel) return receivers;
  message.kind = ChannelKind::kPattern;
  channels_.ForEachName(ChannelKind::kPattern, [&](std::string_view pattern) {
    if (!GlobMatch(pattern, channel)) return;
    message.pattern = pattern;
    channels_.ForEachSubscriber(ChannelKind::kPattern, pattern, deliver);
  });
  return receivers;
}

// Ends no session: whoever publishes may be walking over lists that name it. One that has too much unread gets no more,
// and is ended with the turn.
void Server::Deliver(Session& session, const Published& message) {
  if (session.close_after_reply || session.over_output_limit) return;
  ReplyBuilder output(session.output(), session.protocol);
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
  session.over_output_limit = limit > 0 && static_cast<int64_t>(session.output().size()) > limit;
  if (&session == current_) {
    // It stands before what is left of the reply, and goes with it: what the reply began with may have to wait.
    session.settled_offset = session.output().end_offset();
    return;
  }
  SendOnceSafe(session, 0);
}

}  // namespace baton
