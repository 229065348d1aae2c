#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::codedeploy {

// What CodeDeploy takes as the name of an application, deployment group or configuration: letters, digits and
// `. _ + = , @ -` (its length the model says). `code`: "InvalidApplicationNameException"; `noun`:
// "application".
Result<> check_name(std::string_view name, const char* code, std::string_view noun);

}  // namespace gantry::codedeploy
