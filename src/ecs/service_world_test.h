#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "ecs/service_census.h"
#include "ecs/service_plan.h"

namespace gantry::ecs::scheduler::testing {

// What becomes of the tasks of a deployment.
struct Fate {
    int never_start = 0;    // of 100
    int never_healthy = 0;  // of 100
};

// A little world around the planner: tasks come up, fail, flap and go as chance has it.
class ServiceWorld {
  public:
    explicit ServiceWorld(std::uint32_t seed) : random_(seed) {
        now.real.ms = now.policy.ms = 1'700'000'000'000;
        service.name = "web";
    }

    int draw(int below) { return static_cast<int>(random_() % static_cast<std::uint32_t>(below)); }
    bool chance(int percent) { return draw(100) < percent; }

    std::string deploy(Fate fate = {}) {
        Deployment deployment;
        deployment.id = std::to_string(++deployments_);
        deployment.primary = true;
        for (auto& other : service.deployments) other.primary = false;
        service.deployments.insert(service.deployments.begin(), deployment);
        fates[deployment.id] = fate;
        service.placements[deployment.id] = placement;
        service.told.blocked = false;
        return deployment.id;
    }

    // The world is that of one task set from now on, not of a service.
    void keep_task_set(Fate fate = {}) {
        task_set = true;
        deploy(fate);
        service.deployments.front().rollout = Rollout::completed;
        service.deployments.front().proven = true;
        service.minimum_percent = 100;
        service.maximum_percent = 200;
    }

    Task& make(const Start& start) {
        Task task;
        char id[16];
        std::snprintf(id, sizeof id, "t%06d", ++tasks_);
        task.id = id;
        task.deployment = start.deployment;
        task.zone = start.zone;
        task.provider = start.provider;
        task.wave = start.wave;
        task.created_at = now.policy;
        task.placed = !service.no_room;
        task.health = checked ? Health::waiting : Health::unchecked;
        service.tasks.push_back(task);
        return service.tasks.back();
    }

    void apply(const ServicePlan& plan) {
        for (auto& task : service.tasks) {
            for (const auto& stop : plan.stops) task.stopping |= stop.task == task.id;
            for (const auto& id : plan.served) task.served |= id == task.id;
        }
        for (const auto& start : plan.starts) make(start);
        std::erase_if(service.ended, [&](const EndedTask& ended) {
            return std::find(plan.noted.begin(), plan.noted.end(), ended.id) != plan.noted.end();
        });
        service.deployments = plan.deployments;
        service.told = plan.told;
        service.course = plan.course;
        if (plan.rolled_back_to) service.rollback_requested = service.stop_requested = false;
        gone = gone || plan.deleted;
        starts += static_cast<int>(plan.starts.size());
        events.insert(events.end(), plan.events.begin(), plan.events.end());
    }

    // The task ends by itself.
    void die(const std::string& id) {
        const auto found = std::find_if(service.tasks.begin(), service.tasks.end(), [&](const Task& task) {
            return task.id == id;
        });
        if (!found->stopping) service.ended.push_back({id, found->deployment, !found->served, found->wave});
        service.tasks.erase(found);
    }

    // Everything that is on its way goes one step further with this chance.
    void progress(int percent) {
        std::vector<std::string> dead;
        for (auto& task : service.tasks) {
            if (!chance(percent)) continue;
            const auto& fate = fates[task.deployment];
            // The same for a task always.
            const int luck = static_cast<int>(std::hash<std::string>()(task.id) % 100);
            if (task.stopping) {
                dead.push_back(task.id);
            } else if (!task.placed) {
                task.placed = !service.no_room;
            } else if (!task.running) {
                if (luck < fate.never_start) {
                    dead.push_back(task.id);
                } else {
                    task.running = true;
                    task.running_since = now.real;
                }
            } else if (task.health != Health::unchecked) {
                set_health(task, luck >= fate.never_healthy);
            }
        }
        for (const auto& id : dead) die(id);
    }

    void set_health(Task& task, bool healthy) {
        task.health = healthy ? Health::healthy : Health::unhealthy;
        task.unhealthy_reason = "Task failed ELB health checks in (target-group x)";
        task.unhealthy_event = "(task " + task.id + ") is unhealthy";
    }

    void pass(Duration time) {
        now.real = now.real + time;
        now.policy = now.policy + time;
    }

    Census census() const { return take_census(service, now); }
    ServicePlan plan() const { return task_set ? plan_task_set(service, now) : plan_service(service, now); }
    const Deployment& primary() const {
        return *std::find_if(
            service.deployments.begin(), service.deployments.end(),
            [](const auto& deployment) { return deployment.primary; }
        );
    }

    Service service;
    Now now;
    std::map<std::string, Fate> fates;
    Placement placement;
    bool checked = true;  // tasks have health checks
    bool task_set = false;
    bool gone = false;
    int starts = 0;
    std::vector<std::string> events;

  private:
    std::mt19937 random_;
    int deployments_ = 0;
    int tasks_ = 0;
};

}  // namespace gantry::ecs::scheduler::testing
