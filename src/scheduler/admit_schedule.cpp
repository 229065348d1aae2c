#include "scheduler/admit_schedule.h"

#include <boost/json.hpp>

#include "eventbus/target_arn.h"
#include "events/run_task_request.h"
#include "schedule/next_run.h"
#include "schedule/time_zone.h"
#include "scheduler/target_request.h"

namespace gantry::scheduler {

using namespace shapes::scheduler;
using eventbus::TargetPlace;

namespace {

constexpr Duration kStartAge = std::chrono::minutes(5);
// What AWS has for a target without a retry policy.
constexpr int kEventAge = 86'400;  // seconds
constexpr int kRetryAttempts = 185;

tl::unexpected<Error> invalid(std::string message) { return refuse(kInvalid, std::move(message)); }

Result<void> admit_ecs(const Target& target) {
    if (!target.ecs_parameters) return invalid("EcsParameters must be specified for the target " + target.arn + ".");
    const auto& given = *target.ecs_parameters;
    if (!eventbus::parse_target_arn(given.task_definition_arn)) {
        return invalid(
            "Provided TaskDefinitionArn is not in correct format. Parameter: " + given.task_definition_arn
        );
    }
    if (given.launch_type && given.capacity_provider_strategy && !given.capacity_provider_strategy->empty())
        return invalid("Only one of LaunchType and CapacityProviderStrategy can be specified.");
    if (const auto request = task_request(target, target.input.value_or("")); !request)
        return invalid("Invalid target: " + request.error().message + ".");
    return {};
}

Result<void> admit_bus(const Target& target) {
    if (!target.event_bridge_parameters)
        return invalid("EventBridgeParameters must be specified for the target " + target.arn + ".");
    if (target.event_bridge_parameters->source.starts_with("aws."))
        return invalid("The Source of EventBridgeParameters must not start with aws.");
    boost::system::error_code wrong;
    const auto detail = boost::json::parse(target.input.value_or(""), wrong);
    if (wrong || !detail.is_object()) return invalid("The Input of an event bus target must be a JSON object.");
    return {};
}

Result<void> refuse_other_parameters(const Target& target, bool ecs) {
    if (target.kinesis_parameters || target.sage_maker_pipeline_parameters || target.sqs_parameters ||
        (ecs ? target.event_bridge_parameters.has_value() : target.ecs_parameters.has_value())) {
        return invalid("The parameters of another kind of target cannot be specified for " + target.arn + ".");
    }
    return {};
}

}  // namespace

Result<void> admit_schedule(const ScheduleRecord& schedule, const ScheduleRecord* before, PolicyInstant now) {
    if (!schedule::is_time_zone(schedule.zone)) return invalid("Invalid ScheduleExpressionTimezone " + schedule.zone + ".");
    const auto parsed = schedule::parse_schedule(schedule.expression);
    const auto bad = [&] { return invalid("Invalid Schedule Expression " + schedule.expression + "."); };
    if (!parsed) return bad();
    const bool same =
        before != nullptr && before->expression == schedule.expression && before->zone == schedule.zone;
    if (!same && !schedule::Timetable(*parsed, schedule.zone, now).next(now)) return bad();
    // The dates of one-time schedules are ignored, as documented.
    if (std::holds_alternative<schedule::At>(*parsed)) return {};
    const bool known_start = before != nullptr && before->start == schedule.start;
    if (schedule.start && !known_start && *schedule.start < now - kStartAge)
        return invalid("The StartDate you specify cannot be earlier than 5 minutes ago.");
    const bool known_end = before != nullptr && before->end == schedule.end;
    if (schedule.end && !known_end && *schedule.end <= now)
        return invalid("The EndDate you specify must be in the future.");
    if (schedule.start && schedule.end && *schedule.end <= *schedule.start)
        return invalid("The EndDate you specify must be later than the StartDate.");
    return {};
}

Result<void> admit_target(Target& target, const Caller& caller) {
    constexpr std::string_view universal = "arn:aws:scheduler:::aws-sdk:";
    if (target.arn.starts_with(universal))
        return invalid("Gantry does not implement universal targets (" + target.arn + ") yet.");
    const auto place = eventbus::parse_target_arn(target.arn);
    if (!place) return invalid("Provided Arn is not in correct format. Parameter: " + target.arn);
    const bool bus = is_event_bus(target.arn);
    const bool ecs = place->kind == TargetPlace::Kind::ecs_cluster;
    if (!bus && !ecs) {
        return invalid(
            "Gantry does not call " + target.arn + " from schedules yet. Targets are ECS clusters and event buses."
        );
    }
    if (place->account != caller.account || place->region != caller.region)
        return invalid("Gantry does not call another account or region from schedules yet (" + target.arn + ").");
    if (target.dead_letter_config && target.dead_letter_config->arn)
        return invalid("Gantry does not implement dead-letter queues (DeadLetterConfig) yet.");
    TRY_VOID(refuse_other_parameters(target, ecs));
    if (!target.retry_policy) target.retry_policy.emplace();
    auto& retries = *target.retry_policy;
    retries.maximum_event_age_in_seconds = retries.maximum_event_age_in_seconds.value_or(kEventAge);
    retries.maximum_retry_attempts = retries.maximum_retry_attempts.value_or(kRetryAttempts);
    if (bus) return admit_bus(target);
    TRY_VOID(admit_ecs(target));
    if (!target.ecs_parameters->task_count) target.ecs_parameters->task_count = 1;
    return {};
}

}  // namespace gantry::scheduler
