#include "base/time.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Interval i = BootInterval{};
#else
BootInterval i = BootInterval{};
#endif
}  // namespace lowtide
