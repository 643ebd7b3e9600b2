#include "base/time.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
bool in = Interval{}.holds(BootTime{});
#else
bool in = Interval{}.holds(Utc{});
#endif
}  // namespace lowtide
