#include "ec2/eni.h"
#include "ecs/state_fixture.h"
#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"
#include "operation/later.h"
#include "shapes/json.h"

namespace gantry::ecs {
Result<Later> list_tasks_later(
    state::Txn& txn, const shapes::ecs::ListTasksRequest& request, const Caller& caller
);
}

namespace gantry::ecs::testing {
namespace {

using link::TaskStatus;

link::ObservedTask observed(TaskStatus status) {
    link::ObservedTask seen;
    seen.status = status;
    return seen;
}

TEST_F(EcsTest, ATaskLivesAndDies) {
    prepare();
    add_worker();
    const auto id = run_one();
    EXPECT_EQ(task(id)->last_status, TaskStatus::PROVISIONING);
    settle();
    ASSERT_TRUE(placed(*task(id)));
    const auto spec = worker_spec(state::View(database), *task(id));
    EXPECT_EQ(spec.eni.address, task(id)->interface.address);
    EXPECT_EQ(spec.eni.subnet_cidr, "172.31.0.0/20");
    EXPECT_EQ(spec.cpu_units, 512);
    EXPECT_EQ(spec.containers.at(0).log.options.at("awslogs-group"), "/ecs/test-nginx");
    EXPECT_EQ(spec.containers.at(0).command->at(0), "nginx");

    auto running = observed(TaskStatus::RUNNING);
    running.containers.push_back({"test-nginx", link::ContainerStatus::RUNNING, {}, "", "runtime", "sha256:1"}
    );
    running.started_at = turn.real_now;
    EXPECT_EQ(report(id, 1, running), Reported::applied);
    auto described = ask(describe_tasks, R"({"tasks":[")" + id + R"("]})");
    ASSERT_TRUE(described);
    const auto& shown = described->tasks->at(0);
    EXPECT_EQ(shown.last_status, "RUNNING");
    EXPECT_EQ(shown.connectivity, "CONNECTED");
    EXPECT_EQ(shown.containers->at(0).last_status, "RUNNING");
    EXPECT_EQ(shown.attachments->at(0).status, "ATTACHED");
    EXPECT_EQ(shown.attachments->at(0).details->at(4).name, "privateIPv4Address");
    EXPECT_EQ(shown.platform_version, "1.4.0");
    EXPECT_EQ(shown.fargate_ephemeral_storage->size_in_gi_b, 20);
    auto clusters = ask(describe_clusters, R"({"include":["STATISTICS"]})");
    EXPECT_EQ(clusters->clusters->at(0).running_tasks_count, 1);
    EXPECT_EQ(ask(delete_cluster, R"({"cluster":"default"})").error().code, "ClusterContainsTasksException");

    auto stopped = ask(stop_task, R"({"task":")" + id + R"("})");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->task->last_status, "RUNNING");
    EXPECT_EQ(stopped->task->desired_status, "STOPPED");
    EXPECT_EQ(stopped->task->stop_code, "UserInitiated");
    EXPECT_EQ(stopped->task->stopped_reason, "Task stopped by user");
    settle();
    EXPECT_EQ(worker_spec(state::View(database), *task(id)).desired_status, TaskStatus::STOPPED);

    auto ended = observed(TaskStatus::STOPPED);
    ended.containers.push_back({"test-nginx", link::ContainerStatus::STOPPED, 137});
    ended.stop_code = "UserInitiated";
    EXPECT_EQ(report(id, 2, ended), Reported::applied);
    EXPECT_EQ(task(id)->last_status, TaskStatus::DEPROVISIONING);
    EXPECT_EQ(tasks_of_worker(state::View(database), "worker-1").size(), 1u);
    ended.network_released = true;
    EXPECT_EQ(report(id, 3, ended), Reported::applied);
    EXPECT_EQ(task(id)->last_status, TaskStatus::STOPPED);
    EXPECT_TRUE(tasks_of_worker(state::View(database), "worker-1").empty());
    EXPECT_TRUE(state::View(database).list<ec2::EniRecord>().empty());
    const auto worker = state::View(database).get<WorkerRecord>("worker-1");
    EXPECT_EQ(worker->promised_memory_mib, 0);
    EXPECT_EQ(worker->tasks, 0);
    described = ask(describe_tasks, R"({"tasks":[")" + id + R"("]})");
    EXPECT_EQ(described->tasks->at(0).containers->at(0).exit_code, 137);
    EXPECT_EQ(described->tasks->at(0).attachments->at(0).status, "DELETED");
    // The first reason counts.
    EXPECT_EQ(described->tasks->at(0).stopped_reason, "Task stopped by user");

