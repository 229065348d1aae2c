#include "codedeploy/deployment_group.h"

#include "codedeploy/world_test.h"

namespace gantry::codedeploy {
namespace {

using testing::World;
namespace json = boost::json;

class Groups : public World {
  protected:
    void SetUp() override { make_stack(); }
    json::object read(const std::string& name = "dg") {
        return shapes::to_json(ok(get_deployment_group, R"({"applicationName":"app","deploymentGroupName":")" +
                                                            name + R"("})"))
            .as_object()
            .at("deploymentGroupInfo")
            .as_object();
    }
};

TEST_F(Groups, ReadsBackWhatTerraformAndTheCliRead) {
    const auto created = ok(create_deployment_group, group_request());
    const auto info = read();
    EXPECT_EQ(json::value_to<std::string>(info.at("deploymentGroupId")), *created.deployment_group_id);
    EXPECT_EQ(info.at("computePlatform"), "ECS");
    EXPECT_EQ(info.at("applicationName"), "app");
    EXPECT_EQ(info.at("deploymentConfigName"), "CodeDeployDefault.ECSAllAtOnce");
    EXPECT_EQ(info.at("outdatedInstancesStrategy"), "UPDATE");
    // `aws ecs deploy` reads both waits without asking whether they are there.
    EXPECT_EQ(
        json::serialize(info.at("blueGreenDeploymentConfiguration")),
        R"({"terminateBlueInstancesOnDeploymentSuccess":{"action":"TERMINATE","terminationWaitTimeInMinutes":10},)"
        R"("deploymentReadyOption":{"actionOnTimeout":"CONTINUE_DEPLOYMENT","waitTimeInMinutes":0}})"
    );
    EXPECT_EQ(
        json::serialize(info.at("loadBalancerInfo")),
        R"({"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"},{"name":"green"}],"prodTrafficRoute":)"
        R"({"listenerArns":[")" + prod + R"("]}}]})"
    );
    EXPECT_EQ(json::serialize(info.at("ecsServices")), R"([{"serviceName":"web","clusterName":"default"}])");
    EXPECT_EQ(json::serialize(info.at("triggerConfigurations")), "[]");
    EXPECT_FALSE(info.contains("lastAttemptedDeployment"));
}

TEST_F(Groups, AnUpdateChangesWhatItNames) {
    ok(create_deployment_group, group_request());
    ok(update_deployment_group, R"({"applicationName":"app","currentDeploymentGroupName":"dg",
        "newDeploymentGroupName":"dg2","blueGreenDeploymentConfiguration":{"deploymentReadyOption":
        {"actionOnTimeout":"STOP_DEPLOYMENT","waitTimeInMinutes":5},
        "terminateBlueInstancesOnDeploymentSuccess":{"action":"KEEP_ALIVE"}}})");
    const auto info = read("dg2");
    EXPECT_EQ(
        json::serialize(info.at("blueGreenDeploymentConfiguration").at("deploymentReadyOption")),
        R"({"actionOnTimeout":"STOP_DEPLOYMENT","waitTimeInMinutes":5})"
    );
    EXPECT_TRUE(info.at("autoRollbackConfiguration").at("enabled").as_bool());
    EXPECT_EQ(
        refused(get_deployment_group, R"({"applicationName":"app","deploymentGroupName":"dg"})"),
        "DeploymentGroupDoesNotExistException: No Deployment Group found for name: dg"
    );
}

