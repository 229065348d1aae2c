#include <gmock/gmock.h>

#include "ecs/retention_controller.h"
#include "ecs/service_api_fixture.h"
#include "ecs/service_stability.h"
#include "ecs/service_task.h"

namespace gantry::ecs::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ServiceApiTest, WhatWasSentComesBack) {
    const auto response = create(R"({"platformVersion":"LATEST","healthCheckGracePeriodSeconds":7,
        "availabilityZoneRebalancing":"DISABLED","propagateTags":"TASK_DEFINITION","enableECSManagedTags":true,
        "deploymentController":{"type":"ECS"},"schedulingStrategy":"REPLICA",
        "deploymentConfiguration":{"maximumPercent":150,"minimumHealthyPercent":50},
        "clientToken":"","tags":[{"key":"a","value":"b"}]})");
    ASSERT_TRUE(response) << refusal(response);
    const auto web = described();
    EXPECT_EQ(web.service_arn, "arn:aws:ecs:ap-northeast-1:123456789012:service/default/web");
    EXPECT_EQ(web.cluster_arn, "arn:aws:ecs:ap-northeast-1:123456789012:cluster/default");
    EXPECT_EQ(web.status, "ACTIVE");
    EXPECT_EQ(web.desired_count, 2);
    EXPECT_EQ(web.running_count, 0);
    EXPECT_EQ(web.pending_count, 0);
    EXPECT_EQ(web.launch_type, "FARGATE");
    EXPECT_FALSE(web.capacity_provider_strategy);
    EXPECT_EQ(web.platform_version, "LATEST");
    EXPECT_THAT(*web.task_definition, EndsWith(":task-definition/test-nginx:1"));
    EXPECT_EQ(web.deployment_configuration->maximum_percent, 150);
    EXPECT_EQ(web.deployment_configuration->minimum_healthy_percent, 50);
    EXPECT_FALSE(web.deployment_configuration->deployment_circuit_breaker->enable);
    EXPECT_EQ(web.deployment_controller->type, "ECS");
    EXPECT_EQ(web.scheduling_strategy, "REPLICA");
    EXPECT_EQ(web.health_check_grace_period_seconds, 7);
    EXPECT_EQ(web.availability_zone_rebalancing, "DISABLED");
    EXPECT_EQ(web.propagate_tags, "TASK_DEFINITION");
    EXPECT_EQ(web.enable_ecs_managed_tags, true);
    EXPECT_EQ(web.created_by, caller.arn);
    EXPECT_EQ(
        web.role_arn, "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    );
    const auto& awsvpc = *web.network_configuration->awsvpc_configuration;
    EXPECT_EQ(awsvpc.subnets, std::vector<std::string>{subnet()});
    EXPECT_TRUE(awsvpc.security_groups->empty());
    EXPECT_EQ(awsvpc.assign_public_ip, "DISABLED");
    ASSERT_EQ(web.tags->size(), 1u);
    EXPECT_EQ(web.tags->front().key, "a");
    ASSERT_EQ(web.deployments->size(), 1u);
    const auto& deployment = web.deployments->front();
    EXPECT_EQ(deployment.status, "PRIMARY");
    EXPECT_EQ(deployment.id->size(), 8 + 19u);
    EXPECT_EQ(deployment.rollout_state, "IN_PROGRESS");
    EXPECT_EQ(deployment.rollout_state_reason, "ECS deployment " + *deployment.id + " in progress.");
    EXPECT_EQ(deployment.platform_version, "1.4.0");
    EXPECT_EQ(deployment.desired_count, 2);
    ASSERT_EQ(web.current_service_revisions->size(), 1u);
    EXPECT_EQ(
        web.current_service_revisions->front().arn,
        "arn:aws:ecs:ap-northeast-1:123456789012:service-revision/default/web/" + deployment.id->substr(8)
    );
    EXPECT_THAT(
        *web.current_service_deployment,
        StartsWith("arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/default/web/")
    );
}

