#include "codedeploy/app_spec.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace gantry::codedeploy {
namespace {

std::string judge(std::string_view content) {
    const auto spec = parse_app_spec(content);
    return spec ? boost::json::serialize(encode(*spec)) : spec.error().code + ": " + spec.error().message;
}

constexpr std::string_view kArticle = R"(version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: arn:aws:ecs:ap-northeast-1:123456789012:task-definition/test-nginx:2
        LoadBalancerInfo:
          ContainerName: "test-nginx"
          ContainerPort: 80
)";

TEST(AppSpecs, TheArticlesIsRead) {
    const auto spec = parse_app_spec(kArticle);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->task_definition, "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/test-nginx:2");
    EXPECT_EQ(spec->container, "test-nginx");
    EXPECT_EQ(spec->port, 80);
    EXPECT_TRUE(spec->hooks.empty());
}

TEST(AppSpecs, JsonAsTheCliSendsItAndKeysInAnyCase) {
    const auto spec = parse_app_spec(
        R"({"version": 0.0, "resources": [{"web": {"type": "AWS::ECS::Service", "properties": {"taskDefinition": "web:2",
            "loadBalancerInfo": {"containerName": "web", "containerPort": 8080}, "platformVersion": "1.4.0",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"],
            "assignPublicIp": "DISABLED"}},
            "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 2}]}}}],
            "hooks": [{"beforeinstall": "migrate"}, {"AfterAllowTraffic": "arn:aws:lambda:us-east-1:123456789012:function:check"}]})"
    );
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->port, 8080);
    EXPECT_EQ(spec->platform_version, "1.4.0");
    ASSERT_TRUE(spec->network);
    EXPECT_EQ(spec->network->awsvpc_configuration->subnets, std::vector<std::string>{"subnet-1"});
    ASSERT_EQ(spec->strategy.size(), 1u);
    EXPECT_EQ(spec->strategy[0].weight, 2);
    const std::map<std::string, std::string> hooks{{"AfterAllowTraffic", "check"}, {"BeforeInstall", "migrate"}};
    EXPECT_EQ(spec->hooks, hooks);
}

TEST(AppSpecs, WhatIsWrongIsSaid) {
    const auto with = [](std::string_view from, std::string_view to) {
        std::string text(kArticle);
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    const struct {
        std::string content;
        const char* words;
    } rows[] = {
        {"", "it is empty."},
        {"- a\n- b", "it must be a map"},
        {"a: [", "is not valid YAML: "},
        {"{\"version\": 0.0,", "is not valid YAML: "},
        {with("0.0", "1.0"), "its version must be 0.0."},
        {with("version: 0.0\n", ""), "its version must be 0.0."},
        {with("AWS::ECS::Service", "AWS::Lambda::Function"), "must be AWS::ECS::Service, not 'AWS::Lambda::Function'"},
        {with("TaskDefinition:", "TaskDefinitions:"), "must have a TaskDefinition."},
        {with("ContainerPort: 80", "ContainerPort: \"80\""), "ContainerPort must be a number between 1 and 65535."},
        {with("ContainerPort: 80", "ContainerPort: 0"), "ContainerPort must be a number between 1 and 65535."},
        {with("ContainerName", "Container"), "must have a ContainerName."},
        {with("Resources", "Resource"), "exactly one service."},
        {std::string(kArticle) + "Hooks:\n  - Install: f\n", "There is no lifecycle event 'Install'"},
        {std::string(kArticle) + "Hooks:\n  - BeforeInstall: f\n  - BeforeInstall: g\n", "is there twice."},
        {std::string(kArticle) + "Hooks:\n  BeforeInstall: f\n", "Hooks must be a list."},
        {std::string(200 * 1024, ' ') + "a", "it is larger than"},
        // Ten lists of ten of the one before.
        {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
         "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
         "too large or too deep"},
    };
    for (const auto& row : rows) {
        const auto words = judge(row.content);
        EXPECT_TRUE(words.starts_with("InvalidRevisionException: ")) << row.content.substr(0, 400) << words;
        EXPECT_NE(words.find(row.words), std::string::npos) << words << " is not: " << row.words;
    }
}

}  // namespace
}  // namespace gantry::codedeploy
