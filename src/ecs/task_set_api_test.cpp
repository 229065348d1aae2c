#include <gmock/gmock.h>

#include "ecs/service_api_fixture.h"
#include "ecs/presentation.h"
#include "ecs/service_stability.h"
#include "ecs/task_set.h"

namespace gantry::ecs::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kCodeDeploy = R"("deploymentController":{"type":"CODE_DEPLOY"})";
constexpr const char* kExternal = R"({"deploymentController":{"type":"EXTERNAL"},"taskDefinition":null,
                                      "launchType":null,"networkConfiguration":null})";
const std::string kInvalid = "InvalidParameterException: ";

class TaskSetApiTest : public ServiceApiTest {
  protected:
    Result<CreateServiceResponse> create_code_deploy(const std::string& blue, const std::string& more = "") {
        return create("{" + std::string(kCodeDeploy) + "," + behind(blue) + more + "}");
    }
    // An EXTERNAL service "web" of two tasks.
    void create_external() { ASSERT_TRUE(create(kExternal)); }

    std::string set_json(std::string_view more = "{}") {
        auto json = boost::json::parse(
                        R"({"cluster":"default","service":"web","taskDefinition":"test-nginx",
                            "launchType":"FARGATE","scale":{"value":100,"unit":"PERCENT"},
                            "networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
                        subnet() + R"("]}}})"
        )
                        .as_object();
        const auto patch = boost::json::parse(boost::json::string_view(more)).as_object();
        for (const auto& [key, value] : patch) {
            if (value.is_null())
                json.erase(key);
            else
                json[key] = value;
        }
        return boost::json::serialize(json);
    }
    Result<CreateTaskSetResponse> make(std::string_view more = "{}") {
        return ask(create_task_set, set_json(more));
    }
    std::string made(std::string_view more = "{}") {
        const auto response = make(more);
        EXPECT_TRUE(response) << refusal(response);
        return response ? *response->task_set->id : "";
    }
    static std::string of(const std::string& set, const char* member = "taskSet", const std::string& more = "") {
        return std::string(R"({"cluster":"default","service":"web",")") + member + R"(":")" + set + "\"" + more +
               "}";
    }
    static std::string scale(double percent) {
        return R"(,"scale":{"unit":"PERCENT","value":)" + std::to_string(percent) + "}";
    }
    Result<DescribeTaskSetsResponse> describe(const std::string& sets, const char* more = "") {
        return ask(
            describe_task_sets,
            R"({"cluster":"default","service":"web","taskSets":[)" + sets + "]" + more + "}"
        );
    }
    void want_synthetic(bool synthetic) {
        write([&](state::Txn& txn) {
            PresentationRecord wanted;
            wanted.codedeploy_synthetic_deployment = synthetic;
            set_presentation(txn, wanted);
        });
    }
    state::Pinned<TaskSetRecord> record(const std::string& name) {
        return task_set_of(state::View(database), *service(), name);
    }
};

