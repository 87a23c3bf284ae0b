#include "unit/data/keyspace_model.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "data/chunk_tree.h"
#include "data/packed.h"

namespace baton {

ApplyOutcome OwnedMutation::ApplyTo(Keyspace& keyspace, uint64_t position) const {
  return ApplyTo(keyspace, position, {});
}

ApplyOutcome OwnedMutation::ApplyWithViewsInto(Keyspace& keyspace, uint64_t position) const {
  std::map<std::string, std::string_view> own;
  for (uint32_t each = 0; each < keyspace.databases(); ++each) {
    for (const std::string& name : {other, key}) {
      const Entry* entry = keyspace.Find(each, keyspace.Ref(name));
      if (entry == nullptr) continue;
      own[name] = entry->key();
      if (entry->type() == ValueType::kString) {
        own[std::string(entry->string())] = entry->string();
        continue;
      }
      for (auto cursor = entry->list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
        own[std::string(cursor.element())] = cursor.element();
      }
    }
  }
  return ApplyTo(keyspace, position, own);
}

ApplyOutcome OwnedMutation::ApplyTo(Keyspace& keyspace, uint64_t position,
                                    const std::map<std::string, std::string_view>& own) const {
  const auto view = [&](const std::string& text) -> std::string_view {
    const auto found = own.find(text);
    return found == own.end() ? std::string_view(text) : found->second;
  };
  std::vector<std::string_view> views;
  for (const std::string& element : values) views.push_back(view(element));
  Mutation m{};
  m.kind = kind;
  m.from = from;
  m.to = to;
  m.flag = flag;
  m.db = db;
  m.other_db = other_db;
  m.key = keyspace.Ref(view(key));
  m.other = keyspace.Ref(view(other));
  m.value = view(value);
  m.pivot = view(pivot);
  m.values = views;
  m.a = a;
  m.b = b;
  return keyspace.Apply(m, position);
}

std::string OwnedMutation::ToString() const {
  return "kind " + std::to_string(static_cast<int>(kind)) + " db " + std::to_string(db) + "/" +
         std::to_string(other_db) + " key " + key + " other " + other + " value " + std::to_string(value.size()) +
         " B, " + std::to_string(values.size()) + " values, sides " + std::to_string(static_cast<int>(from)) +
         std::to_string(static_cast<int>(to)) + " flag " + std::to_string(flag) + " a " + std::to_string(a) + " b " +
         std::to_string(b);
}

void KeyspaceModel::Erase(uint32_t db, const std::string& key, uint64_t position) {
  databases[db].erase(key);
  removed[db] = position;
}

ApplyOutcome KeyspaceModel::Apply(const OwnedMutation& m, uint64_t position) {
  constexpr auto kChanged = ApplyOutcome::kChanged;
  constexpr auto kNothing = ApplyOutcome::kNothing;
  constexpr auto kMisfit = ApplyOutcome::kDoesNotFit;
  if (m.db >= databases.size() || m.other_db >= databases.size()) return kMisfit;
  Database& db = databases[m.db];
  const auto found = db.find(m.key);
  Value* value = found == db.end() ? nullptr : &found->second;
  const auto push = [](std::deque<std::string>& list, Side side, const std::string& element) {
    if (side == Side::kLeft) {
      list.push_front(element);
    } else {
      list.push_back(element);
    }
  };
  const auto pop = [](std::deque<std::string>& list, Side side) {
    std::string element = side == Side::kLeft ? list.front() : list.back();
    if (side == Side::kLeft) {
      list.pop_front();
    } else {
      list.pop_back();
    }
    return element;
  };
  switch (m.kind) {
    case MutationKind::kQueue:
      return ApplyOutcome::kChanged;
    case MutationKind::kSet: {
      Value fresh;
      fresh.text = m.value;
      if (m.flag) {
        if (value != nullptr) fresh.expire_at_ms = value->expire_at_ms;
      } else if (m.a != 0) {
        fresh.expire_at_ms = m.a;
      }
      fresh.position = position;
      db[m.key] = fresh;
      return kChanged;
    }
    case MutationKind::kAppend:
    case MutationKind::kSetRange: {
      if (value != nullptr && value->is_list) return kMisfit;
      if (m.kind == MutationKind::kSetRange) {
        if (m.a < 0) return kMisfit;
        if (m.value.empty()) return kNothing;
      }
      const bool edited = value != nullptr || m.kind == MutationKind::kSetRange;
      if (value == nullptr) value = &db[m.key];
      if (m.kind == MutationKind::kAppend) {
        value->text += m.value;
      } else {
        const auto offset = static_cast<size_t>(m.a);
        if (value->text.size() < offset + m.value.size()) value->text.resize(offset + m.value.size());
        value->text.replace(offset, m.value.size(), m.value);
      }
      if (edited) value->edited = true;
      value->position = position;
      return kChanged;
    }
    case MutationKind::kPush: {
      if (value != nullptr && !value->is_list) return kMisfit;
      if (m.values.empty()) return kNothing;
      Value& list = db[m.key];
      list.is_list = true;
      for (const std::string& element : m.values) push(list.list, m.from, element);
      list.position = position;
      return kChanged;
    }
    case MutationKind::kPop: {
      if (value == nullptr) return kNothing;
      if (!value->is_list) return kMisfit;
      if (m.a <= 0) return kNothing;
      for (int64_t i = 0; i < m.a && !value->list.empty(); ++i) pop(value->list, m.from);
      value->position = position;
      if (value->list.empty()) Erase(m.db, m.key, position);
      return kChanged;
    }
    case MutationKind::kMove: {
      if (value == nullptr) return kNothing;
      if (!value->is_list) return kMisfit;
      const auto other = db.find(m.other);
      if (other != db.end() && !other->second.is_list) return kMisfit;
      const std::string element = pop(value->list, m.from);
      value->position = position;
      Value& to = db[m.other];
      to.is_list = true;
      push(to.list, m.to, element);
      to.position = position;
      if (value->list.empty()) Erase(m.db, m.key, position);
      return kChanged;
    }
    case MutationKind::kListSet: {
      if (value == nullptr || !value->is_list) return kMisfit;
      const auto size = static_cast<int64_t>(value->list.size());
      const int64_t index = m.a < 0 ? m.a + size : m.a;
      if (index < 0 || index >= size) return kMisfit;
      value->list[static_cast<size_t>(index)] = m.value;
      value->position = position;
      return kChanged;
    }
    case MutationKind::kListInsert: {
      if (value == nullptr) return kNothing;
      if (!value->is_list) return kMisfit;
      for (auto it = value->list.begin(); it != value->list.end(); ++it) {
        if (*it != m.pivot) continue;
        value->list.insert(m.flag ? it : it + 1, m.value);
        value->position = position;
        return kChanged;
      }
      return kNothing;
    }
    case MutationKind::kListRemove: {
      if (value == nullptr) return kNothing;
      if (!value->is_list) return kMisfit;
      int64_t left = m.a == 0 ? INT64_MAX : m.a < 0 ? -m.a : m.a;
      std::deque<std::string> kept;
      for (size_t i = 0; i < value->list.size(); ++i) {
        std::string& element = value->list[m.a < 0 ? value->list.size() - 1 - i : i];
        if (left > 0 && element == m.value) {
          --left;
        } else if (m.a < 0) {
          kept.push_front(element);
        } else {
          kept.push_back(element);
        }
      }
      if (kept.size() == value->list.size()) return kNothing;
      value->list = kept;
      value->position = position;
      if (kept.empty()) Erase(m.db, m.key, position);
      return kChanged;
    }
    case MutationKind::kTrim: {
      if (value == nullptr) return kNothing;
      if (!value->is_list) return kMisfit;
      const auto size = static_cast<int64_t>(value->list.size());
      int64_t start = m.a < 0 ? m.a + size : m.a;
      int64_t stop = m.b < 0 ? m.b + size : m.b;
      if (start < 0) start = 0;
      if (start > stop || start >= size) {
        Erase(m.db, m.key, position);
        return kChanged;
      }
      if (stop >= size) stop = size - 1;
      if (start == 0 && stop == size - 1) return kNothing;
      value->list.erase(value->list.begin() + stop + 1, value->list.end());
      value->list.erase(value->list.begin(), value->list.begin() + start);
      value->position = position;
      return kChanged;
    }
    case MutationKind::kDelete:
      if (value == nullptr) return kNothing;
      Erase(m.db, m.key, position);
      return kChanged;
    case MutationKind::kExpireAt:
      if (value == nullptr) return kNothing;
      value->expire_at_ms = m.a;
      value->position = position;
      return kChanged;
    case MutationKind::kPersist:
      if (value == nullptr || !value->expire_at_ms) return kNothing;
      value->expire_at_ms.reset();
      value->position = position;
      return kChanged;
    case MutationKind::kRename: {
      if (value == nullptr) return kMisfit;
      if (m.key == m.other) return kNothing;
      Value moved = *value;
      moved.position = position;
      Erase(m.db, m.key, position);
      db[m.other] = moved;
      return kChanged;
    }
    case MutationKind::kCopy: {
      if (value == nullptr) return kNothing;
      if (m.db == m.other_db && m.key == m.other) return kMisfit;
      Value copy = *value;
      copy.position = position;
      databases[m.other_db][m.other] = copy;
      return kChanged;
    }
    case MutationKind::kMoveToDb: {
      if (m.db == m.other_db) return kMisfit;
      if (value == nullptr || databases[m.other_db].contains(m.key)) return kNothing;
      Value moved = *value;
      moved.position = position;
      Erase(m.db, m.key, position);
      databases[m.other_db][m.key] = moved;
      return kChanged;
    }
    case MutationKind::kSwapDb:
      if (m.db == m.other_db) return kNothing;
      std::swap(databases[m.db], databases[m.other_db]);
      removed[m.db] = removed[m.other_db] = swapped = position;
      return kChanged;
    case MutationKind::kFlushDb:
      if (db.empty()) return kNothing;
      db.clear();
      removed[m.db] = position;
      return kChanged;
    case MutationKind::kFlushAll: {
      ApplyOutcome outcome = kNothing;
      for (size_t i = 0; i < databases.size(); ++i) {
        if (databases[i].empty()) continue;
        databases[i].clear();
        removed[i] = position;
        outcome = kChanged;
      }
      return outcome;
    }
  }
  return kMisfit;
}

namespace {

std::string Different(const std::string& key, const std::string& what) { return "key '" + key + "': " + what; }

std::string ChunkFault(const Chunk& chunk) {
  if (chunk.begin > chunk.end || chunk.end > chunk.capacity) return "a chunk's borders";
  uint32_t count = 0;
  const char* at = chunk.first();
  while (at < chunk.last()) {
    at = PackedEnd(ElementAt(at));
    ++count;
  }
  if (at != chunk.last() || count != chunk.count) return "a chunk's count";
  return "";
}

struct TreeFigures {
  uint64_t count = 0;
  size_t chunks = 0;
  size_t allocated = 0, used = 0;
};

std::string TreeFault(const ChunkTreeNode& node, TreeFigures* figures) {
  if (node.size == 0 || node.size > ChunkTreeNode::kFanout) return "a tree node's size";
  for (unsigned i = 0; i < node.size; ++i) {
    const uint64_t before = figures->count;
    if (node.height == 0) {
      const Chunk& chunk = *node.chunk(i);
      if (chunk.count == 0) return "an empty chunk in the middle";
      const std::string fault = ChunkFault(chunk);
      if (!fault.empty()) return fault;
      figures->count += chunk.count;
      figures->allocated += chunk.allocated_bytes();
      figures->used += chunk.used();
      ++figures->chunks;
    } else {
      if (node.node(i)->height + 1 != node.height) return "a tree node's height";
      const std::string fault = TreeFault(*node.node(i), figures);
      if (!fault.empty()) return fault;
    }
    if (figures->count - before != node.counts[i]) return "a count in the tree";
  }
  return "";
}

// What must hold inside a list that is not packed in its entry.
std::string StructureFault(const Entry& entry) {
  if (entry.form() != EntryForm::kListTree) return "";
  const ListRoot& root = entry.list_root();
  TreeFigures figures;
  if (root.middle != nullptr) {
    const std::string fault = TreeFault(*root.middle, &figures);
    if (!fault.empty()) return fault;
    if (root.middle->height > 0 && root.middle->size == 1) return "a root of one child";
  }
  for (const Chunk* end : root.ends) {
    const std::string fault = ChunkFault(*end);
    if (!fault.empty()) return fault;
    if (root.single() && end->count == 0) return "a single chunk that is empty";
  }
  figures.count += root.ends[0]->count + (root.single() ? 0 : root.ends[1]->count);
  if (root.single() && root.middle != nullptr) return "a middle beside a single chunk";
  if (root.middle == nullptr && (root.ends[0]->count == 0 || root.ends[1]->count == 0)) return "an empty end left over";
  if (figures.count != static_cast<uint64_t>(root.count)) return "the count of the root";
  // What stands in the middle has been closed or cut, so that it is not mostly air.
  if (figures.allocated > figures.used * 5 + figures.chunks * 64) {
    return "chunks that are mostly air: " + std::to_string(figures.allocated) + " bytes in " +
           std::to_string(figures.chunks) + " chunks for " + std::to_string(figures.used);
  }
  return "";
}

// No figures of the loop thread are looked at, so this may run on any thread for an entry of a snapshot.
std::string Difference(const Entry& entry, const KeyspaceModel::Value& value) {
  const std::string key(entry.key());
  if ((entry.type() == ValueType::kList) != value.is_list) return Different(key, "type");
  if (entry.has_expiry() != value.expire_at_ms.has_value()) return Different(key, "has an expiry or not");
  if (value.expire_at_ms && entry.expire_at_ms() != *value.expire_at_ms) return Different(key, "expiry");
  if (!value.is_list) {
    if (entry.string() != value.text) return Different(key, "text");
    if (entry.string_was_edited() != value.edited) return Different(key, "edited");
    return "";
  }
  const ListView list = entry.list();
  const auto size = static_cast<int64_t>(value.list.size());
  if (list.size() != size) {
    return Different(key, "length " + std::to_string(list.size()) + ", not " + std::to_string(size));
  }
  const std::string fault = StructureFault(entry);
  if (!fault.empty()) return Different(key, fault);
  if (list.Front() != value.list.front() || list.Back() != value.list.back()) return Different(key, "an end");
  int64_t index = 0;
  for (auto cursor = list.CursorAt(0, Side::kRight); cursor.valid(); cursor.Next(), ++index) {
    if (cursor.element() != value.list[static_cast<size_t>(index)]) {
      return Different(key, "walking right, element " + std::to_string(index));
    }
  }
  if (index != size) return Different(key, "walked right over " + std::to_string(index));
  for (auto cursor = list.CursorAt(size - 1, Side::kLeft); cursor.valid(); cursor.Next()) {
    if (cursor.element() != value.list[static_cast<size_t>(--index)]) {
      return Different(key, "walking left, element " + std::to_string(index));
    }
  }
  if (index != 0) return Different(key, "walked left down to " + std::to_string(index));
  const int64_t step = size / 13 + 1;
  for (int64_t i = 0; i < size; i += step) {
    if (list.At(i) != value.list[static_cast<size_t>(i)]) return Different(key, "At " + std::to_string(i));
  }
  return "";
}

}  // namespace

std::string Difference(const Keyspace& keyspace, const KeyspaceModel& model, uint32_t db, const std::string& key) {
  const Entry* entry = keyspace.Find(db, keyspace.Ref(key));
  const auto found = model.databases[db].find(key);
  if ((entry == nullptr) != (found == model.databases[db].end())) return Different(key, "there or not");
  if (entry == nullptr) return "";
  const std::string difference = Difference(*entry, found->second);
  if (!difference.empty()) return difference;
  if (keyspace.ChangePosition(*entry) != std::max(found->second.position, model.swapped)) {
    return Different(key, "change position");
  }
  return "";
}

std::string Difference(const Keyspace& keyspace, const KeyspaceModel& model) {
  int64_t next_expiry_ms = INT64_MAX;
  uint64_t list_elements = 0;
  for (uint32_t db = 0; db < keyspace.databases(); ++db) {
    size_t expiring = 0;
    for (const auto& [key, value] : model.databases[db]) {
      const std::string difference = Difference(keyspace, model, db, key);
      if (!difference.empty()) return difference;
      list_elements += value.list.size();
      if (value.expire_at_ms) {
        ++expiring;
        next_expiry_ms = std::min(next_expiry_ms, *value.expire_at_ms);
      }
    }
    if (keyspace.size(db) != model.databases[db].size()) return "size of a database";
    if (keyspace.expiring_count(db) != expiring) return "count of expiring keys";
    if (keyspace.removed_position(db) != model.removed[db]) return "removed position";
    uint64_t last_hash = 0;
    size_t visited = 0;
    std::string order;
    keyspace.Visit(db, 0, [&](const Entry& entry) {
      const uint64_t hash = keyspace.Ref(entry.key()).hash;
      if (hash < last_hash) order = "not in hash order";
      last_hash = hash;
      if (!model.databases[db].contains(std::string(entry.key()))) order = "visited a key that is not there";
      ++visited;
      return true;
    });
    if (!order.empty()) return order;
    if (visited != model.databases[db].size()) return "visited too few or too many";
  }
  if (keyspace.next_expiry_ms() != next_expiry_ms) return "next expiry";
  if (keyspace.list_elements() != list_elements) return "count of elements";
  return "";
}

std::string Difference(const Snapshot& snapshot, const KeyspaceModel& model) {
  for (uint32_t db = 0; db < snapshot.databases(); ++db) {
    if (snapshot.size(db) != model.databases[db].size()) return "size of a database in the snapshot";
    std::string difference;
    size_t visited = 0;
    snapshot.Visit(db, [&](const Entry& entry) {
      ++visited;
      const auto found = model.databases[db].find(std::string(entry.key()));
      difference = found == model.databases[db].end() ? Different(std::string(entry.key()), "only in the snapshot")
                                                      : Difference(entry, found->second);
      return difference.empty();
    });
    if (!difference.empty()) return "snapshot: " + difference;
    if (visited != model.databases[db].size()) return "the snapshot has too few or too many";
  }
  return "";
}

OwnedMutation RandomMutation(Random& random, const Workload& workload, const KeyspaceModel& model) {
  OwnedMutation m{};
  const auto key = [&] { return "key" + std::to_string(random.Below(workload.keys)); };
  const auto value = [&] {
    const size_t size = workload.sizes[random.Below(workload.sizes.size())];
    return std::string(size, static_cast<char>('a' + random.Below(workload.distinct_values)));
  };
  const auto side = [&] { return random.OneIn(2) ? Side::kLeft : Side::kRight; };
  const auto position = [&](size_t length) {
    const auto bound = static_cast<int64_t>(length) + 2;
    return static_cast<int64_t>(random.Below(static_cast<uint64_t>(2 * bound))) - bound;
  };
  m.db = static_cast<uint32_t>(random.OneIn(4) ? random.Below(workload.databases) : 0);
  m.key = key();
  const auto found = model.databases[m.db].find(m.key);
  const KeyspaceModel::Value* old = found == model.databases[m.db].end() ? nullptr : &found->second;
  const size_t length = old == nullptr ? 0 : old->list.size();
  m.from = side();
  m.to = side();
  const bool shrink = length > workload.list_length && !random.OneIn(3);
  const bool spare = workload.spare_lists && !random.OneIn(20);
  const uint64_t dice = random.Below(spare ? 830 : 1000);
  if (shrink) {
    m.kind = dice < 600 ? MutationKind::kPop : dice < 700 ? MutationKind::kTrim : MutationKind::kListRemove;
    m.a = 1 + static_cast<int64_t>(random.Below(random.OneIn(spare ? 50 : 5) ? length : 10));
    if (m.kind == MutationKind::kTrim) {
      m.b = -static_cast<int64_t>(random.Below(random.OneIn(8) ? length : 8)) - 1;
    } else if (m.kind == MutationKind::kListRemove) {
      m.value = random.OneIn(4) ? value() : old->list[random.Below(length)];
      m.a = position(5);
    }
    return m;
  }
  if (dice < 380) {
    m.kind = MutationKind::kPush;
    m.values.resize(1 + (random.OneIn(4) ? random.Below(workload.push_max) : 0));
    for (std::string& element : m.values) element = value();
  } else if (dice < 500) {
    m.kind = MutationKind::kPop;
    m.a = random.OneIn(5) ? position(spare ? length / 16 : length) : 1;
  } else if (dice < 640) {
    m.kind = MutationKind::kMove;
    m.other = random.OneIn(3) ? m.key : key();
  } else if (dice < 710) {
    m.kind = MutationKind::kListSet;
    m.a = position(length);
    m.value = value();
  } else if (dice < 780) {
    m.kind = MutationKind::kListInsert;
    m.flag = random.OneIn(2);
    m.pivot = length > 0 && !random.OneIn(5) ? old->list[random.Below(length)] : value();
    m.value = value();
  } else if (dice < 830) {
    m.kind = MutationKind::kListRemove;
    m.value = length > 0 && !random.OneIn(5) ? old->list[random.Below(length)] : value();
    m.a = position(3);
  } else if (dice < 840) {
    m.kind = MutationKind::kTrim;
    m.a = position(length) / 4;
    m.b = -1 - position(length) / 4;
  } else if (dice < 860) {
    m.kind = random.OneIn(2) ? MutationKind::kSet : MutationKind::kAppend;
    m.value = value();
    m.flag = random.OneIn(4);
    m.a = m.kind == MutationKind::kSet && random.OneIn(3) ? 1 + static_cast<int64_t>(random.Below(10000)) : 0;
  } else if (dice < 870) {
    m.kind = MutationKind::kSetRange;
    m.value = value();
    m.a = static_cast<int64_t>(random.Below(random.OneIn(3) ? 3000 : 100)) - 5;
  } else if (dice < 885) {
    m.kind = MutationKind::kDelete;
  } else if (dice < 920) {
    m.kind = MutationKind::kExpireAt;
    m.a = static_cast<int64_t>(random.Below(10000));
  } else if (dice < 930) {
    m.kind = MutationKind::kPersist;
  } else if (dice < 950) {
    m.kind = MutationKind::kRename;
    m.other = key();
  } else if (dice < 970) {
    m.kind = MutationKind::kCopy;
    m.other = key();
    m.other_db = static_cast<uint32_t>(random.Below(workload.databases));
  } else if (dice < 985) {
    m.kind = MutationKind::kMoveToDb;
    m.other_db = static_cast<uint32_t>(random.Below(workload.databases + 1));
  } else if (dice < 994) {
    m.kind = MutationKind::kSwapDb;
    m.other_db = static_cast<uint32_t>(random.Below(workload.databases));
  } else if (dice < 998) {
    m.kind = MutationKind::kFlushDb;
  } else {
    m.kind = MutationKind::kFlushAll;
  }
  return m;
}

namespace {

uint64_t FirstSeed() {
  const char* seed = std::getenv("BATON_SEED");
  return seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1;
}

// Every mutation on both, comparing the keys touched; now and then everything; with snapshots taken, compared with the
// model of their moment, and released in any order.
void CompareWithModel(uint64_t seed, const Workload& workload, int steps, size_t snapshots_max) {
  SCOPED_TRACE("seed " + std::to_string(seed) + " (BATON_SEED)");
  Random random(seed);
  Keyspace keyspace(workload.databases, random.Next());
  KeyspaceModel model(workload.databases);
  struct Taken {
    std::unique_ptr<Snapshot> snapshot;
    KeyspaceModel model;
  };
  std::vector<Taken> taken;
  uint64_t position = 0xfffffff0;  // so that change stamps wrap
  for (int step = 0; step < steps; ++step) {
    if (random.OneIn(3)) ++position;
    const OwnedMutation m = RandomMutation(random, workload, model);
    const ApplyOutcome expected = model.Apply(m, position);
    const ApplyOutcome outcome =
        random.OneIn(8) ? m.ApplyWithViewsInto(keyspace, position) : m.ApplyTo(keyspace, position);
    ASSERT_EQ(outcome, expected) << "step " << step << " " << m.ToString();
    if (m.db < workload.databases && (workload.list_length < 200 || random.OneIn(8))) {
      ASSERT_EQ(Difference(keyspace, model, m.db, m.key), "") << "step " << step << " " << m.ToString();
      ASSERT_EQ(Difference(keyspace, model, m.db, m.other), "") << "step " << step << " " << m.ToString();
    }
    if (random.OneIn(200)) {
      ASSERT_EQ(Difference(keyspace, model), "") << "step " << step << " " << m.ToString();
    }
    if (random.OneIn(5)) keyspace.FreeSome(random.Below(10));
    if (taken.size() < snapshots_max && random.OneIn(60)) taken.push_back({keyspace.TakeSnapshot(), model});
    if (!taken.empty() && random.OneIn(70)) {
      const size_t i = random.Below(taken.size());
      ASSERT_EQ(Difference(*taken[i].snapshot, taken[i].model), "") << "step " << step;
      keyspace.ReleaseSnapshot(std::move(taken[i].snapshot));
      taken.erase(taken.begin() + static_cast<ptrdiff_t>(i));
    }
  }
  ASSERT_EQ(Difference(keyspace, model), "");
  for (Taken& each : taken) {
    ASSERT_EQ(Difference(*each.snapshot, each.model), "");
    keyspace.ReleaseSnapshot(std::move(each.snapshot));
  }
  keyspace.Apply(Mutation::FlushAll(), position);
  while (keyspace.FreeSome(100)) {
  }
  EXPECT_EQ(keyspace.allocated_bytes(), 0u);
}

TEST(KeyspaceModelTest, ShortListsAndStrings) {
  Workload workload;
  workload.list_length = 8;
  for (uint64_t i = 0; i < 8; ++i) CompareWithModel(FirstSeed() + i, workload, 5000, 3);
}

TEST(KeyspaceModelTest, LongListsOfSmallElements) {
  Workload workload;
  workload.keys = 3;
  workload.list_length = 5000;
  workload.sizes = {0, 1, 30, 64, 64, 64, 100, 127, 128};
  workload.distinct_values = 20;
  workload.push_max = 300;
  workload.spare_lists = true;
  for (uint64_t i = 0; i < 2; ++i) CompareWithModel(FirstSeed() + i, workload, 3000, 2);
}

TEST(KeyspaceModelTest, ListsOfLargeElements) {
  Workload workload;
  workload.keys = 4;
  workload.list_length = 60;
  workload.sizes = {0, 10, 1000, 5000, 8000, 16379, 16380, 16383, 16384, 17000, 40000, 100000};
  workload.spare_lists = true;
  for (uint64_t i = 0; i < 3; ++i) CompareWithModel(FirstSeed() + i, workload, 1500, 2);
}

TEST(KeyspaceModelTest, ListsOfMiddlingElements) {
  Workload workload;
  workload.keys = 3;
  workload.list_length = 800;
  workload.sizes = {250, 500, 600, 1024, 1500, 3000};
  workload.push_max = 60;
  workload.spare_lists = true;
  for (uint64_t i = 0; i < 2; ++i) CompareWithModel(FirstSeed() + i, workload, 2500, 2);
}

TEST(KeyspaceModelTest, ManyKeys) {
  Workload workload;
  workload.keys = 4000;
  workload.list_length = 4;
  for (uint64_t i = 0; i < 2; ++i) CompareWithModel(FirstSeed() + i, workload, 20000, 3);
}

}  // namespace
}  // namespace baton
