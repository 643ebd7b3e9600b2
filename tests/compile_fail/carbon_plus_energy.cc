#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
auto sum = grams(2.0) + kwh(1.0);
#else
auto sum = grams(2.0) + kwh(1.0) * grams_per_kwh(300.0);
#endif
}  // namespace lowtide
