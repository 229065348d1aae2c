#include "scheduler/page.h"
#include "scheduler/schedule_group.h"
#include "scheduler/tags.h"
#include "shapes/scheduler/shapes.h"
#include "state/txn.h"

namespace gantry::scheduler {

using namespace shapes::scheduler;
using state::Txn;

namespace {

constexpr std::size_t groups_most = 500;

template <class Shape>
void show(const ScheduleGroupRecord& group, Shape& out) {
    out.arn = group.arn();
    out.name = group.name;
    out.state = group.deleting ? "DELETING" : "ACTIVE";
    if (group.created.ms == 0) return;  // the default one is as old as the account
    out.creation_date = shapes::Timestamp{group.created.ms};
    out.last_modification_date = shapes::Timestamp{group.modified.ms};
}

ScheduleGroupRecord default_group(const Caller& caller) {
    ScheduleGroupRecord group;
    group.account = caller.account;
    group.region = caller.region;
    group.name = kDefaultGroup;
    return group;
}

}  // namespace

Result<ScheduleGroupRecord> find_group(const state::View& view, const Caller& caller, const std::string& name) {
    if (const auto group = view.get<ScheduleGroupRecord>(ScheduleGroupRecord::key(caller.scope(), name))) return *group;
    if (name == kDefaultGroup) return default_group(caller);
    return refuse(kNotFound, "Schedule group " + name + " does not exist.");
}

Result<CreateScheduleGroupResponse> create_schedule_group(
    Txn& txn, const CreateScheduleGroupRequest& request, const Caller& caller
) {
    const auto known = txn.get<ScheduleGroupRecord>(ScheduleGroupRecord::key(caller.scope(), request.name));
    const std::string token = request.client_token.value_or("");
    CreateScheduleGroupResponse response;
    if (known || request.name == kDefaultGroup) {
        if (!known || known->deleting || token.empty() || token != known->token)
            return refuse(kConflict, "Schedule group " + request.name + " already exists.");
        response.schedule_group_arn = known->arn();
        return response;
    }
    if (txn.page<ScheduleGroupRecord>(caller.scope(), {}, groups_most).records.size() >= groups_most)
        return refuse(kQuota, "The maximum number of schedule groups is " + std::to_string(groups_most) + ".");
    ScheduleGroupRecord group = default_group(caller);
    group.name = request.name;
    group.token = token;
    group.created = group.modified = txn.now();
    if (request.tags) TRY_VOID(add_tags(group.tags, *request.tags));
    response.schedule_group_arn = group.arn();
    txn.put(std::move(group));
    return response;
}

Result<GetScheduleGroupResponse> get_schedule_group(
    Txn& txn, const GetScheduleGroupRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.name));
    GetScheduleGroupResponse response;
    show(group, response);
    return response;
}

// Its schedules go after it: until then it is DELETING.
Result<DeleteScheduleGroupResponse> delete_schedule_group(
    Txn& txn, const DeleteScheduleGroupRequest& request, const Caller& caller
) {
    if (request.name == kDefaultGroup) return refuse(kInvalid, "The default schedule group cannot be deleted.");
    TRY(auto group, find_group(txn, caller, request.name));
    if (!group.deleting) {
        group.deleting = true;
        group.modified = txn.now();
        txn.put(std::move(group));
    }
    return DeleteScheduleGroupResponse{};
}

Result<ListScheduleGroupsResponse> list_schedule_groups(
    Txn& txn, const ListScheduleGroupsRequest& request, const Caller& caller
) {
    ListScheduleGroupsResponse response;
    const std::string prefix = request.name_prefix.value_or("");
    auto& list = response.schedule_groups.emplace();
    auto limit = request.max_results;
    const std::string default_name = kDefaultGroup;
    const bool known = txn.get<ScheduleGroupRecord>(ScheduleGroupRecord::key(caller.scope(), default_name)) != nullptr;
    // It stands first, on the first page.
    if (!request.next_token && !known && default_name.starts_with(prefix)) {
        show(default_group(caller), list.emplace_back());
        if (limit) limit = *limit - 1;
    }
    TRY(response.next_token,
        take_page<ScheduleGroupRecord>(
            txn, caller.scope() + prefix, request.next_token, limit, [&](const ScheduleGroupRecord& group) {
                show(group, list.emplace_back());
                return true;
            }
        ));
    return response;
}

}  // namespace gantry::scheduler