TEST_F(TaskSetApiTest, AServiceUnderCodeDeployHasAPrimaryTaskSetAndNoDeployment) {
    const std::string blue = group("blue");
    const auto response = create_code_deploy(blue, R"(,"propagateTags":"TASK_DEFINITION")");
    ASSERT_TRUE(response) << refusal(response);
    const auto& made = *response->service;
    EXPECT_EQ(made.deployment_controller->type, "CODE_DEPLOY");
    EXPECT_TRUE(made.deployments->empty());
    EXPECT_FALSE(made.current_service_deployment);
    EXPECT_EQ(made.launch_type, "FARGATE");
    EXPECT_THAT(*made.task_definition, HasSubstr("task-definition/test-nginx:1"));
    EXPECT_EQ(made.load_balancers->front().target_group_arn, blue);
    EXPECT_FALSE(made.deployment_configuration->strategy);
    EXPECT_EQ(made.deployment_configuration->maximum_percent, 200);
    ASSERT_EQ(made.task_sets->size(), 1u);
    const auto& set = made.task_sets->front();
    EXPECT_EQ(set.id, "ecs-svc/" + service()->primary);
    EXPECT_EQ(
        set.task_set_arn,
        "arn:aws:ecs:ap-northeast-1:123456789012:task-set/default/web/ecs-svc/" + service()->primary
    );
    EXPECT_EQ(set.service_arn, made.service_arn);
    EXPECT_EQ(set.cluster_arn, made.cluster_arn);
    EXPECT_EQ(set.status, "PRIMARY");
    EXPECT_EQ(set.task_definition, made.task_definition);
    EXPECT_EQ(set.launch_type, "FARGATE");
    EXPECT_EQ(set.platform_version, "1.4.0");
    EXPECT_EQ(set.platform_family, "Linux");
    EXPECT_EQ(set.network_configuration->awsvpc_configuration->subnets, std::vector{subnet()});
    EXPECT_EQ(set.load_balancers->front().container_port, 80);
    EXPECT_TRUE(set.service_registries->empty());
    EXPECT_EQ(set.scale->value, 100);
    EXPECT_EQ(set.scale->unit, "PERCENT");
    EXPECT_EQ(set.stability_status, "STABILIZING");
    EXPECT_EQ(set.computed_desired_count, 0) << "the controller computes it";
    EXPECT_EQ(set.pending_count, 0);
    EXPECT_EQ(set.running_count, 0);
    EXPECT_TRUE(set.tags->empty());
    EXPECT_FALSE(set.started_by);
    EXPECT_FALSE(set.external_id);
    // Asked again for the same, it is answered the same.
    const auto again = create_code_deploy(blue, R"(,"propagateTags":"TASK_DEFINITION")");
    ASSERT_TRUE(again) << refusal(again);
    EXPECT_EQ(again->service->task_sets->size(), 1u);
    EXPECT_EQ(
        refusal(create("{" + behind(blue) + R"(,"propagateTags":"TASK_DEFINITION"})")),
        kInvalid + "Creation of service was not idempotent."
    );
}

TEST_F(TaskSetApiTest, CodeDeployNeedsOneLoadBalancerAndNoCircuitBreaker) {
    const std::string blue = group("blue");
    EXPECT_EQ(
        refusal(create("{" + std::string(kCodeDeploy) + "}")),
        kInvalid + "A load balancer is required for services with a CODE_DEPLOY deployment controller."
    );
    const std::string one = R"({"targetGroupArn":")" + blue + R"(","containerName":"test-nginx","containerPort":80})";
    EXPECT_EQ(
        refusal(create("{" + std::string(kCodeDeploy) + R"(,"loadBalancers":[)" + one + "," + one + "]}")),
        kInvalid + "Multiple target groups are not supported for services with the CODE_DEPLOY deployment "
                   "controller."
    );
    EXPECT_EQ(
        refusal(create_code_deploy(
            blue, R"(,"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}})"
        )),
        kInvalid + "The deployment circuit breaker is not supported for services with the CODE_DEPLOY "
                   "deployment controller."
    );
    EXPECT_TRUE(state::View(database).list<TaskSetRecord>().empty());
}

TEST_F(TaskSetApiTest, UnderCodeDeployUpdateServiceTakesWhatIsNotTheTaskSets) {
    ASSERT_TRUE(create_code_deploy(group("blue")));
    const std::string end =
        " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.";
    const std::string network =
        R"({"networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" + subnet() + R"("]}}})";
    EXPECT_EQ(
        refusal(update(R"({"taskDefinition":"test-nginx:1"})")),
        kInvalid + "Unable to update task definition" + end
    );
    EXPECT_EQ(refusal(update(network)), kInvalid + "Unable to update network parameters" + end);
    EXPECT_EQ(
        refusal(update(R"({"platformVersion":"1.4.0"})")),
        kInvalid + "Unable to update platform version" + end
    );
    EXPECT_EQ(
        refusal(update(R"({"loadBalancers":[]})")), kInvalid + "Unable to update load balancers" + end
    );
    EXPECT_EQ(
        refusal(update(R"({"capacityProviderStrategy":[]})")),
        kInvalid + "Unable to update capacity provider strategy" + end
    );
    EXPECT_EQ(
        refusal(update(R"({"forceNewDeployment":true})")), kInvalid + "Cannot force a new deployment" + end
    );
    const auto response = update(
        R"({"desiredCount":5,"healthCheckGracePeriodSeconds":30,"propagateTags":"SERVICE",
            "enableECSManagedTags":true,"forceNewDeployment":false,"placementConstraints":[],
            "placementStrategy":[],"deploymentConfiguration":{"minimumHealthyPercent":50}})"
    );
    ASSERT_TRUE(response) << refusal(response);
    EXPECT_EQ(response->service->desired_count, 5);
    EXPECT_EQ(response->service->health_check_grace_period_seconds, 30);
    EXPECT_EQ(response->service->propagate_tags, "SERVICE");
    EXPECT_EQ(response->service->deployment_configuration->minimum_healthy_percent, 50);
    EXPECT_FALSE(response->service->deployment_configuration->strategy);
    EXPECT_EQ(response->service->task_sets->size(), 1u);
}