TEST_F(ServiceApiTest, DefaultsAreECSs) {
    ASSERT_TRUE(create());
    const auto web = described();
    EXPECT_EQ(web.deployment_configuration->maximum_percent, 200);
    EXPECT_EQ(web.deployment_configuration->minimum_healthy_percent, 100);
    EXPECT_EQ(web.deployment_configuration->strategy, "ROLLING");
    EXPECT_EQ(web.deployment_controller->type, "ECS");
    EXPECT_EQ(web.platform_version, "LATEST");
    EXPECT_EQ(web.propagate_tags, "NONE");
    EXPECT_EQ(web.availability_zone_rebalancing, "ENABLED");
    EXPECT_EQ(web.enable_execute_command, false);
    EXPECT_FALSE(web.health_check_grace_period_seconds);
    EXPECT_TRUE(web.load_balancers->empty());
    EXPECT_TRUE(web.events->empty());
    const auto bare = ask(describe_services, R"({"services":["web"]})");
    EXPECT_FALSE(bare->services->front().tags);
}

TEST_F(ServiceApiTest, CapacityProvidersComeBackWithBaseAndWeightAndNoLaunchType) {
    ASSERT_TRUE(create(R"({"launchType":null,"capacityProviderStrategy":[
        {"capacityProvider":"FARGATE_SPOT","weight":4},{"capacityProvider":"FARGATE","weight":1,"base":2}]})"));
    const auto web = described();
    EXPECT_FALSE(web.launch_type);
    ASSERT_EQ(web.capacity_provider_strategy->size(), 2u);
    EXPECT_EQ(web.capacity_provider_strategy->front().base, 0);
    EXPECT_EQ(web.capacity_provider_strategy->back().base, 2);
    EXPECT_FALSE(web.deployments->front().launch_type);
    EXPECT_EQ(web.deployments->front().capacity_provider_strategy->size(), 2u);
}

