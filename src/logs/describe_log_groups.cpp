#include <algorithm>

#include "logs/find.h"
#include "operation/data_context.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;

namespace {

struct GroupPage {
    std::vector<PinnedGroup> groups;
    std::optional<std::string> next_after;  // a name
};

Result<GroupPage> list_groups(
    const state::Txn& txn, const DescribeLogGroupsRequest& request, const Caller& caller
) {
    if (request.log_group_name_prefix && request.log_group_name_pattern)
        return refuse(
            kInvalidParameter,
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        );
    GroupPage page;
    if (request.log_group_identifiers) {
        for (const auto& identifier : *request.log_group_identifiers) {
            auto group = find_group(txn, caller, std::nullopt, identifier);
            if (group) page.groups.push_back(*group);
        }
        return page;
    }
    const auto limit = static_cast<std::size_t>(request.limit.value_or(50));
    const auto scope = caller.scope();
    const auto prefix = scope + request.log_group_name_prefix.value_or("");
    auto after = request.next_token ? scope + *request.next_token : std::string();
    for (;;) {
        const auto some = txn.page<LogGroupRecord>(prefix, after, 100);
        for (const auto& group : some.records) {
            if (request.log_group_name_pattern &&
                group->name.find(*request.log_group_name_pattern) == std::string::npos)
                continue;
            if (request.log_group_class && group->group_class != *request.log_group_class) continue;
            if (page.groups.size() == limit) {
                page.next_after = page.groups.back()->name;
                return page;
            }
            page.groups.push_back(group);
        }
        if (!some.next_after) return page;
        after = *some.next_after;
    }
}

}  // namespace

Awaitable<Result<DescribeLogGroupsResponse>> describe_log_groups(
    DataContext& context, DescribeLogGroupsRequest request, Caller caller
) {
    auto found = co_await context.transact<GroupPage>([&](state::Txn& txn) {
        return list_groups(txn, request, caller);
    });
    CO_TRY(auto page, std::move(found));
    std::vector<std::string> uids;
    for (const auto& group : page.groups) uids.push_back(group->uid);
    CO_TRY(const auto stats, co_await context.log_store().group_stats(std::move(uids)));

    DescribeLogGroupsResponse response;
    response.next_token = std::move(page.next_after);
    auto& out = response.log_groups.emplace();
    for (std::size_t i = 0; i < page.groups.size(); ++i) {
        const auto& group = *page.groups[i];
        LogGroup shape;
        shape.log_group_name = group.name;
        shape.creation_time = group.created.ms;
        if (group.retention_days > 0) shape.retention_in_days = group.retention_days;
        shape.metric_filter_count = 0;
        shape.arn = group.arn() + ":*";
        shape.stored_bytes = static_cast<std::int64_t>(stats[i].stored_bytes);
        shape.log_group_class = group.group_class;
        shape.log_group_arn = group.arn();
        shape.deletion_protection_enabled = false;
        out.push_back(std::move(shape));
    }
    co_return response;
}

}  // namespace gantry::logs
