#pragma once

#include <map>
#include <string>
#include <string_view>

#include "state/turn.h"

namespace gantry::ec2 {

// Keys that a user put on a resource, with their values.
using Tags = std::map<std::string, std::string>;

// The key of every record of this folder that an account can name: "ACCOUNT/REGION/ID".
std::string key_of(std::string_view account, std::string_view region, std::string_view id);

// "vpc-" and 17 hexadecimal digits.
std::string fresh_id(std::string_view prefix, state::Chance& chance);
// The same form, but a function of its arguments: what is seeded has the same ids in every installation.
std::string seeded_id(std::string_view prefix, std::string_view account, std::string_view region, int number);

// "arn:aws:ec2:REGION:ACCOUNT:TYPE/ID".
std::string arn_of(
    std::string_view account, std::string_view region, std::string_view type, std::string_view id
);

}  // namespace gantry::ec2
