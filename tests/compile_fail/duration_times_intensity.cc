#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
auto x = std::chrono::hours(1) * grams_per_kwh(300.0);
#else
auto x = (std::chrono::hours(1) * watts(2.0)) * grams_per_kwh(300.0);
#endif
}  // namespace lowtide
