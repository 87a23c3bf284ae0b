#pragma once

#include <string_view>

#include "data/entry.h"

namespace baton {

// The word for a type in TYPE and SCAN ... TYPE.
constexpr std::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return "string";
    case ValueType::kList:
      return "list";
  }
  return "none";
}

}  // namespace baton
