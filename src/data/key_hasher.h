#pragma once

#include <cstdint>
#include <string_view>

namespace baton {

// The keyed hash of key names: XXH3 with a secret of its own for each process, so that nobody outside can choose keys
// that collide. Immutable after construction, usable from any thread.
class KeyHasher {
 public:
  // `kept_bits`: tests narrow the hash, so that keys do collide.
  explicit KeyHasher(uint64_t seed, uint64_t kept_bits = UINT64_MAX);
  uint64_t Hash(std::string_view name) const;

 private:
  uint64_t kept_bits_;
  alignas(64) unsigned char secret_[192];
};

}  // namespace baton
