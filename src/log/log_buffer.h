#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace baton {

// The bytes that wait to be written: one flat, growing piece of memory, so that one write takes them all. Unlike a
// std::string it hands out room without filling it first.
class LogBuffer {
 public:
  LogBuffer() = default;
  LogBuffer(const LogBuffer&) = delete;
  LogBuffer& operator=(const LogBuffer&) = delete;
  ~LogBuffer() { std::free(data_); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view(size_t from = 0) const { return {data_ + from, size_ - from}; }
  char* data() { return data_; }

  // Room for `bytes` behind the end. Good until the next call; FinishAt says how much of it was used.
  char* Reserve(size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]]
      Grow(bytes);
    return data_ + size_;
  }
  void FinishAt(const char* end) { size_ = static_cast<size_t>(end - data_); }

  void Append(std::string_view bytes) {
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // Puts `bytes` before what stands at `at`.
  void Insert(size_t at, std::string_view bytes) {
    Reserve(bytes.size());
    std::memmove(data_ + at + bytes.size(), data_ + at, size_ - at);
    std::memcpy(data_ + at, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void Shorten(size_t size) {
    CHECK(size <= size_);
    size_ = size;
  }
  // Drops the first `bytes`. Memory that one huge turn needed goes back.
  void Drop(size_t bytes) {
    CHECK(bytes <= size_);
    size_ -= bytes;
    if (size_ != 0) {
      std::memmove(data_, data_ + bytes, size_);
    } else if (capacity_ > kKeptBytes) {
      std::free(data_);
      data_ = nullptr;
      capacity_ = 0;
    }
  }

 private:
  static constexpr size_t kKeptBytes = 4 << 20;

  void Grow(size_t bytes) {
    capacity_ = std::max({size_ + bytes, capacity_ * 2, size_t{64} << 10});
    data_ = static_cast<char*>(std::realloc(data_, capacity_));
    CHECK(data_ != nullptr);  // memory is gone: the process stops
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace baton
