#pragma once

namespace gantry {

// Prints where and what, then aborts: the process restarts from its store and containers never notice.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line, const char* why);

}  // namespace gantry

// A broken invariant of our own. Stays on in release builds; never used on outside input.
#define ASSERT(condition, why) \
    ((condition) ? static_cast<void>(0) : ::gantry::assertion_failed(#condition, __FILE__, __LINE__, why))
