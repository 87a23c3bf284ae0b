#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "data/keyspace.h"
#include "data/mutation.h"

namespace baton {

// Keyspace notifications: what those are told of a change who are subscribed to `__keyspace@<db>__:<key>` or
// `__keyevent@<db>__:<event>`. Events, names and order are redis-server 7.0.15's, found by asking it.
//
// Events follow from mutations, whatever command made them. Where Redis names the command and not the change (INCR and
// APPEND are no "set", an expiry is no "del"), the mutation says which it was.

// Letters of notify-keyspace-events. Those of types and happenings that are not here (s h z t e d) have no class.
enum EventClass : uint32_t {
  kKeyspaceEvents = 1u << 0,  // K: told to __keyspace@...
  kKeyeventEvents = 1u << 1,  // E: told to __keyevent@...
  kGenericEvents = 1u << 2,   // g: of any type
  kStringEvents = 1u << 3,    // $
  kListEvents = 1u << 4,      // l
  kExpiredEvents = 1u << 5,   // x
  kNewEvents = 1u << 6,       // n: a key has come to be; A does not stand for it
  kMissEvents = 1u << 7,      // m: a key was looked for and is not there; A does not stand for it
};

// What the option's letters ask for. 0 when nothing is to be told, or nowhere.
uint32_t EventClasses(std::string_view letters);

struct KeyspaceEvent {
  EventClass event_class;
  std::string_view name;
  uint32_t db;
  std::string_view key;
};

// The events of one mutation. To be made before it is applied, since only then can be seen what is new; Complete is for
// after it, since only then can be seen what is gone. The mutation, and the names that it views, outlive this.
class MutationEvents {
 public:
  MutationEvents(const Mutation& mutation, const Keyspace& before, int64_t now_ms);
  void Complete(const Keyspace& after);

  std::span<const KeyspaceEvent> list() const { return {events_.data(), count_}; }

 private:
  void Add(EventClass event_class, std::string_view name, uint32_t db, std::string_view key) {
    events_[count_++] = {event_class, name, db, key};
  }

  const Mutation& mutation_;
  // The most is a move of the last element to where a key was whose time is up: expired, new, lpush, rpop, del.
  std::array<KeyspaceEvent, 5> events_;
  size_t count_ = 0;
};

}  // namespace baton