TEST_F(Groups, RefusesWhatCodeDeployRefuses) {
    const std::string other_balancer_listener = [&] {
        const auto balancer = ok(
            elbv2::create_load_balancer,
            R"({"Name":"other","Type":"network","Subnets":[")" + subnet() + R"("]})"
        );
        balancer_arn = *balancer.load_balancers->front().load_balancer_arn;
        return listener(9000, target_group("third", false), false);
    }();
    const struct {
        const char* what;
        std::string more;
        const char* code;
        const char* words;
    } rows[] = {
        {"style", R"({"deploymentStyle":{"deploymentType":"IN_PLACE","deploymentOption":"WITH_TRAFFIC_CONTROL"}})",
         "InvalidDeploymentStyleException", "the deployment type must be BLUE_GREEN"},
        {"no style", R"({"deploymentStyle":null})", "InvalidDeploymentStyleException", "BLUE_GREEN"},
        {"no blue/green", R"({"blueGreenDeploymentConfiguration":null})",
         "InvalidBlueGreenDeploymentConfigurationException", "must be specified"},
        {"wait", R"({"blueGreenDeploymentConfiguration":{"terminateBlueInstancesOnDeploymentSuccess":
            {"action":"TERMINATE","terminationWaitTimeInMinutes":2881}}})",
         "InvalidBlueGreenDeploymentConfigurationException", "terminationWaitTimeInMinutes must be between 0 and 2880"},
        {"negative wait", R"({"blueGreenDeploymentConfiguration":{"deploymentReadyOption":
            {"actionOnTimeout":"CONTINUE_DEPLOYMENT","waitTimeInMinutes":-1}}})",
         "InvalidBlueGreenDeploymentConfigurationException", "waitTimeInMinutes"},
        {"stop at once", R"({"blueGreenDeploymentConfiguration":{"deploymentReadyOption":
            {"actionOnTimeout":"STOP_DEPLOYMENT"}}})",
         "InvalidBlueGreenDeploymentConfigurationException", "waitTimeInMinutes must be between 1 and 2880"},
        {"no balancer", R"({"loadBalancerInfo":null})", "InvalidLoadBalancerInfoException",
         "For ECS deployment group, loadBalancerInfo must be specified"},
        {"classic", R"({"loadBalancerInfo":{"elbInfoList":[{"name":"x"}]}})", "InvalidLoadBalancerInfoException",
         "loadBalancerInfo must not contain elbInfo list"},
        {"one group", R"({"loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"}],
            "prodTrafficRoute":{"listenerArns":[")" + prod + R"("]}}]}})",
         "InvalidLoadBalancerInfoException", "exactly two target groups"},
        {"group gone", R"({"loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"},{"name":"x"}],
            "prodTrafficRoute":{"listenerArns":[")" + prod + R"("]}}]}})",
         "InvalidTargetGroupPairException", "The target group x does not exist."},
        {"another balancer's group",
         R"({"loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"},{"name":"third"}],
            "prodTrafficRoute":{"listenerArns":[")" + prod + R"("]}}]}})",
         "InvalidTargetGroupPairException", "cannot be used with the load balancer"},
        {"listeners of two balancers",
         R"({"loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"},{"name":"green"}],
            "prodTrafficRoute":{"listenerArns":[")" + prod + R"("]},"testTrafficRoute":{"listenerArns":[")" +
             other_balancer_listener + R"("]}}]}})",
         "InvalidTargetGroupPairException", "must be of the same load balancer"},
        {"unknown role", R"({"serviceRoleArn":"arn:aws:iam::123456789012:role/nobody"})", "InvalidRoleException",
         "AWS CodeDeploy does not have the permissions required to assume the role "
         "arn:aws:iam::123456789012:role/nobody."},
        {"no service", R"({"ecsServices":[]})", "InvalidECSServiceException", "exactly one ECS service"},
        {"unknown service", R"({"ecsServices":[{"clusterName":"default","serviceName":"x"}]})",
         "InvalidECSServiceException", "Could not load ECS service information for cluster: default, service: x."},
        {"gradual behind a network balancer", R"({"deploymentConfigName":"CodeDeployDefault.ECSCanary10Percent5Minutes"})",
         "InvalidTrafficRoutingConfigurationException", "Only ALB supports gradual traffic routing"},
        {"unknown config", R"({"deploymentConfigName":"nope"})", "DeploymentConfigDoesNotExistException",
         "No deployment configuration found for name: nope"},
        {"config of Lambda", R"({"deploymentConfigName":"CodeDeployDefault.LambdaAllAtOnce"})",
         "InvalidDeploymentConfigNameException", "not for ECS"},
        {"rollback without events", R"({"autoRollbackConfiguration":{"enabled":true}})",
         "InvalidAutoRollbackConfigException", "no event types"},
        {"alarms without alarms", R"({"alarmConfiguration":{"enabled":true}})", "InvalidAlarmConfigException", "empty"},
        {"trigger without events",
         R"({"triggerConfigurations":[{"triggerName":"t","triggerTargetArn":"arn:aws:sns:x"}]})",
         "InvalidTriggerConfigException", "no event types"},
        {"instances", R"({"autoScalingGroups":["x"]})", "InvalidInputException", "autoScalingGroups can not be specified"},
        {"name", R"({"deploymentGroupName":"a/b"})", "InvalidDeploymentGroupNameException", "a/b"},
        {"unknown application", R"({"applicationName":"x"})", "ApplicationDoesNotExistException",
         "No application found for name: x"},
    };
    for (const auto& row : rows) {
        const auto words = refused(create_deployment_group, group_request(row.more));
        EXPECT_TRUE(words.starts_with(std::string(row.code) + ": ")) << row.what << ": " << words;
        EXPECT_NE(words.find(row.words), std::string::npos) << row.what << ": " << words;
    }
    EXPECT_EQ(refused(create_deployment_group, group_request()), "accepted");
    EXPECT_EQ(
        refused(create_deployment_group, group_request()),
        "DeploymentGroupAlreadyExistsException: Deployment group already exists with name: dg"
    );
    EXPECT_TRUE(refused(create_deployment_group, group_request(R"({"deploymentGroupName":"dg2"})"))
                    .starts_with("ECSServiceMappingLimitExceededException: "));
}

