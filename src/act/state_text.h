// The state of a run as text: a line `name=value` a field, in the order of the lists of state.h.
//
// Instants and lengths are whole nanoseconds (a wall clock's since 1970), a share has all its
// digits, what is absent is a dash: what is read back is the same state, bit for bit. A plan's runs
// are `begin:end` with commas between. Fields of a later version are left alone; a missing one
// keeps its default.
#pragma once

#include <string>
#include <string_view>

#include "act/state.h"
#include "base/result.h"

namespace lowtide::act {

[[nodiscard]] std::string text_of(const ActState& state);
// Error malformed: names the field and what stands there.
[[nodiscard]] Result<ActState> read_state(std::string_view text);

}  // namespace lowtide::act
