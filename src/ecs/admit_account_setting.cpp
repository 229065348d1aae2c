#include "ecs/admit_account_setting.h"

#include <array>

namespace gantry::ecs {
namespace {

constexpr std::string_view kOnOff = ",enabled,disabled,on,off,";
constexpr std::array<SettingFact, 11> kSettings = {{
    {"awsvpcTrunking", "disabled", kOnOff},
    {"containerInsights", "disabled", ",enabled,disabled,enhanced,on,off,"},
    {"containerInstanceLongArnFormat", "enabled", kOnOff},
    {"defaultLogDriverMode", "non-blocking", ",blocking,non-blocking,"},
    {"fargateEventWindows", "disabled", kOnOff},
    {"fargateFIPSMode", "disabled", kOnOff},
    {"fargateTaskRetirementWaitPeriod", "7", ",0,7,14,"},
    {"guardDutyActivate", "off", kOnOff, true},
    {"serviceLongArnFormat", "enabled", kOnOff},
    {"tagResourceAuthorization", "off", kOnOff},
    {"taskLongArnFormat", "enabled", kOnOff},
}};

}  // namespace

std::span<const SettingFact> setting_facts() { return kSettings; }

const SettingFact* find_setting(std::string_view name) {
    for (const auto& fact : kSettings) {
        if (fact.name == name) return &fact;
    }
    return nullptr;
}

Result<const SettingFact*> admit_setting(std::string_view name, std::string_view value) {
    constexpr const char* kInvalid = "InvalidParameterException";
    const auto* fact = find_setting(name);
    if (fact == nullptr) return refuse(kInvalid, "Invalid setting name: " + std::string(name) + ".");
    if (fact->aws_managed)
        return refuse(
            kInvalid, "The setting " + std::string(name) + " is managed by AWS and cannot be modified."
        );
    const std::string wanted = "," + std::string(value) + ",";
    if (fact->accepted.find(wanted) == std::string_view::npos) {
        return refuse(
            kInvalid, "Invalid value for setting " + std::string(name) + ": " + std::string(value) + "."
        );
    }
    return fact;
}

}  // namespace gantry::ecs
