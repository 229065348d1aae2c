#pragma once

#include <gtest/gtest.h>

#include "cloudwatch/schema.h"
#include "ec2/schema.h"
#include "ec2/security_group.h"
#include "ec2/seed.h"
#include "ec2/state_fixture.h"
#include "ec2/subnet.h"
#include "ecs/cluster.h"
#include "ecs/controllers.h"
#include "ecs/tables.h"
#include "ecs/task_report.h"
#include "ecs/worker.h"
#include "ecs/worker_spec.h"
#include "elbv2/schema.h"
#include "eventbus/schema.h"

namespace gantry::ecs {

// The operations, as the dispatch table declares them; tests name those that they call.
#define GANTRY_OPERATION(Name, function)                                                 \
    Result<shapes::ecs::Name##Response> function(                                        \
        state::Txn& txn, const shapes::ecs::Name##Request& request, const Caller& caller \
    );
GANTRY_OPERATION(CreateCluster, create_cluster)
GANTRY_OPERATION(DeleteCluster, delete_cluster)
GANTRY_OPERATION(DescribeClusters, describe_clusters)
GANTRY_OPERATION(ListClusters, list_clusters)
GANTRY_OPERATION(PutClusterCapacityProviders, put_cluster_capacity_providers)
GANTRY_OPERATION(RegisterTaskDefinition, register_task_definition)
GANTRY_OPERATION(DescribeTaskDefinition, describe_task_definition)
GANTRY_OPERATION(ListTaskDefinitions, list_task_definitions)
GANTRY_OPERATION(ListTaskDefinitionFamilies, list_task_definition_families)
GANTRY_OPERATION(DeregisterTaskDefinition, deregister_task_definition)
GANTRY_OPERATION(DeleteTaskDefinitions, delete_task_definitions)
GANTRY_OPERATION(RunTask, run_task)
GANTRY_OPERATION(StopTask, stop_task)
GANTRY_OPERATION(DescribeTasks, describe_tasks)
GANTRY_OPERATION(ListTasks, list_tasks)
GANTRY_OPERATION(TagResource, tag_resource)
GANTRY_OPERATION(UntagResource, untag_resource)
GANTRY_OPERATION(ListTagsForResource, list_tags_for_resource)
GANTRY_OPERATION(PutAccountSetting, put_account_setting)
GANTRY_OPERATION(PutAccountSettingDefault, put_account_setting_default)
GANTRY_OPERATION(ListAccountSettings, list_account_settings)
GANTRY_OPERATION(DeleteAccountSetting, delete_account_setting)
GANTRY_OPERATION(UpdateTaskProtection, update_task_protection)
GANTRY_OPERATION(CreateService, create_service)
GANTRY_OPERATION(UpdateService, update_service)
GANTRY_OPERATION(DeleteService, delete_service)
GANTRY_OPERATION(DescribeServices, describe_services)
GANTRY_OPERATION(ListServices, list_services)
GANTRY_OPERATION(ListServicesByNamespace, list_services_by_namespace)
GANTRY_OPERATION(ListServiceDeployments, list_service_deployments)
GANTRY_OPERATION(DescribeServiceDeployments, describe_service_deployments)
GANTRY_OPERATION(StopServiceDeployment, stop_service_deployment)
GANTRY_OPERATION(ContinueServiceDeployment, continue_service_deployment)
GANTRY_OPERATION(DescribeServiceRevisions, describe_service_revisions)
GANTRY_OPERATION(CreateTaskSet, create_task_set)
GANTRY_OPERATION(UpdateTaskSet, update_task_set)
GANTRY_OPERATION(DeleteTaskSet, delete_task_set)
GANTRY_OPERATION(DescribeTaskSets, describe_task_sets)
GANTRY_OPERATION(UpdateServicePrimaryTaskSet, update_service_primary_task_set)
#undef GANTRY_OPERATION

}  // namespace gantry::ecs

namespace gantry::ecs::testing {

// The article's task definition.
inline constexpr std::string_view kArticle = R"({
  "family": "test-nginx",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "networkMode": "awsvpc",
  "containerDefinitions": [{
    "name": "test-nginx", "image": "nginx:latest",
    "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
    "entryPoint": ["sh", "-c"],
    "portMappings": [{"hostPort": 80, "protocol": "tcp", "containerPort": 80}],
    "command": ["nginx"], "memoryReservation": 256, "essential": true,
    "logConfiguration": {"logDriver": "awslogs", "options": {
      "awslogs-group": "/ecs/test-nginx", "awslogs-region": "ap-northeast-1", "awslogs-stream-prefix": "test-nginx"}}
  }],
  "requiresCompatibilities": ["FARGATE"], "cpu": "512", "memory": "4096"
})";

