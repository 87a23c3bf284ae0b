#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "queue/message.h"

namespace baton {

// Messages in pages of 4 KiB. A page that a snapshot can see is cloned before it is changed, so that a snapshot is a
// copy of the list of pages; one that holds nothing any more is given back. Loop thread only, but for what a View
// hands out.
class MessagePages {
 public:
  static constexpr size_t kPerPage = (4096 - sizeof(uint64_t)) / sizeof(Message);
  struct Page {
    uint64_t epoch = 0;
    Message messages[kPerPage];
  };

  // What stood in the pages at one instant, for a reader on any one thread.
  class View {
   public:
    template <typename Visit>
    void ForEach(const Visit& visit) const {
      for (const Page* page : pages_) {
        for (const Message& message : page->messages) {
          if (message.id != 0) visit(message);
        }
      }
    }

   private:
    friend class MessagePages;
    std::vector<const Page*> pages_;
  };

  MessagePages() = default;
  ~MessagePages();
  MessagePages(const MessagePages&) = delete;
  MessagePages& operator=(const MessagePages&) = delete;

  // Of a slot that holds nothing: a message without an id.
  const Message& at(uint32_t slot) const { return pages_[slot / kPerPage]->messages[slot % kPerPage]; }
  void Prefetch(uint32_t slot) const {
    const Message* message = &at(slot);
    __builtin_prefetch(message);
    __builtin_prefetch(&message->holder);  // it may stand in two lines
  }
  Message& Edit(uint32_t slot) {
    Page*& page = pages_[slot / kPerPage];
    if (page->epoch < epoch_) [[unlikely]] {
      if (views_ > 0) page = Clone(page);
      page->epoch = epoch_;
    }
    return page->messages[slot % kPerPage];
  }
  uint32_t Add();
  void Remove(uint32_t slot);
  size_t slots() const { return pages_.size() * kPerPage; }
  size_t allocated_bytes() const {
    return (held_ + superseded_.size()) * sizeof(Page) + use_.capacity() * (sizeof(Use) + sizeof(Page*));
  }

  View TakeView();
  // On the loop thread, when the reader has finished.
  void ReleaseView(const View& view);
  // What only views have seen is freed in slices; true when something is left.
  bool FreeSome(size_t pages);
  void Clear();

 private:
  // Which slots of a page are in use.
  struct Use {
    std::array<uint64_t, 2> taken{};
    uint16_t count = 0;
    bool has_room = false;  // with_room_ names it
  };
  static_assert(kPerPage <= 128);

  Page* Clone(Page* old);
  void Drop(Page* page);

  std::vector<Page*> pages_;  // one without messages is Nothing()
  std::vector<Use> use_;
  std::vector<uint32_t> with_room_;
  std::unique_ptr<Page> spare_;  // so that one message that comes and goes does not make and drop a page each time
  size_t held_ = 0;              // pages that are not Nothing(), and spare_
  uint64_t epoch_ = 0;           // pages of an older one may be seen by a view
  uint32_t views_ = 0;
  std::vector<Page*> superseded_;  // to be freed when there is no view
};

}  // namespace baton