    settle();
    pass(std::chrono::minutes(59));
    settle();
    EXPECT_NE(task(id), nullptr);
    pass(std::chrono::minutes(1));
    settle();
    EXPECT_EQ(task(id), nullptr);
    EXPECT_TRUE(ask(delete_cluster, R"({"cluster":"default"})"));
}

TEST_F(EcsTest, AnEssentialContainersExitStopsTheTask) {
    prepare();
    add_worker();
    const auto id = run_one();
    settle();
    report(id, 1, observed(TaskStatus::RUNNING));
    auto ended = observed(TaskStatus::STOPPING);
    ended.stop_code = "EssentialContainerExited";
    ended.stop_reason = "Essential container in task exited";
    report(id, 2, ended);
    EXPECT_EQ(task(id)->desired_status, TaskStatus::STOPPED);
    EXPECT_EQ(task(id)->stop_code, "EssentialContainerExited");
    EXPECT_EQ(task(id)->stopped_reason, "Essential container in task exited");
    settle();
}

TEST_F(EcsTest, StoppedBeforeItWasPlaced) {
    prepare();
    const auto id = run_one();
    settle();
    EXPECT_EQ(task(id)->last_status, TaskStatus::PROVISIONING);
    ASSERT_TRUE(ask(stop_task, R"({"task":")" + id + R"(","reason":"enough"})"));
    settle();
    EXPECT_EQ(task(id)->last_status, TaskStatus::STOPPED);
    EXPECT_EQ(task(id)->stopped_reason, "enough");
}

TEST_F(EcsTest, WaitsForAWorker) {
    prepare();
    const auto id = run_one();
    settle();
    EXPECT_FALSE(placed(*task(id)));
    add_worker();
    settle();
    EXPECT_TRUE(placed(*task(id)));
}

TEST_F(EcsTest, AWorkerThatReservesRefusesWhatDoesNotFit) {
    prepare();
    add_worker(2048, 8192, false);
    const auto response = ask(run_task, run_json(R"(,"count":3)"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->tasks->size(), 2u);
    ASSERT_EQ(response->failures->size(), 1u);
    EXPECT_EQ(
        response->failures->front().reason,
        "Capacity is unavailable at this time. Please try again later or in a different availability zone"
    );
}

TEST_F(EcsTest, AWorkerThatOvercommitsTakesAll) {
    prepare();
    add_worker(1024, 4096, true);
    EXPECT_EQ(ask(run_task, run_json(R"(,"count":10)"))->tasks->size(), 10u);
    settle();
    EXPECT_EQ(tasks_of_worker(state::View(database), "worker-1").size(), 10u);
}

TEST_F(EcsTest, TheEmptierWorkerIsPicked) {
    prepare();
    add_worker(2048, 8192, true, "worker-1");
    add_worker(2048, 16384, true, "worker-2");
    const auto first = run_one();
    const auto second = run_one();
    const auto third = run_one();
    EXPECT_EQ(task(first)->worker, "worker-2");
    EXPECT_EQ(task(second)->worker, "worker-2");
    EXPECT_EQ(task(third)->worker, "worker-1");
}

TEST_F(EcsTest, ASubnetWithoutAddressesStopsTheTask) {
    prepare();
    add_worker();
    const auto full = write([&](state::Txn& txn) {
        auto record = *txn.list<ec2::SubnetRecord>(caller.scope()).front();
        record.id = "subnet-full";
        record.cidr = "172.31.200.0/29";  // three addresses
        txn.put(record);
        return record.id;
    });
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) {
        const auto response = ask(
            run_task,
            R"({"taskDefinition":"test-nginx","launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":)"
            R"({"subnets":["subnet-full"],"assignPublicIp":"ENABLED"}}})"
        );
        ASSERT_TRUE(response) << response.error().message;
        const auto& arn = *response->tasks->front().task_arn;
        ids.push_back(arn.substr(arn.rfind('/') + 1));
        settle();
    }
    EXPECT_TRUE(placed(*task(ids[2])));
    EXPECT_EQ(task(ids[3])->last_status, TaskStatus::STOPPED);
    EXPECT_EQ(task(ids[3])->stop_code, "TaskFailedToStart");
    EXPECT_EQ(
        task(ids[3])->stopped_reason,
        "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled "
        "in "
        "subnet 'subnet-full': InsufficientFreeAddressesInSubnet"
    );
    EXPECT_EQ(state::View(database).get<WorkerRecord>("worker-1")->tasks, 3);
}

TEST_F(EcsTest, ALostWorker) {
    prepare();
    add_worker();
    const auto id = run_one();
    settle();
    report(id, 1, observed(TaskStatus::RUNNING));
    write([&](state::Txn& txn) { lose_worker(txn, "worker-1"); });
    settle();
    EXPECT_FALSE(task(id)->disconnected);
    pass(std::chrono::seconds(40));
    settle();
    EXPECT_TRUE(task(id)->disconnected);
    EXPECT_EQ(task(id)->last_status, TaskStatus::RUNNING);
    add_worker();
    settle();
    EXPECT_FALSE(task(id)->disconnected);
    write([&](state::Txn& txn) { lose_worker(txn, "worker-1"); });
    pass(std::chrono::minutes(6));
    settle();
    EXPECT_EQ(task(id)->desired_status, TaskStatus::STOPPED);
    EXPECT_EQ(task(id)->stopped_reason, "Host EC2 (instance worker-1) terminated.");
    // Its address stays taken until the worker says that it is gone.
    EXPECT_EQ(state::View(database).list<ec2::EniRecord>().size(), 1u);
}

TEST_F(EcsTest, TheSameTokenMakesTasksOnce) {
    prepare();
    const auto first = run_one(R"(,"clientToken":"once")");
    EXPECT_EQ(run_one(R"(,"clientToken":"once")"), first);
    const auto other = ask(run_task, run_json(R"(,"clientToken":"once","startedBy":"x")"));
    EXPECT_EQ(other.error().code, "ConflictException");
    EXPECT_NE(run_one(R"(,"clientToken":"")"), first);
    pass(std::chrono::hours(24));
    settle();
    EXPECT_NE(run_one(R"(,"clientToken":"once")"), first);
}

TEST_F(EcsTest, OverridesReachTheWorkerAndTheAnswer) {
    prepare();
    add_worker();
    const auto id = run_one(
        R"(,"overrides":{"cpu":"1024","taskRoleArn":"arn:aws:iam::123456789012:role/r","containerOverrides":[)"
        R"({"name":"test-nginx","command":["x"],"environment":[{"name":"A","value":"1"}],"memory":512}]},)"
        R"("startedBy":"me","enableECSManagedTags":true,"tags":[{"key":"k","value":"v"}],"group":"batch")"
    );
    settle();
    const auto spec = worker_spec(state::View(database), *task(id));
    EXPECT_EQ(spec.cpu_units, 1024);
    EXPECT_EQ(spec.task_role_arn, "arn:aws:iam::123456789012:role/r");
    EXPECT_EQ(spec.containers.at(0).command->at(0), "x");
    EXPECT_EQ(spec.containers.at(0).environment.at(0).name, "A");
    EXPECT_EQ(spec.containers.at(0).memory_mib, 512);
    EXPECT_EQ(spec.tags.at("aws:ecs:clusterName"), "default");
    const auto described = ask(describe_tasks, R"({"include":["TAGS"],"tasks":[")" + id + R"("]})");
    const auto& shown = described->tasks->at(0);
    EXPECT_EQ(shown.group, "batch");
    EXPECT_EQ(shown.containers->at(0).memory, "512");
    EXPECT_EQ(shown.tags->size(), 2u);
    EXPECT_EQ(ask(list_tasks, R"({"startedBy":"me"})")->task_arns->size(), 1u);
    EXPECT_EQ(ask(list_tasks, R"({"startedBy":"you"})")->task_arns->size(), 0u);
}

TEST_F(EcsTest, ListsByEveryFilterAndPage) {
    prepare();
    for (int i = 0; i < 5; ++i) run_one();
    EXPECT_EQ(ask(list_tasks, R"({"family":"test-nginx"})")->task_arns->size(), 5u);
    EXPECT_EQ(ask(list_tasks, R"({"family":"other"})")->task_arns->size(), 0u);
    EXPECT_EQ(ask(list_tasks, R"({"launchType":"FARGATE"})")->task_arns->size(), 5u);
    EXPECT_EQ(ask(list_tasks, R"({"launchType":"EC2"})")->task_arns->size(), 0u);
    EXPECT_EQ(ask(list_tasks, R"({"serviceName":"web"})").error().code, "ServiceNotFoundException");
    EXPECT_EQ(ask(list_tasks, R"({"desiredStatus":"STOPPED"})")->task_arns->size(), 0u);
    std::set<std::string> seen;
    std::string token;
    for (int pages = 0; pages < 3; ++pages) {
        const auto page = ask(list_tasks, R"({"maxResults":2,"nextToken":")" + token + R"("})");
        ASSERT_TRUE(page);
        seen.insert(page->task_arns->begin(), page->task_arns->end());
        token = page->next_token.value_or("");
    }
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(token, "");
}

TEST_F(EcsTest, ListsAreWrittenAsTheyAreAnswered) {
    struct NoTexts : TextCache {
        void append(std::string& out, const std::shared_ptr<const void>&, int, const Make& make) override { make(out); }
    } texts;
    prepare();
    for (int i = 0; i < 5; ++i) run_one(i < 2 ? R"(,"startedBy":"me")" : "");
    for (const char* json :
         {"{}", R"({"maxResults":2})", R"({"startedBy":"me"})", R"({"startedBy":"you"})", R"({"maxResults":5})",
          R"({"family":"test-nginx","launchType":"FARGATE","maxResults":3})", R"({"desiredStatus":"PENDING"})",
          R"({"desiredStatus":"STOPPED"})"}) {
        const auto request = shapes::from_json<shapes::ecs::ListTasksRequest>(boost::json::parse(json)).value();
        const auto plain = call(list_tasks, request);
        ASSERT_TRUE(plain) << json;
        state::Txn txn(database, turn);
        const auto later = list_tasks_later(txn, request, caller);
        txn.finish();
        ASSERT_TRUE(later) << json;
        std::string text;
        (*later)(text, texts);
        EXPECT_EQ(text, shapes::to_json_text(*plain));
    }
}

TEST_F(EcsTest, ACapacityProviderStrategy) {
    prepare();
    ASSERT_TRUE(ask(
        put_cluster_capacity_providers,
        R"({"cluster":"default","capacityProviders":["FARGATE","FARGATE_SPOT"],"defaultCapacityProviderStrategy":)"
        R"([{"capacityProvider":"FARGATE","base":1,"weight":1},{"capacityProvider":"FARGATE_SPOT","weight":3}]})"
    ));
    const auto response = ask(
        run_task,
        R"({"taskDefinition":"test-nginx","count":5,"networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
            subnet() + R"("]}}})"
    );
    ASSERT_TRUE(response) << response.error().message;
    std::map<std::string, int> by_provider;
    for (const auto& task : *response->tasks) ++by_provider[*task.capacity_provider_name];
    EXPECT_EQ(by_provider["FARGATE"], 2);
    EXPECT_EQ(by_provider["FARGATE_SPOT"], 3);
}

