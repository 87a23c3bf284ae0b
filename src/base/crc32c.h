#pragma once

#include <cstdint>
#include <string_view>

namespace baton {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4). `seed` is the CRC of what came before: Crc32c(b, Crc32c(a)) is the CRC
// of a followed by b. Uses the processor's instruction where there is one.
uint32_t Crc32c(std::string_view bytes, uint32_t seed = 0);

// The same without the instruction. For tests; Crc32c falls back to it by itself.
uint32_t Crc32cByTable(std::string_view bytes, uint32_t seed = 0);

}  // namespace baton
