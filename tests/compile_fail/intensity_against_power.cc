#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
bool less = grams_per_kwh(300.0) < watts(200.0);
#else
bool less = grams_per_kwh(300.0) < grams_per_kwh(200.0);
#endif
}  // namespace lowtide