TEST_F(TaskSetApiTest, AnotherDesiredCountUnsettlesTheTaskSetsAtOnce) {
    ASSERT_TRUE(create_code_deploy(group("blue")));
    edit<TaskSetRecord>(record(service()->primary)->key(), [](auto& set) {
        set.stability = Stability::STEADY_STATE;
        set.computed_desired = 2;
    });
    ASSERT_TRUE(update(R"({"healthCheckGracePeriodSeconds":1})"));
    EXPECT_EQ(described().task_sets->front().stability_status, "STEADY_STATE");
    ASSERT_TRUE(update(R"({"desiredCount":3})"));
    EXPECT_EQ(described().task_sets->front().stability_status, "STABILIZING");
}

TEST_F(TaskSetApiTest, AnExternalServiceNeedsOnlyAName) {
    const auto response = create(
        R"({"deploymentController":{"type":"EXTERNAL"},"taskDefinition":null,"launchType":null,
            "networkConfiguration":null,"desiredCount":null})"
    );
    ASSERT_TRUE(response) << refusal(response);
    EXPECT_EQ(response->service->desired_count, 0);
    EXPECT_TRUE(response->service->task_sets->empty());
    EXPECT_TRUE(response->service->deployments->empty());
    EXPECT_FALSE(response->service->task_definition);
    EXPECT_FALSE(response->service->network_configuration);
    EXPECT_EQ(response->service->launch_type, "EC2");
    const auto again = create(
        R"({"deploymentController":{"type":"EXTERNAL"},"taskDefinition":null,"launchType":null,
            "networkConfiguration":null,"desiredCount":null})"
    );
    EXPECT_TRUE(again) << refusal(again);
    const auto listed = ask(list_services, R"({"launchType":"EC2"})");
    EXPECT_EQ(listed->service_arns->size(), 1u);
}

TEST_F(TaskSetApiTest, AnExternalServiceRefusesWhatItsTaskSetsSay) {
    const auto other = [&](const char* member) {
        auto json = boost::json::parse(kExternal).as_object();
        json.erase(member);
        return refusal(create(boost::json::serialize(json)));
    };
    EXPECT_EQ(other("taskDefinition"), kInvalid + "TaskDefinition must be blank");
    EXPECT_EQ(other("networkConfiguration"), kInvalid + "NetworkConfiguration must be null.");
    create_external();
    EXPECT_EQ(
        refusal(update(R"({"taskDefinition":"test-nginx:1"})")),
        kInvalid + "Unable to update task definition on services with an EXTERNAL deployment controller. "
                   "Create a new task set."
    );
    EXPECT_TRUE(update(R"({"desiredCount":3})"));
}

