#include "ecs/task_name.h"

#include "ecs/arn.h"

namespace gantry::ecs {

Result<std::string> task_id(std::string_view text, std::string_view cluster, const Caller& caller) {
    constexpr const char* kInvalid = "InvalidParameterException";
    std::string_view id = text;
    bool elsewhere = false;
    if (text.starts_with("arn:")) {
        const auto arn = parse_arn(text);
        if (!arn || !arn->resource.starts_with("task/"))
            return refuse(kInvalid, "Invalid identifier: " + std::string(text));
        id = arn->resource.substr(5);
        elsewhere = arn->account != caller.account || arn->region != caller.region;
        // Old ARNs have no cluster in them.
        if (const auto slash = id.find('/'); slash != std::string_view::npos) {
            elsewhere = elsewhere || id.substr(0, slash) != cluster;
            id = id.substr(slash + 1);
        }
    }
    if (id.size() != 32 && id.size() != 36) return refuse(kInvalid, "taskId length should be one of [32,36]");
    return elsewhere ? std::string("elsewhere") : std::string(id);
}

}  // namespace gantry::ecs