TEST_F(EcsTest, AStrategyWithoutWeightsIsKeptAndRunsNothing) {
    prepare();
    const auto put =
        ask(put_cluster_capacity_providers,
            R"({"cluster":"default","capacityProviders":["FARGATE"],
                "defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE"}]})");
    ASSERT_TRUE(put) << put.error().message;
    EXPECT_EQ(put->cluster->default_capacity_provider_strategy->at(0).weight, 0);
    const auto run = ask(run_task, R"({"taskDefinition":"test-nginx"})");
    EXPECT_TRUE(run.error().message.starts_with("There are no capacity providers with a weight value greater than "));
    const auto named =
        ask(run_task, R"({"taskDefinition":"test-nginx","capacityProviderStrategy":[{"capacityProvider":"FARGATE"}]})");
    EXPECT_TRUE(named.error().message.starts_with("The specified capacity provider strategy must contain at least"));
}

struct Refusal {
    const char* request;
    const char* code;
    const char* message;
};

TEST_F(EcsTest, RunTaskRefusesInEcsWords) {
    prepare();
    ASSERT_TRUE(ask(register_task_definition, R"({"family":"plain","containerDefinitions":[
        {"name":"a","image":"b","memory":128}]})"));
    ASSERT_TRUE(ask(register_task_definition, R"({"family":"secretive","networkMode":"awsvpc","cpu":"256",
        "memory":"512","executionRoleArn":"r","containerDefinitions":[{"name":"a","image":"b","secrets":[
        {"name":"S","valueFrom":"arn"}]}]})"));
    const std::string network =
        R"(,"networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" + subnet() + R"("]}}})";
    const std::vector<Refusal> refusals = {
        {R"({"taskDefinition":"nothing"})", "ClientException", "TaskDefinition not found."},
        {R"({"taskDefinition":"test-nginx","cluster":"nowhere"})", "ClusterNotFoundException",
         "Cluster not found."},
        {R"({"taskDefinition":"plain"})", "InvalidParameterException",
         "No Container Instances were found in your cluster."},
        {R"({"taskDefinition":"plain","launchType":"FARGATE"})", "InvalidParameterException",
         "Task definition does not support launch_type FARGATE."},
        {R"({"taskDefinition":"test-nginx","launchType":"FARGATE"})", "InvalidParameterException",
         "Network Configuration must be provided when networkMode 'awsvpc' is specified."},
        {R"({"taskDefinition":"test-nginx","launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":
            {"subnets":["subnet-1"]}}})",
         "InvalidParameterException",
         "Error retrieving subnet information for [subnet-1]: The subnet ID 'subnet-1' does not exist "
         "(ErrorCode: "
         "InvalidSubnetID.NotFound)"},
        {R"({"taskDefinition":"test-nginx","launchType":"FARGATE","platformVersion":"9"})",
         "PlatformUnknownException", "The specified platform does not exist."},
        {R"({"taskDefinition":"test-nginx","launchType":"FARGATE","capacityProviderStrategy":[
            {"capacityProvider":"FARGATE"}]})",
         "InvalidParameterException",
         "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try "
         "again."},
    };
    for (const auto& refusal : refusals) {
        const auto result = ask(run_task, refusal.request);
        ASSERT_FALSE(result) << refusal.request;
        EXPECT_EQ(result.error().code, refusal.code) << refusal.request;
        EXPECT_EQ(result.error().message, refusal.message) << refusal.request;
    }
    EXPECT_EQ(
        ask(run_task, R"({"taskDefinition":"secretive","launchType":"FARGATE")" + network).error().message,
        "Gantry does not run tasks with secrets (container 'a') yet."
    );
    EXPECT_EQ(
        ask(run_task, run_json(R"(,"overrides":{"containerOverrides":[{"name":"who"}]})")).error().message,
        "Override for container named who is not a container in the TaskDefinition."
    );
    EXPECT_EQ(
        ask(run_task, run_json(R"(,"overrides":{"cpu":"256"})")).error().message,
        "No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the Amazon ECS "
        "documentation for "
        "the valid values."
    );
    EXPECT_EQ(
        ask(run_task, run_json(R"(,"group":"service:x")")).error().message, "Invalid namespace for group."
    );
    EXPECT_EQ(
        ask(run_task, run_json(R"(,"enableExecuteCommand":true)")).error().message,
        "The task couldn't be started because a valid taskRoleArn is not being used. Specify a valid task role in your "
        "task definition and try again."
    );
    EXPECT_TRUE(ask(run_task, run_json(R"(,"enableExecuteCommand":true,"overrides":{"taskRoleArn":"arn:aws:iam::1:role/r"})")));
    ASSERT_TRUE(ask(deregister_task_definition, R"({"taskDefinition":"test-nginx:1"})"));
    EXPECT_EQ(ask(run_task, run_json()).error().message, "TaskDefinition not found.");
}

