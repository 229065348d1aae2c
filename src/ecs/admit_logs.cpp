#include <algorithm>
#include <array>
#include <string_view>

#include "ecs/admit_task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kClient = "ClientException";

constexpr std::array<std::string_view, 10> kAwslogs = {
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
    "awslogs-force-flush-interval-seconds",
    "awslogs-max-buffered-events",
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

Result<void> admit_awslogs(const std::map<std::string, std::string>& options) {
    std::vector<std::string> missing;
    for (const char* needed : {"awslogs-region", "awslogs-group"}) {
        const auto found = options.find(needed);
        if (found == options.end() || found->second.empty()) missing.push_back(needed);
    }
    if (!missing.empty()) return refuse(kClient, "Log driver awslogs requires options: " + joined(missing));
    std::vector<std::string> unknown;
    for (const auto& [name, _] : options) {
        if (std::find(kAwslogs.begin(), kAwslogs.end(), name) == kAwslogs.end()) unknown.push_back(name);
    }
    if (!unknown.empty()) return refuse(kClient, "Log driver awslogs disallows options: " + joined(unknown));
    if (options.contains("awslogs-datetime-format") && options.contains("awslogs-multiline-pattern")) {
        return refuse(
            kClient,
            "You cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the "
            "same time."
        );
    }
    const auto mode = options.find("mode");
    if (mode != options.end() && mode->second != "blocking" && mode->second != "non-blocking")
        return refuse(kClient, "Log driver option mode must be one of [blocking,non-blocking]");
    return {};
}

}  // namespace

Result<void> admit_logs(const ContainerDefinition& container, const char* driver_list) {
    if (!container.log_configuration) return {};
    const auto& log = *container.log_configuration;
    if (driver_list != nullptr) {
        const std::string drivers = "," + std::string(driver_list) + ",";
        if (drivers.find("," + log.log_driver + ",") == std::string::npos) {
            return refuse(
                kClient, log.log_driver + " is not a valid log driver. Must be one of [" +
                             std::string(driver_list) + "]"
            );
        }
    }
    if (log.log_driver != "awslogs") return {};
    static const std::map<std::string, std::string> kNone;
    return admit_awslogs(log.options ? *log.options : kNone);
}

}  // namespace gantry::ecs
