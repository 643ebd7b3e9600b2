#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
auto rate = watts(2.0) * grams_per_kwh(300.0);
#else
auto c = watts(2.0) * std::chrono::hours(1) * grams_per_kwh(300.0);
#endif
}  // namespace lowtide
