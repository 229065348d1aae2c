#include "simulation/deployment_workload.h"

#include <boost/json.hpp>

#include "codedeploy/traffic.h"
#include "dispatch/codedeploy_handlers.h"
#include "dispatch/ecs_handlers.h"
#include "dispatch/iam_handlers.h"
#include "ec2/subnet.h"
#include "ecs/task_set.h"
#include "iam/role.h"

namespace gantry::simulation {

namespace json = boost::json;
using std::chrono::milliseconds;

namespace {

constexpr const char* kName = "deployed";

}  // namespace

DeploymentWorkload::DeploymentWorkload(
    World& world,
    Checker& checker,
    std::uint64_t seed,
    std::vector<std::string> groups,
    std::vector<std::string> families
)
    : world_(world),
      checker_(checker),
      chance_(seed),
      groups_(std::move(groups)),
      families_(std::move(families)) {}

void DeploymentWorkload::until(
    const std::string& what, const std::function<bool()>& there, const std::function<void()>& ask
) {
    for (int attempt = 0; attempt < 1'000; ++attempt) {
        if (there()) return;
        if (attempt % 10 == 0) ask();
        world_.advance(milliseconds(500));
    }
    ASSERT(false, ("it can never be made: " + what).c_str());
}

std::string DeploymentWorkload::subnets() const {
    std::string text;
    for (const auto& subnet : world_.view().list<ec2::SubnetRecord>(world_.caller().scope()))
        text += (text.empty() ? "\"" : ",\"") + subnet->id + "\"";
    return text;
}

std::string DeploymentWorkload::listener(int port) const {
    for (const auto& one : world_.view().list<elbv2::ListenerRecord>())
        if (one->port == port) return one->arn();
    return {};
}

void DeploymentWorkload::make() {
    const std::string scope = world_.caller().scope();
    until(
        "role",
        [&] {
            return world_.view().get<iam::RoleRecord>(
                iam::key_of(world_.caller().account, kName)
            ) != nullptr;
        },
        [&] {
            world_.ask<shapes::iam::CreateRoleResponse, shapes::iam::CreateRoleRequest>(
                iam::create_role,
                R"({"RoleName":"deployed","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":)"
                R"(\"Allow\",\"Principal\":{\"Service\":\"codedeploy.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"})",
                [](const auto&) {}
            );
        }
    );
    const auto service = ecs::ServiceRecord::key(scope, "default", kName);
    until(
        "service", [&] { return world_.view().get<ecs::ServiceRecord>(service) != nullptr; },
        [&] {
            world_.ask<shapes::ecs::CreateServiceResponse, shapes::ecs::CreateServiceRequest>(
                ecs::create_service,
                R"({"serviceName":"deployed","taskDefinition":"web","desiredCount":2,"launchType":"FARGATE",
                    "deploymentController":{"type":"CODE_DEPLOY"},"networkConfiguration":{"awsvpcConfiguration":{"subnets":[)" +
                    subnets() + R"(]}},"loadBalancers":[{"targetGroupArn":")" + groups_.front() +
                    R"(","containerName":"main","containerPort":80}]})",
                [](const auto&) {}
            );
        }
    );
    until(
        "application",
        [&] { return world_.view().get<codedeploy::ApplicationRecord>(scope + kName) != nullptr; },
        [&] {
            world_.ask<shapes::codedeploy::CreateApplicationResponse, shapes::codedeploy::CreateApplicationRequest>(
                codedeploy::create_application, R"({"applicationName":"deployed","computePlatform":"ECS"})",
                [](const auto&) {}
            );
        }
    );
    until(
        "deployment group",
        [&] { return !world_.view().list<codedeploy::DeploymentGroupRecord>(scope).empty(); },
        [&] {
            world_.ask<shapes::codedeploy::CreateDeploymentGroupResponse, shapes::codedeploy::CreateDeploymentGroupRequest>(
                codedeploy::create_deployment_group,
                R"({"applicationName":"deployed","deploymentGroupName":"deployed",
                    "serviceRoleArn":"arn:aws:iam::123456789012:role/deployed",
                    "deploymentStyle":{"deploymentType":"BLUE_GREEN","deploymentOption":"WITH_TRAFFIC_CONTROL"},
                    "autoRollbackConfiguration":{"enabled":true,"events":["DEPLOYMENT_FAILURE"]},
                    "blueGreenDeploymentConfiguration":{
                      "deploymentReadyOption":{"actionOnTimeout":"CONTINUE_DEPLOYMENT","waitTimeInMinutes":2},
                      "terminateBlueInstancesOnDeploymentSuccess":{"action":"TERMINATE","terminationWaitTimeInMinutes":2}},
                    "ecsServices":[{"clusterName":"default","serviceName":"deployed"}],
                    "loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"one"},{"name":"two"}],
                      "prodTrafficRoute":{"listenerArns":[")" +
                    listener(kProductionPort) + R"("]},"testTrafficRoute":{"listenerArns":[")" + listener(kTestPort) +
                    R"("]}}]}})",
                [](const auto&) {}
            );
        }
    );
}