TEST_F(ServiceApiTest, RefusesInAWSsWords) {
    struct Case {
        const char* more;
        std::string error;
    };
    const std::string kInvalid = "InvalidParameterException: ";
    const std::string kUnbuilt = "UnsupportedFeatureException: Gantry does not run services with ";
    const Case cases[] = {
        {R"({"cluster":"none"})", "ClusterNotFoundException: Cluster not found."},
        {R"({"serviceName":"a b"})", kInvalid + "Service name contains invalid characters."},
        {R"({"taskDefinition":"none"})", "ClientException: TaskDefinition not found."},
        {R"({"taskDefinition":"test-nginx:2"})", "ClientException: TaskDefinition not found."},
        {R"({"desiredCount":-1})", kInvalid + "The desired count must be greater than or equal to 0."},
        {R"({"desiredCount":5001})",
         kInvalid + "The desired count exceeds the maximum number of tasks per service (5000)."},
        {R"({"desiredCount":null})",
         kInvalid + "The replica scheduling strategy requires a desired count for services."},
        {R"({"schedulingStrategy":"DAEMON"})",
         kInvalid + "The daemon scheduling strategy is not supported with FARGATE launch type."},
        {R"({"deploymentConfiguration":{"maximumPercent":99}})",
         kInvalid + "maximumPercent must be greater than or equal to 100."},
        {R"({"deploymentConfiguration":{"minimumHealthyPercent":101}})",
         kInvalid + "minimumHealthyPercent must be between 0 and 100."},
        {R"({"deploymentConfiguration":{"minimumHealthyPercent":-1}})",
         kInvalid + "minimumHealthyPercent must be between 0 and 100."},
        {R"({"deploymentConfiguration":{"maximumPercent":100}})", kBoth},
        {R"({"deploymentConfiguration":{"bakeTimeInMinutes":-1,"strategy":"BLUE_GREEN"}})",
         kInvalid + "bakeTimeInMinutes must be between 0 and 1440."},
        {R"({"availabilityZoneRebalancing":"ENABLED",
             "deploymentConfiguration":{"maximumPercent":100,"minimumHealthyPercent":0}})",
         kInvalid + "Availability Zone rebalancing requires a maximumPercent greater than 100. Change the "
                    "maximumPercent value and try again."},
        {R"({"healthCheckGracePeriodSeconds":-1})",
         kInvalid + "The health check grace period must be between 0 and 2147483647 seconds."},
        {R"({"role":"ecsServiceRole"})",
         kInvalid + "You cannot specify an IAM role for services that require a service linked role."},
        {R"({"platformVersion":"1.5.0"})",
         "PlatformUnknownException: The specified platform does not exist."},
        {R"({"launchType":"EC2"})", kInvalid + "No Container Instances were found in your cluster."},
        {R"({"launchType":null})", kInvalid + "No Container Instances were found in your cluster."},
        {R"({"launchType":"EXTERNAL"})",
         kInvalid + "Task definition does not support launch_type EXTERNAL."},
        {R"({"capacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1}]})",
         kInvalid + "Specifying both a launch type and capacity provider strategy is not supported. Remove one "
                    "and try again."},
        {R"({"networkConfiguration":null})",
         kInvalid + "Network Configuration must be provided when networkMode 'awsvpc' is specified."},
        {R"({"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-0"]}}})",
         kInvalid + "Error retrieving subnet information for [subnet-0]: The subnet ID 'subnet-0' does not "
                    "exist (ErrorCode: InvalidSubnetID.NotFound)"},
        {R"({"placementStrategy":[{"type":"random"}]})",
         kInvalid + "Placement constraints and strategies are not supported with FARGATE launch type."},
        {R"({"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:x:1:service/srv-1"}]})",
         kUnbuilt + "serviceRegistries (service discovery) yet."},
        {R"({"serviceConnectConfiguration":{"enabled":true}})",
         kUnbuilt + "serviceConnectConfiguration (Service Connect) yet."},
        {R"({"volumeConfigurations":[{"name":"v"}]})",
         kUnbuilt + "volumeConfigurations (EBS volumes) yet."},
        {R"({"loadBalancers":[{"targetGroupArn":"x","containerName":"none","containerPort":80}]})",
         kInvalid + "The container none does not exist in the task definition."},
        {R"({"loadBalancers":[{"targetGroupArn":"x","containerName":"test-nginx","containerPort":81}]})",
         kInvalid + "The container test-nginx did not have a container port 81 defined."},
        {R"({"loadBalancers":[{"targetGroupArn":"x","containerName":"test-nginx","containerPort":80}]})",
         kInvalid + "The specified target group does not exist. (targetGroupArn: x)"},
        {R"({"tags":[{"key":"aws:x","value":"y"}]})",
         kInvalid + "Tag keys and values cannot start with aws:, which is reserved for AWS use."},
    };
    for (const auto& one : cases) EXPECT_EQ(refusal(create(one.more)), one.error) << one.more;
    EXPECT_TRUE(state::View(database).list<ServiceRecord>().empty());
}

TEST_F(ServiceApiTest, ExecuteCommandIsKeptAndNeedsATaskRole) {
    const auto without = [](const std::string& what) {
        return "InvalidParameterException: The service couldn't be " + what +
               " because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and "
               "try again.";
    };
    EXPECT_EQ(refusal(create(R"({"enableExecuteCommand":true})")), without("created"));
    auto definition = boost::json::parse(boost::json::string_view(kArticle)).as_object();
    definition["family"] = "with-role";
    definition["taskRoleArn"] = "arn:aws:iam::123456789012:role/shell";
    ASSERT_TRUE(ask(register_task_definition, boost::json::serialize(definition)));
    ASSERT_EQ(refusal(create(R"({"taskDefinition":"with-role","enableExecuteCommand":true})")), "");
    EXPECT_EQ(described().enable_execute_command, true);
    EXPECT_EQ(refusal(update(R"({"taskDefinition":"test-nginx"})")), without("updated"));
    EXPECT_EQ(refusal(update(R"({"taskDefinition":"test-nginx","enableExecuteCommand":false})")), "");
    EXPECT_EQ(refusal(update(R"({"enableExecuteCommand":true})")), without("updated"));
    EXPECT_EQ(described().enable_execute_command, false);
    EXPECT_EQ(refusal(update(R"({"taskDefinition":"with-role","enableExecuteCommand":true})")), "");
}

