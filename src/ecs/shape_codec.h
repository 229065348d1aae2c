#pragma once

// Generated shapes as members of records.
#include "shapes/record_codec.h"
