#include "scheduler/admit_schedule.h"
#include "scheduler/page.h"
#include "state/txn.h"

namespace gantry::scheduler {

using namespace shapes::scheduler;
using state::Txn;

namespace {

constexpr std::string_view kFlexible = "FLEXIBLE";
constexpr std::string_view kDisabled = "DISABLED";
constexpr std::string_view kDelete = "DELETE";

tl::unexpected<Error> no_such(const std::string& name) {
    return refuse(kNotFound, "Schedule " + name + " does not exist.");
}

std::optional<PolicyInstant> instant(const std::optional<shapes::Timestamp>& given) {
    return given ? std::optional(PolicyInstant{given->ms}) : std::nullopt;
}

std::optional<shapes::Timestamp> timestamp(const std::optional<PolicyInstant>& at) {
    return at ? std::optional(shapes::Timestamp{at->ms}) : std::nullopt;
}

Result<int> admit_window(const FlexibleTimeWindow& window) {
    if (window.mode == kFlexible) {
        if (!window.maximum_window_in_minutes) {
            return refuse(
                kInvalid, "MaximumWindowInMinutes must be provided when the FlexibleTimeWindow Mode is FLEXIBLE."
            );
        }
        return *window.maximum_window_in_minutes;
    }
    if (window.maximum_window_in_minutes) {
        return refuse(
            kInvalid, "MaximumWindowInMinutes cannot be provided when the FlexibleTimeWindow Mode is OFF."
        );
    }
    return 0;
}

// What both requests say: all of the schedule. What is not given has AWS's default.
template <class Request>
Result<ScheduleRecord> read(
    const Request& request, ScheduleRecord schedule, const ScheduleRecord* before, const Caller& caller, PolicyInstant now
) {
    if (request.kms_key_arn) return refuse(kInvalid, "Gantry does not implement customer keys (KmsKeyArn) yet.");
    schedule.description = request.description;
    schedule.expression = request.schedule_expression;
    schedule.zone = request.schedule_expression_timezone.value_or("UTC");
    schedule.start = instant(request.start_date);
    schedule.end = instant(request.end_date);
    TRY(schedule.window_minutes, admit_window(request.flexible_time_window));
    schedule.enabled = request.state != kDisabled;
    schedule.deleted_when_complete = request.action_after_completion == kDelete;
    schedule.target = request.target;
    schedule.modified = now;
    TRY_VOID(admit_schedule(schedule, before, now));
    TRY_VOID(admit_target(schedule.target, caller));
    const bool same = before != nullptr && before->enabled == schedule.enabled &&
                      before->expression == schedule.expression && before->zone == schedule.zone &&
                      before->start == schedule.start;
    if (!same) {
        schedule.since = now;
        schedule.ran.reset();
    }
    schedule.delay.reset();
    return schedule;
}

Result<state::Pinned<ScheduleRecord>> find_schedule(
    const state::View& view, const Caller& caller, const std::optional<std::string>& group, const std::string& name
) {
    TRY(const auto found, find_group(view, caller, group.value_or(kDefaultGroup)));
    auto schedule = view.get<ScheduleRecord>(ScheduleRecord::key(caller.scope(), found.name, name));
    if (!schedule || found.deleting) return no_such(name);
    return schedule;
}

const char* state_of(const ScheduleRecord& schedule) { return schedule.enabled ? "ENABLED" : "DISABLED"; }

}  // namespace

// A repeated request is told by its token.
Result<CreateScheduleResponse> create_schedule(Txn& txn, const CreateScheduleRequest& request, const Caller& caller) {
    TRY(const auto group, find_group(txn, caller, request.group_name.value_or(kDefaultGroup)));
    if (group.deleting) return refuse(kConflict, "Schedule group " + group.name + " is being deleted.");
    const auto known = txn.get<ScheduleRecord>(ScheduleRecord::key(caller.scope(), group.name, request.name));
    const std::string token = request.client_token.value_or("");
    CreateScheduleResponse response;
    if (known) {
        if (token.empty() || token != known->token)
            return refuse(kConflict, "Schedule " + request.name + " already exists.");
        response.schedule_arn = known->arn();
        return response;
    }
    ScheduleRecord schedule;
    schedule.account = caller.account;
    schedule.region = caller.region;
    schedule.group = group.name;
    schedule.name = request.name;
    schedule.token = token;
    schedule.created = txn.now();
    TRY(schedule, read(request, std::move(schedule), nullptr, caller, txn.now()));
    response.schedule_arn = schedule.arn();
    txn.put(std::move(schedule));
    return response;
}

// Puts the schedule as a whole. A time that is due already is done, unless the schedule or its state changes.
Result<UpdateScheduleResponse> update_schedule(Txn& txn, const UpdateScheduleRequest& request, const Caller& caller) {
    TRY(const auto known, find_schedule(txn, caller, request.group_name, request.name));
    TRY(auto schedule, read(request, *known, known.get(), caller, txn.now()));
    UpdateScheduleResponse response;
    response.schedule_arn = schedule.arn();
    txn.put(std::move(schedule));
    return response;
}

Result<GetScheduleResponse> get_schedule(Txn& txn, const GetScheduleRequest& request, const Caller& caller) {
    TRY(const auto schedule, find_schedule(txn, caller, request.group_name, request.name));
    GetScheduleResponse response;
    response.action_after_completion = schedule->deleted_when_complete ? "DELETE" : "NONE";
    response.arn = schedule->arn();
    response.creation_date = shapes::Timestamp{schedule->created.ms};
    response.description = schedule->description;
    response.end_date = timestamp(schedule->end);
    auto& window = response.flexible_time_window.emplace();
    window.mode = schedule->window_minutes > 0 ? "FLEXIBLE" : "OFF";
    if (schedule->window_minutes > 0) window.maximum_window_in_minutes = schedule->window_minutes;
    response.group_name = schedule->group;
    response.last_modification_date = shapes::Timestamp{schedule->modified.ms};
    response.name = schedule->name;
    response.schedule_expression = schedule->expression;
    response.schedule_expression_timezone = schedule->zone;
    response.start_date = timestamp(schedule->start);
    response.state = state_of(*schedule);
    response.target = schedule->target;
    return response;
}

Result<DeleteScheduleResponse> delete_schedule(Txn& txn, const DeleteScheduleRequest& request, const Caller& caller) {
    TRY(const auto schedule, find_schedule(txn, caller, request.group_name, request.name));
    txn.erase<ScheduleRecord>(schedule->key());
    return DeleteScheduleResponse{};
}

Result<ListSchedulesResponse> list_schedules(Txn& txn, const ListSchedulesRequest& request, const Caller& caller) {
    std::string prefix = caller.scope();
    const std::string start = request.name_prefix.value_or("");
    if (request.group_name) {
        TRY(const auto group, find_group(txn, caller, *request.group_name));
        prefix += group.name + "/" + start;
    }
    ListSchedulesResponse response;
    auto& list = response.schedules.emplace();
    const auto take = [&](const ScheduleRecord& schedule) {
        if (!schedule.name.starts_with(start) || (request.state && *request.state != state_of(schedule))) return false;
        auto& out = list.emplace_back();
        out.arn = schedule.arn();
        out.creation_date = shapes::Timestamp{schedule.created.ms};
        out.group_name = schedule.group;
        out.last_modification_date = shapes::Timestamp{schedule.modified.ms};
        out.name = schedule.name;
        out.state = state_of(schedule);
        out.target.emplace().arn = schedule.target.arn;
        return true;
    };
    TRY(response.next_token,
        take_page<ScheduleRecord>(txn, prefix, request.next_token, request.max_results, take));
    return response;
}

}  // namespace gantry::scheduler