TEST_F(ServiceApiTest, TargetGroupsAreCheckedInAWSsWords) {
    const std::string lone = group("lone", false);
    EXPECT_EQ(
        refusal(create("{" + behind(lone) + "}")),
        "InvalidParameterException: The target group with targetGroupArn " + lone +
            " does not have an associated load balancer."
    );
    const std::string instances = group("instances", true, "instance");
    EXPECT_EQ(
        refusal(create("{" + behind(instances) + "}")),
        "InvalidParameterException: The provided target group " + instances +
            " has target type instance, which is incompatible with the awsvpc network mode specified in the "
            "task definition."
    );
    const std::string far = group("far", true, "ip", "vpc-0");
    EXPECT_THAT(
        refusal(create("{" + behind(far) + "}")),
        HasSubstr("The provided target group " + far + " is in the VPC vpc-0, which is not the VPC vpc-")
    );
    EXPECT_TRUE(state::View(database).list<ServiceRecord>().empty());
}

TEST_F(ServiceApiTest, LoadBalancersComeBackAndTheirChangeBeginsADeployment) {
    const std::string blue = group("blue");
    const std::string green = group("green");
    ASSERT_EQ(refusal(create("{" + behind(blue) + "}")), "");
    auto web = described();
    ASSERT_EQ(web.load_balancers->size(), 1u);
    EXPECT_EQ(web.load_balancers->front().target_group_arn, blue);
    EXPECT_EQ(web.load_balancers->front().container_name, "test-nginx");
    EXPECT_EQ(web.load_balancers->front().container_port, 80);
    EXPECT_EQ(web.health_check_grace_period_seconds, 0);
    const auto first = service()->primary;
    ASSERT_EQ(refusal(update("{" + behind(blue) + "}")), "");
    EXPECT_EQ(service()->primary, first);
    ASSERT_EQ(refusal(update("{" + behind(green) + "}")), "");
    EXPECT_NE(service()->primary, first);
    EXPECT_EQ(described().load_balancers->front().target_group_arn, green);
    // A definition without the container cannot come after.
    auto other = boost::json::parse(boost::json::string_view(kArticle)).as_object();
    other["containerDefinitions"].as_array()[0].as_object()["name"] = "other";
    ASSERT_TRUE(ask(register_task_definition, boost::json::serialize(other)));
    EXPECT_EQ(
        refusal(update(R"({"taskDefinition":"test-nginx"})")),
        "InvalidParameterException: The container test-nginx does not exist in the task definition."
    );
    EXPECT_EQ(
        refusal(update(R"({"taskDefinition":"test-nginx",)" + behind(green, "other") + "}")), ""
    );
    ASSERT_EQ(refusal(update(R"({"loadBalancers":[]})")), "");
    EXPECT_TRUE(described().load_balancers->empty());
}

