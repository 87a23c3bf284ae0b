#include "base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace baton {
namespace {

// Slicing by eight (Kounavis & Berry 2005): table[k][b] is the CRC of byte b followed by k zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  constexpr uint32_t kPolynomialReflected = 0x82f63b78;
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomialReflected : 0);
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte)
    for (size_t k = 1; k < 8; ++k) tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xff];
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t LoadLittleEndian64(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) word = __builtin_bswap64(word);
  return word;
}

uint32_t UpdateByTable(uint32_t crc, const char* at, size_t bytes) {
  for (; bytes >= 8; at += 8, bytes -= 8) {
    const uint64_t word = LoadLittleEndian64(at) ^ crc;
    crc = kTables[7][word & 0xff] ^ kTables[6][(word >> 8) & 0xff] ^ kTables[5][(word >> 16) & 0xff] ^
          kTables[4][(word >> 24) & 0xff] ^ kTables[3][(word >> 32) & 0xff] ^ kTables[2][(word >> 40) & 0xff] ^
          kTables[1][(word >> 48) & 0xff] ^ kTables[0][word >> 56];
  }
  for (; bytes > 0; ++at, --bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff];
  return crc;
}

#if defined(__x86_64__)
// The instruction takes three cycles until its result can be used, and one until the next can begin: three lanes side
// by side take the time of one. A lane's CRC, seen from behind the next lane, is what as many zero bytes make of it.
constexpr size_t kLaneBytes = 1024;

// [k][b]: what a lane of zero bytes makes of a CRC that is b << 8k. It is linear: a sum (exclusive or) over b's bits.
constexpr std::array<std::array<uint32_t, 256>, 4> kBehindALane = [] {
  std::array<std::array<uint32_t, 256>, 4> behind{};
  for (uint32_t bit = 0; bit < 32; ++bit) {
    uint32_t crc = uint32_t{1} << bit;
    for (size_t i = 0; i < kLaneBytes; ++i) crc = (crc >> 8) ^ kTables[0][crc & 0xff];
    for (uint32_t byte = 0; byte < 256; ++byte) behind[bit / 8][byte] ^= (byte >> bit % 8 & 1) != 0 ? crc : 0;
  }
  return behind;
}();

uint64_t BehindALane(uint64_t crc) {
  return kBehindALane[0][crc & 0xff] ^ kBehindALane[1][crc >> 8 & 0xff] ^ kBehindALane[2][crc >> 16 & 0xff] ^
         kBehindALane[3][crc >> 24];
}

__attribute__((target("sse4.2"))) uint32_t UpdateByInstruction(uint32_t crc, const char* at, size_t bytes) {
  uint64_t wide = crc;
  for (; bytes >= 3 * kLaneBytes; at += 3 * kLaneBytes, bytes -= 3 * kLaneBytes) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < kLaneBytes; i += 8) {
      wide = _mm_crc32_u64(wide, LoadLittleEndian64(at + i));
      second = _mm_crc32_u64(second, LoadLittleEndian64(at + kLaneBytes + i));
      third = _mm_crc32_u64(third, LoadLittleEndian64(at + 2 * kLaneBytes + i));
    }
    wide = BehindALane(BehindALane(wide) ^ second) ^ third;
  }
  for (; bytes >= 8; at += 8, bytes -= 8) wide = _mm_crc32_u64(wide, LoadLittleEndian64(at));
  crc = static_cast<uint32_t>(wide);
  for (; bytes > 0; ++at, --bytes) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*at));
  return crc;
}
#endif

}  // namespace

uint32_t Crc32cByTable(std::string_view bytes, uint32_t seed) {
  return ~UpdateByTable(~seed, bytes.data(), bytes.size());
}

uint32_t Crc32c(std::string_view bytes, uint32_t seed) {
#if defined(__x86_64__)
  // Reads a word that the runtime filled in before main: a test and a jump.
  if (__builtin_cpu_supports("sse4.2")) return ~UpdateByInstruction(~seed, bytes.data(), bytes.size());
#endif
  return Crc32cByTable(bytes, seed);
}

}  // namespace baton
