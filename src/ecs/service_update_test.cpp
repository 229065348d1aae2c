#include <gmock/gmock.h>

#include "ecs/retention_controller.h"
#include "ecs/service_api_fixture.h"
#include "ecs/service_task.h"

namespace gantry::ecs::testing {
namespace {

using ::testing::EndsWith;

TEST_F(ServiceApiTest, AnUpdateKeepsWhatItDoesNotName) {
    ASSERT_TRUE(create(R"({"deploymentConfiguration":{"maximumPercent":150,"minimumHealthyPercent":50}})"));
    const auto id = service()->primary;
    ASSERT_TRUE(
        update(R"({"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}})")
    );
    const auto web = described();
    EXPECT_EQ(web.deployment_configuration->maximum_percent, 150);
    EXPECT_EQ(web.deployment_configuration->minimum_healthy_percent, 50);
    EXPECT_TRUE(web.deployment_configuration->deployment_circuit_breaker->rollback);
    EXPECT_EQ(refusal(update(R"({"deploymentConfiguration":{"maximumPercent":100,
        "minimumHealthyPercent":100}})")), kBoth);
    // None of these changes what the tasks are.
    ASSERT_TRUE(update(R"({"desiredCount":4,"healthCheckGracePeriodSeconds":9,
        "enableECSManagedTags":true,"propagateTags":"SERVICE","availabilityZoneRebalancing":"DISABLED",
        "taskDefinition":"test-nginx:1","platformVersion":"LATEST"})"));
    EXPECT_EQ(service()->primary, id);
    EXPECT_EQ(service()->last_service_deployment, 1);
    const auto after = described();
    EXPECT_EQ(after.desired_count, 4);
    EXPECT_EQ(after.deployments->front().desired_count, 4);
    EXPECT_EQ(after.health_check_grace_period_seconds, 9);
    EXPECT_EQ(after.propagate_tags, "SERVICE");
}

TEST_F(ServiceApiTest, WhatChangesTheTasksBeginsADeployment) {
    ASSERT_TRUE(create());
    const auto first = service()->primary;
    ASSERT_TRUE(ask(register_task_definition, kArticle));
    pass(std::chrono::seconds(1));
    ASSERT_TRUE(update(R"({"taskDefinition":"test-nginx"})"));
    auto web = described();
    ASSERT_EQ(web.deployments->size(), 2u);
    EXPECT_EQ(web.deployments->front().status, "PRIMARY");
    EXPECT_THAT(*web.deployments->front().task_definition, EndsWith("test-nginx:2"));
    EXPECT_EQ(*web.deployments->back().id, "ecs-svc/" + first);
    EXPECT_EQ(web.deployments->back().status, "ACTIVE");
    EXPECT_THAT(*web.task_definition, EndsWith("test-nginx:2"));
    for (const char* more :
         {R"({"forceNewDeployment":true})", R"({"platformVersion":"1.4.0"})",
          R"({"forceNewDeployment":true,"capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}]})"}) {
        const auto before = service()->primary;
        ASSERT_EQ(refusal(update(more)), "") << more;
        EXPECT_NE(service()->primary, before) << more;
    }
    EXPECT_FALSE(described().launch_type);
    EXPECT_EQ(
        refusal(update(R"({"capacityProviderStrategy":[]})")),
        "InvalidParameterException: When switching from launch type to capacity provider strategy on an "
        "existing service, or making a change to a capacity provider strategy on a service that is already "
        "using one, you must force a new deployment."
    );
    auto network = request_of()["networkConfiguration"];
    network.as_object()["awsvpcConfiguration"].as_object()["assignPublicIp"] = "ENABLED";
    ASSERT_EQ(
        refusal(update(boost::json::serialize(boost::json::object{{"networkConfiguration", network}}))), ""
    );
    EXPECT_EQ(described().network_configuration->awsvpc_configuration->assign_public_ip, "ENABLED");
    EXPECT_EQ(service()->last_service_deployment, 6);
}

TEST_F(ServiceApiTest, GoesOnWithARevisionThatWasDeregistered) {
    ASSERT_TRUE(create());
    ASSERT_TRUE(ask(deregister_task_definition, R"({"taskDefinition":"test-nginx:1"})"));
    EXPECT_EQ(refusal(update(R"({"desiredCount":3})")), "");
    EXPECT_EQ(refusal(update(R"({"forceNewDeployment":true})")), "");
    EXPECT_EQ(refusal(update(R"({"taskDefinition":"test-nginx:1"})")), "");
    EXPECT_EQ(refusal(create(R"({"serviceName":"other","taskDefinition":"test-nginx:1"})")),
              "ClientException: TaskDefinition is inactive");
    // A definition that the service uses is not removed either.
    ASSERT_TRUE(ask(delete_task_definitions, R"({"taskDefinitions":["test-nginx:1"]})"));
    pass(std::chrono::hours(2));
    const auto plan = RetentionController().reconcile(state::View(database), "definitions", turn);
    EXPECT_TRUE(plan.actions().empty());
    const auto record = state::View(database).get<ServiceRevisionRecord>(
        ServiceRevisionRecord::key(service()->parts(), service()->primary)
    );
    EXPECT_TRUE(service_task(state::View(database), *service(), *record, turn));
}

TEST_F(ServiceApiTest, UpdatesAreRefusedInAWSsWords) {
    EXPECT_EQ(refusal(update(R"({"desiredCount":1})")), "ServiceNotFoundException: Service not found.");
    ASSERT_TRUE(create());
    EXPECT_EQ(refusal(update(R"({"cluster":"none"})")), "ClusterNotFoundException: Cluster not found.");
    EXPECT_EQ(
        refusal(update(R"({"taskDefinition":"none"})")), "ClientException: TaskDefinition not found."
    );
    EXPECT_EQ(
        refusal(update(R"({"deploymentController":{"type":"CODE_DEPLOY"}})")),
        "UnsupportedFeatureException: Gantry does not change a service's deployment controller yet. Create "
        "another service."
    );
    ASSERT_TRUE(ask(delete_service, R"({"service":"web","force":true})"));
    EXPECT_EQ(
        refusal(update(R"({"desiredCount":1})")), "ServiceNotActiveException: Service was not ACTIVE."
    );
}

}  // namespace
}  // namespace gantry::ecs::testing
