#include "grid/hash.h"

#include <sha2.h>

#include <array>

namespace lowtide::grid {

std::string sha256_hex(std::string_view text) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> digits{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digits.data());
  return std::string(digits.data(), digits.size() - 1);
}

}  // namespace lowtide::grid
