#include "codedeploy/deployment_course.h"

#include "cloudwatch/alarm.h"
#include "codedeploy/course_test.h"

namespace gantry::codedeploy {
namespace {

using testing::CourseTest;
using std::chrono::minutes;
using std::chrono::seconds;

class Course : public CourseTest {
  protected:
    std::string wait_json(const std::string& action, int ready, int termination, const std::string& end = "TERMINATE") {
        return R"({"blueGreenDeploymentConfiguration":{"deploymentReadyOption":{"actionOnTimeout":")" + action +
               R"(","waitTimeInMinutes":)" + std::to_string(ready) +
               R"(},"terminateBlueInstancesOnDeploymentSuccess":{"action":")" + end +
               R"(","terminationWaitTimeInMinutes":)" + std::to_string(termination) + "}}}";
    }
    void change_listener(const std::string& group) {
        ok(elbv2::modify_listener,
           R"({"ListenerArn":")" + prod + R"(","DefaultActions":[{"Type":"forward","TargetGroupArn":")" + group +
               R"("}]})");
    }
    void make_hook_family() { ok(ecs::register_task_definition, definition("migrate", "migrate:1")); }
    int tasks_of(const std::string& started_by) {
        int count = 0;
        for (const auto& task : view().list<ecs::TaskRecord>()) count += task->started_by == started_by;
        return count;
    }
};

TEST_F(Course, BlueGreenAndBackToBlue) {
    prepare();
    ASSERT_EQ(running(), 2u);
    const auto first = deploy();
    EXPECT_EQ(
        refused(create_deployment, request(app_spec("web:1"))),
        "DeploymentLimitExceededException: The Deployment Group 'dg' already has an active Deployment '" + first + "'"
    );
    rest(minutes(5));
    // In the termination wait: traffic is with green, blue still runs, and it has not succeeded.
    EXPECT_EQ(status(first), "InProgress") << deployment(first)->error_message;
    EXPECT_EQ(
        events(first),
        "BeforeInstall=Succeeded Install=Succeeded AfterInstall=Succeeded BeforeAllowTraffic=Succeeded "
        "AllowTraffic=Succeeded AfterAllowTraffic=Succeeded"
    );
    EXPECT_EQ(green_percent(prod), 100);
    EXPECT_EQ(primary_definition(), "2");
    EXPECT_EQ(running(), 4u);
    EXPECT_TRUE(refused(create_deployment, request(app_spec("web:1"))).starts_with("DeploymentLimitExceeded"));
    rest(minutes(12));
    EXPECT_EQ(status(first), "Succeeded");
    EXPECT_EQ(running(), 2u);
    EXPECT_EQ(sets(), 1u);
    EXPECT_FALSE(look());
    // The roles are swapped back.
    const auto second = deploy("web:1");
    rest(minutes(17));
    EXPECT_EQ(status(second), "Succeeded");
    EXPECT_EQ(green_percent(prod), 0);
    EXPECT_EQ(primary_definition(), "1");
    const auto group = ok(get_deployment_group, R"({"applicationName":"app","deploymentGroupName":"dg"})");
    EXPECT_EQ(group.deployment_group_info->last_successful_deployment->deployment_id, second);
    const auto listed = ok(list_deployments, R"({"applicationName":"app","includeOnlyStatuses":["Succeeded"]})");
    EXPECT_EQ(*listed.deployments, (std::vector<std::string>{second, first}));
}

