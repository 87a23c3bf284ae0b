#include "doubles/queue_audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace baton {
namespace {

using Place = std::tuple<uint32_t, std::string, std::string>;  // database, list, payload

template <typename Visit>
void ForEachRecord(const QueueBook& book, const Visit& visit) {
  for (uint32_t slot = 0; slot < book.messages().slots(); ++slot) {
    if (book.messages().at(slot).id != 0 && !book.IsGone(slot)) visit(slot, book.messages().at(slot));
  }
}

int64_t CountOf(const Keyspace& keyspace, const Place& place) {
  const auto& [db, name, payload] = place;
  const Entry* entry = keyspace.Find(db, keyspace.Ref(name));
  if (entry == nullptr || entry->type() != ValueType::kList) return 0;
  int64_t count = 0;
  for (auto cursor = entry->list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
    count += cursor.element() == payload;
  }
  return count;
}

int64_t LengthOf(const Keyspace& keyspace, uint32_t db, std::string_view name) {
  const Entry* entry = keyspace.Find(db, keyspace.Ref(name));
  return entry != nullptr && entry->type() == ValueType::kList ? entry->list().size() : 0;
}

std::string Named(uint32_t db, std::string_view name) { return std::to_string(db) + "/" + std::string(name); }

std::string AccountLine(const QueueAccount& a) {
  std::string line;
  for (uint64_t figure : {a.enqueued, a.adopted, a.acked, a.removed, a.forwarded, a.dropped, a.delivered, a.expired,
                          a.nacked, a.late_acks}) {
    line += " " + std::to_string(figure);
  }
  return line;
}

}  // namespace

std::string AuditQueues(Server& server) {
  QueueBook& book = server.queues();
  const Keyspace& keyspace = server.keyspace();
  std::string wrong;
  std::map<Place, int64_t> records;
  std::map<std::pair<uint32_t, std::string>, int64_t> in_list;
  struct Counted {
    uint64_t leased = 0, delayed = 0, dead = 0;
  };
  std::map<uint32_t, Counted> counted;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> held;
  std::set<uint64_t> untold;
  server.ForEachUntold([&](const Delivery& delivery) { untold.insert(delivery.id); });
  std::map<uint32_t, std::set<uint32_t>> leased;
  std::set<uint32_t> queues;
  for (const QueueBook::Queue& queue : book.DescribeAll(0)) queues.insert(queue.number);

  ForEachRecord(book, [&](uint32_t slot, const Message& message) {
    const std::string who =
        "message " + std::to_string(message.id) + " (" + std::string(StateName(message.state)) + ")";
    if (book.Find(message.id) != slot) wrong += who + " is not found by its id\n";
    if (message.list == Message::kNowhere) {
      wrong += who + " stands nowhere\n";
      return;
    }
    const uint32_t db = book.DbOf(message.list);
    const std::string list(book.NameOf(message.list));
    const std::string where = who + " in " + Named(db, list);
    if (book.NumberOf(db, list) != message.list) wrong += where + ": its list is not found by its name\n";
    if (!queues.contains(message.source)) wrong += where + " belongs to no managed queue\n";
    if (book.DbOf(message.source) != db) wrong += where + " is of a queue in another database\n";
    if ((message.state == MessageState::kReady) != (message.list == message.source)) {
      wrong += where + " has a state that does not go with its list\n";
    }
    if (message.list != message.source && queues.contains(message.list)) wrong += where + " stands in another queue\n";
    const auto payload = book.PayloadOf(slot);
    if (!payload) {
      wrong += where + " has no element\n";
      return;
    }
    ++records[{db, list, std::string(*payload)}];
    ++in_list[{db, list}];
    Counted& count = counted[message.source];
    count.leased += message.state == MessageState::kLeased;
    if (message.state == MessageState::kLeased) leased[message.source].insert(slot);
    if (HasTime(message.state) && !book.IsWaitedFor(slot) && !untold.contains(message.id)) {
      wrong += where + ": nobody waits for its time\n";
    }
    count.delayed += message.state == MessageState::kDelayed;
    count.dead += message.state == MessageState::kDead;
  });
  // PERCONSUMER counts those that are gone, too, until they are swept up.
  for (uint32_t slot = 0; slot < book.messages().slots(); ++slot) {
    const Message& message = book.messages().at(slot);
    if (message.id != 0 && message.state == MessageState::kLeased && message.holder != 0) {
      ++held[{message.source, message.holder}];
    }
  }
  for (const auto& [place, count] : records) {
    const int64_t elements = CountOf(keyspace, place);
    if (count <= elements) continue;
    wrong += std::to_string(count) + " records of '" + std::get<2>(place).substr(0, 20) + "' in " +
             Named(std::get<0>(place), std::get<1>(place)) + ", and " + std::to_string(elements) + " elements\n";
  }
  for (const auto& [who, count] : held) {
    if (book.HeldBy(who.first, who.second) != count) {
      wrong += "connection " + std::to_string(who.second) + " holds " + std::to_string(count) + ", not " +
               std::to_string(book.HeldBy(who.first, who.second)) + "\n";
    }
  }
  for (const QueueBook::Queue& queue : book.DescribeAll(0)) {
    const std::string name = "queue " + Named(queue.db, queue.name);
    const Counted& count = counted[queue.number];
    if (std::tie(count.leased, count.delayed, count.dead) != std::tie(queue.leased, queue.delayed, queue.dead)) {
      wrong += name + " counts its messages wrongly\n";
    }
    if (queue.ready != static_cast<uint64_t>(LengthOf(keyspace, queue.db, queue.name))) {
      wrong += name + " has another length\n";
    }
    std::set<uint32_t> by_age;
    book.VisitLeased(queue.number, 0, [&](uint32_t slot) { return by_age.insert(slot).second; });
    if (by_age != leased[queue.number]) wrong += name + " does not know its leased messages by age\n";
    const std::string processing = queue.policy->ProcessingOf(queue.name);
    const int64_t unleased = LengthOf(keyspace, queue.db, processing) - in_list[{queue.db, processing}];
    if (static_cast<int64_t>(queue.unleased) != unleased) wrong += name + " counts its unleased elements wrongly\n";
    if (!queue.balanced()) {
      wrong += name + " is not balanced:" + AccountLine(queue.account) + " with " + std::to_string(queue.ready) +
               " ready, " + std::to_string(queue.leased) + " leased, " + std::to_string(queue.delayed) + " delayed, " +
               std::to_string(queue.dead) + " dead\n";
    }
  }
  return wrong;
}