TEST_F(TaskSetApiTest, ATaskSetIsMadeAsAsked) {
    create_external();
    const std::string green = group("green");
    const auto response = make(
        "{" + behind(green) +
        R"(,"externalId":"build-7","scale":{"value":50.5,"unit":"PERCENT"},"platformVersion":"LATEST",
           "tags":[{"key":"team","value":"blue"}]})"
    );
    ASSERT_TRUE(response) << refusal(response);
    const auto& set = *response->task_set;
    EXPECT_EQ(set.status, "ACTIVE");
    EXPECT_EQ(set.external_id, "build-7");
    EXPECT_EQ(set.scale->value, 50.5);
    EXPECT_EQ(set.platform_version, "1.4.0");
    EXPECT_EQ(set.load_balancers->front().target_group_arn, green);
    EXPECT_EQ(set.tags->size(), 1u);
    EXPECT_EQ(set.stability_status, "STABILIZING");
    // The service has no PRIMARY yet, so it shows none of this.
    EXPECT_FALSE(described().task_definition);
    EXPECT_EQ(described().task_sets->size(), 1u);

    const auto shown = describe("\"" + *set.id + "\"");
    ASSERT_TRUE(shown) << refusal(shown);
    EXPECT_TRUE(shown->task_sets->front().tags->empty());
    const auto by_arn = describe("\"" + *set.task_set_arn + R"(","ecs-svc/1")", R"(,"include":["TAGS"])");
    ASSERT_TRUE(by_arn) << refusal(by_arn);
    EXPECT_EQ(by_arn->task_sets->front().tags->size(), 1u);
    ASSERT_EQ(by_arn->failures->size(), 1u);
    EXPECT_EQ(by_arn->failures->front().reason, "MISSING");
    EXPECT_EQ(
        by_arn->failures->front().arn,
        "arn:aws:ecs:ap-northeast-1:123456789012:task-set/default/web/ecs-svc/1"
    );
}

TEST_F(TaskSetApiTest, WithoutAScaleItHasNoTasks) {
    create_external();
    EXPECT_EQ(make(R"({"scale":null})")->task_set->scale->value, 0);
}

TEST_F(TaskSetApiTest, AClientTokenMakesOneTaskSet) {
    create_external();
    const auto first = made(R"({"clientToken":"t"})");
    EXPECT_EQ(made(R"({"clientToken":"t"})"), first);
    EXPECT_EQ(
        refusal(make(R"({"clientToken":"t","externalId":"other"})")),
        kInvalid + "Creation of task set was not idempotent."
    );
    EXPECT_NE(made(), first);
}

TEST_F(TaskSetApiTest, CreationIsRefusedInAWSsWords) {
    EXPECT_EQ(refusal(make()), "ServiceNotFoundException: Service not found.");
    create_external();
    const std::string lone = group("lone", false);
    const struct {
        std::string more, error;
    } cases[] = {
        {R"({"cluster":"none"})", "ClusterNotFoundException: Cluster not found."},
        {R"({"taskDefinition":"none"})", "ClientException: TaskDefinition not found."},
        {R"({"taskDefinition":""})", "ClientException: TaskDefinition can not be blank."},
        {R"({"launchType":null})", kInvalid + "No Container Instances were found in your cluster."},
        {R"({"platformVersion":"1.5.0"})",
         "PlatformUnknownException: The specified platform does not exist."},
        {R"({"networkConfiguration":null})",
         kInvalid + "Network Configuration must be provided when networkMode 'awsvpc' is specified."},
        {R"({"scale":{"value":100.5,"unit":"PERCENT"}})",
         kInvalid + "The scale value must be between 0 and 100."},
        {R"({"scale":{"value":-1,"unit":"PERCENT"}})",
         kInvalid + "The scale value must be between 0 and 100."},
        {R"({"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:x:1:service/srv-1"}]})",
         "UnsupportedFeatureException: Gantry does not run services with serviceRegistries (service "
         "discovery) yet."},
        {"{" + behind(lone) + "}",
         kInvalid + "The target group with targetGroupArn " + lone +
             " does not have an associated load balancer."},
    };
    for (const auto& one : cases) EXPECT_EQ(refusal(make(one.more)), one.error) << one.more;
    EXPECT_TRUE(state::View(database).list<TaskSetRecord>().empty());
    for (int i = 0; i < 5; ++i) made();
    EXPECT_EQ(
        refusal(make()), kInvalid + "5 deployments exist on the service. Unable to create new TaskSet since "
                                    "this exceeds the maximum limit."
    );
}