TEST_F(ServiceApiTest, CreatingTheSameAgainAnswersTheSame) {
    const auto first = create(R"({"clientToken":"t"})");
    ASSERT_TRUE(first);
    const auto id = *first->service->deployments->front().id;
    EXPECT_EQ(*create(R"({"clientToken":"t"})")->service->deployments->front().id, id);
    EXPECT_EQ(*create(R"({"clientToken":""})")->service->deployments->front().id, id);
    const std::string kNot = "InvalidParameterException: Creation of service was not idempotent.";
    EXPECT_EQ(refusal(create(R"({"desiredCount":3})")), kNot);
    EXPECT_EQ(refusal(create(R"({"clientToken":"t","desiredCount":3})")), kNot);
    // A late repetition of the request that made it is no conflict with what came after.
    ASSERT_TRUE(update(R"({"desiredCount":3})"));
    EXPECT_EQ(create(R"({"clientToken":"t"})")->service->desired_count, 3);
    EXPECT_EQ(refusal(create()), kNot);
}

TEST_F(ServiceApiTest, DeletingDrainsAndAnHourAfterItsEndItIsForgotten) {
    const auto remove = [&](const char* json) { return ask(delete_service, json); };
    EXPECT_EQ(
        refusal(remove(R"({"service":"web"})")), "ServiceNotFoundException: Service not found."
    );
    ASSERT_TRUE(create());
    EXPECT_EQ(
        refusal(remove(R"({"service":"web"})")),
        "InvalidParameterException: The service cannot be stopped while the primary deployment is scaled above "
        "0."
    );
    ASSERT_TRUE(update(R"({"desiredCount":0})"));
    const auto deleted = remove(R"({"service":"arn:aws:ecs:ap-northeast-1:123456789012:service/default/web"})");
    ASSERT_TRUE(deleted) << refusal(deleted);
    EXPECT_EQ(deleted->service->status, "DRAINING");
    EXPECT_TRUE(remove(R"({"service":"web"})"));
    EXPECT_EQ(
        refusal(create()),
        "InvalidParameterException: Unable to Start a service that is still Draining."
    );
    EXPECT_TRUE(ask(list_services, "{}")->service_arns->empty());
    EXPECT_EQ(newest()->status, ServiceDeploymentStatus::STOPPED);

    edit<ServiceRecord>(service()->key(), [&](auto& record) {
        record.status = ServiceStatus::INACTIVE;
        record.status_at = turn.now;
    });
    EXPECT_EQ(described().status, "INACTIVE");
    EXPECT_TRUE(described().deployments->empty());
    EXPECT_EQ(refusal(remove(R"({"service":"web"})")), "ServiceNotFoundException: Service not found.");

    RetentionController retention;
    const auto sweep = [&](const char* key) {
        const auto plan = retention.reconcile(state::View(database), key, turn);
        write([&](state::Txn& txn) { txn.apply(plan); });
        return plan;
    };
    pass(std::chrono::minutes(59));
    const auto early = sweep("services");
    EXPECT_TRUE(early.actions().empty());
    EXPECT_EQ(early.policy_again(), turn.now + std::chrono::minutes(1));
    pass(std::chrono::minutes(1));
    sweep("services");
    EXPECT_FALSE(service());
    for (int i = 0; i < 3; ++i) sweep("remains");
    const state::View view(database);
    EXPECT_TRUE(view.list<DeploymentRecord>().empty());
    EXPECT_TRUE(view.list<ServiceRevisionRecord>().empty());
    EXPECT_TRUE(view.list<ServiceDeploymentRecord>().empty());
    EXPECT_TRUE(view.list<ServiceRemainsRecord>().empty());
    EXPECT_TRUE(sweep("remains").actions().empty());
    const auto gone = ask(describe_services, R"({"services":["web"]})");
    EXPECT_EQ(gone->failures->front().reason, "MISSING");
}

TEST_F(ServiceApiTest, AServiceMadeAnewHasNothingOfTheOldOne) {
    ASSERT_TRUE(create());
    const auto old = service()->parts();
    ASSERT_TRUE(ask(delete_service, R"({"service":"web","force":true})"));
    edit<ServiceRecord>(service()->key(), [](auto& record) { record.status = ServiceStatus::INACTIVE; });
    ASSERT_TRUE(create(R"({"desiredCount":1})"));
    EXPECT_NE(service()->parts(), old);
    EXPECT_EQ(described().deployments->size(), 1u);
    EXPECT_EQ(ask(list_service_deployments, R"({"service":"web"})")->service_deployments->size(), 1u);
    EXPECT_TRUE(state::View(database).get<ServiceRemainsRecord>(old));
}

