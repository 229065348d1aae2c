#pragma once

#include <string_view>

namespace gantry::schedule {

// Whether it is a name of the IANA time zone database ("Asia/Tokyo", "UTC", "Etc/GMT+9"), by its exact case.
bool is_time_zone(std::string_view name);

}  // namespace gantry::schedule