TEST_F(Course, TargetsTellOfEventsAndTaskSets) {
    prepare();
    const auto id = deploy();
    rest(minutes(5));
    const auto target = shapes::to_json(ok(
        get_deployment_target, R"({"deploymentId":")" + id + R"(","targetId":"default:web"})"
    )).at("deploymentTarget").at("ecsTarget");
    EXPECT_EQ(target.at("status"), "InProgress");
    const auto& task_sets = target.at("taskSetsInfo").as_array();
    ASSERT_EQ(task_sets.size(), 2u);
    EXPECT_EQ(task_sets[0].at("taskSetLabel"), "Blue");
    EXPECT_EQ(task_sets[0].at("trafficWeight").to_number<double>(), 0);
    EXPECT_EQ(task_sets[1].at("status"), "PRIMARY");
    EXPECT_EQ(task_sets[1].at("runningCount"), 2);
    EXPECT_EQ(task_sets[1].at("targetGroup").at("name"), "green");
    EXPECT_EQ(target.at("lifecycleEvents").as_array().size(), 6u);
    EXPECT_TRUE(refused(get_deployment_target, R"({"deploymentId":")" + id + R"(","targetId":"x"})")
                    .starts_with("DeploymentTargetDoesNotExistException: "));
    const auto info = shapes::to_json(ok(get_deployment, R"({"deploymentId":")" + id + R"("})")).at("deploymentInfo");
    EXPECT_TRUE(info.at("instanceTerminationWaitTimeStarted").as_bool());
    EXPECT_FALSE(info.at("revision").at("appSpecContent").as_object().contains("content"));
}

TEST_F(Course, GreenThatNeverStartsTimesOutAndIsRolledBack) {
    bad_images = {"web:2"};
    prepare();
    const auto id = deploy();
    rest(minutes(30));
    EXPECT_EQ(status(id), "InProgress");
    EXPECT_EQ(green_percent(prod), 0);
    rest(minutes(40));
    const auto failed = deployment(id);
    EXPECT_EQ(status(id), "Failed");
    EXPECT_EQ(failed->error_code, "TIMEOUT");
    EXPECT_NE(failed->error_message.find("replacement task set to become healthy"), std::string::npos);
    ASSERT_FALSE(failed->rollback_id.empty());
    EXPECT_EQ(status(failed->rollback_id), "Succeeded") << deployment(failed->rollback_id)->error_message;
    const auto back =
        shapes::to_json(ok(get_deployment, R"({"deploymentId":")" + failed->rollback_id + R"("})")).at("deploymentInfo");
    EXPECT_EQ(back.at("creator"), "codeDeployRollback");
    EXPECT_EQ(back.at("rollbackInfo").at("rollbackTriggeringDeploymentId"), boost::json::string(id));
    EXPECT_EQ(sets(), 1u);
    EXPECT_EQ(primary_definition(), "1");
    EXPECT_EQ(green_percent(prod), 0);
    bad_images.clear();
    EXPECT_FALSE(look());
    const auto next = deploy();
    rest(minutes(17));
    EXPECT_EQ(status(next), "Succeeded");
}

TEST_F(Course, WhatEcsRefusesFailsTheDeployment) {
    prepare();
    const auto good = app_spec("web:2");
    const auto with = [&](std::string from, const std::string& to) {
        std::string spec = good;
        return spec.replace(spec.find(from), from.size(), to);
    };
    const struct {
        std::string spec;
        const char* said;
    } rows[] = {
        {app_spec("web:9"), "TaskDefinition not found."},
        {app_spec("nobody"), "TaskDefinition not found."},
        {with(R"(\"ContainerName\":\"web\")", R"(\"ContainerName\":\"side\")"), "side"},
        {with(R"(\"ContainerPort\":80)", R"(\"ContainerPort\":81)"), "81"},
    };
    for (const auto& row : rows) {
        const auto id = *ok(create_deployment, request(row.spec)).deployment_id;
        rest();
        EXPECT_EQ(status(id), "Failed");
        EXPECT_EQ(deployment(id)->error_code, "ECS_UPDATE_ERROR");
        EXPECT_NE(deployment(id)->error_message.find(row.said), std::string::npos) << deployment(id)->error_message;
        EXPECT_EQ(status(deployment(id)->rollback_id), "Succeeded");
        EXPECT_EQ(sets(), 1u);
        EXPECT_EQ(green_percent(prod), 0);
    }
}