// A worker that lost its disk cannot say again what it told before.
TEST_F(EcsTest, WhatWasToldOfAContainerIsKeptWhenItsWorkerForgot) {
    prepare();
    add_worker();
    const auto id = run_one();
    settle();
    auto seen = observed(TaskStatus::RUNNING);
    seen.containers.resize(1);
    seen.containers[0] = {"test-nginx", link::ContainerStatus::STOPPED, 7, "OutOfMemoryError", "r", "sha256:1"};
    report(id, 1, seen);
    seen = observed(TaskStatus::STOPPING);
    seen.containers.resize(1);
    seen.containers[0] = {"test-nginx", link::ContainerStatus::STOPPED, {}, "gone", "r", ""};
    report(id, 2, seen);
    ASSERT_EQ(task(id)->containers.size(), 1u);
    EXPECT_EQ(task(id)->containers[0].exit_code, 7);
    EXPECT_EQ(task(id)->containers[0].reason, "OutOfMemoryError");
    EXPECT_EQ(task(id)->containers[0].image_digest, "sha256:1");
    EXPECT_EQ(worker_spec(state::View(database), *task(id)).started, std::vector<std::string>{"test-nginx"});
}

// Reports in any order, repeated, from old incarnations: the status only moves forward and nothing is
// restarted.
TEST_F(EcsTest, NoOrderOfReportsMovesAStatusBackwards) {
    prepare();
    add_worker();
    constexpr TaskStatus kReported[] = {
        TaskStatus::PENDING, TaskStatus::RUNNING, TaskStatus::STOPPING, TaskStatus::DEPROVISIONING,
        TaskStatus::STOPPED
    };
    for (int seed = 0; seed < 200; ++seed) {
        const auto id = run_one();
        settle();
        auto last = TaskStatus::PROVISIONING;
        for (int step = 0; step < 12 && !task(id)->stopped(); ++step) {
            auto seen = observed(kReported[dice.draw() % 5]);
            seen.network_released = seen.status == TaskStatus::STOPPED && dice.draw() % 2 == 0;
            report(id, dice.draw() % 12, seen);
            if (dice.draw() % 10 == 0) ask(stop_task, R"({"task":")" + id + R"("})");
            settle();
            ASSERT_GE(task(id)->last_status, last);
            last = task(id)->last_status;
        }
        if (!task(id)->stopped()) {
            auto end = observed(TaskStatus::STOPPED);
            end.network_released = true;
            report(id, 99, end);
        }
        ASSERT_TRUE(task(id)->stopped());
    }
    EXPECT_TRUE(state::View(database).list<ec2::EniRecord>().empty());
    EXPECT_EQ(state::View(database).get<WorkerRecord>("worker-1")->promised_cpu_units, 0);
}

}  // namespace
}  // namespace gantry::ecs::testing
