#include "base/time.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
bool before = Utc{} < BootTime{};
#else
bool before = Utc{} < Utc{};
#endif
}  // namespace lowtide
