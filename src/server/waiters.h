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
//
// A line has three parts, so that a push to a managed queue that may not hand out any more (MAXINFLIGHT, PERCONSUMER)
// need not ask everybody who waits for it.
class Waiters {
 public:
  using Line = std::list<Session*>;
  enum class Part : uint8_t {
    kNext,    // is asked when the key is touched
    kFull,    // met a queue that has handed out all that it may: is asked when it has room
    kHolds,   // has all that one connection may have: is asked when it has given something back
  };
  struct Place {
    Line::iterator at;
    Part part = Part::kNext;
  };
  class Lines {
   public:
    Line& part(Part part) { return parts_[static_cast<size_t>(part)]; }
    bool empty() const { return size() == 0; }
    size_t size() const { return parts_[0].size() + parts_[1].size() + parts_[2].size(); }

   private:
    friend class Waiters;
    Line parts_[3];
    bool touched_ = false;
  };

  bool empty() const { return lines_.empty(); }

  // The place must be handed back to Remove.
  Place Add(uint32_t db, std::string_view name, Session* session) {
    Line& line = lines_[DbKey{db, std::string(name)}].part(Part::kNext);
    return {line.insert(line.end(), session), Part::kNext};
  }
  void Remove(uint32_t db, std::string_view name, const Place& place) {
    auto found = lines_.find(DbKeyView{db, name});
    CHECK(found != lines_.end());
    found->second.part(place.part).erase(place.at);
    if (found->second.empty()) lines_.erase(found);
  }
  // The lines of a key; nullptr when nobody waits for it.
  Lines* Find(uint32_t db, std::string_view name) {
    auto found = lines_.find(DbKeyView{db, name});
    return found == lines_.end() ? nullptr : &found->second;
  }
  // Behind those who are there already; but to the front of those who are next.
  void Move(Lines& lines, Place& place, Part to) {
    Line& line = lines.part(to);
    line.splice(to == Part::kNext ? line.begin() : line.end(), lines.part(place.part), place.at);
    place.part = to;
  }
  size_t Count(uint32_t db, std::string_view name) const {
    auto found = lines_.find(DbKeyView{db, name});
    return found == lines_.end() ? 0 : found->second.size();
  }
  // Calls visit(key, lines) for every key that somebody waits for.
  template <typename Visit>
  void ForEach(const Visit& visit) {
    for (auto& [key, lines] : lines_) visit(key, lines);
  }

  // The key may have become a list. Noted once until it is taken.
  void Touch(uint32_t db, std::string_view name) {
    auto found = lines_.find(DbKeyView{db, name});
    if (found != lines_.end()) Touch(found->first, found->second);
  }
  // Databases were swapped: any waited-for key of db may have become a list.
  void TouchAll(uint32_t db) {
    for (auto& [key, lines] : lines_) {
      if (key.db == db) Touch(key, lines);
    }
  }
  void Touch(const DbKey& key, Lines& lines) {
    if (std::exchange(lines.touched_, true)) return;
    touched_.push_back(key);
  }
  bool has_touched() const { return !touched_.empty(); }
  std::vector<DbKey> TakeTouched() {
    for (const DbKey& key : touched_) {
      if (auto found = lines_.find(key); found != lines_.end()) found->second.touched_ = false;
    }
    return std::exchange(touched_, {});
  }

 private:
  DbKeyMap<Lines> lines_;
  std::vector<DbKey> touched_;
};

}  // namespace baton
