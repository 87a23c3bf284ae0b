#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "log/manifest.h"

// Any bytes as a manifest: no crash, and what is taken is written back in a form that is taken as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baton::Manifest;
  auto parsed = Manifest::Parse({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) {
    CHECK(!parsed.status().message().empty());
    return 0;
  }
  const std::string text = parsed->Format();
  auto again = Manifest::Parse(text);
  CHECK(again.ok());
  CHECK(again->Format() == text);
  CHECK(again->base.has_value() == parsed->base.has_value());
  CHECK(again->newest_base_sequence() == parsed->newest_base_sequence());
  CHECK(again->segments.size() == parsed->segments.size());
  for (size_t i = 0; i < parsed->segments.size(); ++i) {
    CHECK(again->segments[i].name == parsed->segments[i].name);
    CHECK(again->segments[i].sequence == parsed->segments[i].sequence);
  }
  CHECK(again->history.size() == parsed->history.size());
  return 0;
}
