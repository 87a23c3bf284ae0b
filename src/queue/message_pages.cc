#include "queue/message_pages.h"

#include <bit>
#include <utility>

#include "base/check.h"

namespace baton {
namespace {

static_assert(sizeof(Message) == 48);

// Stands for every page without messages. Nobody edits it: Add puts a page in its place first.
MessagePages::Page* Nothing() {
  static MessagePages::Page nothing;
  return &nothing;
}

}  // namespace

MessagePages::~MessagePages() {
  Clear();
  for (Page* page : superseded_) delete page;
}

void MessagePages::Clear() {
  for (Page* page : pages_) {
    if (page != Nothing()) Drop(page);
  }
  pages_.clear();
  use_.clear();
  with_room_.clear();
  spare_.reset();
  held_ = 0;
}

uint32_t MessagePages::Add() {
  if (with_room_.empty()) {
    with_room_.push_back(static_cast<uint32_t>(pages_.size()));
    pages_.push_back(Nothing());
    use_.emplace_back().has_room = true;
  }
  const uint32_t number = with_room_.back();
  Use& use = use_[number];
  if (use.count == 0) {
    if (spare_ == nullptr) {
      spare_ = std::make_unique<Page>();
      ++held_;
    }
    pages_[number] = spare_.release();
    pages_[number]->epoch = epoch_;
  }
  const size_t word = use.taken[0] == UINT64_MAX ? 1 : 0;
  const auto bit = static_cast<size_t>(std::countr_one(use.taken[word]));
  use.taken[word] |= uint64_t{1} << bit;
  if (++use.count == kPerPage) {
    use.has_room = false;
    with_room_.pop_back();
  }
  return static_cast<uint32_t>(number * kPerPage + word * 64 + bit);
}

void MessagePages::Remove(uint32_t slot) {
  Edit(slot) = Message{};
  const auto number = static_cast<uint32_t>(slot / kPerPage);
  const size_t place = slot % kPerPage;
  Use& use = use_[number];
  use.taken[place / 64] &= ~(uint64_t{1} << (place % 64));
  if (!use.has_room) {
    use.has_room = true;
    with_room_.push_back(number);
  }
  if (--use.count > 0) return;
  // Edit has made sure that no view sees it.
  Page* page = std::exchange(pages_[number], Nothing());
  if (spare_ == nullptr) {
    spare_.reset(page);
  } else {
    delete page;
    --held_;
  }
}

MessagePages::Page* MessagePages::Clone(Page* old) {
  Page* page = new Page(*old);
  superseded_.push_back(old);
  return page;
}

void MessagePages::Drop(Page* page) { views_ == 0 ? delete page : superseded_.push_back(page); }

MessagePages::View MessagePages::TakeView() {
  View view;
  view.pages_.assign(pages_.begin(), pages_.end());
  ++epoch_;
  ++views_;
  return view;
}

void MessagePages::ReleaseView(const View&) {
  CHECK(views_ > 0);
  --views_;
}

bool MessagePages::FreeSome(size_t pages) {
  if (views_ > 0) return false;
  for (; pages > 0 && !superseded_.empty(); --pages) {
    delete superseded_.back();
    superseded_.pop_back();
  }
  return !superseded_.empty();
}

}  // namespace baton
