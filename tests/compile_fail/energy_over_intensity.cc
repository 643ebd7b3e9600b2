#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
auto x = kwh(2.0) / grams_per_kwh(300.0);
#else
auto x = grams(2.0) / kwh(2.0);
#endif
}  // namespace lowtide
