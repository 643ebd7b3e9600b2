#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = kwh(watts(2.0));
#else
Energy e = kwh(as_kwh(watts(2.0) * std::chrono::hours(1)));
#endif
}  // namespace lowtide
