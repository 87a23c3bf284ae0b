#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "resp/request_parser.h"

// Any bytes: no crash, no byte read that is not there, and the same requests wherever the bytes are cut. The first byte
// chooses the limits, the second the seed of the cuts.
namespace baton {
namespace {

struct Heard {
  std::vector<std::vector<std::string>> requests;
  std::string error;
  size_t left = 0;
  bool operator==(const Heard&) const = default;
};

template <typename NextPiece>
Heard Hear(std::string_view stream, const RequestLimits& limits, NextPiece next_piece_bytes) {
  Heard heard;
  RequestParser parser;
  std::string pending;
  while (!stream.empty()) {
    size_t bytes = next_piece_bytes(stream.size());
    pending += stream.substr(0, bytes);
    stream.remove_prefix(bytes);
    for (;;) {
      // A fresh block of exactly this size: the address sanitizer sees every view into an older one.
      auto exact = std::make_unique<char[]>(pending.size());
      std::memcpy(exact.get(), pending.data(), pending.size());
      auto outcome = parser.Next({exact.get(), pending.size()}, limits);
      if (outcome == RequestParser::Outcome::kError) {
        heard.error = parser.error();
        return heard;
      }
      if (outcome == RequestParser::Outcome::kNeedMore) {
        CHECK(parser.bytes_wanted() >= 1);
        break;
      }
      CHECK(parser.consumed() >= 1 && parser.consumed() <= pending.size());
      heard.requests.emplace_back(parser.argv().begin(), parser.argv().end());
      pending.erase(0, parser.consumed());
    }
    // Claims cost nothing: what the parser holds is bounded by what it was sent.
    CHECK(parser.allocated_bytes() <= 4096 + 64 * 1024 + 16 * pending.size());
  }
  heard.left = pending.size();
  return heard;
}

}  // namespace
}  // namespace baton

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton;
  if (size < 2 || size > 4096) return 0;
  RequestLimits limits;
  limits.authenticated = (data[0] & 1) == 0;
  if (data[0] & 2) limits.inline_bytes_max = 12;
  if (data[0] & 4) limits.bulk_bytes_max = 40;
  uint32_t cut_state = data[1];
  std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);

  Heard whole = Hear(stream, limits, [](size_t left) { return left; });
  CHECK(whole == Hear(stream, limits, [&](size_t left) {
          cut_state = cut_state * 1664525 + 1013904223;
          return 1 + (cut_state >> 8) % (left < 32 ? left : 32);
        }));
  if (stream.size() <= 200) CHECK(whole == Hear(stream, limits, [](size_t) { return size_t{1}; }));
  return 0;
}
