#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace baton {

// Reply bytes on their way to one client: a chain of blocks, so that neither a long pipeline nor a huge reply is
// ever copied to grow. Appended at the end, consumed from the front; offsets count all bytes ever appended.
//
// A chain's first block is small and later ones double up to kBlockBytesMax; bytes that are larger get a block of
// their own size. Emptied blocks of ordinary size are kept (kSpareBytesMax of them), so that a steady flow of
// requests and replies allocates nothing; Trim gives them back when a client has gone quiet.
class OutputBuffer {
 public:
  static constexpr size_t kBlockBytesMin = 1024;
  static constexpr size_t kBlockBytesMax = 16 * 1024;
  static constexpr size_t kSpareBytesMax = 2 * kBlockBytesMax;

  OutputBuffer() = default;
  ~OutputBuffer();
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;

  // Contiguous room for at least `bytes`; write there, then Commit what was used. Valid until the next call.
  char* Reserve(size_t bytes) {
    if (static_cast<size_t>(limit_ - write_) < bytes) [[unlikely]]
      AddBlock(bytes);
    return write_;
  }
  void Commit(size_t bytes) {
    write_ += bytes;
    end_offset_ += bytes;
  }
  void Append(std::string_view bytes) {
    if (static_cast<size_t>(limit_ - write_) < bytes.size()) [[unlikely]]
      return AppendAcross(bytes);
    CopyBytes(write_, bytes);
    Commit(bytes.size());
  }

  uint64_t end_offset() const { return end_offset_; }      // bytes ever appended
  uint64_t begin_offset() const { return begin_offset_; }  // bytes ever consumed
  size_t size() const { return static_cast<size_t>(end_offset_ - begin_offset_); }

  // The first contiguous run of unread bytes that ends at or before `limit_offset`; empty when there is none.
  std::string_view Front(uint64_t limit_offset) const;
  // Up to `max` contiguous runs for a gathered write; returns how many were filled.
  size_t Gather(uint64_t limit_offset, std::string_view* runs, size_t max) const;
  void Consume(size_t bytes);

  // Puts `bytes` before what was appended at or after `offset` (a reply's header that is known last). Not into bytes
  // that were consumed.
  void Insert(uint64_t offset, std::string_view bytes);
  // Forgets everything appended at or after `offset` (CLIENT REPLY OFF/SKIP, a reply that is withdrawn).
  void TruncateTo(uint64_t offset);

  // What the buffer holds from the allocator, spare blocks included, and in how many blocks in use.
  size_t allocated_bytes() const { return allocated_bytes_; }
  size_t block_count() const { return block_count_; }
  // Frees what is not in use.
  void Trim();

 private:
  // The header of one allocation; its bytes follow it.
  struct Block {
    Block* next;
    size_t capacity;
    size_t used;  // bytes written; of the last block only SealLast brings it up to date
    char* data() { return reinterpret_cast<char*>(this + 1); }
    const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  };

  size_t UsedIn(const Block* block) const {
    return block == last_ ? static_cast<size_t>(write_ - block->data()) : block->used;
  }
  Block* NewBlock(size_t bytes);
  void Retire(Block* block);
  void FreeBlock(Block* block);
  void SealLast();
  void MakeLast(Block* block, size_t used);
  void AddBlock(size_t bytes);
  void AppendAcross(std::string_view bytes);
  // The block that holds the byte at `offset` or ends there, and the offset of its first byte.
  Block* Locate(uint64_t offset, uint64_t* block_offset);

  char* write_ = nullptr;  // in last_
  char* limit_ = nullptr;
  uint64_t begin_offset_ = 0;
  uint64_t end_offset_ = 0;
  Block* first_ = nullptr;
  Block* last_ = nullptr;
  size_t first_consumed_ = 0;  // bytes of first_ that are consumed already
  Block* spare_ = nullptr;
  size_t spare_bytes_ = 0;
  size_t allocated_bytes_ = 0;
  size_t block_count_ = 0;
};

}  // namespace baton
