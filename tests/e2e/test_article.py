"""The article's stack by terraform: applied, no drift, changed, no drift, destroyed, and nothing is left."""

import json
import pathlib
import shutil
import subprocess

import pytest

import traces
from conftest import make_server, until
from test_task import fetch
from test_terraform import Terraform, why_not

ROOT = pathlib.Path(__file__).resolve().parents[2]
STACK = ROOT / "examples" / "bluegreen" / "stack"

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def change(folder):
    """The changes of article.sed, as the article's reader would make them."""
    subprocess.run(["sed", "-i", "-f", str(ROOT / "tests" / "e2e" / "article.sed"), *map(str, sorted(folder.glob("*.tf")))], check=True,
                   stdin=subprocess.DEVNULL)


def before_it(server):
    """The traces of a server that has come to rest."""
    last = {}

    def at_rest():
        nonlocal last
        now = traces.taken(server)
        same, last = now == last, now
        return same
    until("the server has come to rest", at_rest, 120)
    return last


def wait_gone(server, before):
    found = []

    def gone():
        nonlocal found
        found = traces.left(before, traces.taken(server))
        return not found
    try:
        until("nothing is left", gone, 120)
    except AssertionError as late:
        raise AssertionError("\n".join([str(late), *found, server.log_tail()])) from None


def health(server):
    elbv2 = server.client("elbv2")
    group = elbv2.describe_target_groups(Names=["blue-nlb-tg"])["TargetGroups"][0]["TargetGroupArn"]
    states = [one["TargetHealth"]["State"] for one in elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]]
    return states.count("healthy")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Of its own: the article names its first revision."""
    server = make_server(tmp_path_factory, ["--listen", "127.0.0.1:4579"])
    yield server
    server.down()


@pytest.mark.parametrize("definition", ["cli", "terraform"])
def test_the_stack_is_applied_does_not_drift_changes_and_leaves_nothing(server, tmp_path, definition):
    before = before_it(server)
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    if definition == "cli":
        server.aws("ecs", "register-task-definition", "--cli-input-json", f"file://{ROOT}/examples/article/task-definitions.json")
    else:
        (folder / "terraform.tfvars").write_text("terraform_task_definition = true\n")
    terraform = Terraform(server, folder)
    terraform("apply", "-auto-approve")
    terraform.assert_no_drift()

    # `aws ecs deploy` reads both waits without a default.
    group = server.client("codedeploy").get_deployment_group(
        applicationName="test-ecs", deploymentGroupName="test-bg-deploy-dg")["deploymentGroupInfo"]
    waits = group["blueGreenDeploymentConfiguration"]
    assert waits["deploymentReadyOption"]["waitTimeInMinutes"] == 0
    assert waits["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"] == 10
    assert group["outdatedInstancesStrategy"] == "UPDATE"

    # It serves, and that is no drift of it.
    until("both targets are healthy", lambda: health(server) == 2, 180)
    outputs = json.loads(terraform("output", "-json").stdout)
    assert fetch(outputs["lb_dns_name"]["value"], outputs["listener_port"]["value"]).strip() == "blue"
    terraform.assert_no_drift()

    change(folder)
    terraform("apply", "-auto-approve")
    terraform.assert_no_drift()
    scaling, cloudwatch = server.client("application-autoscaling"), server.client("cloudwatch")
    assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]["MaxCapacity"] == 10
    assert {a["Threshold"] for a in cloudwatch.describe_alarms(AlarmNames=["cpu_utilization_high"])["MetricAlarms"]} == {70.0}
    assert health(server) == 2

    terraform("destroy", "-auto-approve")
    if definition == "cli":
        server.aws("ecs", "deregister-task-definition", "--task-definition", "test-nginx:1")
    wait_gone(server, before)
