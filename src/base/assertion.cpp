#include "base/assertion.h"

#include <cstdio>
#include <cstdlib>

namespace gantry {

void assertion_failed(const char* expression, const char* file, int line, const char* why) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", file, line, why, expression);
    std::fflush(stderr);
    std::abort();
}

}  // namespace gantry
