#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"

namespace baton {

class Session;

// A key of one database, as a hash-map key that can be looked up without a copy.
struct DbKey {
  uint32_t db;
  std::string name;
};
struct DbKeyView {
  uint32_t db;
  std::string_view name;
};
struct DbKeyHash {
  using is_transparent = void;
  size_t operator()(const DbKey& key) const { return (*this)(DbKeyView{key.db, key.name}); }
  size_t operator()(const DbKeyView& key) const {
    return std::hash<std::string_view>()(key.name) ^ (size_t{key.db} * 0x9e3779b97f4a7c15u);
  }
};
struct DbKeyEqual {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return a.db == b.db && std::string_view(a.name) == std::string_view(b.name);
  }
};
template <typename T>
using DbKeyMap = std::unordered_map<DbKey, T, DbKeyHash, DbKeyEqual>;

// Who waits for which key, in order of arrival, and which waited-for keys have got elements since they were last
// served, in the order in which they were touched. Sessions are not owned. O(1) everywhere.
class Waiters {
 public:
  using Line = std::list<Session*>;

  bool empty() const { return lines_.empty(); }

  // The place must be handed back to Remove.
  Line::iterator Add(uint32_t db, std::string_view name, Session* session) {
    auto& line = lines_[DbKey{db, std::string(name)}].line;
    return line.insert(line.end(), session);
  }
  void Remove(uint32_t db, std::string_view name, Line::iterator place) {
    auto found = lines_.find(DbKeyView{db, name});
    CHECK(found != lines_.end());
    found->second.line.erase(place);
    if (found->second.line.empty()) lines_.erase(found);
  }
  // The line of a key; nullptr when nobody waits for it.
  Line* Find(uint32_t db, std::string_view name) {
    auto found = lines_.find(DbKeyView{db, name});
    return found == lines_.end() ? nullptr : &found->second.line;
  }
  size_t Count(uint32_t db, std::string_view name) const {
    auto found = lines_.find(DbKeyView{db, name});
    return found == lines_.end() ? 0 : found->second.line.size();
  }

  // The key may have become a list. Noted once until it is taken.
  void Touch(uint32_t db, std::string_view name) {
    auto found = lines_.find(DbKeyView{db, name});
    if (found == lines_.end() || found->second.touched) return;
    found->second.touched = true;
    touched_.push_back(found->first);
  }
  // Databases were swapped: any waited-for key of db may have become a list.
  void TouchAll(uint32_t db) {
    for (auto& [key, state] : lines_) {
      if (key.db != db || state.touched) continue;
      state.touched = true;
      touched_.push_back(key);
    }
  }
  bool has_touched() const { return !touched_.empty(); }
  std::vector<DbKey> TakeTouched() {
    for (const DbKey& key : touched_) {
      if (auto found = lines_.find(key); found != lines_.end()) found->second.touched = false;
    }
    return std::exchange(touched_, {});
  }

 private:
  struct State {
    Line line;
    bool touched = false;
  };
  DbKeyMap<State> lines_;
  std::vector<DbKey> touched_;
};

}  // namespace baton
