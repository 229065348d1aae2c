#include "ecs/shift_world_test.h"

namespace gantry::ecs::testing {
namespace {

using cloudwatch::AlarmState;
using shapes::ecs::DeploymentConfiguration;

const char* const kBlueGreen = R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":5})";

class Kinds : public ShiftTest, public ::testing::WithParamInterface<bool> {};

TEST_P(Kinds, BlueGreenAndBackAgain) {
    make_stack(GetParam());
    make_service();
    EXPECT_EQ(share(production, blue), 100);
    stages.clear();
    update("web:2");
    rest();
    EXPECT_EQ(
        stages, (std::vector<std::string>{"SCALE_UP", "TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME"})
    );
    EXPECT_EQ(running("web:1"), 2u);
    EXPECT_EQ(running("web:2"), 2u);
    EXPECT_EQ(share(production, green), 100);
    EXPECT_EQ(share(test, green), 100);
    const auto shown = described();
    EXPECT_EQ(shown.status, "IN_PROGRESS");
    EXPECT_EQ(shown.target_service_revision->requested_production_traffic_weight, 100.0);
    EXPECT_EQ(shown.source_service_revisions->front().requested_production_traffic_weight, 0.0);
    rest(minutes(6));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(running("web:1"), 0u);
    EXPECT_EQ(running("web:2"), 2u);
    EXPECT_FALSE(look());
    update("web:3");
    rest(minutes(7));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, blue), 100);
    EXPECT_EQ(share(test, blue), 100);
    EXPECT_EQ(running("web:3"), 2u);
}
INSTANTIATE_TEST_SUITE_P(Balancers, Kinds, ::testing::Values(false, true));

TEST_F(ShiftTest, IsReadBackAsItWasGiven) {
    make_stack(true);
    make_service();
    const auto web = ok(describe_services, R"({"services":["web"]})").services->front();
    const auto& configuration = *web.deployment_configuration;
    EXPECT_EQ(configuration.strategy, "BLUE_GREEN");
    EXPECT_EQ(configuration.bake_time_in_minutes, 5);
    const auto given = [&](const shapes::ecs::LoadBalancer& shown) {
        EXPECT_EQ(shown.target_group_arn, blue);
        EXPECT_EQ(shown.advanced_configuration->alternate_target_group_arn, green);
        EXPECT_EQ(shown.advanced_configuration->production_listener_rule, production);
        EXPECT_EQ(shown.advanced_configuration->test_listener_rule, test);
        EXPECT_EQ(shown.advanced_configuration->role_arn, "arn:aws:iam::123456789012:role/ecs");
    };
    given(web.load_balancers->front());
    update("web:2");
    rest(minutes(7));
    // The groups have taken turns, and nothing of it is seen where they were given.
    const auto now = ok(describe_services, R"({"services":["web"]})").services->front();
    given(now.load_balancers->front());
    const auto revision = ok(
        describe_service_revisions,
        R"({"serviceRevisionArns":[")" + *now.current_service_revisions->front().arn + R"("]})"
    );
    const auto& resolved = revision.service_revisions->front().resolved_configuration->load_balancers->front();
    EXPECT_EQ(resolved.target_group_arn, green);
    EXPECT_EQ(resolved.production_listener_rule, production);
    // What is as it was begins no deployment.
    const auto number = service()->last_service_deployment;
    ok(update_service, R"({"service":"web",)" + balancers() + R"(,"taskDefinition":"web:2","deploymentConfiguration":)" + kBlueGreen + "}");
    EXPECT_EQ(service()->last_service_deployment, number);
}

