// Results of long work, kept by a hash of all that they come from: the same question again is
// answered at once.
//
// Files results/KIND-HASH in the home folder, the newest kMostResults of them. What cannot be read
// or written, or is damaged, is as if it had not been kept. One process writes a file whole or not
// at all.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace lowtide::app {

inline constexpr std::size_t kMostResults = 64;

// The hash of this very program: another build may answer otherwise.
[[nodiscard]] std::string program_hash();
[[nodiscard]] std::optional<std::string> kept_result(const std::string& kind,
                                                     const std::string& hash);
void keep_result(const std::string& kind, const std::string& hash, const std::string& bytes);

}  // namespace lowtide::app
