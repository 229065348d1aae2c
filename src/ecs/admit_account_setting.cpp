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

Result<void> admit_principal(std::string_view arn, std::string_view account) {
    for (const char* service : {":iam::", ":sts::"}) {
        const auto at = arn.find(service);
        if (!arn.starts_with("arn:") || at == std::string_view::npos) continue;
        const auto rest = arn.substr(at + 6);
        const auto who = rest.starts_with(account) ? rest.substr(account.size()) : std::string_view();
        for (const char* kind : {":user/", ":role/", ":assumed-role/", ":federated-user/"})
            if (who.starts_with(kind) && !who.ends_with('/')) return {};
        if (who == ":root") return {};
    }
    return refuse("InvalidParameterException", "Invalid principal ARN: " + std::string(arn) + ".");
}

Result<const SettingFact*> admit_setting(std::string_view name, std::string_view value) {
    constexpr const char* kInvalid = "InvalidParameterException";
    const auto* fact = find_setting(name);
    if (fact == nullptr) return refuse(kInvalid, "Invalid setting name: " + std::string(name) + ".");
    if (fact->aws_managed)
        return refuse(
            kInvalid, "The setting " + std::string(name) + " is managed by AWS and cannot be modified."
        );
    // Nobody shall believe that lines wait for room when they are dropped.
    if (name == "defaultLogDriverMode" && value == "blocking") {
        return refuse(
            "UnsupportedFeatureException",
            "Gantry does not use the account setting defaultLogDriverMode=blocking yet. Set the option mode in the "
            "logConfiguration of the task definition."
        );
    }
    const std::string wanted = "," + std::string(value) + ",";
    if (fact->accepted.find(wanted) == std::string_view::npos) {
        return refuse(
            kInvalid, "Invalid value for setting " + std::string(name) + ": " + std::string(value) + "."
        );
    }
    return fact;
}

}  // namespace gantry::ecs
