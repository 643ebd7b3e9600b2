#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = Energy{} + watts(2.0) * Duration{1} * 2;
Duration d = 1.5;
#else
Energy e = Energy{} + watts(2.0) * Duration{1} * 2;
Duration d = seconds(1.5);
#endif
}  // namespace lowtide
