#pragma once

#include <cstdint>

#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// Looks behind a bad group, from `offset` on, for a good one that says that `position` was synced. Returns its number;
// 0 when there is none. Groups cannot be walked there, so every "#C " is tried: its length says where its group begins,
// and the check says whether it is one. Not only at the start of a line: the byte that is bad may be the end of the line
// before.
//
// A payload can be full of what looks right, and each costs a check of what it claims to be its group. When that
// comes to more than any honest log needs, the answer is an error: such a log is not one to be cut unseen.
Result<uint64_t> FindVoucher(ReadFile& file, uint32_t seed, uint64_t offset, uint64_t position);

}  // namespace baton
