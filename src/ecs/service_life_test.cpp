#include <gmock/gmock.h>

#include "ecs/controller_fixture.h"
#include "elbv2/target_group.h"

// The operations and the scheduler together, over a worker that does as it is told.
namespace gantry::ecs::testing {
namespace {

using ::testing::HasSubstr;

class ServiceLifeTest : public ServiceTest {
  protected:
    void SetUp() override {
        prepare();
        add_worker();
        const auto response = ask(
            create_service, R"({"serviceName":"web","taskDefinition":"test-nginx","desiredCount":2,
                "launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
                                subnet() + R"("]}}})"
        );
        ASSERT_TRUE(response) << response.error().message;
        come_to_rest();
    }
    void update(const std::string& more) {
        const auto response = ask(update_service, R"({"service":"web",)" + more + "}");
        ASSERT_TRUE(response) << response.error().message;
    }
    shapes::ecs::Service shown() {
        return ask(describe_services, R"({"services":["web"]})")->services->front();
    }
};

// What `aws ecs wait services-stable` waits for.
void expect_stable(const shapes::ecs::Service& service, int count) {
    EXPECT_EQ(service.deployments->size(), 1u);
    EXPECT_EQ(service.deployments->front().rollout_state, "COMPLETED");
    EXPECT_EQ(service.running_count, count);
    EXPECT_EQ(service.desired_count, count);
    EXPECT_EQ(service.pending_count, 0);
}

TEST_F(ServiceLifeTest, ComesUpScalesRollsAndGoes) {
    expect_stable(shown(), 2);
    EXPECT_THAT(*shown().events->front().message, HasSubstr("has reached a steady state."));
    update(R"("desiredCount":4)");
    come_to_rest();
    expect_stable(shown(), 4);
    ASSERT_TRUE(ask(register_task_definition, kArticle));
    update(R"("taskDefinition":"test-nginx","desiredCount":1)");
    come_to_rest();
    expect_stable(shown(), 1);
    EXPECT_THAT(*shown().task_definition, HasSubstr("test-nginx:2"));
    const auto list = ask(list_service_deployments, R"({"service":"web"})");
    ASSERT_EQ(list->service_deployments->size(), 2u);
    EXPECT_EQ(list->service_deployments->front().status, "SUCCESSFUL");

    update(R"("desiredCount":0)");
    ASSERT_TRUE(ask(delete_service, R"({"service":"web"})"));
    come_to_rest();
    EXPECT_EQ(shown().status, "INACTIVE");
    pass(std::chrono::hours(1));
    settle();
    EXPECT_EQ(ask(describe_services, R"({"services":["web"]})")->failures->size(), 1u);
    const state::View view(database);
    EXPECT_TRUE(view.list<ServiceEventRecord>().empty());
    EXPECT_TRUE(view.list<ServiceRemainsRecord>().empty());
    EXPECT_TRUE(ask(delete_cluster, R"({"cluster":"default"})"));
}

TEST_F(ServiceLifeTest, AStoppedServiceDeploymentGoesBack) {
    const auto first = service()->primary;
    update(R"("forceNewDeployment":true)");
    settle();
    const auto list = ask(list_service_deployments, R"({"service":"web"})");
    ASSERT_TRUE(ask(
        stop_service_deployment, R"({"serviceDeploymentArn":")" +
                                     *list->service_deployments->front().service_deployment_arn + R"("})"
    ));
    come_to_rest();
    EXPECT_EQ(service()->primary, first);
    expect_stable(shown(), 2);
    EXPECT_EQ(
        ask(list_service_deployments, R"({"service":"web"})")->service_deployments->front().status,
        "ROLLBACK_SUCCESSFUL"
    );
    // And another way can begin from there.
    update(R"("forceNewDeployment":true)");
    come_to_rest();
    expect_stable(shown(), 2);
}

TEST_F(ServiceLifeTest, UpdatesThatFollowEachOtherEndInTheLast) {
    for (int i = 0; i < 3; ++i) {
        update(R"("forceNewDeployment":true)");
        settle();
    }
    const auto last = service()->primary;
    come_to_rest();
    expect_stable(shown(), 2);
    EXPECT_EQ(*shown().deployments->front().id, "ecs-svc/" + last);
}

}  // namespace
}  // namespace gantry::ecs::testing
