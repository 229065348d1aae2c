#pragma once

#include <cstdint>
#include <string>

namespace gantry {

// Where fresh ids and chance come from. Production draws from the kernel, simulation from its seed.
class Chance {
  public:
    virtual ~Chance() = default;
    virtual std::uint64_t draw() = 0;

    // Lower-case hexadecimal digits: 32 make an ECS task id, 17 an EC2 id.
    std::string hex(int digits);
    // RFC 4122 version 4.
    std::string uuid();
    // Upper-case letters and digits, as in IAM's unique ids.
    std::string base32(int digits);
};

}  // namespace gantry