TEST_F(ShiftTest, CanaryAndLinearStepByStep) {
    make_stack(true);
    make_service();
    update("web:2", R"("deploymentConfiguration":{"strategy":"CANARY","bakeTimeInMinutes":0,
        "canaryConfiguration":{"canaryPercent":12.5,"canaryBakeTimeInMinutes":10}})");
    rest();
    EXPECT_EQ(weights(production), (std::map<std::string, int>{{blue, 875}, {green, 125}}));
    EXPECT_EQ(described().target_service_revision->requested_production_traffic_weight, 12.5);
    rest(minutes(8));
    EXPECT_EQ(stage(), "PRODUCTION_TRAFFIC_SHIFT");
    rest(minutes(4));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, green), 100);
    update("web:3", R"("deploymentConfiguration":{"strategy":"LINEAR",
        "linearConfiguration":{"stepPercent":40.0,"stepBakeTimeInMinutes":3}})");
    const auto web = ok(describe_services, R"({"services":["web"]})").services->front();
    EXPECT_FALSE(web.deployment_configuration->canary_configuration);
    std::set<int> seen;
    for (int i = 0; i < 12; ++i) {
        rest();
        seen.insert(share(production, blue));
        pass(seconds(30));
    }
    EXPECT_EQ(seen, (std::set<int>{40, 80, 100}));
    EXPECT_EQ(status(), "SUCCESSFUL");
}

TEST_F(ShiftTest, StoppedWithRollBackTrafficReturnsFirst) {
    make_stack(false);
    make_service();
    update("web:2");
    rest();
    ASSERT_EQ(stage(), "BAKE_TIME");
    ok(stop_service_deployment, R"({"serviceDeploymentArn":")" + way()->arn() + R"("})");
    EXPECT_EQ(status(), "ROLLBACK_REQUESTED");
    look();
    EXPECT_EQ(running("web:2"), 2u);
    rest();
    EXPECT_EQ(status(), "ROLLBACK_SUCCESSFUL");
    EXPECT_EQ(share(production, blue), 100);
    EXPECT_EQ(share(test, blue), 100);
    EXPECT_EQ(running("web:1"), 2u);
    EXPECT_EQ(running("web:2"), 0u);
    EXPECT_EQ(definition_of_primary(), "web:1");
    EXPECT_FALSE(look());
    // And then as ever.
    update("web:3");
    rest(minutes(7));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, green), 100);
}

TEST_F(ShiftTest, TheFirstDeploymentCannotBeRolledBack) {
    make_stack(false);
    ok(create_service, create_json(kBlueGreen, balancers()));
    rest();
    const auto refused = ask(stop_service_deployment, R"({"serviceDeploymentArn":")" + way()->arn() + R"("})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "There is no completed service deployment to roll back to.");
}

TEST_F(ShiftTest, AnImageThatIsNotThereTripsTheBreaker) {
    make_stack(true);
    make_service(R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":1,"deploymentCircuitBreaker":{"enable":true,"rollback":true}})");
    bad.insert("web:2");
    update("web:2");
    rest(minutes(5));
    EXPECT_EQ(status(), "ROLLBACK_SUCCESSFUL");
    EXPECT_EQ(share(production, blue), 100);
    EXPECT_EQ(running("web:1"), 2u);
    EXPECT_EQ(described().deployment_circuit_breaker->status, "TRIGGERED");
}

TEST_F(ShiftTest, AnAlarmRollsBackAndOneThatIsOldDoesNot) {
    make_stack(true);
    make_service();
    const std::string with = R"("deploymentConfiguration":{"alarms":{"alarmNames":["errors"],"enable":true,"rollback":true}})";
    alarm("errors", AlarmState::ALARM);
    update("web:2", with);
    rest(minutes(7));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(described().alarms->status, "DISABLED");
    alarm("errors", AlarmState::OK);
    update("web:3");
    rest();
    ASSERT_EQ(stage(), "BAKE_TIME");
    EXPECT_EQ(described().alarms->status, "MONITORING");
    alarm("errors", AlarmState::ALARM);
    rest();
    EXPECT_EQ(status(), "ROLLBACK_SUCCESSFUL");
    EXPECT_EQ(described().alarms->status, "TRIGGERED");
    EXPECT_EQ(described().alarms->triggered_alarm_names, (std::vector<std::string>{"errors"}));
    EXPECT_EQ(definition_of_primary(), "web:2");
}

TEST_F(ShiftTest, AHookRunsAsATaskAndDecides) {
    make_stack(true);
    make_service();
    const std::string hooked = R"("deploymentConfiguration":{"lifecycleHooks":[{"roleArn":"arn:aws:iam::123456789012:role/ecs",
        "hookTargetArn":"arn:aws:lambda:ap-northeast-1:123456789012:function:hook","lifecycleStages":["POST_SCALE_UP"],
        "hookDetails":{"deep":[1]}}]})";
    hook_exit = -1;
    update("web:2", hooked);
    rest();
    EXPECT_EQ(stage(), "POST_SCALE_UP");
    const auto detail = described().lifecycle_hook_details->front();
    EXPECT_EQ(detail.status, "IN_PROGRESS");
    EXPECT_EQ(detail.target_type, "AWS_LAMBDA");
    const auto task = view().get<TaskRecord>(way()->course->hooks.front().task);
    ASSERT_TRUE(task);
    EXPECT_EQ(task->family, "hook");
    std::map<std::string, std::string> environment;
    for (const auto& one : task->overrides.at("containerOverrides").at(0).at("environment").as_array())
        environment[one.at("name").as_string().c_str()] = one.at("value").as_string().c_str();
    EXPECT_EQ(environment["SERVICE_DEPLOYMENT_ARN"], way()->arn());
    EXPECT_EQ(environment["HOOK_DETAILS"], R"({"deep":[1]})");
    hook_exit = 0;
    rest(minutes(7));
    EXPECT_EQ(status(), "SUCCESSFUL");
    hook_exit = 1;
    update("web:3");
    rest(minutes(2));
    EXPECT_EQ(status(), "ROLLBACK_SUCCESSFUL");
    EXPECT_EQ(definition_of_primary(), "web:2");
    EXPECT_NE(described().status_reason->find("ended with 1."), std::string::npos) << *described().status_reason;
}

