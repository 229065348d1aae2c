#include "ecs/service_scale_in.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gantry::ecs::scheduler {

namespace {

int rank(const Member& member) {
    if (!member.task->placed) return 0;
    switch (member.stage) {
        case Stage::starting:
            return member.task->running ? 2 : 1;
        case Stage::failing:
            return 3;
        case Stage::serving:
            break;
    }
    return 4;
}

// Bigger is older; a deployment that is not listed is the oldest.
std::map<std::string, int> ages(const std::vector<Deployment>& deployments) {
    std::map<std::string, int> age;
    for (std::size_t i = 0; i < deployments.size(); ++i) age[deployments[i].id] = static_cast<int>(i);
    return age;
}

}  // namespace

std::vector<Member> pick_to_stop(
    std::vector<Member>& candidates,
    int count,
    const std::vector<Deployment>& deployments,
    bool ignore_protection,
    std::optional<PolicyInstant>& again
) {
    const auto age = ages(deployments);
    std::map<std::string, int> in_zone;
    // Tasks of the same rank and age in each zone, youngest last.
    using Class = std::tuple<int, int>;
    std::map<Class, std::map<std::string, std::vector<Member>>> classes;
    int shielded = 0;
    std::optional<PolicyInstant> first_end;
    for (const auto& member : candidates) {
        ++in_zone[member.task->zone];
        if (member.task->is_protected && !ignore_protection) {
            ++shielded;
            const auto end = member.task->protected_until;
            if (end && (!first_end || *end < *first_end)) first_end = end;
            continue;
        }
        const auto known = age.find(member.task->deployment);
        const int old = known == age.end() ? static_cast<int>(deployments.size()) : known->second;
        classes[{rank(member), -old}][member.task->zone].push_back(member);
    }
    std::vector<Member> picked;
    for (auto& [of, zones] : classes) {
        for (auto& [zone, members] : zones) {
            std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
                return std::tie(a.task->created_at, a.task->id) < std::tie(b.task->created_at, b.task->id);
            });
        }
        while (static_cast<int>(picked.size()) < count) {
            std::vector<Member>* fullest = nullptr;
            int most = 0;
            for (auto& [zone, members] : zones) {
                if (members.empty() || (fullest != nullptr && in_zone[zone] <= most)) continue;
                fullest = &members;
                most = in_zone[zone];
            }
            if (fullest == nullptr) break;
            picked.push_back(fullest->back());
            fullest->pop_back();
            --in_zone[picked.back().task->zone];
        }
    }
    if (static_cast<int>(picked.size()) < count && shielded > 0 && first_end &&
        (!again || *first_end < *again))
        again = first_end;
    std::erase_if(candidates, [&](const Member& member) {
        return std::any_of(picked.begin(), picked.end(), [&](const Member& one) {
            return one.task == member.task;
        });
    });
    return picked;
}

}  // namespace gantry::ecs::scheduler
