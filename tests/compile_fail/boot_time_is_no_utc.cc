#include "base/time.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Utc t = BootTime{};
#else
Utc t = Utc{} + std::chrono::seconds(1);
#endif
}  // namespace lowtide
