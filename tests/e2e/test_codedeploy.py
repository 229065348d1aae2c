"""Deployments of CodeDeploy, by the aws CLI and boto3, under requests: blue, green and blue again, and what goes wrong.
Policy time runs fast, so that a minute of waiting is a second; probes and drains take the time that they take."""

import pytest
from botocore.exceptions import ClientError

from bluegreen import BlueGreen
from conftest import until
from load import Load, nothing_failed
from load import request as get


@pytest.fixture(scope="module")
def fast(server):
    server.gantry("clock", "rate", "60")
    yield server
    server.gantry("clock", "rate", "1")


@pytest.fixture(scope="module")
def behind_network(fast):
    stack = BlueGreen(fast, "cd-network", 8101)
    yield stack
    stack.delete()


@pytest.fixture(scope="module")
def behind_application(fast):
    stack = BlueGreen(fast, "cd-app", 8103, network=False)
    yield stack
    stack.delete()


@pytest.mark.parametrize("kind", ["network", "application"])
def test_ecs_deploy_goes_to_green_and_back_and_nothing_is_lost(kind, request):
    stack = request.getfixturevalue(f"behind_{kind}")
    assert get(stack.dns, stack.port) == "blue"
    with Load(stack.dns, stack.port) as load:
        printed = stack.ecs_deploy("green")
        assert f"to service '{stack.name}'" in printed, printed
        assert get(stack.dns, stack.port) == "green"
        assert stack.weights()["green"] > 0 and stack.weights().get("blue", 0) == 0
        assert (stack.health("blue"), stack.health("green")) == ([], ["healthy", "healthy"])
        id = stack.start(stack.register("blue"))
        with pytest.raises(ClientError, match=f"already has an active Deployment '{id}'"):
            stack.start(stack.register("never"))
        stack.server.aws("deploy", "wait", "deployment-successful", "--deployment-id", id)
        assert get(stack.dns, stack.port) == "blue"
    nothing_failed(load)
    assert set(load.bodies) == {"blue", "green"}, load.bodies
    assert set(stack.events(id).values()) == {"Succeeded"}
    service = stack.described()
    assert [s["status"] for s in service["taskSets"]] == ["PRIMARY"]
    assert service["loadBalancers"][0]["targetGroupArn"] == stack.groups["blue"]
    if kind == "network":
        assert stack.weights() == {"blue": 1}
    assert stack.deploy.list_deployments(applicationName=stack.name, deploymentGroupName=stack.name,
                                         includeOnlyStatuses=["Succeeded"])["deployments"][0] == id


def test_an_image_that_is_not_there_is_rolled_back(behind_network):
    stack = behind_network
    assert get(stack.dns, stack.port) == "blue"
    with Load(stack.dns, stack.port) as load:
        id = stack.start(stack.register("never", image="nobody.invalid/nothing:1"))
        stack.wait_event(id, "Install", "InProgress")
        until("a start has failed", lambda: any(
            "unable" in e["message"] or "failed" in e["message"] for e in stack.described()["events"]), 120)
        stack.server.gantry("clock", "advance", "1h")
        failed = stack.wait(id, "Failed")
        assert failed["errorInformation"]["code"] == "TIMEOUT"
        back = stack.wait(failed["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    nothing_failed(load)
    assert set(load.bodies) == {"blue"}
    assert (back["creator"], back["rollbackInfo"]["rollbackTriggeringDeploymentId"]) == ("codeDeployRollback", id)
    assert [s["status"] for s in stack.described()["taskSets"]] == ["PRIMARY"]
    assert stack.weights() == {"blue": 1}
