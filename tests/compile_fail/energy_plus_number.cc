#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
Energy e = joules(3.0) + 1.0;
#else
Energy e = joules(3.0) + joules(1.0);
#endif
}  // namespace lowtide
