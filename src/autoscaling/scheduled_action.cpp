#include "autoscaling/scheduled_action.h"

#include <algorithm>
#include <set>

#include "autoscaling/page.h"
#include "schedule/next_run.h"
#include "schedule/time_zone.h"
#include "state/txn.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;
using state::Txn;

namespace {

constexpr std::size_t actions_most = 200;

struct Runs {
    schedule::Timetable times;
    PolicyInstant after;
    std::optional<PolicyInstant> until;
};

std::optional<Runs> runs_of(const ScheduledActionRecord& action) {
    const auto parsed = schedule::parse_schedule(action.schedule);
    if (!parsed) return std::nullopt;
    const bool once = std::holds_alternative<schedule::At>(*parsed);
    const auto put = std::max(action.since, action.created);
    PolicyInstant anchor = put;
    if (const auto* rate = std::get_if<schedule::Rate>(&*parsed); rate != nullptr && action.start)
        anchor = *action.start - rate->period;
    auto after = std::max(put, action.ran);
    if (!once && action.start) after = std::max(after, *action.start - Duration(1));
    return Runs{
        schedule::Timetable(*parsed, action.time_zone.value_or("UTC"), anchor), after,
        once ? std::nullopt : action.end};
}

Result<void> admit_schedule(const ScheduledActionRecord& action, PolicyInstant now) {
    const auto schedule = schedule::parse_schedule(action.schedule);
    if (!schedule) {
        return invalid(
            "Invalid schedule expression. Details: '" + schedule.error().message +
            ". Schedule expression must have the following syntax: "
            "rate(<number>\\s?(minutes?|hours?|days?)), "
            "cron(<cron_expression>) or at(yyyy-MM-dd'T'HH:mm:ss).'"
        );
    }
    if (!schedule::Timetable(*schedule, action.time_zone.value_or("UTC"), now).next(now)) {
        return invalid(
            "Invalid schedule expression. Details: 'The schedule " + action.schedule + " never fires.'"
        );
    }
    return {};
}

Result<void> admit_times(const ScheduledActionRecord& action, PolicyInstant now) {
    if (action.start && action.end && *action.end <= *action.start)
        return invalid("The end time must be after the start time.");
    if (action.end && *action.end <= now) return invalid("The end time must be in the future.");
    if (action.time_zone && !schedule::is_time_zone(*action.time_zone))
        return invalid("Invalid timezone: " + *action.time_zone);
    return {};
}

Result<void> admit_capacity(const ScheduledActionRecord& action) {
    if (!action.min && !action.max)
        return invalid("At least one of minimum capacity and maximum capacity should be provided");
    if (action.min.value_or(0) < 0) return invalid("MinCapacity cannot be negative.");
    if (action.max.value_or(0) < 0) return invalid("MaxCapacity cannot be negative.");
    if (action.min && action.max && *action.max < *action.min)
        return invalid("Maximum capacity cannot be less than minimum capacity");
    return {};
}

std::optional<PolicyInstant> instant(const std::optional<shapes::Timestamp>& given) {
    if (!given) return std::nullopt;
    return PolicyInstant{given->ms};
}

ScheduledAction show(const ScheduledActionRecord& action) {
    ScheduledAction out;
    out.scheduled_action_name = action.name;
    out.scheduled_action_arn = action.arn();
    out.service_namespace = kNamespace;
    out.schedule = action.schedule;
    out.timezone = action.time_zone;
    out.resource_id = action.resource;
    out.scalable_dimension = kDimension;
    if (action.start) out.start_time = shapes::Timestamp{action.start->ms};
    if (action.end) out.end_time = shapes::Timestamp{action.end->ms};
    auto& capacity = out.scalable_target_action.emplace();
    capacity.min_capacity = action.min;
    capacity.max_capacity = action.max;
    out.creation_time = shapes::Timestamp{action.created.ms};
    return out;
}

}  // namespace

std::optional<PolicyInstant> ScheduledActionRecord::next_run() const {
    const auto runs = runs_of(*this);
    const auto found = runs ? runs->times.next(runs->after) : std::nullopt;
    return found && runs->until && *found > *runs->until ? std::nullopt : found;
}

