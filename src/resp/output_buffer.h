#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>

namespace baton {

// Reply bytes on their way to one client: a chain of blocks, so that neither a long pipeline nor a huge reply is
// ever copied to grow. Appended at the end, consumed from the front; offsets count all bytes ever appended.
class OutputBuffer {
 public:
  // Contiguous room for at least `bytes`; write there, then Commit what was used. Valid until the next call.
  char* Reserve(size_t bytes);
  void Commit(size_t bytes);
  void Append(std::string_view bytes);

  uint64_t end_offset() const;    // bytes ever appended
  uint64_t begin_offset() const;  // bytes ever consumed
  size_t size() const { return static_cast<size_t>(end_offset() - begin_offset()); }

  // The first contiguous run of unread bytes that ends at or before `limit_offset`; empty when there is none.
  std::string_view Front(uint64_t limit_offset) const;
  // Up to `max` contiguous runs for a gathered write; returns how many were filled.
  size_t Gather(uint64_t limit_offset, std::string_view* runs, size_t max) const;
  void Consume(size_t bytes);

  // Forgets everything appended at or after `offset` (CLIENT REPLY OFF/SKIP, a reply that is withdrawn).
  void TruncateTo(uint64_t offset);
  size_t allocated_bytes() const;
};

}  // namespace baton