TEST_F(TaskSetApiTest, UsersManageTaskSetsOfExternalServicesOnly) {
    const std::string text = kInvalid + "Amazon ECS only supports task set management on services configured "
                                        "to use external deployment controllers.";
    ASSERT_TRUE(create());
    EXPECT_EQ(refusal(make()), text);
    EXPECT_EQ(refusal(describe(R"("ecs-svc/1")")), text);
    ASSERT_TRUE(ask(delete_service, R"({"service":"web","force":true})"));
    EXPECT_EQ(refusal(make()), "ServiceNotActiveException: Service was not ACTIVE.");
    ASSERT_TRUE(create_code_deploy(group("blue"), R"(,"serviceName":"other")"));
    const std::string primary = *described("other").task_sets->front().id;
    const std::string other =
        R"({"cluster":"default","service":"other","taskSet":")" + primary + "\"" + scale(10) + "}";
    EXPECT_EQ(refusal(ask(update_task_set, other)), text);
    EXPECT_EQ(refusal(ask(delete_task_set, other)), text);
    const auto shown = ask(
        describe_task_sets,
        R"({"cluster":"default","service":"other","taskSets":[")" + primary + R"("]})"
    );
    EXPECT_TRUE(shown) << refusal(shown);
}

TEST_F(TaskSetApiTest, IdentifiersAreChecked) {
    create_external();
    EXPECT_EQ(refusal(describe("")), kInvalid + "TaskSets cannot be empty.");
    for (const char* bad : {"x", "ecs-svc/", "ecs-svc/1x", "arn:aws:ecs:ap-northeast-1:123456789012:task/default/1"}) {
        EXPECT_EQ(refusal(describe("\"" + std::string(bad) + "\"")), kInvalid + "Task Set Identifier is invalid")
            << bad;
        EXPECT_EQ(
            refusal(ask(delete_task_set, of(bad))), kInvalid + "Task Set Identifier is invalid"
        ) << bad;
    }
    EXPECT_EQ(
        refusal(ask(delete_task_set, of("ecs-svc/1"))), "TaskSetNotFoundException: TaskSet not found."
    );
    const std::string far = "arn:aws:ecs:ap-northeast-1:123456789012:task-set/default/other/ecs-svc/1";
    EXPECT_EQ(refusal(ask(delete_task_set, of(far))), "TaskSetNotFoundException: TaskSet not found.");
}

TEST_F(TaskSetApiTest, ItsScaleChangesAndUnsettlesIt) {
    create_external();
    const auto id = made();
    edit<TaskSetRecord>(record(id)->key(), [](auto& set) { set.stability = Stability::STEADY_STATE; });
    pass(std::chrono::seconds(5));
    const auto response = ask(update_task_set, of(id, "taskSet", scale(30)));
    ASSERT_TRUE(response) << refusal(response);
    EXPECT_EQ(response->task_set->scale->value, 30);
    EXPECT_EQ(response->task_set->stability_status, "STABILIZING");
    EXPECT_EQ(response->task_set->stability_status_at, response->task_set->updated_at);
    EXPECT_EQ(
        refusal(ask(update_task_set, of(id, "taskSet", scale(101)))),
        kInvalid + "The scale value must be between 0 and 100."
    );
}

TEST_F(TaskSetApiTest, ThePrimarysSettingsAreTheServices) {
    create_external();
    const std::string first_group = group("first");
    const std::string second_group = group("second");
    const auto first = made("{" + behind(first_group) + "}");
    const auto second = made("{" + behind(second_group) + "}");
    const auto promote = [&](const std::string& id) {
        return ask(update_service_primary_task_set, of(id, "primaryTaskSet"));
    };
    ASSERT_EQ(promote(first)->task_set->status, "PRIMARY");
    EXPECT_EQ(described().load_balancers->front().target_group_arn, first_group);
    EXPECT_EQ(described().launch_type, "FARGATE");
    ASSERT_EQ(promote(second)->task_set->status, "PRIMARY");
    ASSERT_EQ(promote(second)->task_set->status, "PRIMARY");
    EXPECT_EQ(described().load_balancers->front().target_group_arn, second_group);
    const auto sets = *described().task_sets;
    ASSERT_EQ(sets.size(), 2u);
    EXPECT_EQ(sets[0].id, second);
    EXPECT_EQ(sets[1].status, "ACTIVE");

    EXPECT_EQ(refusal(ask(delete_task_set, of(second))), kInvalid + "Primary TaskSet cannot be deleted");
    const auto gone = ask(delete_task_set, of(first));
    ASSERT_TRUE(gone) << refusal(gone);
    EXPECT_EQ(gone->task_set->status, "DRAINING");
    EXPECT_EQ(ask(delete_task_set, of(first))->task_set->status, "DRAINING");
    EXPECT_EQ(refusal(promote(first)), kInvalid + "The task set is DRAINING and cannot be updated.");
}

