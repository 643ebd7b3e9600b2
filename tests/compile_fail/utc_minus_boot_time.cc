#include "base/time.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Duration d = Utc{} - BootTime{};
#else
Duration d = BootTime{} - BootTime{};
#endif
}  // namespace lowtide