TEST_F(Groups, AServiceOfAnotherControllerIsRefused) {
    write([&](state::Txn& txn) {
        ecs::ServiceRecord service = *txn.get<ecs::ServiceRecord>(service_key());
        service.deployment_controller = "ECS";
        txn.put(std::move(service));
    });
    EXPECT_EQ(
        refused(create_deployment_group, group_request()),
        "InvalidECSServiceException: Deployment group's ECS service must be configured for a CODE_DEPLOY "
        "deployment controller."
    );
}

TEST_F(Groups, TagsAreKeptByArn) {
    ok(create_deployment_group, group_request(R"({"tags":[{"Key":"a","Value":"1"}]})"));
    const std::string arn = "arn:aws:codedeploy:ap-northeast-1:123456789012:deploymentgroup:app/dg";
    ok(tag_resource, R"({"ResourceArn":")" + arn + R"(","Tags":[{"Key":"b","Value":"2"}]})");
    ok(untag_resource, R"({"ResourceArn":")" + arn + R"(","TagKeys":["a"]})");
    EXPECT_EQ(
        json::serialize(shapes::to_json(ok(list_tags_for_resource, R"({"ResourceArn":")" + arn + R"("})"))),
        R"({"Tags":[{"Key":"b","Value":"2"}]})"
    );
    const struct {
        const char* arn;
        const char* words;
    } rows[] = {
        {"nonsense", "InvalidArnException: "},
        {"arn:aws:codedeploy:ap-northeast-1:123456789012:deploymentconfig:x", "ArnNotSupportedException: "},
        {"arn:aws:codedeploy:us-east-1:123456789012:application:app", "ArnNotSupportedException: "},
        {"arn:aws:codedeploy:ap-northeast-1:123456789012:application:x", "ApplicationDoesNotExistException: "},
        {"arn:aws:codedeploy:ap-northeast-1:123456789012:deploymentgroup:app/x",
         "DeploymentGroupDoesNotExistException: "},
    };
    for (const auto& row : rows) {
        EXPECT_TRUE(refused(list_tags_for_resource, R"({"ResourceArn":")" + std::string(row.arn) + R"("})")
                        .starts_with(row.words))
            << row.arn;
    }
}

