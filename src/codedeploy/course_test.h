#pragma once

#include <algorithm>
#include <set>

#include "codedeploy/controllers.h"
#include "codedeploy/deployment.h"
#include "codedeploy/traffic.h"
#include "codedeploy/world_test.h"
#include "ecs/controllers.h"
#include "ecs/task_indexes.h"
#include "ecs/task_report.h"
#include "ecs/task_set.h"
#include "ecs/worker.h"
#include "ecs/worker_spec.h"
#include "elbv2/controllers.h"
#include "elbv2/service_targets.h"
#include "elbv2/target.h"

namespace gantry::codedeploy::testing {

using std::chrono::minutes;
using std::chrono::seconds;

// The world with its controllers, and a worker that does as it is told: tasks start and stop, targets become
// healthy and drain.
class CourseTest : public World {
  protected:
    CourseTest() {
        for (auto& one : elbv2::controllers()) controllers.push_back(one);
        for (auto& one : ecs::controllers()) controllers.push_back(std::move(one));
        for (auto& one : codedeploy::controllers()) controllers.push_back(one);
        link::Hello hello;
        hello.worker = "worker-1";
        hello.incarnation = 1;
        hello.capacity = {4096, 16384, 1, "X86_64", {}};
        write([&](state::Txn& txn) { ecs::register_worker(txn, hello, true); });
    }
    void prepare(bool application = false, std::string_view group = "{}") {
        make_stack(application);
        rest();
        serves = true;
        ok(create_deployment_group, group_request(group));
    }

    // Each key once; true if anything was planned.
    bool look() {
        bool acted = false;
        for (const auto& controller : controllers) {
            std::set<std::string> keys;
            controller->all(view(), [&](std::string key) { keys.insert(std::move(key)); });
            for (const auto& key : keys) {
                const auto plan = controller->reconcile(view(), key, turn);
                acted = acted || !plan.actions().empty();
                write([&](state::Txn& txn) { txn.apply(plan); });
                always();
            }
        }
        return acted;
    }
    // What holds at every moment: whatever share of production traffic has somewhere healthy to go.
    void always() {
        if (!serves) return;
        for (const auto& one : view().list<elbv2::ListenerRecord>()) {
            if (one->arn() != prod) continue;
            for (const auto& group : *one->actions.front().forward_config->target_groups) {
                if (group.weight.value_or(1) == 0) continue;
                const auto targets =
                    view().find<elbv2::TargetsByGroup>(elbv2::find_service_group(
                        view(), caller.account, caller.region, *group.target_group_arn)->key);
                EXPECT_TRUE(std::any_of(targets.begin(), targets.end(), [](const auto& target) {
                    return target->health == elbv2::TargetHealth::healthy;
                })) << "traffic goes to " << *group.target_group_arn << ", where nothing is healthy";
            }
        }
    }

    bool work() {
        bool worked = false;
        for (const auto& task : view().list<ecs::TaskRecord>()) {
            if (task->worker.empty() || task->stopped()) continue;
            link::ObservedTask seen;
            if (ecs::worker_spec(view(), *task).desired_status == link::TaskStatus::STOPPED) {
                seen.status = link::TaskStatus::STOPPED;
            } else if (bad_images.contains(task->family + ":" + std::to_string(task->revision))) {
                seen.status = link::TaskStatus::STOPPED;
                seen.stop_code = "TaskFailedToStart";
                seen.stop_reason = "CannotPullContainerError";
            } else if (task->started_by.starts_with("d-")) {
                if (hook_exit < 0) continue;
                seen.status = link::TaskStatus::STOPPED;
                seen.stop_code = "EssentialContainerExited";
                seen.stop_reason = "Essential container in task exited";
                auto& container = seen.containers.emplace_back();
                container.name = "web";
                container.status = link::ContainerStatus::STOPPED;
                container.exit_code = hook_exit;
            } else if (task->last_status < link::TaskStatus::ACTIVATING) {
                seen.status = link::TaskStatus::RUNNING;
            } else {
                continue;
            }
            seen.network_released = seen.status == link::TaskStatus::STOPPED;
            link::TaskReport message;
            message.task = task->id;
            message.incarnation = 1;
            message.sequence = task->report_sequence + 1;
            message.observed = std::move(seen);
            write([&](state::Txn& txn) { return ecs::apply_task_report(txn, "worker-1", message); });
            worked = true;
        }
        for (const auto& target : view().list<elbv2::TargetRecord>()) {
            if (target->health != elbv2::TargetHealth::initial || sick) continue;
            const auto seen = elbv2::service_target(view(), target->group, target->owner);
            if (!seen || seen->unused) continue;
            write([&](state::Txn& txn) {
                elbv2::TargetRecord healthy = *target;
                healthy.health = elbv2::TargetHealth::healthy;
                healthy.observed.outcome = link::ProbeOutcome::success;
                txn.put(std::move(healthy));
            });
            worked = true;
        }
        return worked;
    }
    void pass(Duration time) {
        turn.now = turn.now + time;
        turn.real_now = turn.real_now + time;
    }
    // Until nothing happens any more while at most `time` passes (policy time and real time alike).
    void rest(Duration time = minutes(6)) {
        const auto until = turn.now + time;
        for (int quiet = 0; turn.now < until || quiet < 2;) {
            bool acted = false;
            for (int round = 0; look(); ++round) {
                acted = true;
                ASSERT_LT(round, 200) << "the controllers do not come to rest";
            }
            acted = work() || acted;
            quiet = acted ? 0 : quiet + 1;
            if (turn.now < until) pass(seconds(10));
        }
    }

