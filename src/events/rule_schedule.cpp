#include "events/rule_schedule.h"

#include <algorithm>
#include <boost/json.hpp>

#include "eventbus/event.h"
#include "eventbus/rule.h"
#include "events/send.h"
#include "schedule/next_run.h"

namespace gantry::events {

using eventbus::RuleRecord;
using eventbus::TargetRecord;

namespace {

void fire(
    const state::View& view, const state::Turn& turn, const RuleRecord& rule, PolicyInstant at, state::Plan& plan
) {
    eventbus::EventFacts facts{"aws.events", "Scheduled Event", {rule.arn()}, {}, at};
    const boost::json::value event =
        eventbus::event_json(rule.scope(), turn.chance.uuid(), std::move(facts));
    const std::string text = boost::json::serialize(event);
    for (const auto& target : view.list<TargetRecord>(TargetRecord::parts(rule.key())))
        send(turn, Sent{rule, event, text, at}, target->target, plan);
}

}  // namespace

void RuleSchedule::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    for (const auto& side : {change.before, change.after}) {
        const auto* rule = changed<RuleRecord>(view, change, side);
        if (rule != nullptr && !rule->schedule.empty()) look_at(change.key);
    }
    if (changed<RuleRunRecord>(view, change, change.after) != nullptr) look_at(change.key);
}

void RuleSchedule::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& rule : view.list<RuleRecord>()) {
        if (!rule->schedule.empty()) look_at(rule->key());
    }
    for (const auto& run : view.list<RuleRunRecord>()) look_at(run->key());
}

state::Plan RuleSchedule::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto rule = view.get<RuleRecord>(key);
    const auto run = view.get<RuleRunRecord>(key);
    if (!rule || rule->schedule.empty() || !rule->enabled) {
        if (run) plan.erase<RuleRunRecord>(std::string(key), "its rule fires no more");
        return plan;
    }
    const auto schedule = schedule::parse_schedule(rule->schedule);
    if (!schedule) return plan;
    const schedule::Timetable times(*schedule, "UTC", rule->scheduled_since);
    const bool known = run && run->since == rule->scheduled_since;
    const auto done = known ? std::max(run->fired, rule->scheduled_since) : rule->scheduled_since;
    const auto next = times.next(done);
    if (!next) return plan;
    if (*next > turn.now) {
        plan.look_again(*next);
        return plan;
    }
    const auto latest = times.last(done, turn.now);
    if (latest) fire(view, turn, *rule, *latest, plan);
    // What is long past is left behind.
    plan.put(RuleRunRecord{std::string(key), rule->scheduled_since, latest.value_or(turn.now)}, "the rule fired");
    return plan;
}

}  // namespace gantry::events
