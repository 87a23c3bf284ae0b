#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// The newest commands that took longer than slowlog-log-slower-than, newest first, at most slowlog-max-len of them.
class Slowlog {
 public:
  struct Item {
    uint64_t id;
    int64_t unix_seconds;
    int64_t duration_us;
    std::vector<std::string> arguments;  // at most 32, each at most 128 bytes, as Redis shows them
    std::string client_address, client_name;
  };

  void Add(int64_t unix_seconds, int64_t duration_us, const std::vector<std::string_view>& argv,
           std::string_view client_address, std::string_view client_name, size_t length_max);
  const std::deque<Item>& items() const { return items_; }
  void Reset() { items_.clear(); }
  void Trim(size_t length_max) {
    while (items_.size() > length_max) items_.pop_back();
  }

 private:
  std::deque<Item> items_;
  uint64_t next_id_ = 0;
};

}  // namespace baton
