#include "grid/hash.h"

#include <sha2.h>

#include <array>

namespace lowtide::grid {

std::string sha256_hex(std::string_view text) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> digits{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digits.data());
  return std::string(digits.data(), digits.size() - 1);
}

struct Sha256::State {
  SHA2_CTX context{};
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256Init(&state_->context); }

Sha256::~Sha256() = default;

void Sha256::add(std::string_view piece) {
  SHA256Update(&state_->context, reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size());
}

std::string Sha256::hex() const {
  SHA2_CTX context = state_->context;
  std::array<char, SHA256_DIGEST_STRING_LENGTH> digits{};
  SHA256End(&context, digits.data());
  return std::string(digits.data(), digits.size() - 1);
}

}  // namespace lowtide::grid
