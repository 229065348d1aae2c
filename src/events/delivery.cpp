#include "events/delivery.h"

namespace gantry::events {

// In the order of their coming.
std::string LogDeliveryRecord::key() const {
    constexpr std::size_t digits = 15;
    const auto number = std::to_string(at.ms);
    return std::string(digits - std::min(number.size(), digits), '0') + number + "/" + id;
}

}  // namespace gantry::events
