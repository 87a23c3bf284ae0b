#include "data/key_hasher.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/random.h"

namespace baton {

KeyHasher::KeyHasher(uint64_t seed, uint64_t kept_bits) : kept_bits_(kept_bits) {
  Random random(seed);
  for (size_t i = 0; i < sizeof secret_; i += 8) {
    const uint64_t word = random.Next();
    std::memcpy(secret_ + i, &word, 8);
  }
}

uint64_t KeyHasher::Hash(std::string_view name) const {
  return XXH3_64bits_withSecret(name.data(), name.size(), secret_, sizeof secret_) & kept_bits_;
}

}  // namespace baton