TEST_F(ServiceApiTest, ListsByNameInPages) {
    for (const char* name : {"a", "b", "c"})
        ASSERT_TRUE(create(R"({"serviceName":")" + std::string(name) + R"("})"));
    const auto first = ask(list_services, R"({"maxResults":2})");
    ASSERT_EQ(first->service_arns->size(), 2u);
    EXPECT_THAT(first->service_arns->front(), EndsWith("service/default/a"));
    const auto rest = ask(list_services, R"({"nextToken":")" + *first->next_token + R"("})");
    ASSERT_EQ(rest->service_arns->size(), 1u);
    EXPECT_FALSE(rest->next_token);
    EXPECT_EQ(ask(list_services, R"({"launchType":"FARGATE"})")->service_arns->size(), 3u);
    EXPECT_TRUE(ask(list_services, R"({"launchType":"EC2"})")->service_arns->empty());
    EXPECT_TRUE(ask(list_services, R"({"schedulingStrategy":"DAEMON"})")->service_arns->empty());
    EXPECT_TRUE(ask(list_services, R"({"resourceManagementType":"ECS"})")->service_arns->empty());
    EXPECT_THAT(
        refusal(ask(list_services_by_namespace, R"({"namespace":"n"})")), StartsWith("NamespaceNotFoundException")
    );
    EXPECT_EQ(
        refusal(ask(list_tasks, R"({"serviceName":"none"})")), "ServiceNotFoundException: Service not found."
    );
    EXPECT_TRUE(ask(list_tasks, R"({"serviceName":"a"})")->task_arns->empty());
}

TEST_F(ServiceApiTest, ItsClusterCountsItAndCannotGo) {
    ASSERT_TRUE(create());
    const auto cluster = ask(describe_clusters, R"({"include":["STATISTICS"]})")->clusters->front();
    EXPECT_EQ(cluster.active_services_count, 1);
    EXPECT_EQ(
        refusal(ask(delete_cluster, R"({"cluster":"default"})")),
        "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active."
    );
    ASSERT_TRUE(ask(delete_service, R"({"service":"web","force":true})"));
    EXPECT_EQ(ask(describe_clusters, "{}")->clusters->front().active_services_count, 0);
    EXPECT_FALSE(ask(delete_cluster, R"({"cluster":"default"})"));
}

TEST_F(ServiceApiTest, IsTaggedLikeOtherThingsAndGivesItsTagsToTasks) {
    ASSERT_TRUE(create(R"({"propagateTags":"SERVICE","enableECSManagedTags":true})"));
    const std::string arn = R"("resourceArn":")" + service()->arn() + R"(")";
    ASSERT_TRUE(ask(tag_resource, "{" + arn + R"(,"tags":[{"key":"a","value":"b"},{"key":"c"}]})"));
    ASSERT_TRUE(ask(untag_resource, "{" + arn + R"(,"tagKeys":["c"]})"));
    ASSERT_EQ(ask(list_tags_for_resource, "{" + arn + "}")->tags->size(), 1u);
    const state::View view(database);
    const auto revision = view.get<ServiceRevisionRecord>(
        ServiceRevisionRecord::key(service()->parts(), service()->primary)
    );
    const auto task = service_task(view, *service(), *revision, turn);
    ASSERT_TRUE(task);
    const Tags wanted{
        {"a", "b"}, {"aws:ecs:serviceName", "web"}, {"aws:ecs:clusterName", "default"}
    };
    EXPECT_EQ(task->tags, wanted);
    EXPECT_EQ(task->group, "service:web");
    EXPECT_EQ(task->started_by, "ecs-svc/" + service()->primary);
    EXPECT_EQ(task->service_revision, revision->key());
    EXPECT_EQ(task->platform_version, "1.4.0");
    EXPECT_EQ(task->cpu, "512");
    EXPECT_FALSE(task->security_groups.empty());
    EXPECT_THAT(
        refusal(ask(tag_resource, R"({"resourceArn":"arn:aws:ecs:ap-northeast-1:123456789012:service/default/x",
                                      "tags":[{"key":"a"}]})")),
        HasSubstr("does not exist")
    );
}