// A database with a default VPC, and this folder's controllers over it.
class EcsTest : public ::testing::Test {
  protected:
    EcsTest() : database(declared(schema)) {
        caller.account = "123456789012";
        caller.region = "ap-northeast-1";
        caller.arn = "arn:aws:iam::123456789012:root";
        state::Txn txn(database, turn);
        ec2::seed(txn, caller);
        txn.finish();
    }

    template <class Fn>
    auto write(Fn fn) {
        state::Txn txn(database, turn);
        struct Finish {
            state::Txn& txn;
            ~Finish() { txn.finish(); }
        } finish{txn};
        return fn(txn);
    }

    template <class Response, class Request>
    Result<Response> call(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), const Request& request
    ) {
        state::Txn txn(database, turn);
        auto result = operation(txn, request, caller);
        if (!result) {
            txn.undo();
        } else {
            txn.finish();
        }
        return result;
    }

    // Takes the request as JSON.
    template <class Response, class Request>
    Result<Response> ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), std::string_view json
    ) {
        auto request = shapes::from_json<Request>(boost::json::parse(boost::json::string_view(json)));
        EXPECT_TRUE(request) << (request ? "" : request.error().message);
        return call(operation, *request);
    }

    // Lets the controllers work until nothing is left to do, and checks that they then plan nothing.
    void settle() {
        for (int round = 0; round < 100; ++round) {
            if (!controllers_once()) return;
        }
        FAIL() << "the controllers do not come to rest";
    }

    bool controllers_once() {
        bool acted = false;
        for (const auto& controller : controllers_) {
            std::set<std::string> keys;
            controller->all(state::View(database), [&](std::string key) { keys.insert(std::move(key)); });
            for (const auto& key : keys) {
                const auto plan = controller->reconcile(state::View(database), key, turn);
                acted = acted || !plan.actions().empty();
                write([&](state::Txn& txn) { txn.apply(plan); });
            }
        }
        return acted;
    }

    void add_worker(
        int cpu_units = 2048, int memory_mib = 8192, bool overcommit = true, std::string id = "worker-1"
    ) {
        link::Hello hello;
        hello.worker = std::move(id);
        hello.incarnation = 1;
        hello.capacity = {cpu_units, memory_mib, 1, "X86_64", {}};
        write([&](state::Txn& txn) { register_worker(txn, hello, overcommit); });
    }

    Reported report(const std::string& task, std::uint64_t sequence, link::ObservedTask observed) {
        link::TaskReport message;
        message.task = task;
        message.incarnation = 1;
        message.sequence = sequence;
        message.observed = std::move(observed);
        return write([&](state::Txn& txn) { return apply_task_report(txn, "worker-1", message); });
    }

    std::string subnet() { return state::View(database).list<ec2::SubnetRecord>(caller.scope()).front()->id; }
    std::string run_json(std::string more = "") {
        return R"({"taskDefinition":"test-nginx","launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":)"
               R"({"subnets":[")" +
               subnet() + R"("]}})" + more + "}";
    }
    // Cluster "default", the article's definition.
    void prepare() {
        ASSERT_TRUE(ask(create_cluster, "{}"));
        ASSERT_TRUE(ask(register_task_definition, kArticle));
    }
    std::string run_one(std::string more = "") {
        const auto response = ask(run_task, run_json(std::move(more)));
        EXPECT_TRUE(response) << (response ? "" : response.error().message);
        EXPECT_EQ(response->tasks->size(), 1u);
        const auto& arn = *response->tasks->front().task_arn;
        return arn.substr(arn.rfind('/') + 1);
    }
    state::Pinned<TaskRecord> task(const std::string& id) {
        return state::View(database).get<TaskRecord>(TaskRecord::key(caller.scope(), "default", id));
    }
    void pass(Duration time) {
        turn.now = turn.now + time;
        turn.real_now = turn.real_now + time;
    }

    state::Schema schema;
    ec2::testing::Dice dice;
    state::Turn turn{{1'700'000'000'000}, {1'700'000'000'000}, dice};
    state::Database database;
    Caller caller;

  private:
    static const state::Schema& declared(state::Schema& schema) {
        ec2::declare(schema);
        elbv2::declare(schema);
        eventbus::declare(schema);
        cloudwatch::declare(schema);
        declare_tables(schema);
        return schema;
    }
    std::vector<std::unique_ptr<Controller>> controllers_ = controllers();
};

}  // namespace gantry::ecs::testing
