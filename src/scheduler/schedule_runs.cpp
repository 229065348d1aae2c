#include "scheduler/schedule_runs.h"

#include <boost/json.hpp>

#include "eventbus/event.h"
#include "events/delivery.h"
#include "scheduler/schedule.h"
#include "scheduler/target_request.h"

namespace gantry::scheduler {

namespace {

using std::chrono::minutes;

void start_tasks(
    const state::Turn& turn, const ScheduleRecord& schedule, const std::string& input, PolicyInstant at, state::Plan& plan
) {
    auto request = task_request(schedule.target, input);
    if (!request) return;
    request->started_by = "chronos-schedule/" + schedule.name;
    const auto& retries = *schedule.target.retry_policy;
    events::TaskDeliveryRecord delivery;
    delivery.account = schedule.account;
    delivery.region = schedule.region;
    delivery.id = turn.chance.uuid();
    delivery.what = "schedule " + schedule.name;
    delivery.request = *std::move(request);
    delivery.at = at;
    delivery.retries = retries.maximum_retry_attempts.value_or(delivery.retries);
    delivery.age_ms = std::int64_t{retries.maximum_event_age_in_seconds.value_or(0)} * 1'000;
    delivery.next = turn.now;
    plan.put(std::move(delivery), "the schedule " + schedule.name + " starts a task");
}

void put_event(
    const state::View& view,
    const state::Turn& turn,
    const ScheduleRecord& schedule,
    const std::string& input,
    PolicyInstant at,
    state::Plan& plan
) {
    const std::string bus = bus_name(schedule.target.arn);
    if (!eventbus::listened_to(view, schedule.scope(), bus)) return;
    boost::system::error_code wrong;
    auto detail = boost::json::parse(input, wrong);
    if (wrong || !detail.is_object()) return;
    eventbus::EventFacts facts;
    facts.source = schedule.target.event_bridge_parameters->source;
    facts.detail_type = schedule.target.event_bridge_parameters->detail_type;
    facts.detail = std::move(detail.get_object());
    facts.time = at;
    plan.put(
        eventbus::make_event(turn, schedule.scope(), bus, std::move(facts)),
        "the schedule " + schedule.name + " puts an event"
    );
}

void call_target(
    const state::View& view, const state::Turn& turn, const ScheduleRecord& schedule, PolicyInstant at, state::Plan& plan
) {
    const std::string input = fill_input(
        schedule.target.input.value_or(""), {schedule.arn(), eventbus::event_time(at), turn.chance.uuid()}
    );
    if (is_event_bus(schedule.target.arn)) {
        put_event(view, turn, schedule, input, at, plan);
    } else {
        start_tasks(turn, schedule, input, at, plan);
    }
}

Duration event_age(const ScheduleRecord& schedule) {
    const auto& retries = schedule.target.retry_policy;
    return std::chrono::seconds(retries ? retries->maximum_event_age_in_seconds.value_or(0) : 0);
}

}  // namespace

void ScheduleRuns::affected(const state::View& view, const state::Change& change, const KeySink& look_at) const {
    if (changed<ScheduleRecord>(view, change, change.after) != nullptr) look_at(change.key);
}

void ScheduleRuns::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& schedule : view.list<ScheduleRecord>()) look_at(schedule->key());
}

state::Plan ScheduleRuns::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto found = view.get<ScheduleRecord>(key);
    if (!found || !found->enabled) return plan;
    const auto group = view.get<ScheduleGroupRecord>(ScheduleGroupRecord::key(found->scope(), found->group));
    if (group && group->deleting) return plan;
    const auto next = found->next_run();
    if (!next) {
        if (found->deleted_when_complete) plan.erase<ScheduleRecord>(found->key(), "the schedule has completed");
        return plan;
    }
    ScheduleRecord schedule = *found;
    if (schedule.window_minutes > 0 && !schedule.delay) {
        const auto window = static_cast<std::uint64_t>(Duration(minutes(schedule.window_minutes)).count());
        schedule.delay = Duration(static_cast<std::int64_t>(turn.chance.draw() % window));
        plan.put(std::move(schedule), "when in its window the schedule fires next is drawn");
        return plan;
    }
    const Duration delay = schedule.delay.value_or(Duration(0));
    if (*next + delay > turn.now) {
        plan.look_again(*next + delay);
        return plan;
    }
    const PolicyInstant at = schedule.last_run(turn.now - delay).value_or(*next);
    if (turn.now <= at + delay + event_age(schedule)) call_target(view, turn, schedule, at, plan);
    schedule.ran = at;
    schedule.delay.reset();
    plan.put(std::move(schedule), "the schedule fired");
    return plan;
}

}  // namespace gantry::scheduler
