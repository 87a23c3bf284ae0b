#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/client_state.h"
#include "resp/output_buffer.h"
#include "resp/reply_builder.h"
#include "resp/request_parser.h"
#include "server/input_buffer.h"
#include "server/untold_leases.h"
#include "server/waiters.h"

namespace baton {

class Session;

// The far end of a session, as the server sees it: a socket (net/), or a test. Owned by whoever opened the session.
class Peer {
 public:
  virtual ~Peer() = default;
  // There are bytes to send: Session::Gather and Sent. Called at most once a turn and session.
  virtual void Send(Session& session) = 0;
  // Start or stop reading from the client (back-pressure).
  virtual void SetReading(bool on) = 0;
  // The server has ended the session: send nothing more, close, and forget the session; it is destroyed after this call.
  virtual void Close() = 0;
};

// One connection: bytes in, requests, replies, bytes out. Replies are stamped with the log position that they must wait
// for; what may be sent is always a prefix of what was answered, so the order of replies is kept.
class Session : public ClientState {
 public:
  Session(uint64_t session_id, Peer& peer) : peer_(peer) { id = session_id; }

  Peer& peer() { return peer_; }
  InputBuffer& input() { return input_; }
  RequestParser& parser() { return parser_; }
  OutputBuffer& output() { return output_; }
  const OutputBuffer& output() const { return output_; }

  // --- the gate
  // Everything answered so far may be sent once the log has released `position`, and everything before it.
  // `released`: it has been already.
  void Stamp(uint64_t position, bool released) {
    if (holds_replies()) {
      if (released || marks_.back().position >= position) {
        marks_.back().end_offset = output_.end_offset();
      } else {
        marks_.push_back({output_.end_offset(), position});
      }
    } else if (released) {
      sendable_offset_ = output_.end_offset();
    } else {
      marks_.push_back({output_.end_offset(), position});
    }
  }
  bool holds_replies() const { return first_mark_ < marks_.size(); }
  // Lets go what waits for a position that `released(position)` says is safe. True when something was let go.
  template <typename Released>
  bool Release(const Released& released) {
    size_t before = first_mark_;
    while (first_mark_ < marks_.size() && released(marks_[first_mark_].position)) {
      sendable_offset_ = marks_[first_mark_++].end_offset;
    }
    bool moved = first_mark_ != before;
    if (first_mark_ == marks_.size()) {
      marks_.clear();
      first_mark_ = 0;
    } else if (first_mark_ >= kReleasedMarksMax) {  // a client that never waits for its replies
      marks_.erase(marks_.begin(), marks_.begin() + static_cast<ptrdiff_t>(first_mark_));
      first_mark_ = 0;
    }
    return moved;
  }
  // Where the reply begins that is being written.
  uint64_t reply_offset() const { return holds_replies() ? marks_.back().end_offset : sendable_offset_; }
  uint64_t sendable_offset() const { return sendable_offset_; }
  // --- sending (called by the peer)
  bool has_sendable() const { return sendable_offset_ > output_.begin_offset(); }
  size_t Gather(std::string_view* runs, size_t max) const { return output_.Gather(sendable_offset_, runs, max); }
  void Sent(size_t bytes) { output_.Consume(bytes); }
  // The next `bytes` are on their way, and nobody knows how far: Sent comes when all have gone.
  void Offered(size_t bytes) { offered_offset_ = output_.begin_offset() + bytes; }
  // What stands before it may have reached the kernel.
  uint64_t sent_offset() const { return std::max(output_.begin_offset(), offered_offset_); }

  std::unique_ptr<UntoldLeases> untold;  // nullptr: there were none lately

  int64_t held_since_ns = 0;      // when the oldest held reply was answered
  bool in_gate = false;           // the server's list of sessions with held replies names it
  bool in_writable = false;       // the server's list of sessions to send names it
  bool in_resumed = false;        // the server's list of sessions with input to run names it
  bool reading = true;            // what the peer was told last
  bool stalled = false;           // waits for the log, a pause or a slow reader: its input is not executed
  bool ended = false;             // closed and destroyed at the end of this turn
  bool peer_gone = false;         // the peer said so itself: it must not be called any more
  int64_t output_soft_limit_since_ns = 0;
  bool over_output_limit = false;  // it has missed messages, and is cut

  // --- blocking: what the client waits for
  struct BlockedKey {
    std::string name;
    int argument;  // its index in argv
    Waiters::Place place;
  };
  std::unique_ptr<StoredRequest> blocked_request;
  std::vector<BlockedKey> blocked_keys;
  int64_t blocked_deadline_ns = INT64_MAX;
  uint64_t sync_waited_position = 0;  // WAITAOF
  std::function<void(ReplyBuilder&, bool)> sync_waited_reply;

 private:
  struct Mark {
    uint64_t end_offset;
    uint64_t position;
  };

  static constexpr size_t kReleasedMarksMax = 64;

  Peer& peer_;
  InputBuffer input_;
  RequestParser parser_;
  OutputBuffer output_;
  std::vector<Mark> marks_;
  size_t first_mark_ = 0;
  uint64_t sendable_offset_ = 0;
  uint64_t offered_offset_ = 0;
};

}  // namespace baton
