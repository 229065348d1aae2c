"""ECS's own deployment strategies, under requests: blue, green and blue again, shares, hooks, pauses, stops and a killed
Gantry. Policy time is moved by hand where a wait is to be over."""

import pytest
from botocore.exceptions import ClientError

from conftest import until
from load import Load, nothing_failed, share
from load import request as get
from shifting import ROLE, Shifting


@pytest.fixture(scope="module")
def behind_network(server):
    stack = Shifting(server, "sh-network", 8121, test_port=8122)
    yield stack
    stack.delete()


@pytest.fixture(scope="module")
def behind_application(server):
    stack = Shifting(server, "sh-app", 8123, network=False)
    yield stack
    stack.delete()


@pytest.mark.parametrize("kind", ["network", "application"])
def test_blue_green_and_back_and_nothing_is_lost(kind, request):
    stack = request.getfixturevalue(f"behind_{kind}")
    assert get(stack.dns, stack.port) == "blue"
    with Load(stack.dns, stack.port) as load:
        stack.update("green", deploymentConfiguration={"bakeTimeInMinutes": 60})
        baking = stack.reach("lifecycleStage", "BAKE_TIME")
        until("production is green", lambda: get(stack.dns, stack.port) == "green")
        assert stack.running() == {"PRIMARY": 2, "ACTIVE": 2}
        assert stack.health("blue") == stack.health("green") == ["healthy", "healthy"]
        assert baking["targetServiceRevision"]["requestedProductionTrafficWeight"] == 100
        assert baking["sourceServiceRevisions"][0]["requestedProductionTrafficWeight"] == 0
        if stack.test_listener:
            assert get(stack.dns, stack.test_port) == "green"
        stack.server.gantry("clock", "advance", "1h")
        stack.reach("status", "SUCCESSFUL")
        assert (stack.health("blue"), stack.health("green")) == ([], ["healthy", "healthy"])
        assert stack.running() == {"PRIMARY": 2}
        stack.server.aws("ecs", "wait", "services-stable", "--cluster", "default", "--services", stack.name)
        # The two groups have changed their parts, and the service is shown as it was given.
        assert stack.described()["loadBalancers"] == stack.balancers
        stack.update("blue", deploymentConfiguration={"bakeTimeInMinutes": 0})
        stack.reach("status", "SUCCESSFUL")
        assert get(stack.dns, stack.port) == "blue"
    nothing_failed(load)
    assert set(load.bodies) == {"blue", "green"}, load.bodies
    assert (stack.health("blue"), stack.health("green")) == (["healthy", "healthy"], [])


@pytest.mark.parametrize("kind", ["network", "application"])
def test_stopped_with_rollback_traffic_returns_first(kind, request):
    stack = request.getfixturevalue(f"behind_{kind}")
    with Load(stack.dns, stack.port) as load:
        arn = stack.update("green", deploymentConfiguration={"bakeTimeInMinutes": 60})
        stack.reach("lifecycleStage", "BAKE_TIME")
        until("production is green", lambda: get(stack.dns, stack.port) == "green")
        stack.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        ended = stack.reach("status", "ROLLBACK_SUCCESSFUL")
        assert "stopped by user" in ended["rollback"]["reason"].lower() or "user" in ended["rollback"]["reason"]
        assert get(stack.dns, stack.port) == "blue"
    nothing_failed(load)
    assert stack.running() == {"PRIMARY": 2}
    assert stack.health("green") == []