TEST_F(Course, ReadyWaitsToBeContinuedOrStops) {
    prepare(false, wait_json("STOP_DEPLOYMENT", 30, 0));
    const auto id = deploy();
    rest();
    EXPECT_EQ(status(id), "Ready");
    EXPECT_EQ(green_percent(prod), 0);
    EXPECT_TRUE(refused(continue_deployment, R"({"deploymentId":")" + id + R"(","deploymentWaitType":"TERMINATION_WAIT"})")
                    .starts_with("DeploymentIsNotInReadyStateException: "));
    ok(continue_deployment, R"({"deploymentId":")" + id + R"(","deploymentWaitType":"READY_WAIT"})");
    rest(minutes(7));
    EXPECT_EQ(status(id), "Succeeded");
    EXPECT_TRUE(refused(continue_deployment, R"({"deploymentId":")" + id + R"("})")
                    .starts_with("DeploymentAlreadyCompletedException: "));
    const auto late = deploy("web:1");
    rest(minutes(45));
    EXPECT_EQ(status(late), "Stopped");
    EXPECT_EQ(deployment(late)->error_code, "TIMEOUT");
    EXPECT_EQ(status(deployment(late)->rollback_id), "Succeeded");
    EXPECT_EQ(primary_definition(), "2");
    EXPECT_EQ(green_percent(prod), 100);
}

TEST_F(Course, ReadyGoesOnByItselfAndTheTerminationWaitIsCutShort) {
    prepare(false, wait_json("CONTINUE_DEPLOYMENT", 20, 600));
    const auto id = deploy();
    rest(minutes(10));
    EXPECT_EQ(status(id), "Ready");
    rest(minutes(20));
    EXPECT_EQ(green_percent(prod), 100);
    EXPECT_EQ(running(), 4u);
    ok(continue_deployment, R"({"deploymentId":")" + id + R"(","deploymentWaitType":"TERMINATION_WAIT"})");
    rest();
    EXPECT_EQ(status(id), "Succeeded");
    EXPECT_EQ(running(), 2u);
}

TEST_F(Course, KeptAliveBlueStaysUntilTheNextDeployment) {
    prepare(false, wait_json("CONTINUE_DEPLOYMENT", 0, 0, "KEEP_ALIVE"));
    const auto id = deploy();
    rest();
    EXPECT_EQ(status(id), "Succeeded");
    EXPECT_EQ(running(), 4u);
    const auto next = deploy("web:1");
    rest(minutes(17));
    EXPECT_EQ(status(next), "Succeeded");
    EXPECT_EQ(primary_definition(), "1");
    EXPECT_EQ(green_percent(prod), 0);
}

TEST_F(Course, StoppedWithRollbackTrafficReturnsFirst) {
    prepare();
    const auto id = deploy();
    rest(minutes(5));
    ASSERT_EQ(green_percent(prod), 100);
    EXPECT_EQ(
        *ok(stop_deployment, R"({"deploymentId":")" + id + R"(","autoRollbackEnabled":true})").status, "Pending"
    );
    rest();
    EXPECT_EQ(status(id), "Stopped");
    EXPECT_EQ(deployment(id)->error_code, "MANUAL_STOP");
    EXPECT_EQ(status(deployment(id)->rollback_id), "Succeeded");
    EXPECT_EQ(green_percent(prod), 0);
    EXPECT_EQ(primary_definition(), "1");
    EXPECT_EQ(sets(), 1u);
    EXPECT_TRUE(refused(stop_deployment, R"({"deploymentId":")" + id + R"("})")
                    .starts_with("DeploymentAlreadyCompletedException: "));
}

TEST_F(Course, StoppedWithoutRollbackAllStaysAndTheNextOneClearsUp) {
    prepare();
    const auto id = deploy();
    rest(minutes(5));
    ok(stop_deployment, R"({"deploymentId":")" + id + R"(","autoRollbackEnabled":false})");
    rest();
    EXPECT_EQ(status(id), "Stopped");
    EXPECT_TRUE(deployment(id)->rollback_id.empty());
    EXPECT_EQ(sets(), 2u);
    EXPECT_EQ(primary_definition(), "2");
    const auto next = deploy("web:1");
    // The first task set's targets drain, then the new one comes, and the second's drain.
    rest(minutes(30));
    EXPECT_EQ(status(next), "Succeeded") << deployment(next)->error_message;
    EXPECT_EQ(sets(), 1u);
    EXPECT_EQ(primary_definition(), "1");
}

