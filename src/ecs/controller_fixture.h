#pragma once

#include <algorithm>

#include "ec2/task_eni.h"
#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_event.h"
#include "ecs/service_revision.h"
#include "ecs/state_fixture.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs::testing {

// A service "web" in the cluster "default", made of records, and a worker that does as it is told.
class ServiceTest : public EcsTest {
  protected:
    void prepare_service(int desired, const std::string& controller = "ECS") {
        prepare();
        add_worker();
        ServiceRecord service;
        service.scope = caller.scope();
        service.cluster = "default";
        service.name = "web";
        service.instance = "one";
        service.created_at = service.status_at = turn.now;
        service.desired_count = desired;
        service.deployment_controller = controller;
        service.deployment_configuration.maximum_percent = 200;
        service.deployment_configuration.minimum_healthy_percent = 100;
        write([&](state::Txn& txn) { txn.put(service); });
        if (controller == "ECS") deploy();
    }

    // A new revision becomes PRIMARY, as UpdateService makes it.
    std::string deploy(std::vector<ServiceLoadBalancer> balancers = {}) {
        auto service = *this->service();
        ServiceRevisionRecord revision;
        revision.parts = service.parts();
        revision.scope = service.scope;
        revision.cluster = service.cluster;
        revision.service = service.name;
        revision.id = std::to_string(1'000'000'000'000'000'000 + ++deployed_);
        revision.created_at = turn.now;
        revision.family = "test-nginx";
        revision.revision = 1;
        revision.launch_type = "FARGATE";
        revision.platform_version = "LATEST";
        revision.load_balancers = std::move(balancers);
        revision.subnets = {subnet()};
        revision.interface_groups =
            ec2::check_awsvpc(state::View(database), caller.account, caller.region, revision.subnets, {})
                ->groups;
        DeploymentRecord deployment;
        deployment.parts = service.parts();
        deployment.service = service.key();
        deployment.id = revision.id;
        deployment.definition = revision.definition_key();
        deployment.desired_count = service.desired_count;
        deployment.created_at = PolicyInstant{turn.now.ms + deployed_};
        ServiceDeploymentRecord way;
        way.parts = service.parts();
        way.scope = service.scope;
        way.cluster = service.cluster;
        way.service = service.name;
        way.number = ++service.last_service_deployment;
        way.id = "way" + std::to_string(deployed_);
        way.target.id = revision.id;
        way.breaker = service.breaks_circuit() ? BreakerStatus::MONITORING : BreakerStatus::DISABLED;
        service.primary = revision.id;
        const std::string id = revision.id;
        write([&](state::Txn& txn) {
            for (const auto& other : txn.list<DeploymentRecord>(service.parts())) {
                DeploymentRecord before = *other;
                before.status = DeploymentStatus::ACTIVE;
                txn.put(before);
            }
            txn.put(service);
            txn.put(revision);
            txn.put(deployment);
            txn.put(way);
        });
        return id;
    }

    template <class Fn>
    void change_service(Fn fn) {
        write([&](state::Txn& txn) {
            ServiceRecord record = *txn.get<ServiceRecord>(key());
            fn(record);
            txn.put(record);
        });
    }

    std::string key() const { return ServiceRecord::key(caller.scope(), "default", "web"); }
    state::Pinned<ServiceRecord> service() { return state::View(database).get<ServiceRecord>(key()); }
    std::vector<state::Pinned<DeploymentRecord>> deployments() {
        return state::View(database).list<DeploymentRecord>(service()->parts());
    }
    state::Pinned<ServiceDeploymentRecord> way() {
        return state::View(database).get<ServiceDeploymentRecord>(
            ServiceDeploymentRecord::key(service()->parts(), service()->last_service_deployment)
        );
    }
    std::vector<state::Pinned<TaskRecord>> tasks() {
        return state::View(database).find<TasksByService>(key());
    }
    std::vector<std::string> events() {
        std::vector<std::string> messages;
        for (const auto& event : state::View(database).list<ServiceEventRecord>(service()->parts()))
            messages.push_back(event->message);
        return messages;
    }
    bool told(const std::string& text) {
        const auto all = events();
        return std::any_of(all.begin(), all.end(), [&](const std::string& event) {
            return event.find(text) != std::string::npos;
        });
    }

    void tell(const TaskRecord& task, link::TaskStatus status, link::ObservedTask more = {}) {
        more.status = status;
        more.network_released = status == link::TaskStatus::STOPPED;
        EXPECT_EQ(report(task.id, task.report_sequence + 1, std::move(more)), Reported::applied);
    }
    // The worker starts what shall run and ends what it may.
    bool work() {
        bool worked = false;
        for (const auto& task : tasks()) {
            if (task->worker.empty()) continue;
            if (worker_spec(state::View(database), *task).desired_status == link::TaskStatus::STOPPED) {
                tell(*task, link::TaskStatus::STOPPED);
                worked = true;
            } else if (task->last_status < link::TaskStatus::ACTIVATING) {
                tell(*task, link::TaskStatus::RUNNING);
                worked = true;
            }
        }
        return worked;
    }
    void die(const TaskRecord& task, std::string code = "EssentialContainerExited") {
        link::ObservedTask seen;
        seen.stop_code = std::move(code);
        seen.stop_reason = "Essential container in task exited";
        tell(task, link::TaskStatus::STOPPED, std::move(seen));
    }
    void come_to_rest() {
        for (int round = 0; round < 300; ++round) {
            settle();
            if (HasFatalFailure()) return;
            const bool worked = work();
            pass(std::chrono::seconds(10));
            if (!worked && !controllers_once() && ++quiet_ == 6) break;
            if (worked) quiet_ = 0;
        }
        quiet_ = 0;
    }

  private:
    int deployed_ = 0;
    int quiet_ = 0;
};

}  // namespace gantry::ecs::testing
