#include "autoscaling/scaling_controller.h"

#include <algorithm>
#include <boost/json.hpp>

#include "autoscaling/capacity_change.h"
#include "autoscaling/policy.h"
#include "autoscaling/step.h"
#include "cloudwatch/owned_alarm.h"
#include "ecs/desired_count.h"
#include "ecs/task.h"

namespace gantry::autoscaling {

namespace {

using cloudwatch::AlarmRecord;
using cloudwatch::AlarmState;

constexpr Duration again = std::chrono::minutes(1);
constexpr int cooldown_usual = 300;  // seconds

// Reasons for not scaling.
constexpr const char* at_max = "AlreadyAtMaxCapacity";
constexpr const char* at_min = "AlreadyAtMinCapacity";
constexpr const char* at_desired = "AlreadyAtDesiredCapacity";
constexpr const char* unscalable = "TargetServicePutResourceAsUnscalable";

bool acts_on(const AlarmRecord& alarm, const std::string& policy) {
    const auto& given = alarm.definition;
    if (!given.actions_enabled.value_or(true)) return false;
    const auto& actions = alarm.state == AlarmState::ALARM ? given.alarm_actions
                          : alarm.state == AlarmState::OK  ? given.ok_actions
                                                           : given.insufficient_data_actions;
    return actions && std::find(actions->begin(), actions->end(), policy) != actions->end();
}

// How far the metric was from the threshold when the alarm was judged last. A state that was set by hand
// without data counts as at the threshold.
double breach(const AlarmRecord& alarm) {
    const double threshold = alarm.definition.threshold.value_or(0);
    if (!alarm.recent.empty()) return alarm.recent.back() - threshold;
    boost::system::error_code failed;
    const auto data = boost::json::parse(alarm.state_reason_data, failed);
    if (failed || !data.is_object()) return 0;
    const auto* points = data.get_object().if_contains("recentDatapoints");
    if (points == nullptr || !points->is_array() || points->get_array().empty()) return 0;
    const auto& last = points->get_array().back();
    return last.is_number() ? last.to_number<double>() - threshold : 0;
}

struct Decision {
    int capacity = 0;
    const PolicyRecord* policy = nullptr;
    const AlarmRecord* alarm = nullptr;
    std::string not_scaled;  // AWS's reason code; the capacity is then the present one
};

class Scaling {
  public:
    Scaling(
        const state::View& view,
        const state::Turn& turn,
        const TargetRecord& target,
        const ecs::ServiceRecord& service,
        ScalingStateRecord& state
    )
        : view_(view), turn_(turn), target_(target), service_(service), state_(state) {}

    state::Plan run() {
        fulfil();
        auto triggers = std::exchange(state_.triggers, {});
        std::vector<Decision> decisions;
        std::vector<state::Pinned<AlarmRecord>> pinned;
        const auto policies = view_.list<PolicyRecord>(target_.parts());
        for (const auto& policy : policies) {
            if (policy->target != target_.id) continue;
            const auto key = cloudwatch::AlarmsByAction::key(policy->scope(), policy->arn());
            for (const auto& alarm : view_.find<cloudwatch::AlarmsByAction>(key)) {
                if (!acts_on(*alarm, policy->arn())) continue;
                pinned.push_back(alarm);
                if (auto decision = look_at(*policy, *alarm, triggers))
                    decisions.push_back(*std::move(decision));
            }
        }
        if (!all_agree_to_shrink(policies)) {
            std::erase_if(decisions, [&](const Decision& one) {
                return one.policy->tracking && one.capacity < service_.desired_count;
            });
        }
        const auto best =
            std::max_element(decisions.begin(), decisions.end(), [](const auto& left, const auto& right) {
                return left.capacity < right.capacity;
            });
        if (best != decisions.end()) carry_out(*best);
        return std::move(plan_);
    }

  private:
    // An activity has come to its end when as many tasks run as it wanted.
    void fulfil() {
        if (state_.activity.empty()) return;
        const auto found = view_.get<ActivityRecord>(state_.activity);
        if (found && ecs::running_count(view_, service_) != static_cast<std::size_t>(service_.desired_count))
            return;
        state_.activity.clear();
        if (!found) return;
        ActivityRecord activity = *found;
        activity.end = turn_.now;
        activity.status = "Successful";
        activity.status_message = "Successfully set desired count to " +
                                  std::to_string(service_.desired_count) +
                                  ". Change successfully fulfilled by ecs.";
        plan_.put(std::move(activity), "as many tasks run as were wanted");
    }

