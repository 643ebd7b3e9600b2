#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
double charged(Energy e);
double x = charged(grams(2.0));
#else
double charged(Energy e);
double x = charged(kwh(2.0));
#endif
}  // namespace lowtide