TEST_F(TaskSetApiTest, ItsTagsAreAResourcesOwn) {
    create_external();
    const auto arn = *make(R"({"tags":[{"key":"a","value":"1"}]})")->task_set->task_set_arn;
    ASSERT_TRUE(ask(tag_resource, R"({"resourceArn":")" + arn + R"(","tags":[{"key":"b","value":"2"}]})"));
    const auto tags = ask(list_tags_for_resource, R"({"resourceArn":")" + arn + R"("})");
    ASSERT_TRUE(tags) << refusal(tags);
    EXPECT_EQ(tags->tags->size(), 2u);
    EXPECT_EQ(
        refusal(ask(list_tags_for_resource, R"({"resourceArn":")" + arn + R"(9"})")),
        kInvalid + "The specified task-set does not exist."
    );
}

TEST_F(TaskSetApiTest, AServiceGoesWithItsTaskSets) {
    ASSERT_TRUE(create_code_deploy(group("blue")));
    const auto remove = [&](const char* json) { return ask(delete_service, json); };
    EXPECT_EQ(
        refusal(remove(R"({"service":"web"})")),
        kInvalid + "The service cannot be stopped while the primary deployment is scaled above 0."
    );
    ASSERT_TRUE(update(R"({"desiredCount":0})"));
    const auto response = remove(R"({"service":"web"})");
    ASSERT_TRUE(response) << refusal(response);
    EXPECT_EQ(response->service->status, "DRAINING");
    EXPECT_EQ(response->service->task_sets->front().status, "DRAINING");
    settle();
    EXPECT_EQ(described().status, "INACTIVE");
    EXPECT_TRUE(described().task_sets->empty());
    EXPECT_TRUE(described().task_definition) << "what it was is still shown";
    EXPECT_TRUE(state::View(database).list<TaskSetRecord>().empty());
    pass(std::chrono::hours(2));
    settle();
    EXPECT_TRUE(state::View(database).list<ServiceRevisionRecord>().empty());
}

TEST_F(TaskSetApiTest, ASecondTaskSetWithTasksKeepsTheServiceFromBeingDeletedWithoutForce) {
    create_external();
    made();
    settle();
    ASSERT_TRUE(update(R"({"desiredCount":0})"));
    EXPECT_EQ(
        refusal(ask(delete_service, R"({"service":"web"})")),
        kInvalid + "The service cannot be stopped while deployments are active."
    );
    EXPECT_TRUE(ask(delete_service, R"({"service":"web","force":true})"));
}

TEST_F(TaskSetApiTest, WhereItIsWantedCodeDeploysPrimaryIsShownAsADeploymentToo) {
    ASSERT_TRUE(create_code_deploy(group("blue")));
    want_synthetic(true);
    const auto shown = described();
    ASSERT_EQ(shown.deployments->size(), 1u);
    EXPECT_EQ(shown.deployments->front().id, shown.task_sets->front().id);
    EXPECT_EQ(shown.deployments->front().status, "PRIMARY");
    EXPECT_EQ(shown.deployments->front().rollout_state, "IN_PROGRESS");
    settle();
    EXPECT_EQ(described().deployments->front().desired_count, 2);
    want_synthetic(false);
    EXPECT_TRUE(described().deployments->empty());
    EXPECT_TRUE(state::View(database).list<PresentationRecord>().empty());
}

TEST_F(TaskSetApiTest, ForAnExternalServiceNoDeploymentIsMadeUp) {
    want_synthetic(true);
    create_external();
    ASSERT_TRUE(ask(update_service_primary_task_set, of(made(), "primaryTaskSet")));
    EXPECT_TRUE(described().deployments->empty());
}

TEST_F(TaskSetApiTest, StatusSaysWhyItIsNotStable) {
    create_external();
    const auto id = made();
    EXPECT_THAT(
        unstable_services(state::View(database), 9),
        ElementsAre(HasSubstr("default/web: 0 of 2 tasks run; task set " + id + " is STABILIZING"))
    );
}

}  // namespace
}  // namespace gantry::ecs::testing
