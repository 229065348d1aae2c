"""What may happen in the course of a deployment: waits, a test listener, stops, shares of the traffic, hooks. Policy time
is moved by hand where a wait is to be over."""

import pytest
from botocore.exceptions import ClientError

from bluegreen import BlueGreen
from conftest import until
from load import Load, nothing_failed, share
from load import request as get

TEST_PORT = 8106
READY = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}
TERMINATE = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60}


@pytest.fixture(scope="module")
def waits(server):
    """Behind a network load balancer, with a test listener, and waits at both ends."""
    stack = BlueGreen(server, "cd-waits", 8105, test_port=TEST_PORT, ready=READY, terminate=TERMINATE)
    yield stack
    stack.delete()


@pytest.fixture(scope="module")
def shares(server):
    """Behind an application load balancer."""
    stack = BlueGreen(server, "cd-shares", 8107, network=False, terminate={**TERMINATE, "terminationWaitTimeInMinutes": 0})
    yield stack
    stack.delete()


def rolled_back(stack, id, status):
    """Waits until it is Failed or Stopped and its rollback has succeeded; its error."""
    ended = stack.wait(id, status)
    back = stack.wait(ended["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert back["rollbackInfo"]["rollbackTriggeringDeploymentId"] == id
    return ended["errorInformation"]


def test_both_waits_are_continued_by_hand_and_the_test_listener_shows_green_first(waits):
    stack = waits
    with Load(stack.dns, stack.port) as load:
        id = stack.start(stack.register("green"))
        stack.wait_event(id, "Install", "InProgress")
        with pytest.raises(ClientError, match="does not have a status of Ready"):
            stack.deploy.continue_deployment(deploymentId=id, deploymentWaitType="READY_WAIT")
        stack.wait(id, "Ready")
        assert (stack.weights(), stack.weights(stack.test_listener)) == ({"blue": 100, "green": 0}, {"blue": 0, "green": 100})
        until("the test listener shows green", lambda: get(stack.dns, TEST_PORT) == "green")
        assert get(stack.dns, stack.port) == "blue"
        assert stack.health("green") == ["healthy", "healthy"]
        assert {s["taskSetLabel"]: (s["status"], s["trafficWeight"]) for s in stack.target(id)["taskSetsInfo"]} == {
            "Blue": ("PRIMARY", 100.0), "Green": ("ACTIVE", 0.0)}

        stack.deploy.continue_deployment(deploymentId=id, deploymentWaitType="READY_WAIT")
        stack.wait_event(id, "AfterAllowTraffic")
        until("production is green", lambda: get(stack.dns, stack.port) == "green")
        waiting = stack.deployment(id)
        assert (waiting["status"], waiting["instanceTerminationWaitTimeStarted"]) == ("InProgress", True)
        assert stack.health("blue") == ["healthy", "healthy"]  # on its way back, if need be
        with pytest.raises(ClientError, match=f"already has an active Deployment '{id}'"):
            stack.start(stack.register("never"))
        stack.deploy.continue_deployment(deploymentId=id, deploymentWaitType="TERMINATION_WAIT")
        stack.wait(id, "Succeeded")
    nothing_failed(load)
    assert (stack.weights(), stack.weights(stack.test_listener)) == ({"green": 1}, {"green": 1})
    assert stack.health("blue") == []
    with pytest.raises(ClientError) as refused:
        stack.deploy.stop_deployment(deploymentId=id)
    assert refused.value.response["Error"]["Code"] == "DeploymentAlreadyCompletedException"


def test_stopped_with_rollback_traffic_returns_first(waits):
    """Green is PRIMARY since the test before."""
    stack = waits
    with Load(stack.dns, stack.port) as load:
        id = stack.start(stack.register("blue"))
        stack.wait(id, "Ready")
        stack.deploy.continue_deployment(deploymentId=id)
        stack.wait_event(id, "AfterAllowTraffic")
        until("production is blue", lambda: get(stack.dns, stack.port) == "blue")
        assert stack.deploy.stop_deployment(deploymentId=id, autoRollbackEnabled=True)["status"] == "Pending"
        assert rolled_back(stack, id, "Stopped")["code"] == "MANUAL_STOP"
        assert get(stack.dns, stack.port) == "green"
    nothing_failed(load)
    assert (stack.weights(), stack.weights(stack.test_listener)) == ({"green": 1}, {"green": 1})
    assert [s["status"] for s in stack.described()["taskSets"]] == ["PRIMARY"]

    # Nobody continues it: it stops by itself when its hour is over.
    id = stack.start(stack.register("blue"))
    stack.wait(id, "Ready")
    stack.server.gantry("clock", "advance", "1h")
    assert rolled_back(stack, id, "Stopped")["code"] == "TIMEOUT"
    assert (get(stack.dns, stack.port), get(stack.dns, TEST_PORT)) == ("green", "green")
    listed = stack.deploy.list_deployments(applicationName=stack.name, deploymentGroupName=stack.name,
                                           includeOnlyStatuses=["Stopped"])["deployments"]
    assert listed[0] == id and len(listed) == 2


def test_stopped_without_rollback_all_stays_and_the_next_one_clears_up(waits):
    stack = waits
    with Load(stack.dns, stack.port) as load:
        id = stack.start(stack.register("blue"))
        stack.wait(id, "Ready")
        stack.deploy.stop_deployment(deploymentId=id, autoRollbackEnabled=False)
        assert "rollbackDeploymentId" not in stack.wait(id, "Stopped").get("rollbackInfo", {})
        assert sorted(s["status"] for s in stack.described()["taskSets"]) == ["ACTIVE", "PRIMARY"]
        id = stack.start(stack.register("blue"))
        stack.wait(id, "Ready")
        stack.deploy.continue_deployment(deploymentId=id)
        stack.wait_event(id, "AfterAllowTraffic")
        stack.server.gantry("clock", "advance", "1h")
        stack.wait(id, "Succeeded")
    nothing_failed(load)
    assert set(load.bodies) == {"green", "blue"}
    assert [s["status"] for s in stack.described()["taskSets"]] == ["PRIMARY"]


def green_share(stack, requests=2400):
    return share(stack.dns, stack.port, "green", requests)


def test_canary_and_linear_shares(shares):
    stack = shares
    stack.deploy.create_deployment_config(
        deploymentConfigName="canary-30", computePlatform="ECS", trafficRoutingConfig={
            "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 30, "canaryInterval": 30}})
    stack.deploy.create_deployment_config(
        deploymentConfigName="linear-40", computePlatform="ECS", trafficRoutingConfig={
            "type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 40, "linearInterval": 30}})

    id = stack.start(stack.register("green"), deploymentConfigName="canary-30")
    until("green has 30 percent", lambda: stack.weights() == {"blue": 70, "green": 30}, 180)
    until("green is seen", lambda: "green" in {get(stack.dns, stack.port) for _ in range(20)})
    assert abs(green_share(stack) - 30) <= 5
    with Load(stack.dns, stack.port) as load:
        stack.server.gantry("clock", "advance", "30m")
        stack.wait(id, "Succeeded")
    nothing_failed(load)
    assert green_share(stack, 400) == 100

    # And back: now the group called green is the one that loses.
    id = stack.start(stack.register("blue"), deploymentConfigName="linear-40")
    for percent in (40, 80):
        until(f"blue has {percent} percent", lambda: stack.weights() == {"blue": percent, "green": 100 - percent}, 180)
        until("blue is seen", lambda: "blue" in {get(stack.dns, stack.port) for _ in range(20)})
        assert abs(100 - green_share(stack) - percent) <= 5
        stack.server.gantry("clock", "advance", "30m")
    stack.wait(id, "Succeeded")
    assert green_share(stack, 400) == 0


def test_a_network_load_balancer_moves_all_at_once(waits):
    with pytest.raises(ClientError) as refused:
        waits.start(waits.register("never"), deploymentConfigName="CodeDeployDefault.ECSCanary10Percent5Minutes")
    assert refused.value.response["Error"]["Code"] == "InvalidTrafficRoutingConfigurationException"
    assert "Only ALB supports gradual traffic routing" in str(refused.value)


def hook(stack, family, script):
    definition = stack.definition("never")
    container = {**definition["containerDefinitions"][0], "command": [script]}
    return stack.ecs.register_task_definition(**{
        **definition, "family": family, "containerDefinitions": [container]})["taskDefinition"]["family"]


def test_hooks_run_as_tasks_and_decide(shares):
    """A migration before the traffic, as people use hooks; blue is PRIMARY since the test before."""
    stack = shares
    migrate = hook(stack, "migrate", 'case "$DEPLOYMENT_ID" in d-*) ;; *) exit 9 ;; esac; test -n "$LIFECYCLE_EVENT_HOOK_EXECUTION_ID"')
    with Load(stack.dns, stack.port) as load:
        id = stack.start(stack.register("green"), hooks=[("BeforeInstall", migrate), ("BeforeAllowTraffic", migrate)])
        stack.wait(id, "Succeeded")
        assert set(stack.events(id).values()) == {"Succeeded"}

        bad = stack.start(stack.register("blue"), hooks=[("AfterAllowTraffic", hook(stack, "judge", "exit 3"))])
        assert rolled_back(stack, bad, "Failed")["code"] == "HOOK_EXECUTION_FAILURE"
        event = next(e for e in stack.target(bad)["lifecycleEvents"] if e["status"] == "Failed")
        assert event["lifecycleEventName"] == "AfterAllowTraffic"
        assert "ended with 3" in event["diagnostics"]["message"]
        assert get(stack.dns, stack.port) == "green"

        # One that runs on and tells its status, as a function does.
        told = stack.start(stack.register("blue"), hooks=[("AfterInstall", hook(stack, "teller", "exec sleep 600"))])
        stack.wait_event(told, "AfterInstall", "InProgress")
        task = until("its task runs", lambda: stack.ecs.list_tasks(cluster="default", startedBy=told)["taskArns"])[0]
        overrides = stack.ecs.describe_tasks(cluster="default", tasks=[task])["tasks"][0]["overrides"]["containerOverrides"]
        execution = next(e["value"] for e in overrides[0]["environment"] if e["name"] == "LIFECYCLE_EVENT_HOOK_EXECUTION_ID")
        stack.deploy.put_lifecycle_event_hook_execution_status(
            deploymentId=told, lifecycleEventHookExecutionId=execution, status="Succeeded")
        stack.wait(told, "Succeeded")
        stack.server.stop(task)
    nothing_failed(load)


def test_what_ends_a_deployment_is_said(shares):
    """Blue is PRIMARY since the test before."""
    stack = shares
    with Load(stack.dns, stack.port) as load:
        unknown = rolled_back(stack, stack.start(f"{stack.name}:99"), "Failed")
        assert unknown["code"] == "ECS_UPDATE_ERROR" and "TaskDefinition not found." in unknown["message"]

        missing = stack.start(stack.register("green"), hooks=[("BeforeInstall", "nobody")])
        assert rolled_back(stack, missing, "Failed")["code"] == "HOOK_EXECUTION_FAILURE"
        diagnostics = stack.target(missing)["lifecycleEvents"][0]["diagnostics"]
        assert diagnostics["errorCode"] == "ScriptMissing" and "nobody" in diagnostics["message"]

        # Somebody else turns the listener while green waits with a share.
        id = stack.start(stack.register("green"), deploymentConfigName="CodeDeployDefault.ECSCanary10Percent15Minutes")
        until("green has its share", lambda: stack.weights().get("green") == 10, 180)
        stack.elb.modify_listener(ListenerArn=stack.listener, DefaultActions=[
            {"Type": "forward", "TargetGroupArn": stack.groups["blue"]}])
        changed = rolled_back(stack, id, "Failed")
        assert changed["code"] == "ELASTIC_LOAD_BALANCING_INVALID"
        assert "was changed during the deployment" in changed["message"]

        # An alarm that somebody's test sets.
        cloudwatch = stack.server.client("cloudwatch")
        cloudwatch.put_metric_alarm(AlarmName=stack.name, Namespace="test", MetricName="errors", Statistic="Sum", Period=60,
                                    EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold")
        id = stack.start(stack.register("green"), deploymentConfigName="CodeDeployDefault.ECSCanary10Percent15Minutes",
                         overrideAlarmConfiguration={"enabled": True, "alarms": [{"name": stack.name}]},
                         autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]})
        until("green has its share", lambda: stack.weights().get("green") == 10, 180)
        cloudwatch.set_alarm_state(AlarmName=stack.name, StateValue="ALARM", StateReason="test")
        assert rolled_back(stack, id, "Stopped")["code"] == "ALARM_ACTIVE"
        cloudwatch.delete_alarms(AlarmNames=[stack.name])
    nothing_failed(load)
    assert get(stack.dns, stack.port) == "blue"
