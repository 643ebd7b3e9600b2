// Work spread over the cores this process may run on.
//
// `spread` is what plan::Spread asks for: it runs do_piece(0) .. do_piece(pieces - 1), each once,
// in any order, on threads of its own and on the caller's, and returns when all are done. Threads
// take no signals (they stay with the caller's thread), live only as long as the call, and when no
// thread can be had the caller does the work alone. A piece's exception is thrown again in the
// caller, the first of them; pieces that nobody has begun by then are left out.
#pragma once

#include <cstddef>
#include <functional>

namespace lowtide::host {

// By the affinity mask, so that a container or taskset is respected; at least 1.
[[nodiscard]] std::size_t usable_cores();

void spread(std::size_t pieces, const std::function<void(std::size_t)>& do_piece);

// The same with at most `threads` of them, the caller's included.
void spread_over(std::size_t threads, std::size_t pieces,
                 const std::function<void(std::size_t)>& do_piece);

}  // namespace lowtide::host