std::optional<PolicyInstant> ScheduledActionRecord::last_run(PolicyInstant now) const {
    const auto runs = runs_of(*this);
    if (!runs) return std::nullopt;
    return runs->times.last(runs->after, runs->until ? std::min(*runs->until, now) : now);
}

// Of an action that exists only what is given changes, but for start and end: not given, they are deleted.
Result<PutScheduledActionResponse> put_scheduled_action(
    Txn& txn, const PutScheduledActionRequest& request, const Caller& caller
) {
    TRY(const auto resource,
        admit_resource(request.service_namespace, request.resource_id, request.scalable_dimension));
    TRY(const auto target, find_target(txn, caller, resource));
    const auto known = txn.get<ScheduledActionRecord>(
        ScheduledActionRecord::key(target->parts(), request.scheduled_action_name)
    );
    ScheduledActionRecord action;
    if (known && known->target == target->id) {
        action = *known;
    } else {
        std::size_t others = 0;
        for (const auto& other : txn.list<ScheduledActionRecord>(target->parts()))
            others += other->target == target->id;
        if (others >= actions_most) {
            return refuse(
                "LimitExceededException", "A scalable target can have no more than 200 scheduled actions."
            );
        }
        if (!request.schedule) return invalid("Schedule must be specified for a new scheduled action.");
        action.account = caller.account;
        action.region = caller.region;
        action.resource = resource.id;
        action.target = target->id;
        action.name = request.scheduled_action_name;
        action.id = txn.chance().uuid();
        action.created = txn.now();
    }
    const ScheduledActionRecord before = action;
    action.schedule = request.schedule.value_or(action.schedule);
    if (request.timezone) action.time_zone = request.timezone;
    action.start = instant(request.start_time);
    action.end = instant(request.end_time);
    if (request.scalable_target_action) {
        action.min = request.scalable_target_action->min_capacity;
        action.max = request.scalable_target_action->max_capacity;
    }
    if (action.schedule != before.schedule || action.time_zone != before.time_zone || action.start != before.start)
        action.since = txn.now();
    TRY_VOID(admit_times(action, txn.now()));
    if (request.schedule) TRY_VOID(admit_schedule(action, txn.now()));
    TRY_VOID(admit_capacity(action));
    txn.put(std::move(action));
    return PutScheduledActionResponse{};
}

Result<DeleteScheduledActionResponse> delete_scheduled_action(
    Txn& txn, const DeleteScheduledActionRequest& request, const Caller& caller
) {
    TRY(const auto resource,
        admit_resource(request.service_namespace, request.resource_id, request.scalable_dimension));
    const auto target = txn.get<TargetRecord>(TargetRecord::key(caller.scope(), resource.id));
    const auto action = target ? txn.get<ScheduledActionRecord>(ScheduledActionRecord::key(
                                     target->parts(), request.scheduled_action_name
                                 ))
                               : nullptr;
    if (!action || action->target != target->id) {
        return refuse(
            "ObjectNotFoundException", "No scheduled action found for " + named(resource) +
                                           ", scheduled action name: " + request.scheduled_action_name
        );
    }
    txn.erase<ScheduledActionRecord>(action->key());
    return DeleteScheduledActionResponse{};
}

Result<DescribeScheduledActionsResponse> describe_scheduled_actions(
    Txn& txn, const DescribeScheduledActionsRequest& request, const Caller& caller
) {
    DescribeScheduledActionsResponse response;
    auto& list = response.scheduled_actions.emplace();
    if (request.service_namespace != kNamespace ||
        request.scalable_dimension.value_or(kDimension) != kDimension)
        return response;
    std::set<std::string> names;
    if (const auto& given = request.scheduled_action_names) names.insert(given->begin(), given->end());
    auto found = txn.list<ScheduledActionRecord>(
        request.resource_id ? TargetRecord::key(caller.scope(), *request.resource_id) + "/" : caller.scope()
    );
    std::erase_if(found, [&](const auto& action) {
        const auto target = txn.get<TargetRecord>(TargetRecord::key(action->scope(), action->resource));
        return !target || target->id != action->target || (!names.empty() && !names.contains(action->name));
    });
    TRY(response.next_token, cut_page(found, caller.scope(), request.next_token, request.max_results));
    for (const auto& action : found) list.push_back(show(*action));
    return response;
}

}  // namespace gantry::autoscaling
