#include "server/keyspace_events.h"

#include <iterator>

namespace baton {
namespace {

// One of the keys that a mutation names.
enum class Which : uint8_t { kNone, kKey, kOther, kKeyInOtherDb };

struct Place {
  uint32_t db;
  const KeyRef& key;
};
Place PlaceOf(const Mutation& m, Which which) {
  switch (which) {
    case Which::kOther:
      return {m.kind == MutationKind::kCopy ? m.other_db : m.db, m.other};
    case Which::kKeyInOtherDb:
      return {m.other_db, m.key};
    default:
      return {m.db, m.key};
  }
}

struct Event {
  EventClass event_class = kGenericEvents;
  Which of = Which::kNone;  // kNone: no event
  std::string_view name = {};
  // For names that depend on a side: `name` is that of the left.
  std::string_view name_right = {};
  Side Mutation::*side = nullptr;

  std::string_view NameFor(const Mutation& m) const {
    return side != nullptr && m.*side == Side::kRight ? name_right : name;
  }
};
constexpr Event Pushed(Which of, Side Mutation::*side) { return {kListEvents, of, "lpush", "rpush", side}; }
constexpr Event Popped(Which of, Side Mutation::*side) { return {kListEvents, of, "lpop", "rpop", side}; }
constexpr Event OfList(std::string_view name) { return {kListEvents, Which::kKey, name}; }
constexpr Event OfString(std::string_view name) { return {kStringEvents, Which::kKey, name}; }
constexpr Event OfAny(std::string_view name, Which of = Which::kKey) { return {kGenericEvents, of, name}; }

// What is told of one kind of mutation.
struct Telling {
  MutationKind kind;
  Which makes = Which::kNone;  // "new" is told of it first,
  bool always_new = false;     // be it in the place of another
  Event events[2] = {};
  bool may_empty = false;  // and "del" of the key at last, when its last element is gone
};
using enum Which;
constexpr Telling kTellings[] = {
    {.kind = MutationKind::kSet, .makes = kKey},  // and what the command was: see kSetNames
    {.kind = MutationKind::kAppend, .events = {OfString("append")}},
    {.kind = MutationKind::kSetRange, .makes = kKey, .events = {OfString("setrange")}},
    {.kind = MutationKind::kPush, .makes = kKey, .events = {Pushed(kKey, &Mutation::from)}},
    {.kind = MutationKind::kPop, .events = {Popped(kKey, &Mutation::from)}, .may_empty = true},
    {.kind = MutationKind::kMove,
     .makes = kOther,
     .events = {Pushed(kOther, &Mutation::to), Popped(kKey, &Mutation::from)},
     .may_empty = true},
    {.kind = MutationKind::kListSet, .events = {OfList("lset")}},
    {.kind = MutationKind::kListInsert, .events = {OfList("linsert")}},
    {.kind = MutationKind::kListRemove, .events = {OfList("lrem")}, .may_empty = true},
    {.kind = MutationKind::kTrim, .events = {OfList("ltrim")}, .may_empty = true},
    {.kind = MutationKind::kDelete},  // "del", or "expired"
    {.kind = MutationKind::kExpireAt, .events = {OfAny("expire")}},
    {.kind = MutationKind::kPersist, .events = {OfAny("persist")}},
    {.kind = MutationKind::kRename,
     .makes = kOther,
     .always_new = true,
     .events = {OfAny("rename_from"), OfAny("rename_to", kOther)}},
    {.kind = MutationKind::kCopy, .makes = kOther, .always_new = true, .events = {OfAny("copy_to", kOther)}},
    {.kind = MutationKind::kMoveToDb,
     .makes = kKeyInOtherDb,
     .events = {OfAny("move_from"), OfAny("move_to", kKeyInOtherDb)}},
    // Of what happens to whole databases nothing is told.
    {.kind = MutationKind::kSwapDb},
    {.kind = MutationKind::kFlushDb},
    {.kind = MutationKind::kFlushAll},
    {.kind = MutationKind::kQueue},
};
constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < std::size(kTellings); ++i) {
    if (static_cast<size_t>(kTellings[i].kind) != i) return false;
  }
  return true;
}
static_assert(RowsFollowTheEnum());

constexpr std::string_view kSetNames[] = {"set", "append", "incrby", "incrbyfloat"};  // by SetBy

}  // namespace

uint32_t EventClasses(std::string_view letters) {
  constexpr struct {
    char letter;
    uint32_t classes;
  } kLetters[] = {{'K', kKeyspaceEvents},
                  {'E', kKeyeventEvents},
                  {'g', kGenericEvents},
                  {'$', kStringEvents},
                  {'l', kListEvents},
                  {'x', kExpiredEvents},
                  {'n', kNewEvents},
                  {'m', kMissEvents},
                  {'A', kGenericEvents | kStringEvents | kListEvents | kExpiredEvents}};
  uint32_t classes = 0;
  for (const auto& known : kLetters) {
    if (letters.find(known.letter) != std::string_view::npos) classes |= known.classes;
  }
  constexpr uint32_t kWhere = kKeyspaceEvents | kKeyeventEvents;
  return (classes & kWhere) != 0 && (classes & ~kWhere) != 0 ? classes : 0;
}

MutationEvents::MutationEvents(const Mutation& mutation, const Keyspace& before, int64_t now_ms) : mutation_(mutation) {
  const Telling& telling = kTellings[static_cast<size_t>(mutation.kind)];
  if (telling.makes == Which::kNone) return;
  const Place place = PlaceOf(mutation, telling.makes);
  const Entry* old = before.Find(place.db, place.key);
  // What is written over a key whose time is up does not ask for it: here it ends.
  const bool over = old != nullptr && old->ExpiredAt(now_ms);
  if (over) Add(kExpiredEvents, "expired", place.db, place.key.name);
  if (old == nullptr || over || telling.always_new) Add(kNewEvents, "new", place.db, place.key.name);
}

void MutationEvents::Complete(const Keyspace& after) {
  const Mutation& m = mutation_;
  const Telling& telling = kTellings[static_cast<size_t>(m.kind)];
  if (m.kind == MutationKind::kSet) {
    Add(kStringEvents, kSetNames[static_cast<size_t>(m.by)], m.db, m.key.name);
    if (m.a != 0) Add(kGenericEvents, "expire", m.db, m.key.name);
  }
  if (m.kind == MutationKind::kDelete) {
    m.flag ? Add(kExpiredEvents, "expired", m.db, m.key.name) : Add(kGenericEvents, "del", m.db, m.key.name);
  }
  for (const Event& event : telling.events) {
    if (event.of == Which::kNone) break;
    const Place place = PlaceOf(m, event.of);
    Add(event.event_class, event.NameFor(m), place.db, place.key.name);
  }
  if (telling.may_empty && after.Find(m.db, m.key) == nullptr) Add(kGenericEvents, "del", m.db, m.key.name);
}

}  // namespace baton
