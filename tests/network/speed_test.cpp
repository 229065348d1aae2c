#include "network/world.h"
