#pragma once

#include <cstdint>
#include <string_view>

#include "data/list.h"

namespace baton {

enum class ValueType : uint8_t { kString, kList };

// One key with its value: one node of the copy-on-write tree, of variable size (header, time to live if any, key,
// then the value's root; a short string or a short list stands inline).
class Entry {
 public:
  std::string_view key() const;
  ValueType type() const;

  bool has_expiry() const;
  int64_t expire_at_ms() const;                // only with has_expiry()
  bool ExpiredAt(int64_t now_ms) const { return has_expiry() && expire_at_ms() <= now_ms; }

  std::string_view string() const;             // kString
  bool string_was_edited() const;              // by APPEND or SETRANGE: OBJECT ENCODING says raw
  ListView list() const;                       // kList

  uint32_t change_stamp() const;               // low half of the change position
  uint32_t access_seconds() const;             // for OBJECT IDLETIME; not part of any snapshot
  void Touch(uint32_t seconds) const;          // loop thread only
};

}  // namespace baton
