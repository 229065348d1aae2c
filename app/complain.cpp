#include <cstdio>

#include "commands.h"

namespace gantry::app {

int complain(const Error& error) {
    std::fprintf(stderr, "gantry: %s\n", error.message.c_str());
    return 1;
}

}  // namespace gantry::app
