#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = watts(2.0) * watts(3.0);
#else
Energy e = watts(2.0) * std::chrono::seconds(3);
#endif
}  // namespace lowtide
