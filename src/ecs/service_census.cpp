#include "ecs/service_census.h"

namespace gantry::ecs::scheduler {

namespace {

void count(Group& group, const Member& member) {
    group.members.push_back(member);
    switch (member.stage) {
        case Stage::starting:
            ++group.starting;
            break;
        case Stage::serving:
            ++group.serving;
            break;
        case Stage::failing:
            ++group.failing;
            break;
    }
    if (!member.task->placed) ++group.unplaced;
}

}  // namespace

Stage stage_of(
    const Task& task, const Service& service, const Now& now, std::optional<RealInstant>& changes_at
) {
    if (!task.running || !task.running_since) return Stage::starting;
    const auto until = [&](RealInstant at) {
        if (now.real >= at) return true;
        if (!changes_at || at < *changes_at) changes_at = at;
        return false;
    };
    switch (task.health) {
        case Health::healthy:
            return Stage::serving;
        case Health::unhealthy:
            return until(*task.running_since + service.grace) ? Stage::failing : Stage::starting;
        case Health::unchecked:
            return task.served || until(*task.running_since + kSettles) ? Stage::serving : Stage::starting;
        case Health::waiting:
            break;
    }
    return Stage::starting;
}

Census take_census(const Service& service, const Now& now) {
    Census census;
    for (const auto& deployment : service.deployments) census.deployments[deployment.id];
    for (const auto& task : service.tasks) {
        auto& group = census.deployments[task.deployment];
        if (task.stopping) {
            if (task.out_of_reach) continue;
            ++group.leaving;
            ++census.all.leaving;
            continue;
        }
        const Member member{&task, stage_of(task, service, now, census.changes_at)};
        count(group, member);
        count(census.all, member);
    }
    return census;
}

}  // namespace gantry::ecs::scheduler
