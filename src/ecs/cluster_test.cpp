#include "ecs/state_fixture.h"

namespace gantry::ecs {
Result<shapes::ecs::DescribeCapacityProvidersResponse> describe_capacity_providers(
    state::Txn& txn, const shapes::ecs::DescribeCapacityProvidersRequest& request, const Caller& caller
);
}

namespace gantry::ecs::testing {
namespace {

TEST_F(EcsTest, ClustersComeAndGo) {
    const auto made = ask(create_cluster, R"({"clusterName":"c","tags":[{"key":"a","value":"b"}]})");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->cluster->cluster_arn, "arn:aws:ecs:ap-northeast-1:123456789012:cluster/c");
    EXPECT_EQ(made->cluster->settings->at(0).value, "disabled");
    EXPECT_TRUE(ask(create_cluster, R"({"clusterName":"c"})"));
    EXPECT_EQ(
        ask(create_cluster, R"({"clusterName":"c","capacityProviders":["FARGATE"]})").error().message,
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
    );
    EXPECT_EQ(ask(list_clusters, "{}")->cluster_arns->size(), 1u);
    const auto both = ask(describe_clusters, R"({"clusters":["c","d"],"include":["TAGS"]})");
    EXPECT_EQ(both->clusters->at(0).tags->at(0).key, "a");
    EXPECT_EQ(both->failures->at(0).reason, "MISSING");
    EXPECT_EQ(both->failures->at(0).arn, "arn:aws:ecs:ap-northeast-1:123456789012:cluster/d");

    EXPECT_EQ(ask(delete_cluster, R"({"cluster":"d"})").error().code, "ClusterNotFoundException");
    EXPECT_EQ(ask(delete_cluster, R"({"cluster":"c"})")->cluster->status, "INACTIVE");
    EXPECT_EQ(ask(list_clusters, "{}")->cluster_arns->size(), 0u);
    EXPECT_EQ(ask(describe_clusters, R"({"clusters":["c"]})")->clusters->at(0).status, "INACTIVE");
    EXPECT_EQ(ask(list_tasks, R"({"cluster":"c"})").error().message, "The referenced cluster was inactive.");
    settle();
    pass(std::chrono::hours(1));
    settle();
    EXPECT_EQ(ask(describe_clusters, R"({"clusters":["c"]})")->failures->size(), 1u);
    EXPECT_EQ(ask(create_cluster, R"({"clusterName":"a b"})").error().code, "InvalidParameterException");
}

TEST_F(EcsTest, CapacityProvidersOfAClusters) {
    ASSERT_TRUE(ask(create_cluster, "{}"));
    EXPECT_EQ(
        ask(put_cluster_capacity_providers,
            R"({"cluster":"default","capacityProviders":["mine"],"defaultCapacityProviderStrategy":[]})")
            .error()
            .message,
        "The specified capacity provider 'mine' was not found. Specify a valid name or ARN and try again."
    );
    EXPECT_EQ(
        ask(put_cluster_capacity_providers,
            R"({"cluster":"default","capacityProviders":["FARGATE"],"defaultCapacityProviderStrategy":[
                {"capacityProvider":"FARGATE_SPOT","weight":1}]})")
            .error()
            .message,
        "The specified capacity provider strategy cannot contain a capacity provider that is not associated "
        "with the "
        "cluster. Associate the capacity provider with the cluster and try again."
    );
    const auto put =
        ask(put_cluster_capacity_providers,
            R"({"cluster":"default","capacityProviders":["FARGATE"],"defaultCapacityProviderStrategy":[
            {"capacityProvider":"FARGATE","weight":1}]})");
    EXPECT_EQ(put->cluster->default_capacity_provider_strategy->at(0).base, 0);
}

TEST_F(EcsTest, CapacityProvidersArePaged) {
    const auto first = ask(describe_capacity_providers, R"({"maxResults":1})");
    EXPECT_EQ(first->capacity_providers->at(0).name, "FARGATE");
    const auto rest =
        ask(describe_capacity_providers, R"({"maxResults":1,"nextToken":")" + first->next_token.value() + R"("})");
    EXPECT_EQ(rest->capacity_providers->at(0).name, "FARGATE_SPOT");
    EXPECT_FALSE(rest->next_token);
    EXPECT_FALSE(ask(describe_capacity_providers, R"({"maxResults":11})"));
    EXPECT_EQ(ask(describe_capacity_providers, R"({"nextToken":"78"})").error().message, "Invalid token.");
}

TEST_F(EcsTest, SessionsAreLoggedElsewhereOnlyByOverride) {
    const auto made = [&](const std::string& exec) {
        return bool(ask(create_cluster, R"({"configuration":{"executeCommandConfiguration":{)" + exec + "}}}"));
    };
    EXPECT_FALSE(made(R"("logging":"OVERRIDE")"));
    EXPECT_FALSE(made(R"("logging":"DEFAULT","logConfiguration":{"cloudWatchLogGroupName":"g"})"));
    EXPECT_TRUE(made(R"("logging":"OVERRIDE","logConfiguration":{"cloudWatchLogGroupName":"g"})"));
}