def test_an_image_that_is_not_there_trips_the_breaker(behind_network):
    stack = behind_network
    with Load(stack.dns, stack.port, threads=2) as load:
        stack.update("never", image="nobody.invalid/nothing:1", deploymentConfiguration={
            "bakeTimeInMinutes": 0, "deploymentCircuitBreaker": {"enable": True, "rollback": True}})
        ended = stack.reach("status", "ROLLBACK_SUCCESSFUL")
        assert ended["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    nothing_failed(load)
    assert set(load.bodies) == {"blue"}


@pytest.mark.parametrize("kind", ["network", "application"])
def test_canary_and_linear_shares(kind, request):
    stack = request.getfixturevalue(f"behind_{kind}")
    stack.update("green", deploymentConfiguration={
        "strategy": "CANARY", "bakeTimeInMinutes": 0, "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "canaryConfiguration": {"canaryPercent": 30.0, "canaryBakeTimeInMinutes": 30}})
    until("green has 30 percent", lambda: stack.weights() == {"blue": 70, "green": 30}, 240)
    until("green is seen", lambda: "green" in {get(stack.dns, stack.port) for _ in range(20)})
    assert abs(share(stack.dns, stack.port, "green") - 30) <= 5
    now = stack.newest()
    assert now["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT"
    assert now["targetServiceRevision"]["requestedProductionTrafficWeight"] == 30
    with Load(stack.dns, stack.port) as load:
        stack.server.gantry("clock", "advance", "30m")
        stack.reach("status", "SUCCESSFUL")
    nothing_failed(load)
    assert share(stack.dns, stack.port, "green", 400) == 100

    # And back: now the group called green is the one that loses.
    stack.update("blue", deploymentConfiguration={
        "strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 30}})
    for percent in (40, 80):
        until(f"blue has {percent} percent", lambda: stack.weights() == {"blue": percent, "green": 100 - percent}, 240)
        until("blue is seen", lambda: "blue" in {get(stack.dns, stack.port) for _ in range(20)})
        assert abs(share(stack.dns, stack.port, "blue") - percent) <= 5
        stack.server.gantry("clock", "advance", "30m")
    stack.reach("status", "SUCCESSFUL")
    assert share(stack.dns, stack.port, "blue", 400) == 100


def hook(stack, family, script):
    definition = stack.definition("never")
    container = {**definition["containerDefinitions"][0], "command": [script]}
    stack.ecs.register_task_definition(**{**definition, "family": family, "containerDefinitions": [container]})
    return {"hookTargetArn": f"arn:aws:lambda:us-east-1:123456789012:function:{family}", "roleArn": ROLE}


def test_hooks_run_as_tasks_and_decide(behind_application):
    stack = behind_application
    migrate = hook(stack, "sh-migrate", 'case "$SERVICE_DEPLOYMENT_ARN" in *service-deployment/*) ;; *) exit 9 ;; esac; '
                                        'test "$HOOK_DETAILS" = \'{"a":1}\' && test -n "$LIFECYCLE_STAGE"')
    plain = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}
    with Load(stack.dns, stack.port, threads=2) as load:
        stack.update("green", deploymentConfiguration={**plain, "lifecycleHooks": [
            {**migrate, "hookDetails": {"a": 1}, "lifecycleStages": ["PRE_SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT"]}]})
        stack.reach("status", "SUCCESSFUL")
        stack.update("blue", deploymentConfiguration={**plain, "lifecycleHooks": [
            {**hook(stack, "sh-judge", "exit 3"), "lifecycleStages": ["POST_PRODUCTION_TRAFFIC_SHIFT"]}]})
        ended = stack.reach("status", "ROLLBACK_SUCCESSFUL")
        assert "ended with 3" in ended["statusReason"], ended
        assert get(stack.dns, stack.port) == "green"
        stack.update("blue", deploymentConfiguration={**plain, "lifecycleHooks": []})
        stack.reach("status", "SUCCESSFUL")
    nothing_failed(load)


STAGES = ["PRE_SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT",
          "POST_PRODUCTION_TRAFFIC_SHIFT"]


def test_killed_in_every_stage_it_goes_on(behind_network):
    stack, server = behind_network, behind_network.server

    def killed():
        server.kill()
        assert get(stack.dns, stack.port) in ("blue", "green")  # it serves on
        server.start()
    with Load(stack.dns, stack.port, threads=2, pause=0.02) as load:
        stack.update("green", deploymentConfiguration={
            "strategy": "CANARY", "bakeTimeInMinutes": 60,
            "canaryConfiguration": {"canaryPercent": 50.0, "canaryBakeTimeInMinutes": 60},
            "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": STAGES}]})
        killed()
        for stage in STAGES[:5]:
            pause = stack.paused(stage)
            killed()
            assert stack.paused(stage) == pause  # the same one, not another
            stack.go_on(pause)
            if stage == "PRE_SCALE_UP":
                stack.reach("lifecycleStage", "SCALE_UP")
                killed()
        until("half is green's", lambda: stack.weights() == {"blue": 50, "green": 50})
        killed()
        server.gantry("clock", "advance", "1h")
        stack.go_on(stack.paused(STAGES[5]))
        stack.reach("lifecycleStage", "BAKE_TIME")
        killed()
        server.gantry("clock", "advance", "1h")
        killed()
        stack.reach("status", "SUCCESSFUL")

        # And on its way back.
        stack.update("blue", deploymentConfiguration={"lifecycleHooks": [
            {"targetType": "PAUSE", "lifecycleStages": ["POST_PRODUCTION_TRAFFIC_SHIFT"]}]})
        until("half is blue's", lambda: stack.weights() == {"blue": 50, "green": 50}, 240)
        server.gantry("clock", "advance", "1h")
        stack.go_on(stack.paused("POST_PRODUCTION_TRAFFIC_SHIFT"), action="ROLLBACK")
        killed()
        stack.reach("status", "ROLLBACK_SUCCESSFUL")
        with pytest.raises(ClientError, match="has no lifecycle hook"):
            stack.go_on("none")
    nothing_failed(load)
    assert get(stack.dns, stack.port) == "green"
    assert stack.running() == {"PRIMARY": 2}
