#include "elbv2/target_controller.h"

#include <set>

#include "elbv2/judgement.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {
namespace {

void targets_of(const state::View& view, std::string_view group, const KeySink& look_at) {
    for (const auto& target : view.find<TargetsByGroup>(group)) look_at(target->key());
}

std::set<std::string> zones(const LoadBalancerRecord* balancer) {
    std::set<std::string> names;
    if (balancer == nullptr) return names;
    for (const auto& zone : balancer->zones) names.insert(zone.zone);
    return names;
}

std::set<std::string> forwarded(const ListenerRecord* listener) {
    if (listener == nullptr) return {};
    const auto groups = groups_of(*listener);
    return {groups.begin(), groups.end()};
}

bool untouched(const TargetRecord& target) {
    return target.health == TargetHealth::initial && target.observed == link::ObservedTarget{} &&
           target.report_worker.empty();
}

}  // namespace

void TargetController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (const auto* target = changed<TargetRecord>(view, change, change.after)) look_at(target->key());
    const auto* group_was = changed<TargetGroupRecord>(view, change, change.before);
    const auto* group_is = changed<TargetGroupRecord>(view, change, change.after);
    if (group_was != nullptr && (group_is == nullptr || group_is->health_check != group_was->health_check))
        targets_of(view, change.key, look_at);

    const auto were = forwarded(changed<ListenerRecord>(view, change, change.before));
    const auto are = forwarded(changed<ListenerRecord>(view, change, change.after));
    for (const auto& group : were) {
        if (!are.contains(group)) targets_of(view, group, look_at);
    }

    const auto* balancer_was = changed<LoadBalancerRecord>(view, change, change.before);
    const auto* balancer_is = changed<LoadBalancerRecord>(view, change, change.after);
    if (balancer_is != nullptr && zones(balancer_was) != zones(balancer_is)) {
        for (const auto& group : groups_of_balancer(view, change.key)) targets_of(view, group, look_at);
    }
}

void TargetController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& target : view.list<TargetRecord>()) look_at(target->key());
}

state::Plan TargetController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto target = view.get<TargetRecord>(key);
    if (!target) return plan;
    const auto group = view.get<TargetGroupRecord>(target->group);
    if (!group) {
        plan.erase<TargetRecord>(std::string(key), "its target group is deleted");
        return plan;
    }
    const bool used = in_use(view, *target);
    if (target->health == TargetHealth::draining) {
        const auto until = target->draining_until.value_or(turn.real_now);
        if (!used) {
            plan.erase<TargetRecord>(std::string(key), "no listener forwards to its group any more");
        } else if (target->observed.drained) {
            plan.erase<TargetRecord>(std::string(key), "no flow to it is left");
        } else if (until <= turn.real_now) {
            plan.erase<TargetRecord>(std::string(key), "its deregistration delay is over");
        } else {
            plan.look_again(until);
        }
        return plan;
    }
    if (!used) {
        if (untouched(*target)) return plan;
        TargetRecord afresh = *target;
        afresh.health = TargetHealth::initial;
        afresh.observed = {};
        afresh.registration = turn.chance.hex(16);
        afresh.report_worker.clear();
        afresh.report_incarnation = afresh.report_sequence = 0;
        plan.put(std::move(afresh), "no listener forwards to its group any more");
        return plan;
    }
    const auto health = judge(*group, *target);
    if (health == target->health) return plan;
    TargetRecord judged = *target;
    judged.health = health;
    plan.put(std::move(judged), "judged by the group's thresholds");
    return plan;
}

}  // namespace gantry::elbv2
