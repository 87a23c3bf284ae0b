#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace baton {

// Request bytes of one session that are not executed yet: what was left of a read that ended inside a request, and
// what arrived while the session was blocked. Empty for most sessions most of the time, and then it owns no memory:
// reads go into the server's one read area and requests are executed right there (Session::ReadSpace).
class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { std::free(data_); }

  std::string_view view() const { return {data_ + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  size_t size() const { return end_ - begin_; }
  size_t capacity() const { return capacity_; }

  // Contiguous room for at least `bytes` behind the end. Views into the buffer die.
  char* Reserve(size_t bytes) {
    if (capacity_ - end_ < bytes) MakeRoom(bytes);
    return data_ + end_;
  }
  size_t room() const { return capacity_ - end_; }
  void Commit(size_t bytes) {
    CHECK(bytes <= room());
    end_ += bytes;
  }
  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    end_ += bytes.size();
  }
  void Consume(size_t bytes) {
    CHECK(bytes <= size());
    begin_ += bytes;
  }
  // Gives the memory back when nothing is in it.
  void ReleaseIfEmpty() {
    if (!empty()) return;
    std::free(data_);
    data_ = nullptr;
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void MakeRoom(size_t bytes) {
    size_t used = size();
    if (begin_ > 0) {  // first close the gap in front; at most one partial request is moved
      std::memmove(data_, data_ + begin_, used);
      begin_ = 0;
      end_ = used;
      if (capacity_ - end_ >= bytes) return;
    }
    size_t wanted = used + bytes;
    size_t grown = capacity_ + capacity_ / 2;
    capacity_ = wanted > grown ? wanted : grown;
    data_ = static_cast<char*>(std::realloc(data_, capacity_));
    CHECK(data_ != nullptr);
  }

  char* data_ = nullptr;
  size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace baton
