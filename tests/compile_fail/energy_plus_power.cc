#include "base/units.h"

namespace lowtide {
#ifdef LOWTIDE_WRONG
auto sum = joules(2.0) + watts(3.0);
#else
auto sum = joules(2.0) + watts(3.0) * std::chrono::seconds(1);
#endif
}  // namespace lowtide
