#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = 3.0;
#else
Energy e = joules(3.0);
#endif
}  // namespace lowtide