std::string DescribePolicies(Server& server) {
  std::string text;
  for (const auto& [name, policy] : server.queues().policies().all()) {
    text += "policy";
    for (const std::string& word : policy.Words()) text += " " + word;
    text += "\n";
  }
  return text;
}

std::string DescribeQueues(Server& server) {
  QueueBook& book = server.queues();
  const Keyspace& keyspace = server.keyspace();
  std::string text;
  std::vector<std::string> lines;
  for (const QueueBook::Queue& queue : book.DescribeAll(0)) {
    lines.push_back("queue " + Named(queue.db, queue.name) + AccountLine(queue.account));
  }
  // A queue that nothing has happened to yet has no account. It will be opened with what stands there.
  for (uint32_t db = 0; db < keyspace.databases() && !book.policies().empty(); ++db) {
    keyspace.Visit(db, 0, [&](const Entry& entry) {
      const bool queue = book.policies().MatchKey(entry.key()).role == ListRole::kQueue;
      if (!queue || book.NumberOf(db, entry.key()) != QueueBook::kNone) return true;
      QueueAccount account;
      account.adopted = static_cast<uint64_t>(LengthOf(keyspace, db, entry.key()));
      lines.push_back("queue " + Named(db, entry.key()) + AccountLine(account));
      return true;
    });
  }
  // One that has never had anything is as good as none.
  const QueueAccount nothing;
  std::erase_if(lines, [&](const std::string& line) { return line.ends_with(AccountLine(nothing)); });
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) text += line + "\n";

  std::map<uint64_t, std::string> records;
  ForEachRecord(book, [&](uint32_t slot, const Message& m) {
    std::string& line = records[m.id];
    line = std::to_string(m.id) + " " + std::string(StateName(m.state)) + " in " +
           (m.list == Message::kNowhere ? "nowhere" : Named(book.DbOf(m.list), book.NameOf(m.list))) + " of " +
           Named(book.DbOf(m.source), book.NameOf(m.source)) + " " + std::to_string(m.deliveries) + " " +
           std::to_string(m.failures) + " " + std::string(ReasonName(m.reason)) + " " +
           (m.side == Side::kLeft ? "left" : "right") + " = ";
    if (m.list == Message::kNowhere) return;
    if (const auto payload = book.PayloadOf(slot)) line += *payload;
  });
  for (const auto& [id, line] : records) text += line + "\n";
  return text;
}

}  // namespace baton
