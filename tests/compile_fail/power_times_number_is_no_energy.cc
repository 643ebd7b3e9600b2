#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = watts(2.0) * 3.0;
#else
Power p = watts(2.0) * 3.0;
#endif
}  // namespace lowtide
