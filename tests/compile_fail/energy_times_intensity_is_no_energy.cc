#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = kwh(2.0) * grams_per_kwh(300.0);
#else
Carbon c = kwh(2.0) * grams_per_kwh(300.0);
#endif
}  // namespace lowtide
