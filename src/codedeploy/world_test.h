#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "acm/certificate.h"
#include "cloudwatch/schema.h"
#include "codedeploy/schema.h"
#include "dispatch/codedeploy_handlers.h"
#include "dispatch/ecs_handlers.h"
#include "dispatch/elbv2_handlers.h"
#include "dispatch/iam_handlers.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ec2/state_fixture.h"
#include "ec2/subnet.h"
#include "ec2/vpc.h"
#include "ecs/service.h"
#include "ecs/tables.h"
#include "elbv2/carrier.h"
#include "elbv2/schema.h"
#include "eventbus/schema.h"
#include "iam/schema.h"
#include "shapes/json.h"
#include "state/txn.h"

namespace gantry::codedeploy::testing {

namespace json = boost::json;

// The article's stack by its operations: a role, a network balancer (or an application one), two target groups, a
// listener, a service "web" of cluster "default" under CODE_DEPLOY.
class World : public ::testing::Test {
  protected:
    template <class Fn>
    auto write(Fn fn) {
        state::Txn txn(database, turn);
        struct Finish {
            state::Txn& txn;
            ~Finish() { txn.finish(); }
        } finish{txn};
        return fn(txn);
    }
    World() : database(declared(schema)) {
        caller.account = "123456789012";
        caller.region = "ap-northeast-1";
        caller.arn = "arn:aws:iam::123456789012:root";
        write([&](state::Txn& txn) {
            ec2::seed(txn, caller);
            elbv2::carrier_joined(txn, "worker-1");
        });
    }

    state::View view() { return state::View(database); }

    // Takes the request as JSON.
    template <class Response, class Request>
    Result<Response> ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), std::string_view text
    ) {
        auto request = shapes::from_json<Request>(json::parse(json::string_view(text)));
        EXPECT_TRUE(request) << (request ? "" : request.error().message) << "\n" << text;
        if (!request) return tl::unexpected<Error>(request.error());
        state::Txn txn(database, turn);
        auto result = operation(txn, *request, caller);
        result ? static_cast<void>(txn.finish()) : txn.undo();
        return result;
    }
    template <class Response, class Request>
    Response ok(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), std::string_view text
    ) {
        auto result = ask(operation, text);
        EXPECT_TRUE(result) << (result ? "" : result.error().code + ": " + result.error().message) << "\n" << text;
        return result ? *std::move(result) : Response{};
    }
    // "Code: message" of the refusal.
    template <class Response, class Request>
    std::string refused(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), std::string_view text
    ) {
        const auto result = ask(operation, text);
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }

    std::string subnet() { return view().list<ec2::SubnetRecord>().front()->id; }

    void make_stack(bool application = false) {
        ok(iam::create_role, R"({"RoleName":"codedeploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"codedeploy.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"})");
        std::string subnets;
        for (const auto& one : view().list<ec2::SubnetRecord>()) {
            subnets += (subnets.empty() ? "\"" : ",\"") + one->id + "\"";
        }
        const auto balancer = ok(
            elbv2::create_load_balancer,
            R"({"Name":"lb","Type":")" + std::string(application ? "application" : "network") +
                R"(","Subnets":[)" + subnets + "]}"
        );
        balancer_arn = *balancer.load_balancers->front().load_balancer_arn;
        blue = target_group("blue", application);
        green = target_group("green", application);
        prod = listener(application ? 80 : 8081, blue, application);
        ok(ecs::create_cluster, "{}");
        ok(ecs::register_task_definition, definition("web", "nginx:1"));
        ok(ecs::register_task_definition, definition("web", "nginx:2"));
        make_service();
        ok(create_application, R"({"applicationName":"app","computePlatform":"ECS"})");
    }
    std::string target_group(const std::string& name, bool application) {
        const std::string vpc = view().list<ec2::VpcRecord>().front()->id;
        return *ok(elbv2::create_target_group,
                   R"({"Name":")" + name + R"(","Port":80,"TargetType":"ip","VpcId":")" + vpc +
                       R"(","Protocol":")" + (application ? "HTTP" : "TCP") + R"("})")
                    .target_groups->front()
                    .target_group_arn;
    }
    std::string listener(int port, const std::string& group, bool application) {
        return *ok(elbv2::create_listener,
                   R"({"LoadBalancerArn":")" + balancer_arn + R"(","Port":)" + std::to_string(port) +
                       R"(,"Protocol":")" + (application ? "HTTP" : "TCP") +
                       R"(","DefaultActions":[{"Type":"forward","TargetGroupArn":")" + group + R"("}]})")
                    .listeners->front()
                    .listener_arn;
    }
    static std::string definition(const std::string& family, const std::string& image) {
        return R"({"family":")" + family + R"(","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512",
            "containerDefinitions":[{"name":"web","image":")" + image +
               R"(","essential":true,"portMappings":[{"containerPort":80}]}]})";
    }
    void make_service() {
        ok(ecs::create_service,
           R"({"serviceName":"web","taskDefinition":"web:1","desiredCount":2,"launchType":"FARGATE",
               "deploymentController":{"type":"CODE_DEPLOY"},
               "networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
               subnet() + R"("]}},"loadBalancers":[{"targetGroupArn":")" + blue +
               R"(","containerName":"web","containerPort":80}]})");
    }
    std::string service_key() const { return ecs::ServiceRecord::key(caller.scope(), "default", "web"); }

    // CreateDeploymentGroup's members as terraform sends the article's; `more` replaces and adds, null takes away.
    std::string group_request(std::string_view more = "{}") const {
        auto all = json::parse(
                       R"({"applicationName":"app","deploymentGroupName":"dg",
            "serviceRoleArn":"arn:aws:iam::123456789012:role/codedeploy",
            "deploymentConfigName":"CodeDeployDefault.ECSAllAtOnce",
            "autoRollbackConfiguration":{"enabled":true,"events":["DEPLOYMENT_FAILURE"]},
            "blueGreenDeploymentConfiguration":{
              "deploymentReadyOption":{"actionOnTimeout":"CONTINUE_DEPLOYMENT"},
              "terminateBlueInstancesOnDeploymentSuccess":{"action":"TERMINATE","terminationWaitTimeInMinutes":10}},
            "deploymentStyle":{"deploymentOption":"WITH_TRAFFIC_CONTROL","deploymentType":"BLUE_GREEN"},
            "ecsServices":[{"clusterName":"default","serviceName":"web"}],
            "loadBalancerInfo":{"targetGroupPairInfoList":[{"prodTrafficRoute":{"listenerArns":[")" +
                       prod + R"("]},"targetGroups":[{"name":"blue"},{"name":"green"}]}]}})"
        ).as_object();
        const auto patch = json::parse(json::string_view(more)).as_object();
        for (const auto& [key, value] : patch) {
            if (value.is_null()) {
                all.erase(key);
            } else {
                all[key] = value;
            }
        }
        return json::serialize(all);
    }

    state::Schema schema;
    ec2::testing::Dice dice;
    state::Turn turn{{1'700'000'000'000}, {1'700'000'000'000}, dice};
    state::Database database;
    Caller caller;
    std::string balancer_arn, blue, green, prod;

  private:
    static const state::Schema& declared(state::Schema& schema) {
        iam::declare(schema);
        acm::declare(schema);
        ec2::declare(schema);
        elbv2::declare(schema);
        eventbus::declare(schema);
        ecs::declare_tables(schema);
        cloudwatch::declare(schema);
        codedeploy::declare(schema);
        return schema;
    }
};

}  // namespace gantry::codedeploy::testing
