#pragma once

#include <cstdint>

#include "data/mutation.h"

namespace baton {

enum class MessageState : uint8_t { kReady, kLeased, kDelayed, kDead };  // two bits of a Message
// Why a message was last given back; what QMETA shows.
enum class ReturnReason : uint8_t {  // three bits
  kNone,
  kExpired,
  kNack,
  kDisconnect,
  kMovedBack,
  kRedriven,
  kPushedAgain,  // its consumer pushed it while it held it: COALESCE
};
// How a message leaves its queue for good.
enum class Outcome : uint8_t { kAcked, kRemoved, kForwarded, kDropped };

// In these states at_ms is a time that is waited for.
inline bool HasTime(MessageState state) { return state == MessageState::kLeased || state == MessageState::kDelayed; }

std::string_view StateName(MessageState state);
std::string_view ReasonName(ReturnReason reason);

// A payload as records know it: 96 bits of two keyed hashes. To a list, equal payloads are one and the same, so a
// record belongs to a payload in a list, and not to a place in it.
struct PayloadHash {
  uint64_t hash = 0;  // the one that a list's index knows, too
  uint32_t check = 0;
  bool operator==(const PayloadHash&) const = default;
};

// The record of one message: of every one that has been handed out and is not settled. (What has never been handed out
// needs none.) Lists are numbered by QueueBook.
struct Message {
  static constexpr uint32_t kNowhere = UINT32_MAX;

  uint64_t id = 0;  // 0: no message
  uint64_t payload_hash = 0;
  int64_t at_ms = 0;  // leased: when the lease ends; delayed: when it is due. Wall clock, of this process's start
  uint32_t payload_check = 0;
  uint32_t lease_ms = 0;    // how long the lease was when it was given or extended last
  uint32_t list = 0;        // where its element stands; kNowhere between two commands of one batch
  uint32_t source = 0;      // its queue
  uint32_t holder = 0;      // the connection that it was given to last; 0: unknown (a restart)
  uint16_t deliveries = 0;  // this and failures stay at their largest value
  uint8_t failures = 0;
  MessageState state : 2 = MessageState::kReady;
  ReturnReason reason : 3 = ReturnReason::kNone;
  Side side : 1 = Side::kRight;  // the end it was popped from
  bool granted : 1 = false;      // a restart has prolonged this lease, which it does once
  bool timed : 1 = false;        // MessageTable's own, and no part of what is logged: at_ms is waited for

  // An id begins with the wall clock's milliseconds when it was given.
  static constexpr int kIdsPerMsBits = 20;
  int64_t first_ms() const { return static_cast<int64_t>(id >> kIdsPerMsBits); }

  PayloadHash payload() const { return {payload_hash, payload_check}; }
  void set_payload(const PayloadHash& payload) {
    payload_hash = payload.hash;
    payload_check = payload.check;
  }
};

// One handing out of a message to a connection.
struct Delivery {
  uint64_t id = 0;
  uint64_t turn = 0;  // goes up from one to the next
  uint32_t connection = 0;
  uint16_t number = 0;  // of the message's deliveries
};

}  // namespace baton
