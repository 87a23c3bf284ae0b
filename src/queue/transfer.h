#pragma once

#include <cstdint>
#include <string>

#include "data/mutation.h"
#include "queue/note.h"

namespace baton {

// A message that goes from one list to another, as QueueBook has planned it: two mutations to be committed together
// (Host::CommitTransfer).
struct QueueTransfer {
  uint32_t db = 0;
  std::string from, to, payload;
  Side side = Side::kRight;  // of `to`
  QueueNotes leave, place;
};

}  // namespace baton