TEST_F(Groups, ApplicationsAreRenamedWithTheirGroupsAndDeletedWithThem) {
    ok(create_deployment_group, group_request());
    EXPECT_EQ(
        refused(create_application, R"({"applicationName":"app"})"),
        "ApplicationAlreadyExistsException: Application already exists with name: app"
    );
    ok(update_application, R"({"applicationName":"app","newApplicationName":"renamed"})");
    EXPECT_EQ(
        json::serialize(shapes::to_json(ok(list_deployment_groups, R"({"applicationName":"renamed"})"))),
        R"({"applicationName":"renamed","deploymentGroups":["dg"]})"
    );
    const auto read = shapes::to_json(ok(get_application, R"({"applicationName":"renamed"})")).at("application");
    EXPECT_EQ(read.at("computePlatform"), "ECS");
    EXPECT_FALSE(read.at("linkedToGitHub").as_bool());
    ok(delete_application, R"({"applicationName":"renamed"})");
    ok(delete_application, R"({"applicationName":"renamed"})");
    EXPECT_TRUE(view().list<DeploymentGroupRecord>().empty());
    EXPECT_EQ(
        refused(get_application, R"({"applicationName":"renamed"})"),
        "ApplicationDoesNotExistException: No application found for name: renamed"
    );
}

TEST_F(Groups, ConfigurationsArePredefinedAndMade) {
    const auto ecs = shapes::to_json(ok(
        get_deployment_config, R"({"deploymentConfigName":"CodeDeployDefault.ECSLinear10PercentEvery3Minutes"})"
    ));
    EXPECT_EQ(
        json::serialize(ecs.at("deploymentConfigInfo").at("trafficRoutingConfig")),
        R"({"type":"TimeBasedLinear","timeBasedLinear":{"linearPercentage":10,"linearInterval":3}})"
    );
    const std::string mine = R"({"deploymentConfigName":"mine","computePlatform":"ECS","trafficRoutingConfig":
        {"type":"TimeBasedCanary","timeBasedCanary":{"canaryPercentage":20,"canaryInterval":2}}})";
    ok(create_deployment_config, mine);
    EXPECT_TRUE(refused(create_deployment_config, mine).starts_with("DeploymentConfigAlreadyExistsException: "));
    const auto listed = ok(list_deployment_configs, "{}");
    EXPECT_EQ(listed.deployment_configs_list->size(), 18u);
    EXPECT_EQ(listed.deployment_configs_list->back(), "mine");
    const struct {
        const char* request;
        const char* code;
    } rows[] = {
        {R"({"deploymentConfigName":"CodeDeployDefault.X","computePlatform":"ECS"})",
         "InvalidDeploymentConfigNameException: "},
        {R"({"deploymentConfigName":"x","computePlatform":"ECS"})", "InvalidTrafficRoutingConfigurationException: "},
        {R"({"deploymentConfigName":"x","computePlatform":"ECS","trafficRoutingConfig":{"type":"TimeBasedCanary",
            "timeBasedCanary":{"canaryPercentage":100,"canaryInterval":2}}})",
         "InvalidTrafficRoutingConfigurationException: "},
        {R"({"deploymentConfigName":"x","computePlatform":"ECS","minimumHealthyHosts":{"type":"HOST_COUNT","value":1}})",
         "InvalidMinimumHealthyHostValueException: "},
        {R"({"deploymentConfigName":"x"})", "InvalidMinimumHealthyHostValueException: "},
    };
    for (const auto& row : rows)
        EXPECT_TRUE(refused(create_deployment_config, row.request).starts_with(row.code)) << row.request;
    EXPECT_TRUE(refused(delete_deployment_config, R"({"deploymentConfigName":"CodeDeployDefault.ECSAllAtOnce"})")
                    .starts_with("InvalidOperationException: "));
    ok(delete_deployment_config, R"({"deploymentConfigName":"mine"})");
    EXPECT_TRUE(refused(get_deployment_config, R"({"deploymentConfigName":"mine"})")
                    .starts_with("DeploymentConfigDoesNotExistException: "));
}

}  // namespace
}  // namespace gantry::codedeploy