TEST_F(Course, StoppedBetweenTwoStepsTheNextOneTakesTheTrafficBackFirst) {
    prepare(true, R"({"deploymentConfigName":"CodeDeployDefault.ECSCanary10Percent5Minutes"})");
    const auto id = deploy();
    rest(minutes(2));
    ASSERT_EQ(green_percent(prod), 10);
    ok(stop_deployment, R"({"deploymentId":")" + id + R"("})");
    rest(minutes(10));
    EXPECT_EQ(status(id), "Stopped");
    EXPECT_EQ(green_percent(prod), 10);
    EXPECT_EQ(primary_definition(), "1");
    const auto next = deploy();
    rest(minutes(35));
    EXPECT_EQ(status(next), "Succeeded") << deployment(next)->error_message;
    EXPECT_EQ(green_percent(prod), 100);
    EXPECT_EQ(sets(), 1u);
}

TEST_F(Course, AListenerThatSomeoneElseChangedFailsIt) {
    prepare();
    const auto id = deploy();
    rest(minutes(5));
    change_listener(blue);
    rest();
    EXPECT_EQ(status(id), "Failed");
    EXPECT_EQ(deployment(id)->error_code, "ELASTIC_LOAD_BALANCING_INVALID");
    // Blue had not been terminated: traffic is there, and stays there.
    EXPECT_EQ(status(deployment(id)->rollback_id), "Succeeded");
    EXPECT_EQ(green_percent(prod), 0);
    EXPECT_EQ(primary_definition(), "1");
}

TEST_F(Course, APrimaryThatIsNotBehindTheListenerIsNotDeployed) {
    prepare();
    serves = false;
    change_listener(green);
    const auto id = deploy();
    rest();
    EXPECT_EQ(status(id), "Failed");
    EXPECT_EQ(
        deployment(id)->error_message,
        "The ELB could not be updated due to the following error: Primary taskset target group must be behind "
        "listener " + prod
    );
    EXPECT_EQ(green_percent(prod), 100);
}

TEST_F(Course, DeletedThingsEndIt) {
    prepare();
    const auto id = deploy();
    rest(minutes(5));
    ok(delete_deployment_group, R"({"applicationName":"app","deploymentGroupName":"dg"})");
    rest();
    EXPECT_EQ(status(id), "Failed");
    EXPECT_EQ(deployment(id)->error_code, "DEPLOYMENT_GROUP_MISSING");
}

TEST_F(Course, ADeletedServiceEndsIt) {
    prepare();
    const auto id = deploy();
    rest(minutes(5));
    serves = false;
    ok(ecs::delete_service, R"({"service":"web","force":true})");
    rest();
    EXPECT_EQ(status(id), "Failed");
    EXPECT_EQ(deployment(id)->error_code, "INVALID_ECS_SERVICE");
}

TEST_F(Course, CanaryAndLinearMoveByWeightsBehindAnApplicationBalancer) {
    prepare(true, R"({"deploymentConfigName":"CodeDeployDefault.ECSCanary10Percent5Minutes"})");
    const auto canary = deploy();
    rest(minutes(2));
    EXPECT_EQ(green_percent(prod), 10);
    EXPECT_EQ(primary_definition(), "1");
    rest(minutes(6));
    EXPECT_EQ(green_percent(prod), 100);
    EXPECT_EQ(primary_definition(), "2");
    rest(minutes(15));
    EXPECT_EQ(status(canary), "Succeeded");
    const auto linear = *ok(create_deployment, request(app_spec("web:1"),
                            R"(,"deploymentConfigName":"CodeDeployDefault.ECSLinear10PercentEvery1Minutes")")).deployment_id;
    std::set<int> seen{green_percent(prod)};
    for (int i = 0; i < 80; ++i) {
        rest(seconds(10));
        seen.insert(green_percent(prod));
    }
    EXPECT_EQ(seen, (std::set<int>{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}));
    rest(minutes(17));
    EXPECT_EQ(status(linear), "Succeeded");
    EXPECT_EQ(green_percent(prod), 0);
}

