"""Gantry killed with SIGKILL once in each lifecycle event and each wait of one deployment: it goes on where it was, and
the traffic does not notice."""

import pytest

from bluegreen import BlueGreen
from conftest import make_server
from load import Load, nothing_failed
from load import request as get

READY = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}
TERMINATE = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60}
HOOKS = ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    server = make_server(tmp_path_factory, ["--listen", "127.0.0.1:4581"])
    stack = BlueGreen(server, "cd-kill", 8110, network=False, test_port=8111, ready=READY, terminate=TERMINATE)
    yield stack
    stack.delete()
    server.down()


def test_killed_in_every_lifecycle_event_it_goes_on(stack):
    server = stack.server
    stack.deploy.create_deployment_config(
        deploymentConfigName="half", computePlatform="ECS", trafficRoutingConfig={
            "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 50, "canaryInterval": 60}})
    # A hook runs until its status is put, so that each event lasts until the server has been killed in it.
    definition = stack.definition("never")
    container = {**definition["containerDefinitions"][0], "command": ["exec sleep 600"]}
    stack.ecs.register_task_definition(**{**definition, "family": "hook", "containerDefinitions": [container]})

    def killed():
        server.kill()
        assert get(stack.dns, stack.port) in ("blue", "green")  # it serves on
        server.start()

    def hook(id, event):
        stack.wait_event(id, event, "InProgress")
        killed()
        task = stack._until(id, f"the task of {event} runs", lambda: stack.ecs.list_tasks(
            cluster="default", startedBy=id)["taskArns"], 60)
        assert len(task) == 1, task  # one, not another one after the kill
        overrides = stack.ecs.describe_tasks(cluster="default", tasks=task)["tasks"][0]["overrides"]["containerOverrides"]
        execution = next(e["value"] for e in overrides[0]["environment"] if e["name"] == "LIFECYCLE_EVENT_HOOK_EXECUTION_ID")
        stack.deploy.put_lifecycle_event_hook_execution_status(
            deploymentId=id, lifecycleEventHookExecutionId=execution, status="Succeeded")
        stack.ecs.stop_task(cluster="default", task=task[0])
        stack._until(id, "the hook's task is gone", lambda: task[0] not in stack.ecs.list_tasks(
            cluster="default", startedBy=id)["taskArns"], 60)

    with Load(stack.dns, stack.port, threads=2, pause=0.02) as load:
        id = stack.start(stack.register("green"), hooks=[(event, "hook") for event in HOOKS], deploymentConfigName="half")
        killed()
        hook(id, "BeforeInstall")
        stack.wait_event(id, "Install", "InProgress")
        killed()
        hook(id, "AfterInstall")
        hook(id, "AfterAllowTestTraffic")
        assert stack.weights(stack.test_listener) == {"blue": 0, "green": 100}
        stack.wait(id, "Ready")
        killed()
        stack.deploy.continue_deployment(deploymentId=id)
        hook(id, "BeforeAllowTraffic")
        stack.wait_event(id, "AllowTraffic", "InProgress")
        killed()
        assert stack.weights() == {"blue": 50, "green": 50}
        server.gantry("clock", "advance", "1h")
        hook(id, "AfterAllowTraffic")
        stack._until(id, "blue waits", lambda: stack.deployment(id)["instanceTerminationWaitTimeStarted"], 60)
        killed()
        stack.deploy.continue_deployment(deploymentId=id, deploymentWaitType="TERMINATION_WAIT")
        killed()
        stack.wait(id, "Succeeded")
    nothing_failed(load)
    assert set(load.bodies) == {"blue", "green"}
    assert set(stack.events(id).values()) == {"Succeeded"}
    assert [s["status"] for s in stack.described()["taskSets"]] == ["PRIMARY"]


def test_killed_while_it_rolls_back(stack):
    """Green is PRIMARY since the test before."""
    with Load(stack.dns, stack.port, threads=2, pause=0.02) as load:
        id = stack.start(stack.register("blue"), deploymentConfigName="half")
        stack.wait(id, "Ready")
        stack.deploy.continue_deployment(deploymentId=id)
        stack.wait_event(id, "AllowTraffic", "InProgress")
        stack.deploy.stop_deployment(deploymentId=id, autoRollbackEnabled=True)
        stack.server.kill()
        stack.server.start()
        stopped = stack.wait(id, "Stopped")
        stack.wait(stopped["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    nothing_failed(load)
    assert get(stack.dns, stack.port) == "green"
