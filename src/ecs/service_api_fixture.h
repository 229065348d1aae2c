#pragma once

#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_event.h"
#include "ecs/service_revision.h"
#include "ecs/state_fixture.h"
#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target_group.h"

namespace gantry::ecs::testing {

using namespace shapes::ecs;

inline constexpr const char* kBoth =
    "InvalidParameterException: Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block "
    "deployments.";

// Cluster "default" with both providers, the article's definition, requests for a service "web" of it.
class ServiceApiTest : public EcsTest {
  protected:
    void SetUp() override {
        prepare();
        ASSERT_TRUE(ask(
            put_cluster_capacity_providers,
            R"({"cluster":"default","capacityProviders":["FARGATE","FARGATE_SPOT"],
                "defaultCapacityProviderStrategy":[]})"
        ));
    }

    // The request's members; `more` replaces and adds, null takes away.
    boost::json::object request_of(std::string_view more = "{}") {
        auto json = boost::json::parse(
                        R"({"serviceName":"web","taskDefinition":"test-nginx","desiredCount":2,
                            "launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
                        subnet() + R"("]}}})"
        )
                        .as_object();
        const auto patch = boost::json::parse(boost::json::string_view(more)).as_object();
        for (const auto& [key, value] : patch) {
            if (value.is_null()) {
                json.erase(key);
            } else {
                json[key] = value;
            }
        }
        return json;
    }
    Result<CreateServiceResponse> create(std::string_view more = "{}") {
        return ask(create_service, boost::json::serialize(request_of(more)));
    }
    Result<UpdateServiceResponse> update(std::string_view more) {
        auto json = boost::json::parse(boost::json::string_view(more)).as_object();
        if (!json.contains("service")) json["service"] = "web";
        return ask(update_service, boost::json::serialize(json));
    }
    Service described(std::string_view name = "web") {
        const auto response = ask(
            describe_services, R"({"include":["TAGS"],"services":[")" + std::string(name) + R"("]})"
        );
        EXPECT_TRUE(response && response->services->size() == 1u) << name;
        return response && !response->services->empty() ? response->services->front() : Service();
    }
    state::Pinned<ServiceRecord> service(std::string_view name = "web") {
        return state::View(database).get<ServiceRecord>(
            ServiceRecord::key(caller.scope(), "default", name)
        );
    }
    // The ARN of a new target group, behind a network load balancer's listener unless told not to.
    std::string group(
        const std::string& name, bool balanced = true, std::string type = "ip", std::string vpc = {}
    ) {
        elbv2::TargetGroupRecord group;
        group.account = caller.account;
        group.region = caller.region;
        group.id = group.name = name;
        group.protocol = "TCP";
        group.port = 80;
        group.vpc = vpc.empty() ? state::View(database).list<ec2::SubnetRecord>().front()->vpc : vpc;
        group.target_type = std::move(type);
        elbv2::LoadBalancerRecord balancer;
        balancer.account = caller.account;
        balancer.region = caller.region;
        balancer.id = balancer.name = name;
        balancer.type = "network";
        elbv2::ListenerRecord listener;
        listener.account = caller.account;
        listener.region = caller.region;
        listener.balancer = listener.id = name;
        listener.protocol = "TCP";
        auto& action = listener.actions.emplace_back();
        action.type = "forward";
        action.target_group_arn = group.arn();
        write([&](state::Txn& txn) {
            txn.put(group);
            if (!balanced) return;
            txn.put(balancer);
            txn.put(listener);
        });
        return group.arn();
    }
    // "loadBalancers":[…] of one group.
    static std::string behind(
        const std::string& arn, const std::string& container = "test-nginx", int port = 80
    ) {
        return R"("loadBalancers":[{"targetGroupArn":")" + arn + R"(","containerName":")" + container +
               R"(","containerPort":)" + std::to_string(port) + "}]";
    }
    // Sets what the service controller would have decided.
    template <class R, class Fn>
    void edit(const std::string& key, Fn change) {
        write([&](state::Txn& txn) {
            const auto found = txn.get<R>(key);
            ASSERT_TRUE(found) << key;
            R record = *found;
            change(record);
            txn.put(std::move(record));
        });
    }
    state::Pinned<ServiceDeploymentRecord> newest() {
        return state::View(database).get<ServiceDeploymentRecord>(
            ServiceDeploymentRecord::key(service()->parts(), service()->last_service_deployment)
        );
    }
    // The newest service deployment has come to its end.
    void succeed() {
        edit<ServiceDeploymentRecord>(newest()->key(), [](auto& deployment) {
            deployment.status = ServiceDeploymentStatus::SUCCESSFUL;
        });
    }
};

// "CODE: text", or "" for success.
template <class T>
std::string refusal(const Result<T>& result) {
    return result ? std::string() : result.error().code + ": " + result.error().message;
}

}  // namespace gantry::ecs::testing
