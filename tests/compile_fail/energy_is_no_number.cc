#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
double x = joules(3.0);
#else
double x = as_joules(joules(3.0));
#endif
}  // namespace lowtide