void DeploymentWorkload::deploy(const std::string& family, const std::string& hook) {
    checker_.event("deploy " + family + (hook.empty() ? "" : " with the hook " + hook));
    json::object properties{
        {"TaskDefinition", family}, {"LoadBalancerInfo", {{"ContainerName", "main"}, {"ContainerPort", 80}}}
    };
    json::object spec{
        {"version", 0.0},
        {"Resources", json::array{{{"it", {{"Type", "AWS::ECS::Service"}, {"Properties", properties}}}}}}
    };
    if (!hook.empty()) spec["Hooks"] = json::array{json::object{{"BeforeAllowTraffic", hook}}};
    const json::object request{
        {"applicationName", kName},
        {"deploymentGroupName", kName},
        {"revision",
         {{"revisionType", "AppSpecContent"}, {"appSpecContent", {{"content", json::serialize(spec)}}}}}
    };
    world_.ask<shapes::codedeploy::CreateDeploymentResponse, shapes::codedeploy::CreateDeploymentRequest>(
        codedeploy::create_deployment, json::serialize(request), [](const auto&) {}
    );
}

state::Pinned<codedeploy::DeploymentRecord> DeploymentWorkload::under_way() const {
    for (const auto& one : world_.view().list<codedeploy::DeploymentRecord>())
        if (!one->ended()) return one;
    return nullptr;
}

state::Pinned<codedeploy::DeploymentRecord> DeploymentWorkload::newest() const {
    state::Pinned<codedeploy::DeploymentRecord> newest;
    for (const auto& one : world_.view().list<codedeploy::DeploymentRecord>())
        if (!newest || newest->created_at < one->created_at) newest = one;
    return newest;
}

void DeploymentWorkload::stop(bool roll_back) {
    const auto deployment = under_way();
    if (!deployment) return;
    checker_.event("stop " + deployment->id);
    world_.ask<shapes::codedeploy::StopDeploymentResponse, shapes::codedeploy::StopDeploymentRequest>(
        codedeploy::stop_deployment,
        R"({"deploymentId":")" + deployment->id + R"(","autoRollbackEnabled":)" + (roll_back ? "true}" : "false}"),
        [](const auto&) {}
    );
}

void DeploymentWorkload::go_on() {
    const auto deployment = under_way();
    if (!deployment) return;
    for (const char* wait : {"READY_WAIT", "TERMINATION_WAIT"}) {
        world_.ask<shapes::codedeploy::ContinueDeploymentResponse, shapes::codedeploy::ContinueDeploymentRequest>(
            codedeploy::continue_deployment,
            R"({"deploymentId":")" + deployment->id + R"(","deploymentWaitType":")" + wait + R"("})", [](const auto&) {}
        );
    }
}

void DeploymentWorkload::act() {
    const int draw = below(100);
    if (!under_way()) {
        const bool works = below(2) == 0;
        return deploy(
            works ? "web" : families_[static_cast<std::size_t>(below(static_cast<int>(families_.size())))],
            below(3) != 0 ? "" : below(2) == 0 ? "job" : "failure"
        );
    }
    if (draw < 10) return stop(below(2) == 0);
    if (draw < 30) return go_on();
    if (draw < 40) {
        world_.ask<shapes::ecs::UpdateServiceResponse, shapes::ecs::UpdateServiceRequest>(
            ecs::update_service, R"({"service":"deployed","desiredCount":)" + std::to_string(1 + below(3)) + "}",
            [](const auto&) {}
        );
    }
}

void DeploymentWorkload::mend() {
    if (const auto deployment = under_way()) {
        // One that never becomes healthy would take its hour.
        if (deployment->spec.task_definition != "web" && !deployment->rollback()) stop(true);
        return;
    }
    const auto last = newest();
    if (last && last->status == codedeploy::DeploymentStatus::Succeeded && !last->rollback()) return;
    deploy("web");
}

void DeploymentWorkload::remove() {
    world_.ask<shapes::ecs::DeleteServiceResponse, shapes::ecs::DeleteServiceRequest>(
        ecs::delete_service, R"({"service":"deployed","force":true})", [](const auto&) {}
    );
}

std::vector<std::string> DeploymentWorkload::unconverged() const {
    std::vector<std::string> why;
    const auto view = world_.view();
    if (const auto deployment = under_way()) why.push_back("under way: " + encode_text(*deployment));
    const auto service =
        view.get<ecs::ServiceRecord>(ecs::ServiceRecord::key(world_.caller().scope(), "default", kName));
    const auto sets = ecs::task_sets_of(view, *service);
    if (sets.size() != 1) why.push_back("it has " + std::to_string(sets.size()) + " task sets");
    if (sets.empty()) return why;
    if (sets.front()->status != ecs::TaskSetStatus::PRIMARY || !ecs::progress_of(view, *service, *sets.front()).steady)
        why.push_back("its task set is not steady: " + encode_text(*sets.front()));
    const auto revision = ecs::revision_of(view, *sets.front());
    const auto& group = revision->load_balancers.front().group;
    for (const auto& one : view.list<elbv2::ListenerRecord>()) {
        if (one->port != kProductionPort) continue;
        // CodeDeploy leaves an application balancer's listener with the weights 0 and 100.
        auto forwards = *one->actions.front().forward_config->target_groups;
        std::erase_if(forwards, [](const auto& group) { return group.weight == 0; });
        if (forwards.size() != 1 || !forwards.front().target_group_arn->ends_with(group.substr(group.rfind('/'))))
            why.push_back("production does not go to the service's group alone: " + encode_text(*one));
    }
    return why;
}

void DeploymentWorkload::check_served() {
    for (const auto& machine : world_.machines()) {
        // Without traffic across zones an address may have nobody behind it; its name then leaves it out.
        const auto behind = machine->behind(kProductionPort);
        if (!behind) continue;
        if (behind->empty()) checker_.violation("production has nowhere to go on " + machine->name);
        for (const auto& address : *behind)
            if (!world_.answers(address))
                checker_.violation("production goes to " + address + ", where nobody answers");
    }
}

}  // namespace gantry::simulation