TEST_F(ShiftTest, APauseWaitsToBeContinued) {
    make_stack(false);
    make_service();
    const auto refusal = [&](const std::string& id) {
        const auto result = ask(continue_service_deployment, R"({"serviceDeploymentArn":")" + way()->arn() + R"(","hookId":")" + id + R"("})");
        return result ? "accepted" : result.error().message;
    };
    for (const char* action : {"CONTINUE", "ROLLBACK"}) {
        update("web:2", R"("forceNewDeployment":true,"deploymentConfiguration":{"lifecycleHooks":[{"targetType":"PAUSE",
            "lifecycleStages":["POST_TEST_TRAFFIC_SHIFT"]}]})");
        rest(minutes(30));
        EXPECT_EQ(stage(), "POST_TEST_TRAFFIC_SHIFT");
        const auto detail = described().lifecycle_hook_details->front();
        EXPECT_EQ(detail.status, "AWAITING_ACTION");
        EXPECT_FALSE(detail.target_arn);
        EXPECT_EQ(refusal("none"), "The service deployment has no lifecycle hook with the ID none.");
        ok(continue_service_deployment, R"({"serviceDeploymentArn":")" + way()->arn() + R"(","hookId":")" +
                                            *detail.hook_id + R"(","action":")" + action + R"("})");
        EXPECT_NE(refusal(*detail.hook_id).find("does not await an action"), std::string::npos);
        rest(minutes(7));
        EXPECT_EQ(status(), action == std::string("CONTINUE") ? "SUCCESSFUL" : "ROLLBACK_SUCCESSFUL");
    }
}

TEST_F(ShiftTest, ANewDeploymentWhileAnotherBakesTakesItsPlace) {
    make_stack(true);
    make_service();
    update("web:2");
    rest();
    ASSERT_EQ(stage(), "BAKE_TIME");
    stages.clear();
    update("web:3");
    rest(minutes(7));
    EXPECT_EQ(stages.front(), "RECONCILE_SERVICE");
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, green), 100);
    EXPECT_EQ(running("web:3"), 2u);
    EXPECT_EQ(running(), 2u);
}