    std::optional<Decision> look_at(
        const PolicyRecord& policy, const AlarmRecord& alarm, const std::vector<Trigger>& triggers
    ) {
        Trigger now{policy.arn(), alarm.definition.alarm_name, alarm.state_transitioned, turn_.now};
        const auto known = std::find_if(triggers.begin(), triggers.end(), [&](const Trigger& one) {
            return one.policy == now.policy && one.alarm == now.alarm && one.transitioned == now.transitioned;
        });
        const bool first = known == triggers.end();
        if (!first && turn_.now < known->at + again) {
            state_.triggers.push_back(*known);
            plan_.look_again(known->at + again);
            return std::nullopt;
        }
        state_.triggers.push_back(now);
        plan_.look_again(turn_.now + again);
        auto decision = decide(policy, alarm);
        // What is not done is told of once, not every minute.
        if (decision && !decision->not_scaled.empty() && !first) return std::nullopt;
        return decision;
    }

    // What an alarm's action on a policy aims at, not yet inside the range. Nothing: no step has that metric.
    struct Aim {
        int wanted = 0;
        bool out = false;
    };

    // What an earlier scale-out has added counts toward another one while that cools down.
    int base(bool out) const {
        const int present = service_.desired_count;
        return out && turn_.now < state_.out_until ? std::min(state_.out_base, present) : present;
    }

    std::optional<Aim> aim(const PolicyRecord& policy, const AlarmRecord& alarm) const {
        const double delta = breach(alarm);
        const bool above = alarm.definition.comparison_operator.value_or("").starts_with("Greater");
        if (policy.tracking) {
            // A state that was set by hand says nothing of the metric.
            if (alarm.recent.empty()) return std::nullopt;
            const double metric = alarm.definition.threshold.value_or(0) + delta;
            return Aim{tracking_capacity(base(above), metric, policy.tracking->target_value), above};
        }
        const auto* step = pick_step(*policy.step, delta, above);
        if (step == nullptr) return std::nullopt;
        const bool adds = step->scaling_adjustment > 0;
        const int wanted = adjust(base(adds), *policy.step, *step);
        const bool exact = policy.step->adjustment_type == "ExactCapacity";
        return Aim{wanted, exact ? wanted > service_.desired_count : adds};
    }

    std::optional<Decision> decide(const PolicyRecord& policy, const AlarmRecord& alarm) const {
        const auto found = aim(policy, alarm);
        if (!found) return std::nullopt;
        const int present = service_.desired_count;
        const int wanted = found->wanted;
        const bool cooling = turn_.now < state_.out_until;
        Decision decision{present, &policy, &alarm, {}};
        if (found->out) {
            if (target_.scale_out_suspended) return std::nullopt;
            decision.capacity = std::clamp(wanted, target_.min, target_.max);
            if (decision.capacity > present) return decision;
            if (cooling && wanted < target_.max) return std::nullopt;
            decision.not_scaled = at_max;
        } else {
            if (target_.scale_in_suspended || cooling || turn_.now < state_.in_until) return std::nullopt;
            if (ecs::deploying(view_, service_)) {
                decision.not_scaled = unscalable;
                return decision;
            }
            decision.capacity = std::clamp(wanted, target_.min, target_.max);
            if (decision.capacity < present) return decision;
            decision.not_scaled = wanted == present ? at_desired : at_min;
        }
        decision.capacity = present;
        return decision;
    }

    // Target tracking scales in only when all policies that may do so are ready to.
    bool all_agree_to_shrink(const std::vector<state::Pinned<PolicyRecord>>& policies) const {
        return std::all_of(policies.begin(), policies.end(), [&](const auto& policy) {
            if (policy->target != target_.id || !policy->tracking ||
                policy->tracking->disable_scale_in.value_or(false))
                return true;
            return std::any_of(policy->alarms.begin(), policy->alarms.end(), [&](const std::string& name) {
                const auto alarm = view_.get<AlarmRecord>(AlarmRecord::key(policy->scope(), name));
                return alarm && alarm->state == AlarmState::ALARM &&
                       alarm->definition.comparison_operator.value_or("").starts_with("Less");
            });
        });
    }

