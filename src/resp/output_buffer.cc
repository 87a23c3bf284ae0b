#include "resp/output_buffer.h"

#include <algorithm>
#include <new>

#include "base/check.h"

namespace baton {

OutputBuffer::~OutputBuffer() {
  while (Block* block = first_) {
    first_ = block->next;
    FreeBlock(block);
  }
  Trim();
}

std::string_view OutputBuffer::Front(uint64_t limit_offset) const {
  std::string_view run;
  Gather(limit_offset, &run, 1);
  return run;
}

size_t OutputBuffer::Gather(uint64_t limit_offset, std::string_view* runs, size_t max) const {
  if (limit_offset <= begin_offset_) return 0;
  size_t left = static_cast<size_t>(std::min(limit_offset, end_offset_) - begin_offset_);
  size_t count = 0;
  size_t skip = first_consumed_;
  for (const Block* block = first_; left > 0 && count < max; block = block->next) {
    size_t bytes = std::min(UsedIn(block) - skip, left);
    if (bytes > 0) runs[count++] = {block->data() + skip, bytes};
    left -= bytes;
    skip = 0;
  }
  return count;
}

void OutputBuffer::Consume(size_t bytes) {
  CHECK(bytes <= size());
  begin_offset_ += bytes;
  while (bytes > 0) {
    Block* block = first_;
    size_t here = UsedIn(block) - first_consumed_;
    if (bytes < here || block == last_) {
      first_consumed_ += bytes;
      break;
    }
    bytes -= here;
    first_ = block->next;
    first_consumed_ = 0;
    Retire(block);
  }
  if (size() > 0 || last_ == nullptr) return;
  while (first_ != last_) {  // blocks that hold nothing (their bytes were truncated)
    Block* block = first_;
    first_ = block->next;
    Retire(block);
  }
  first_consumed_ = 0;
  if (last_->capacity > kBlockBytesMax) {
    Block* block = last_;
    first_ = last_ = nullptr;
    write_ = limit_ = nullptr;
    Retire(block);
  } else {
    write_ = last_->data();  // written again from its start
  }
}

void OutputBuffer::Insert(uint64_t offset, std::string_view bytes) {
  CHECK(offset >= begin_offset_ && offset <= end_offset_);
  if (offset == end_offset_) return Append(bytes);
  uint64_t block_offset;
  Block* block = Locate(offset, &block_offset);
  size_t at = static_cast<size_t>(offset - block_offset);
  size_t behind = UsedIn(block) - at;
  if (block == last_ && static_cast<size_t>(limit_ - write_) >= bytes.size()) {
    std::memmove(block->data() + at + bytes.size(), block->data() + at, behind);
    std::memcpy(block->data() + at, bytes.data(), bytes.size());
    Commit(bytes.size());
    return;
  }
  // A block of its own for the header and for what stood behind it in the same block.
  Block* inserted = NewBlock(bytes.size() + behind);
  std::memcpy(inserted->data(), bytes.data(), bytes.size());
  std::memcpy(inserted->data() + bytes.size(), block->data() + at, behind);
  inserted->used = bytes.size() + behind;
  inserted->next = block->next;
  if (block == last_) MakeLast(inserted, inserted->used);
  block->next = inserted;
  block->used = at;
  end_offset_ += bytes.size();
}

void OutputBuffer::TruncateTo(uint64_t offset) {
  CHECK(offset >= begin_offset_ && offset <= end_offset_);
  if (offset == end_offset_) return;
  uint64_t block_offset;
  Block* block = Locate(offset, &block_offset);
  while (Block* later = block->next) {
    block->next = later->next;
    Retire(later);
  }
  MakeLast(block, static_cast<size_t>(offset - block_offset));
  end_offset_ = offset;
}

void OutputBuffer::Trim() {
  while (Block* block = spare_) {
    spare_ = block->next;
    FreeBlock(block);
  }
  spare_bytes_ = 0;
  if (size() > 0) return;
  while (Block* block = first_) {
    first_ = block->next;
    FreeBlock(block);
  }
  block_count_ = 0;
  last_ = nullptr;
  write_ = limit_ = nullptr;
  first_consumed_ = 0;
}

void OutputBuffer::AddBlock(size_t bytes) {
  size_t doubled = last_ == nullptr ? kBlockBytesMin : 2 * last_->capacity;
  Block* block = NewBlock(std::max(bytes, std::min(doubled, kBlockBytesMax)));
  if (last_ == nullptr) {
    first_ = block;
  } else {
    SealLast();
    last_->next = block;
  }
  MakeLast(block, 0);
}

void OutputBuffer::AppendAcross(std::string_view bytes) {
  size_t room = static_cast<size_t>(limit_ - write_);
  if (room > 0) {
    std::memcpy(write_, bytes.data(), room);
    Commit(room);
    bytes.remove_prefix(room);
  }
  std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
  Commit(bytes.size());
}

OutputBuffer::Block* OutputBuffer::Locate(uint64_t offset, uint64_t* block_offset) {
  // Nearly always the last block, since what is taken back or given a header was written just now.
  uint64_t last_offset = end_offset_ - UsedIn(last_);
  if (offset >= last_offset) {
    *block_offset = last_offset;
    return last_;
  }
  Block* block = first_;
  uint64_t start = begin_offset_ - first_consumed_;
  while (offset >= start + block->used) {
    start += block->used;
    block = block->next;
  }
  *block_offset = start;
  return block;
}

OutputBuffer::Block* OutputBuffer::NewBlock(size_t bytes) {
  ++block_count_;
  if (spare_ != nullptr && spare_->capacity >= bytes) {
    Block* block = spare_;
    spare_ = block->next;
    spare_bytes_ -= block->capacity;
    block->next = nullptr;
    return block;
  }
  void* memory = ::operator new(sizeof(Block) + bytes);
  allocated_bytes_ += sizeof(Block) + bytes;
  return new (memory) Block{nullptr, bytes, 0};
}

void OutputBuffer::Retire(Block* block) {
  --block_count_;
  if (block->capacity > kBlockBytesMax || spare_bytes_ + block->capacity > kSpareBytesMax) return FreeBlock(block);
  spare_bytes_ += block->capacity;
  block->next = spare_;
  spare_ = block;
}

void OutputBuffer::FreeBlock(Block* block) {
  allocated_bytes_ -= sizeof(Block) + block->capacity;
  ::operator delete(block);
}

void OutputBuffer::SealLast() { last_->used = static_cast<size_t>(write_ - last_->data()); }

void OutputBuffer::MakeLast(Block* block, size_t used) {
  last_ = block;
  write_ = block->data() + used;
  limit_ = block->data() + block->capacity;
}

}  // namespace baton