TEST_F(Course, TheTestListenerShowsGreenFirst) {
    make_stack();
    const auto test = listener(9000, blue, false);
    rest();
    ok(create_deployment_group, group_request(
        R"({"blueGreenDeploymentConfiguration":{"deploymentReadyOption":{"actionOnTimeout":"STOP_DEPLOYMENT",
            "waitTimeInMinutes":60},"terminateBlueInstancesOnDeploymentSuccess":{"action":"TERMINATE"}},
            "loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"},{"name":"green"}],
            "prodTrafficRoute":{"listenerArns":[")" + prod + R"("]},"testTrafficRoute":{"listenerArns":[")" + test +
        R"("]}}]}})"));
    const auto id = deploy();
    rest();
    EXPECT_EQ(status(id), "Ready");
    EXPECT_EQ(green_percent(prod), 0);
    EXPECT_EQ(green_percent(test), 100);
    EXPECT_NE(events(id).find("AllowTestTraffic=Succeeded AfterAllowTestTraffic=Succeeded"), std::string::npos);
    ok(stop_deployment, R"({"deploymentId":")" + id + R"(","autoRollbackEnabled":true})");
    rest();
    EXPECT_EQ(green_percent(test), 0);
}

TEST_F(Course, AnAlarmStopsItAndRollsBackIfAsked) {
    prepare(false, R"({"alarmConfiguration":{"enabled":true,"alarms":[{"name":"errors"}]},
        "autoRollbackConfiguration":{"enabled":true,"events":["DEPLOYMENT_STOP_ON_ALARM"]}})");
    const auto id = deploy();
    rest(minutes(5));
    EXPECT_EQ(status(id), "InProgress");
    write([&](state::Txn& txn) {
        cloudwatch::AlarmRecord alarm;
        alarm.account = caller.account;
        alarm.region = caller.region;
        alarm.definition.alarm_name = "errors";
        alarm.state = cloudwatch::AlarmState::ALARM;
        txn.put(std::move(alarm));
    });
    rest();
    EXPECT_EQ(status(id), "Stopped");
    EXPECT_EQ(deployment(id)->error_code, "ALARM_ACTIVE");
    EXPECT_EQ(status(deployment(id)->rollback_id), "Succeeded");
    EXPECT_EQ(green_percent(prod), 0);
}

TEST_F(Course, AHookRunsAsATaskAndItsExitCodeDecides) {
    prepare();
    make_hook_family();
    const auto good = deploy("web:2", hooks("BeforeInstall", "migrate"));
    rest(minutes(5));
    EXPECT_EQ(tasks_of(good), 1);
    EXPECT_EQ(deployment(good)->events[0].status, EventStatus::Succeeded);
    rest(minutes(12));
    ASSERT_EQ(status(good), "Succeeded");
    hook_exit = 3;
    const auto bad = deploy("web:1", hooks("AfterAllowTraffic", "migrate"));
    rest();
    EXPECT_EQ(status(bad), "Failed");
    EXPECT_EQ(deployment(bad)->error_code, "HOOK_EXECUTION_FAILURE");
    EXPECT_EQ(deployment(bad)->events.back().error_code, "ScriptFailed");
    EXPECT_NE(deployment(bad)->events.back().message.find("ended with 3"), std::string::npos);
    EXPECT_EQ(status(deployment(bad)->rollback_id), "Succeeded");
    EXPECT_EQ(primary_definition(), "2");
    EXPECT_EQ(green_percent(prod), 100);
    const auto missing = deploy("web:1", hooks("BeforeInstall", "nobody"));
    rest();
    EXPECT_EQ(deployment(missing)->events[0].error_code, "ScriptMissing");
    EXPECT_EQ(deployment(missing)->error_code, "HOOK_EXECUTION_FAILURE");
}