    static Duration cooldown_of(const PolicyRecord& policy, bool out) {
        const auto given = policy.step ? policy.step->cooldown
                           : out       ? policy.tracking->scale_out_cooldown
                                       : policy.tracking->scale_in_cooldown;
        return std::chrono::seconds(given.value_or(cooldown_usual));
    }

    void carry_out(const Decision& decision) {
        std::string cause = "monitor alarm " + decision.alarm->definition.alarm_name + " in state " +
                            cloudwatch::state_text(decision.alarm->state) + " triggered policy " +
                            decision.policy->name;
        if (!decision.not_scaled.empty()) {
            auto activity = begin_activity(turn_, target_, std::move(cause));
            activity.description = "Attempting to scale due to alarm triggered";
            activity.end = turn_.now;
            activity.status = "Successful";
            activity.not_scaled.push_back(reason(decision));
            plan_.put(std::move(activity), "it cannot be scaled");
            return;
        }
        const bool out = decision.capacity > service_.desired_count;
        const Duration cooldown = cooldown_of(*decision.policy, out);
        if (out) {
            if (turn_.now >= state_.out_until) state_.out_base = service_.desired_count;
            state_.out_until = turn_.now + cooldown;
            // A scale-out interrupts the cool-down of a scale-in.
            state_.in_until = {};
        } else {
            state_.in_until = turn_.now + cooldown;
        }
        change_capacity(view_, turn_, target_, service_, decision.capacity, std::move(cause), state_, plan_);
    }

    // With the number that the documentation has for each of the codes.
    shapes::applicationautoscaling::NotScaledReason reason(const Decision& decision) const {
        shapes::applicationautoscaling::NotScaledReason out;
        out.code = decision.not_scaled;
        if (out.code == at_max) out.max_capacity = target_.max;
        if (out.code == at_min) out.min_capacity = target_.min;
        if (out.code == at_desired) out.current_capacity = decision.capacity;
        return out;
    }

    const state::View& view_;
    const state::Turn& turn_;
    const TargetRecord& target_;
    const ecs::ServiceRecord& service_;
    ScalingStateRecord& state_;
    state::Plan plan_;
};

std::string target_of(const ecs::ServiceRecord& service) {
    return TargetRecord::key(service.scope, "service/" + service.cluster + "/" + service.name);
}

}  // namespace

void ScalingController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    for (const auto& side : {change.before, change.after}) {
        if (const auto* alarm = changed<AlarmRecord>(view, change, side)) {
            std::vector<std::string> actions;
            cloudwatch::AlarmsByAction::keys(*alarm, actions);
            for (const auto& action : actions) {
                if (const auto policy = view.find_one<PolicyByArn>(action.substr(alarm->scope().size())))
                    look_at(TargetRecord::key(policy->scope(), policy->resource));
            }
        }
        if (const auto* policy = changed<PolicyRecord>(view, change, side))
            look_at(TargetRecord::key(policy->scope(), policy->resource));
        if (const auto* service = changed<ecs::ServiceRecord>(view, change, side))
            look_at(target_of(*service));
    }
    if (change.table == view.schema().table_of<TargetRecord>()) look_at(change.key);
    // As many tasks as an activity wanted may run now.
    if (const auto* task = changed<ecs::TaskRecord>(view, change, change.after);
        task && !task->service_revision.empty()) {
        const auto service = view.get<ecs::ServiceRecord>(task->service_key());
        if (!service) return;
        const auto state = view.get<ScalingStateRecord>(target_of(*service));
        if (state && !state->activity.empty()) look_at(state->target);
    }
}

void ScalingController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& target : view.list<TargetRecord>()) look_at(target->key());
    for (const auto& state : view.list<ScalingStateRecord>()) look_at(state->target);
}

state::Plan ScalingController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    const auto target = view.get<TargetRecord>(key);
    const auto known = view.get<ScalingStateRecord>(key);
    state::Plan plan;
    if (!target) {
        if (known) plan.erase<ScalingStateRecord>(known->key(), "its scalable target was deregistered");
        return plan;
    }
    const auto resource = admit_resource(kNamespace, target->resource, kDimension);
    const auto service = resource ? find_service(view, target->scope(), *resource) : nullptr;
    if (!service) return plan;
    ScalingStateRecord state = known ? *known : ScalingStateRecord{};
    state.target = key;
    const ScalingStateRecord before = state;
    plan = Scaling(view, turn, *target, *service, state).run();
    if (state != before) plan.put(std::move(state), "what was done is remembered");
    return plan;
}

}  // namespace gantry::autoscaling
