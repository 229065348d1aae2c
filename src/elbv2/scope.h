#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ec2/scope.h"
#include "state/turn.h"

// Names and keys that all records of this folder share.
namespace gantry::elbv2 {

using ec2::key_of;  // "ACCOUNT/REGION/ID"
using ec2::Tags;
using Attributes = std::map<std::string, std::string>;

// What stands last in ARNs: 16 hexadecimal digits. Unique over the installation, so that workers know
// balancers and groups by it alone.
std::string fresh_id(state::Chance& chance);

// The id in a record key.
std::string_view id_in(std::string_view key);

}  // namespace gantry::elbv2