TEST_F(ShiftTest, AListenerThatSomebodyTurnsOrDeletesRollsBack) {
    make_stack(true);
    make_service();
    update("web:2", R"("deploymentConfiguration":{"strategy":"CANARY","canaryConfiguration":{"canaryPercent":20}})");
    rest();
    ASSERT_EQ(share(production, green), 20);
    ok(elbv2::modify_rule, R"({"RuleArn":")" + production + R"(","Actions":[{"Type":"forward","TargetGroupArn":")" + blue + R"("}]})");
    rest();
    EXPECT_EQ(status(), "ROLLBACK_SUCCESSFUL");
    EXPECT_EQ(share(production, blue), 100);
    EXPECT_NE(described().status_reason->find("was changed during the deployment."), std::string::npos);
    update("web:3");
    rest();
    ASSERT_EQ(share(production, green), 20);
    serves = false;
    ok(elbv2::delete_rule, R"({"RuleArn":")" + production + R"("})");
    rest();
    EXPECT_EQ(status(), "ROLLBACK_SUCCESSFUL");
    EXPECT_TRUE(told("deployment failed: traffic could not be shifted."));
}

TEST_F(ShiftTest, FromRollingAndBack) {
    make_stack(true);
    ok(create_service,
       create_json(R"({"strategy":"ROLLING"})", R"("loadBalancers":[{"targetGroupArn":")" + blue + R"(","containerName":"web","containerPort":80}])"));
    rest(minutes(2));
    serves = true;
    ASSERT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(stage(), "");
    update("web:2", balancers() + R"(,"deploymentConfiguration":)" + kBlueGreen);
    rest(minutes(7));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, green), 100);
    // A rolling update stays in the group that has the traffic.
    update("web:3", R"("deploymentConfiguration":{"strategy":"ROLLING"})");
    rest(minutes(3));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, green), 100);
    EXPECT_EQ(running("web:3"), 2u);
    // And one that must not, because no rule is named any more, moves the traffic.
    update("web:1", R"("loadBalancers":[{"targetGroupArn":")" + blue + R"(","containerName":"web","containerPort":80}])");
    rest(minutes(3));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(share(production, blue), 100);
    EXPECT_EQ(running(), 2u);
}

TEST_F(ShiftTest, WithoutALoadBalancerThereIsNoTraffic) {
    make_stack(false);
    ok(create_service, create_json(kBlueGreen, ""));
    rest(minutes(8));
    ASSERT_EQ(status(), "SUCCESSFUL");
    update("web:2");
    rest(minutes(2));
    EXPECT_EQ(running("web:1"), 2u);
    EXPECT_EQ(running("web:2"), 2u);
    rest(minutes(8));
    EXPECT_EQ(status(), "SUCCESSFUL");
    EXPECT_EQ(running(), 2u);
}

TEST_F(ShiftTest, ADeletedServiceEndsWhereverItIs) {
    make_stack(false);
    make_service();
    update("web:2");
    rest();
    serves = false;
    ok(delete_service, R"({"service":"web","force":true})");
    rest(minutes(2));
    EXPECT_EQ(service()->status, ServiceStatus::INACTIVE);
    EXPECT_EQ(running(), 0u);
}

