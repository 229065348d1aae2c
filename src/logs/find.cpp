#include "logs/find.h"

namespace gantry::logs {

std::optional<LogGroupArn> parse_log_group_arn(const std::string& arn) {
    std::string parts[7];
    std::size_t from = 0;
    for (int i = 0; i < 6; ++i) {
        const auto to = arn.find(':', from);
        if (to == std::string::npos) return std::nullopt;
        parts[i] = arn.substr(from, to - from);
        from = to + 1;
    }
    parts[6] = arn.substr(from);
    if (parts[6].ends_with(":*")) parts[6].resize(parts[6].size() - 2);
    if (parts[0] != "arn" || parts[2] != "logs" || parts[5] != "log-group" || parts[6].empty() ||
        parts[6].find(':') != std::string::npos)
        return std::nullopt;
    return LogGroupArn{parts[3], parts[4], parts[6]};
}

Result<PinnedGroup> find_group(const state::View& view, const Caller& caller, const std::string& name) {
    auto group = view.get<LogGroupRecord>(caller.scope() + name);
    if (group == nullptr) return refuse(kNotFound, "The specified log group does not exist.");
    return group;
}

Result<PinnedGroup> find_group_by_arn(const state::View& view, const Caller& caller, const std::string& arn) {
    const auto parsed = parse_log_group_arn(arn);
    if (!parsed) return refuse(kInvalidParameter, "The specified ARN is not valid: " + arn);
    if (parsed->account != caller.account || parsed->region != caller.region)
        return refuse(kNotFound, "The specified log group does not exist.");
    return find_group(view, caller, parsed->name);
}

Result<PinnedGroup> find_group(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::string>& name,
    const std::optional<std::string>& identifier
) {
    if (name && identifier)
        return refuse(kInvalidParameter, "LogGroupName and LogGroupIdentifier cannot both be given.");
    if (name) return find_group(view, caller, *name);
    if (!identifier)
        return refuse(kInvalidParameter, "Either LogGroupName or LogGroupIdentifier is required.");
    if (identifier->starts_with("arn:")) return find_group_by_arn(view, caller, *identifier);
    return find_group(view, caller, *identifier);
}

Result<PinnedStream> find_stream(
    const state::View& view, const LogGroupRecord& group, const std::string& name
) {
    auto stream = view.get<LogStreamRecord>(group.uid + "/" + name);
    if (stream == nullptr) return refuse(kNotFound, "The specified log stream does not exist.");
    return stream;
}

}  // namespace gantry::logs