    std::string app_spec(const std::string& definition, const std::string& more = "") {
        return R"({\"version\":0.0,\"Resources\":[{\"web\":{\"Type\":\"AWS::ECS::Service\",\"Properties\":{\"TaskDefinition\":\")" +
               definition +
               R"(\",\"LoadBalancerInfo\":{\"ContainerName\":\"web\",\"ContainerPort\":80}}}}])" + more + "}";
    }
    static std::string hooks(const std::string& event, const std::string& family) {
        return R"(,\"Hooks\":[{\")" + event + R"(\":\")" + family + R"(\"}])";
    }
    std::string request(const std::string& spec, const std::string& more = "") {
        return R"({"applicationName":"app","deploymentGroupName":"dg","revision":{"revisionType":"AppSpecContent",
            "appSpecContent":{"content":")" + spec + R"("}})" + more + "}";
    }
    std::string deploy(const std::string& definition = "web:2", const std::string& more = "") {
        return *ok(create_deployment, request(app_spec(definition, more))).deployment_id;
    }

    state::Pinned<DeploymentRecord> deployment(const std::string& id) {
        return view().get<DeploymentRecord>(caller.scope() + id);
    }
    std::string status(const std::string& id) {
        return *ok(get_deployment, R"({"deploymentId":")" + id + R"("})").deployment_info->status;
    }
    // "BeforeInstall=Succeeded …"
    std::string events(const std::string& id) {
        std::string all;
        for (const auto& event : deployment(id)->events) {
            all += (all.empty() ? "" : " ") + event.name + "=" +
                   boost::describe::enum_to_string(event.status, "");
        }
        return all;
    }
    // Percent of green's group (the one of that name), or -1.
    int green_percent(const std::string& listener_arn) {
        for (const auto& listener : view().list<elbv2::ListenerRecord>()) {
            if (listener->arn() != listener_arn) continue;
            const auto split = split_of(*listener, {blue, green});
            return split ? split->green : -1;
        }
        return -1;
    }
    state::Pinned<ecs::ServiceRecord> service() { return view().get<ecs::ServiceRecord>(service_key()); }
    std::string primary_definition() {
        const auto set = ecs::primary_task_set(view(), *service());
        return std::to_string(ecs::revision_of(view(), *set)->revision);
    }
    std::size_t sets() { return ecs::task_sets_of(view(), *service()).size(); }
    std::size_t running() {
        std::size_t count = 0;
        for (const auto& task : view().find<ecs::TasksByService>(service_key()))
            count += task->last_status == link::TaskStatus::RUNNING;
        return count;
    }

    std::vector<std::shared_ptr<const Controller>> controllers;
    std::set<std::string> bad_images;  // "web:2"
    bool serves = false;               // production traffic must have somewhere to go from now on
    bool sick = false;                 // no new target becomes healthy
    int hook_exit = 0;                 // -1: hooks' tasks run on
};

}  // namespace gantry::codedeploy::testing