TEST_F(ShiftTest, Refuses) {
    make_stack(true);
    const std::string invalid = "InvalidParameterException: ";
    const auto advanced = [&](const std::string& members) {
        return R"("loadBalancers":[{"targetGroupArn":")" + blue +
               R"(","containerName":"web","containerPort":80,"advancedConfiguration":{)" + members + "}}]";
    };
    const std::string alternate = R"("alternateTargetGroupArn":")" + green + R"(",)";
    const std::string rule = R"("productionListenerRule":")" + production + R"(")";
    const std::string role = R"(,"roleArn":"arn:aws:iam::123456789012:role/ecs")";
    const std::string listener = elbv2::find_route(view(), caller.account, caller.region, production)->listener;
    const auto record = view().get<elbv2::ListenerRecord>(listener);
    struct Case {
        std::string configuration, balancing, error;
    };
    const std::vector<Case> cases{
        {kBlueGreen, R"("loadBalancers":[{"targetGroupArn":")" + blue + R"(","containerName":"web","containerPort":80}])",
         "advancedConfiguration must be specified for each load balancer with the deployment strategy BLUE_GREEN."},
        {kBlueGreen, advanced(rule + role), "alternateTargetGroupArn must be specified in advancedConfiguration."},
        {kBlueGreen, advanced(alternate + "\"x\":1" + role), "productionListenerRule must be specified in advancedConfiguration."},
        {kBlueGreen, advanced(alternate + rule), "roleArn must be specified in advancedConfiguration."},
        {kBlueGreen, advanced(alternate + rule + R"(,"roleArn":"ecs")"), "The roleArn ecs is not the ARN of an IAM role."},
        {kBlueGreen, advanced(R"("alternateTargetGroupArn":")" + blue + R"(",)" + rule + role),
         "targetGroupArn and alternateTargetGroupArn must be different target groups."},
        {kBlueGreen, advanced(R"("alternateTargetGroupArn":"x",)" + rule + role),
         "The specified target group does not exist. (alternateTargetGroupArn: x)"},
        {kBlueGreen, advanced(alternate + R"("productionListenerRule":"x")" + role),
         "The specified listener rule does not exist. (productionListenerRule: x)"},
        {kBlueGreen, advanced(alternate + R"("productionListenerRule":")" + record->arn() + "\"" + role),
         "For an Application Load Balancer, the ARN of a listener rule must be specified. (productionListenerRule: " +
             record->arn() + ")"},
        {kBlueGreen, advanced(alternate + R"("productionListenerRule":")" + record->rule_arn(record->default_rule) + "\"" + role),
         "The specified listener rule does not forward to a target group. (productionListenerRule: " +
             record->rule_arn(record->default_rule) + ")"},
        {kBlueGreen, advanced(alternate + rule + R"(,"testListenerRule":")" + production + "\"" + role),
         "productionListenerRule and testListenerRule must be different."},
        {R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":1441})", balancers(), "bakeTimeInMinutes must be between 0 and 1440."},
        {R"({"bakeTimeInMinutes":1})", "",
         "bakeTimeInMinutes can only be specified with the BLUE_GREEN, CANARY and LINEAR deployment strategies."},
        {R"({"strategy":"BLUE_GREEN","canaryConfiguration":{}})", balancers(),
         "canaryConfiguration can only be specified with the CANARY deployment strategy."},
        {R"({"strategy":"CANARY","linearConfiguration":{}})", balancers(),
         "linearConfiguration can only be specified with the LINEAR deployment strategy."},
        {R"({"strategy":"CANARY","canaryConfiguration":{"canaryPercent":0.05}})", balancers(),
         "canaryPercent must be a multiple of 0.1 from 0.1 to 100.0."},
        {R"({"strategy":"LINEAR","linearConfiguration":{"stepPercent":2.9}})", balancers(),
         "stepPercent must be a multiple of 0.1 from 3.0 to 100.0."},
        {R"({"strategy":"LINEAR","linearConfiguration":{"stepBakeTimeInMinutes":-1}})", balancers(),
         "stepBakeTimeInMinutes must be between 0 and 1440."},
        {R"({"strategy":"BLUE_GREEN","lifecycleHooks":[{"hookTargetArn":"x"}]})", balancers(),
         "lifecycleStages must be specified for each lifecycle hook."},
        {R"({"strategy":"BLUE_GREEN","lifecycleHooks":[{"hookTargetArn":"x","lifecycleStages":["PRE_SCALE_UP"]}]})", balancers(),
         "The hookTargetArn x is not the ARN of a Lambda function."},
        {R"({"strategy":"BLUE_GREEN","lifecycleHooks":[{"targetType":"PAUSE","hookTargetArn":"x","lifecycleStages":["PRE_SCALE_UP"]}]})",
         balancers(), "hookTargetArn cannot be specified for a lifecycle hook of the type PAUSE."},
        {R"({"alarms":{"alarmNames":[],"enable":true,"rollback":true}})", "",
         "alarmNames must be specified when deployment alarms are enabled."},
    };
    for (const auto& one : cases) EXPECT_EQ(refused(one.configuration, one.balancing), invalid + one.error) << one.configuration;
    EXPECT_EQ(
        ask(create_service, R"({"serviceName":"x","desiredCount":1,"deploymentController":{"type":"EXTERNAL"},
                               "deploymentConfiguration":{"strategy":"BLUE_GREEN"}})").error().message,
        "The deployment strategy BLUE_GREEN is not supported for services with the EXTERNAL deployment controller."
    );
}

}  // namespace
}  // namespace gantry::ecs::testing