TEST_F(ServiceApiTest, CountsItsTasksByDeployment) {
    ASSERT_TRUE(create());
    const state::View view(database);
    const auto revision = view.get<ServiceRevisionRecord>(
        ServiceRevisionRecord::key(service()->parts(), service()->primary)
    );
    std::vector<TaskRecord> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(*service_task(view, *service(), *revision, turn));
    tasks[0].last_status = link::TaskStatus::RUNNING;
    tasks[1].last_status = link::TaskStatus::RUNNING;
    write([&](state::Txn& txn) {
        for (const auto& task : tasks) txn.put(task);
    });
    EXPECT_EQ(described().running_count, 2);
    EXPECT_EQ(described().pending_count, 1);
    EXPECT_EQ(described().deployments->front().running_count, 2);
    EXPECT_EQ(ask(list_tasks, R"({"serviceName":"web"})")->task_arns->size(), 3u);
    // An old deployment that still has tasks keeps the service from going without force.
    ASSERT_TRUE(update(R"({"desiredCount":0,"forceNewDeployment":true})"));
    EXPECT_EQ(
        refusal(ask(delete_service, R"({"service":"web"})")),
        "InvalidParameterException: The service cannot be stopped while deployments are active."
    );
    EXPECT_EQ(described().deployments->back().running_count, 2);
}

TEST_F(ServiceApiTest, SaysWhyItIsNotStable) {
    ASSERT_TRUE(create());
    const auto lines = [&] { return unstable_services(state::View(database), 20); };
    ASSERT_EQ(lines().size(), 1u);
    EXPECT_THAT(lines().front(), HasSubstr("default/web: 0 of 2 tasks run; ECS deployment ecs-svc/"));
    ServiceRecord record = *service();
    state::Plan plan;
    note_event(state::View(database), record, turn, "(service web) was unable to place a task.", plan);
    plan.put(record, "");
    write([&](state::Txn& txn) { txn.apply(plan); });
    EXPECT_THAT(lines().front(), EndsWith("last event: (service web) was unable to place a task."));
    const state::View view(database);
    const auto revision = view.get<ServiceRevisionRecord>(
        ServiceRevisionRecord::key(service()->parts(), service()->primary)
    );
    auto ended = *service_task(view, *service(), *revision, turn);
    ended.desired_status = ended.last_status = link::TaskStatus::STOPPED;
    ended.stop_code = "EssentialContainerExited";
    ended.stopped_reason = "Essential container in task exited";
    auto& container = ended.containers.emplace_back();
    container.name = "main";
    container.exit_code = 7;
    write([&](state::Txn& txn) { txn.put(ended); });
    EXPECT_THAT(lines().front(), HasSubstr("; a task ended: Essential container in task exited (main: exit code 7)"));
    ASSERT_TRUE(create(R"({"serviceName":"none","desiredCount":0})"));
    EXPECT_EQ(lines().size(), 2u);
    EXPECT_EQ(unstable_services(state::View(database), 1).size(), 1u);
    edit<DeploymentRecord>(service("none")->parts() + service("none")->primary, [](auto& deployment) {
        deployment.rollout_state = RolloutState::COMPLETED;
    });
    EXPECT_EQ(lines().size(), 1u);
}

}  // namespace
}  // namespace gantry::ecs::testing
