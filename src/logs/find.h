#pragma once

#include <optional>
#include <string>

#include "logs/records.h"
#include "operation/caller.h"
#include "state/view.h"

namespace gantry::logs {

inline constexpr const char* kInvalidParameter = "InvalidParameterException";
inline constexpr const char* kNotFound = "ResourceNotFoundException";

// "arn:aws:logs:REGION:ACCOUNT:log-group:NAME", also with ":*" behind it.
struct LogGroupArn {
    std::string region;
    std::string account;
    std::string name;
};
std::optional<LogGroupArn> parse_log_group_arn(const std::string& arn);

using PinnedGroup = state::Pinned<LogGroupRecord>;
using PinnedStream = state::Pinned<LogStreamRecord>;

// ResourceNotFoundException in CloudWatch's words where there is none.
Result<PinnedGroup> find_group(const state::View& view, const Caller& caller, const std::string& name);
Result<PinnedGroup> find_group_by_arn(const state::View& view, const Caller& caller, const std::string& arn);
// For requests with both logGroupName and logGroupIdentifier (a name or an ARN): exactly one is to be given.
Result<PinnedGroup> find_group(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::string>& name,
    const std::optional<std::string>& identifier
);
Result<PinnedStream> find_stream(
    const state::View& view, const LogGroupRecord& group, const std::string& name
);

}  // namespace gantry::logs
