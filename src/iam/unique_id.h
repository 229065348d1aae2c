#pragma once

#include <string>
#include <string_view>

#include "state/turn.h"

namespace gantry::iam {

// IAM's unique ids: "AROA" (role), "AIDA" (user), "ANPA" (managed policy), "AKIA" and "ASIA" (access keys),
// and letters and digits up to 21 (ids) or 20 characters (keys).
std::string fresh_unique_id(std::string_view prefix, state::Chance& chance);
std::string fresh_access_key(std::string_view prefix, state::Chance& chance);
// 40 characters of base64's alphabet.
std::string fresh_secret(state::Chance& chance);
// The same form as a fresh id, but a function of its arguments: what is seeded is the same in every
// installation.
std::string seeded_unique_id(std::string_view prefix, std::string_view account, std::string_view name);

// "arn:aws:iam::ACCOUNT:KIND/path/NAME"; the path begins and ends with a slash.
std::string arn_of(
    std::string_view account, std::string_view kind, std::string_view path, std::string_view name
);

// "ACCOUNT/NAME": IAM is global, so records have no region in their keys.
std::string key_of(std::string_view account, std::string_view name);

// IAM names are unique without regard to case.
std::string lower(std::string_view name);

}  // namespace gantry::iam
