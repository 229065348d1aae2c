#include <gmock/gmock.h>

#include "ecs/service_api_fixture.h"
#include "ecs/start_deployment.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs::testing {
namespace {

using ::testing::HasSubstr;

std::string quoted(const std::string& member, const std::string& value) {
    return R"({")" + member + R"(":[")" + value + R"("]})";
}

TEST_F(ServiceApiTest, ServiceDeploymentsTellFromWhereToWhere) {
    ASSERT_TRUE(create(R"({"deploymentConfiguration":{"deploymentCircuitBreaker":
        {"enable":true,"rollback":true}}})"));
    const auto first = service()->primary;
    pass(std::chrono::seconds(1));
    ASSERT_TRUE(update(R"({"forceNewDeployment":true})"));
    const auto list = ask(list_service_deployments, R"({"service":"web"})");
    ASSERT_EQ(list->service_deployments->size(), 2u);
    const auto& newest_brief = list->service_deployments->front();
    EXPECT_EQ(newest_brief.status, "PENDING");
    EXPECT_EQ(list->service_deployments->back().status, "STOPPED");
    EXPECT_TRUE(list->service_deployments->back().finished_at);
    EXPECT_EQ(
        ask(list_service_deployments, R"({"service":"web","status":["STOPPED"]})")->service_deployments->size(),
        1u
    );
    const auto page = ask(list_service_deployments, R"({"service":"web","maxResults":1})");
    EXPECT_EQ(page->service_deployments->front().service_deployment_arn, newest_brief.service_deployment_arn);
    const auto next = ask(
        list_service_deployments, R"({"service":"web","nextToken":")" + *page->next_token + R"("})"
    );
    EXPECT_EQ(next->service_deployments->size(), 1u);

    const auto shown = ask(
        describe_service_deployments, quoted("serviceDeploymentArns", *newest_brief.service_deployment_arn)
    );
    ASSERT_EQ(shown->service_deployments->size(), 1u);
    const auto& deployment = shown->service_deployments->front();
    ASSERT_EQ(deployment.source_service_revisions->size(), 1u);
    EXPECT_THAT(*deployment.source_service_revisions->front().arn, HasSubstr("/default/web/" + first));
    EXPECT_EQ(deployment.target_service_revision->requested_task_count, 2);
    EXPECT_EQ(deployment.deployment_circuit_breaker->status, "MONITORING");
    EXPECT_EQ(deployment.deployment_circuit_breaker->threshold, 3);
    EXPECT_FALSE(deployment.rollback);

    const auto revisions = ask(
        describe_service_revisions,
        quoted("serviceRevisionArns", *deployment.target_service_revision->arn)
    );
    ASSERT_EQ(revisions->service_revisions->size(), 1u);
    const auto& revision = revisions->service_revisions->front();
    EXPECT_THAT(*revision.task_definition, HasSubstr("test-nginx:1"));
    EXPECT_EQ(revision.container_images->front().image, "nginx:latest");
    EXPECT_EQ(revision.launch_type, "FARGATE");

    const std::string none = "arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/default/web/none";
    EXPECT_EQ(
        ask(describe_service_deployments, quoted("serviceDeploymentArns", none))->failures->front().reason,
        "MISSING"
    );
    EXPECT_THAT(
        refusal(ask(describe_service_deployments, quoted("serviceDeploymentArns", "web"))),
        HasSubstr("Invalid identifier: web")
    );
    EXPECT_THAT(
        refusal(ask(list_service_deployments, R"({"service":"none"})")), HasSubstr("ServiceNotFoundException")
    );
}

