#include "elbv2/service_targets.h"

#include "elbv2/arn.h"
#include "elbv2/draining.h"
#include "elbv2/judgement.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {
namespace {

// Of several targets that one task has in a group, the one furthest from serving speaks for all.
int distance(TargetHealth health) {
    switch (health) {
        case TargetHealth::healthy:
            return 0;
        case TargetHealth::draining:
            return 1;
        case TargetHealth::initial:
            return 2;
        default:
            return 3;
    }
}

}  // namespace

std::optional<ServiceGroup> find_service_group(
    const state::View& view, const std::string& account, const std::string& region, const std::string& arn
) {
    const auto parts = parse_arn(arn, ArnParts::Kind::target_group);
    if (!parts || parts->account != account || parts->region != region) return {};
    const auto group = view.get<TargetGroupRecord>(key_of(account, region, parts->id));
    if (!group || group->name != parts->name) return {};
    ServiceGroup found;
    found.key = group->key();
    found.arn = group->arn();
    found.vpc = group->vpc;
    found.protocol = group->protocol;
    found.target_type = group->target_type;
    found.has_load_balancer = balancer_of(view, found.key) != nullptr;
    found.application = group->application();
    return found;
}

bool group_exists(const state::View& view, const std::string& group) {
    return view.get<TargetGroupRecord>(group) != nullptr;
}

std::optional<ServiceTarget> service_target(
    const state::View& view, const std::string& group, const std::string& owner
) {
    const auto settings = view.get<TargetGroupRecord>(group);
    if (!settings) return {};
    state::Pinned<TargetRecord> worst;
    for (const auto& target : view.find<TargetsByOwner>(owner)) {
        if (target->group != group) continue;
        if (!worst || distance(target->health) > distance(worst->health)) worst = target;
    }
    if (!worst) return {};
    const bool used = in_use(view, *worst);
    auto words = describe(*settings, *worst, used);
    return ServiceTarget{worst->health, !used, std::move(words.reason), std::move(words.description)};
}

void register_target(
    const state::View& view,
    const state::Turn& turn,
    const std::string& group,
    const std::string& address,
    int port,
    const std::string& zone,
    const std::string& owner,
    state::Plan& plan
) {
    const auto known = view.get<TargetRecord>(TargetRecord::key(group, address, port));
    if (known && known->owner == owner && known->health != TargetHealth::draining) return;
    TargetRecord target;
    target.group = group;
    target.address = address;
    target.port = port;
    target.zone = zone;
    target.registration = turn.chance.hex(16);
    target.owner = owner;
    target.registered_at = turn.now;
    plan.put(std::move(target), "registered in its target group");
}

void drain_targets(
    const state::View& view, const state::Turn& turn, const std::string& owner, state::Plan& plan
) {
    for (const auto& target : view.find<TargetsByOwner>(owner)) {
        if (auto draining = begin_drain(view, turn, *target)) {
            if (target->health != TargetHealth::draining) plan.put(std::move(*draining), "its draining begins");
        } else {
            plan.erase<TargetRecord>(target->key(), "deregistered where no traffic comes");
        }
    }
}

void drop_targets(const state::View& view, const std::string& owner, state::Plan& plan) {
    for (const auto& target : view.find<TargetsByOwner>(owner))
        plan.erase<TargetRecord>(target->key(), "its task is dead");
}

}  // namespace gantry::elbv2
