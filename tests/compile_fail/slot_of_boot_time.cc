#include "base/time.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
auto slot = slot_begin(BootTime{});
#else
auto slot = slot_begin(Utc{});
#endif
}  // namespace lowtide
