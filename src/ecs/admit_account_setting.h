#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace gantry::ecs {

// One of ECS's account settings: its value in an account that has set nothing, and the values that it takes.
struct SettingFact {
    std::string_view name;
    std::string_view value;
    std::string_view accepted;  // ",enabled,disabled," …
    bool aws_managed = false;   // cannot be put
};

// Sorted by name.
std::span<const SettingFact> setting_facts();
const SettingFact* find_setting(std::string_view name);
Result<const SettingFact*> admit_setting(std::string_view name, std::string_view value);
// The ARN of a user, a role or the root of that account.
Result<void> admit_principal(std::string_view arn, std::string_view account);

}  // namespace gantry::ecs