TEST_F(ServiceApiTest, StoppingAServiceDeploymentAsksForARollBack) {
    ASSERT_TRUE(create());
    const auto first = service()->primary;
    const auto stop = [&](const char* more = "") {
        return ask(
            stop_service_deployment, R"({"serviceDeploymentArn":")" + newest()->arn() + "\"" + more + "}"
        );
    };
    EXPECT_EQ(
        refusal(stop()),
        "InvalidParameterException: There is no completed service deployment to roll back to."
    );
    succeed();
    EXPECT_THAT(refusal(stop()), HasSubstr("ConflictException"));
    ASSERT_TRUE(update(R"({"forceNewDeployment":true})"));
    EXPECT_THAT(refusal(stop(R"(,"stopType":"ABORT")")), HasSubstr("UnsupportedFeatureException"));
    ASSERT_TRUE(stop());
    EXPECT_EQ(newest()->status, ServiceDeploymentStatus::ROLLBACK_REQUESTED);
    EXPECT_EQ(newest()->rollback_to, first);
    EXPECT_THAT(refusal(stop()), HasSubstr("ConflictException"));
    EXPECT_THAT(
        refusal(ask(
            stop_service_deployment,
            R"({"serviceDeploymentArn":
                "arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/default/web/none"})"
        )),
        HasSubstr("ServiceDeploymentNotFoundException")
    );
}

TEST_F(ServiceApiTest, RollsBackToTheLastThatSucceededAndIsStillKnown) {
    ASSERT_TRUE(create());
    const auto first = service()->primary;
    succeed();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(update(R"({"forceNewDeployment":true})"));
    const state::View view(database);
    EXPECT_EQ(rollback_target(view, *service()), first);
    // The third failed and went back to the first, which is PRIMARY again: there is nothing before it.
    edit<ServiceDeploymentRecord>(newest()->key(), [&](auto& deployment) {
        deployment.status = ServiceDeploymentStatus::ROLLBACK_SUCCESSFUL;
        deployment.rollback_to = first;
    });
    edit<ServiceRecord>(service()->key(), [&](auto& record) { record.primary = first; });
    EXPECT_FALSE(rollback_target(view, *service()));
}

TEST_F(ServiceApiTest, OldServiceDeploymentsAndRevisionsAreForgotten) {
    ASSERT_TRUE(create());
    for (int i = 0; i < 120; ++i) {
        // As when each replaced the one before: nothing of it runs any more.
        const auto old = service()->parts() + service()->primary;
        ASSERT_TRUE(update(R"({"forceNewDeployment":true})"));
        write([&](state::Txn& txn) { txn.erase<DeploymentRecord>(old); });
    }
    const state::View view(database);
    EXPECT_EQ(view.list<ServiceDeploymentRecord>().size(), 100u);
    EXPECT_LE(view.list<ServiceRevisionRecord>().size(), 102u);
    EXPECT_EQ(ask(list_service_deployments, R"({"service":"web"})")->service_deployments->size(), 20u);
}

TEST_F(ServiceApiTest, TheNewestHundredEventsAreKept) {
    ASSERT_TRUE(create());
    for (int i = 1; i <= 130; ++i) {
        ServiceRecord record = *service();
        state::Plan plan;
        note_event(state::View(database), record, turn, "(service web) event " + std::to_string(i), plan);
        plan.put(std::move(record), "");
        write([&](state::Txn& txn) { txn.apply(plan); });
    }
    const auto events = *described().events;
    ASSERT_EQ(events.size(), 100u);
    EXPECT_EQ(events.front().message, "(service web) event 130");
    EXPECT_EQ(events.back().message, "(service web) event 31");
}

TEST(ServiceApiRecords, DatabasesFromBeforeServicesOpen) {
    const auto task = decode_text<TaskRecord>(R"({"scope":"1/r/","cluster":"c","id":"x","group":"family:f"})");
    ASSERT_TRUE(task);
    EXPECT_TRUE(task->service_revision.empty());
    EXPECT_TRUE(task->target_groups.empty());
    std::vector<std::string> keys;
    TasksByService::keys(*task, keys);
    TasksByDeployment::keys(*task, keys);
    EXPECT_TRUE(keys.empty());
}

}  // namespace
}  // namespace gantry::ecs::testing
