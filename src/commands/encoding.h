#pragma once

#include <string_view>

#include "base/numbers.h"
#include "data/entry.h"

namespace baton {

// How redis-server 7.0.15 would keep this value: OBJECT ENCODING's word. Our own layout is another.
inline std::string_view EncodingOf(const Entry& entry) {
  constexpr size_t kEmbeddedBytesMax = 44;
  if (entry.type() == ValueType::kList) return "quicklist";
  if (entry.string_was_edited()) return "raw";
  int64_t value = 0;
  if (!entry.string_is_text() && ParseInt64(entry.string(), &value)) return "int";
  return entry.string().size() <= kEmbeddedBytesMax ? "embstr" : "raw";
}

}  // namespace baton