TEST_F(Course, AHookMayTellItsStatusAndHasAnHour) {
    prepare();
    make_hook_family();
    hook_exit = -1;
    const auto told = deploy("web:2", hooks("BeforeInstall", "migrate"));
    rest(minutes(1));
    const auto execution = deployment(told)->events[0].execution;
    ASSERT_FALSE(execution.empty());
    const auto put = [&](const std::string& id, const std::string& status) {
        return R"({"deploymentId":")" + told + R"(","lifecycleEventHookExecutionId":")" + id + R"(","status":")" +
               status + R"("})";
    };
    EXPECT_TRUE(refused(put_lifecycle_event_hook_execution_status, put("x", "Succeeded"))
                    .starts_with("InvalidLifecycleEventHookExecutionIdException: "));
    EXPECT_TRUE(refused(put_lifecycle_event_hook_execution_status, put(execution, "Pending"))
                    .starts_with("InvalidLifecycleEventHookExecutionStatusException: "));
    ok(put_lifecycle_event_hook_execution_status, put(execution, "Succeeded"));
    EXPECT_TRUE(refused(put_lifecycle_event_hook_execution_status, put(execution, "Succeeded"))
                    .starts_with("LifecycleEventAlreadyCompletedException: "));
    rest(minutes(17));
    EXPECT_EQ(status(told), "Succeeded");
    const auto late = deploy("web:1", hooks("BeforeInstall", "migrate"));
    rest(minutes(70));
    EXPECT_EQ(status(late), "Failed");
    EXPECT_EQ(deployment(late)->events[0].error_code, "ScriptTimedOut");
    EXPECT_EQ(deployment(late)->error_code, "TIMEOUT");
}

TEST_F(Course, RevisionsAreInlineAndChecked) {
    prepare();
    const auto refused_with = [&](const std::string& revision) {
        return refused(create_deployment, R"({"applicationName":"app","deploymentGroupName":"dg","revision":)" + revision + "}");
    };
    EXPECT_EQ(
        refused_with(R"({"revisionType":"S3","s3Location":{"bucket":"b","key":"k"}})"),
        "InvalidRevisionException: Gantry does not fetch revisions from S3 yet: send the AppSpec itself, as AppSpecContent."
    );
    EXPECT_EQ(
        refused_with(R"({"revisionType":"AppSpecContent","appSpecContent":{"content":")" + app_spec("web:2") + R"(","sha256":"00"}})"),
        "InvalidRevisionException: The sha256 of the revision does not match its content."
    );
    EXPECT_TRUE(refused_with(R"({"revisionType":"AppSpecContent","appSpecContent":{"sha256":"00"}})")
                    .starts_with("RevisionDoesNotExistException: "));
    ok(register_application_revision, R"({"applicationName":"app","description":"x","revision":{"revisionType":"String",
        "string":{"content":")" + app_spec("web:2") + R"("}}})");
    const auto listed = ok(list_application_revisions, R"({"applicationName":"app"})");
    ASSERT_EQ(listed.revisions->size(), 1u);
    const auto sha = *listed.revisions->front().string->sha256;
    EXPECT_EQ(sha.size(), 64u);
    const auto read = ok(get_application_revision, R"({"applicationName":"app","revision":{"revisionType":"String",
        "string":{"sha256":")" + sha + R"("}}})");
    EXPECT_NE(read.revision->string->content->find("web:2"), std::string::npos);
    EXPECT_EQ(*read.revision_info->description, "x");
    EXPECT_EQ(refused_with(R"({"revisionType":"String","string":{"sha256":")" + sha + R"("}})"), "accepted");
}

}  // namespace
}  // namespace gantry::codedeploy