TEST_F(EcsTest, Tags) {
    prepare();
    const std::string arn = "arn:aws:ecs:ap-northeast-1:123456789012:";
    for (const std::string resource : {"cluster/default", "task-definition/test-nginx:1"}) {
        const std::string of = R"({"resourceArn":")" + arn + resource + "\"";
        ASSERT_TRUE(ask(tag_resource, of + R"(,"tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]})"));
        ASSERT_TRUE(ask(tag_resource, of + R"(,"tags":[{"key":"a","value":"3"}]})"));
        ASSERT_TRUE(ask(untag_resource, of + R"(,"tagKeys":["b"]})"));
        const auto tags = ask(list_tags_for_resource, of + "}");
        ASSERT_EQ(tags->tags->size(), 1u);
        EXPECT_EQ(tags->tags->at(0).value, "3");
        EXPECT_FALSE(ask(tag_resource, of + R"(,"tags":[{"key":"aws:x","value":"1"}]})"));
        EXPECT_FALSE(ask(tag_resource, of + R"(,"tags":[{"key":"x"},{"key":"x"}]})"));
        EXPECT_FALSE(ask(tag_resource, of + R"(,"tags":[{"key":"x#"}]})"));
        EXPECT_FALSE(ask(tag_resource, of + R"(,"tags":[{"key":"x","value":"a;b"}]})"));
    }
    EXPECT_EQ(
        ask(list_tags_for_resource, R"({"resourceArn":")" + arn + R"(cluster/none"})").error().code,
        "ClusterNotFoundException"
    );
    EXPECT_EQ(
        ask(list_tags_for_resource, R"({"resourceArn":"nonsense"})").error().message, "Invalid arn syntax"
    );
    const auto id = run_one(R"(,"propagateTags":"TASK_DEFINITION")");
    const auto described = ask(describe_tasks, R"({"include":["TAGS"],"tasks":[")" + id + R"("]})");
    EXPECT_EQ(described->tasks->at(0).tags->at(0).key, "a");
    ask(stop_task, R"({"task":")" + id + R"("})");
    settle();
    EXPECT_EQ(
        ask(tag_resource, R"({"resourceArn":")" + arn + "task/default/" + id + R"(","tags":[{"key":"k"}]})")
            .error()
            .message,
        "The specified task is stopped. Specify a running task and try again."
    );
}

TEST_F(EcsTest, AccountSettings) {
    EXPECT_EQ(ask(list_account_settings, "{}")->settings->size(), 0u);
    const auto first = ask(list_account_settings, R"({"effectiveSettings":true})");
    EXPECT_EQ(first->settings->size(), 10u);
    const auto rest =
        ask(list_account_settings,
            R"({"effectiveSettings":true,"nextToken":")" + *first->next_token + R"("})");
    EXPECT_EQ(rest->settings->size(), 1u);
    ASSERT_TRUE(ask(put_account_setting_default, R"({"name":"containerInsights","value":"enhanced"})"));
    EXPECT_EQ(ask(create_cluster, "{}")->cluster->settings->at(0).value, "enhanced");
    EXPECT_FALSE(ask(put_account_setting, R"({"name":"containerInsights","value":"maybe"})"));
    EXPECT_FALSE(ask(put_account_setting, R"({"name":"containerInsights","value":"enabled","principalArn":"me"})"));
    EXPECT_FALSE(ask(put_account_setting, R"({"name":"guardDutyActivate","value":"on"})"));
    EXPECT_EQ(
        ask(put_account_setting_default, R"({"name":"defaultLogDriverMode","value":"blocking"})").error().code,
        "UnsupportedFeatureException"
    );
    ASSERT_TRUE(ask(delete_account_setting, R"({"name":"containerInsights"})"));
    EXPECT_EQ(ask(list_account_settings, "{}")->settings->size(), 0u);
}

TEST_F(EcsTest, ProtectionIsForTasksOfServices) {
    prepare();
    const auto id = run_one();
    const auto result =
        ask(update_task_protection,
            R"({"cluster":"default","protectionEnabled":true,"tasks":[")" + id + R"("]})");
    EXPECT_EQ(result->failures->at(0).reason, "TASK_NOT_VALID");
}

TEST_F(EcsTest, NamesOfTasks) {
    prepare();
    EXPECT_EQ(
        ask(describe_tasks, R"({"tasks":["x"]})").error().message, "taskId length should be one of [32,36]"
    );
    EXPECT_EQ(ask(describe_tasks, R"({"tasks":[]})").error().message, "Tasks cannot be empty.");
    const std::string unknown(32, 'a');
    EXPECT_EQ(ask(describe_tasks, R"({"tasks":[")" + unknown + R"("]})")->failures->at(0).reason, "MISSING");
    EXPECT_EQ(
        ask(stop_task, R"({"task":")" + unknown + R"("})").error().message,
        "The referenced task was not found."
    );
    // By ARN too, also of another cluster.
    const auto id = run_one();
    const std::string arn = "arn:aws:ecs:ap-northeast-1:123456789012:task/";
    EXPECT_EQ(ask(describe_tasks, R"({"tasks":[")" + arn + "default/" + id + R"("]})")->tasks->size(), 1u);
    EXPECT_EQ(ask(describe_tasks, R"({"tasks":[")" + arn + "other/" + id + R"("]})")->failures->size(), 1u);
}

}  // namespace
}  // namespace gantry::ecs::testing
