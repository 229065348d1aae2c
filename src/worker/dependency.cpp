#include "worker/dependency.h"

namespace gantry::worker {
namespace {

using link::DependsCondition;
using Verdict = DependencyState::Verdict;

bool holds(DependsCondition condition, const ContainerFacts& on) {
    const bool ended = on.phase == ContainerPhase::exited && !on.restart_pending;
    switch (condition) {
        case DependsCondition::START:
            return on.started_at.has_value();
        case DependsCondition::COMPLETE:
            return ended && on.started_at;
        case DependsCondition::SUCCESS:
            return ended && on.started_at && on.exit_code == 0;
        case DependsCondition::HEALTHY:
            return on.phase == ContainerPhase::running && on.health.status == link::HealthStatus::HEALTHY;
    }
    return false;
}

const char* missed(DependsCondition condition) {
    switch (condition) {
        case DependsCondition::START:
            return "did not start";
        case DependsCondition::COMPLETE:
            return "did not start";
        case DependsCondition::SUCCESS:
            return "did not exit successfully";
        case DependsCondition::HEALTHY:
            return "exited before it was healthy";
    }
    return "";
}

// As ECS's agent has it: a container is created after those whose volumes it takes.
DependencyState volumes_state(const TaskFacts& facts, const link::DesiredContainer& container) {
    DependencyState state;
    for (const auto& from : container.volumes_from) {
        const auto* on = facts.find(from.source_container);
        if (on == nullptr) continue;
        if (on->phase == ContainerPhase::exited && !on->created_at && !on->started_at) {
            return {
                Verdict::impossible,
                "dependency graph: volumes of container [" + from.source_container + "] for target [" +
                    container.name + "] are not there as it was not created.",
                {}
            };
        }
        if (on->phase == ContainerPhase::absent) state.verdict = Verdict::waiting;
    }
    return state;
}

const link::DesiredContainer* find(const link::DesiredTask& task, std::string_view name) {
    for (const auto& container : task.containers)
        if (container.name == name) return &container;
    return nullptr;
}

}  // namespace

DependencyState dependency_state(
    const link::DesiredTask& task,
    const TaskFacts& facts,
    const link::DesiredContainer& container,
    RealInstant now
) {
    DependencyState state = volumes_state(facts, container);
    if (state.verdict == Verdict::impossible) return state;
    for (const auto& dependency : container.depends_on) {
        const auto* on = facts.find(dependency.container);
        const auto* wanted = find(task, dependency.container);
        const std::string which = "container ordering dependency [" + dependency.container +
                                  "] for target [" + container.name + "]";
        if (on == nullptr || wanted == nullptr)
            return {
                Verdict::impossible, "dependency graph: " + which + " is not a container of the task.", {}
            };
        if (holds(dependency.condition, *on)) continue;
        if (on->phase == ContainerPhase::exited && !on->restart_pending) {
            return {
                Verdict::impossible,
                "dependency graph: failed to resolve " + which + " as dependency " +
                    missed(dependency.condition) + ".",
                {}
            };
        }
        state.verdict = Verdict::waiting;
        if (!on->started_at || !wanted->start_timeout_s || *wanted->start_timeout_s <= 0) continue;
        const RealInstant deadline = *on->started_at + std::chrono::seconds(*wanted->start_timeout_s);
        if (now >= deadline)
            return {Verdict::impossible, "dependency graph: " + which + " has timed out.", {}};
        if (!state.again || deadline < *state.again) state.again = deadline;
    }
    return state;
}

bool has_running_dependents(const link::DesiredTask& task, const TaskFacts& facts, std::string_view name) {
    for (const auto& container : task.containers) {
        for (const auto& dependency : container.depends_on) {
            if (dependency.container != name) continue;
            const auto* dependent = facts.find(container.name);
            if (dependent && dependent->phase == ContainerPhase::running) return true;
        }
    }
    return false;
}

}  // namespace gantry::worker
