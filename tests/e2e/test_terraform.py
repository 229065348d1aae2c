"""Terraform with the official AWS provider: a stack is applied, does not drift, works, changes and goes without a trace."""

import glob
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from test_task import log_lines
from conftest import until

STACK = pathlib.Path(__file__).parent / "foundation"


def plugin_folder():
    """Where the AWS provider lies on this machine: a folder with registry.terraform.io/hashicorp/aws."""
    named = os.environ.get("GANTRY_TEST_TERRAFORM_PLUGINS")
    candidates = [named] if named else [
        os.path.dirname(path) for pattern in ("/*/*/registry.terraform.io", "/usr/*/terraform/plugins/registry.terraform.io",
                                              os.path.expanduser("~/.terraform.d/plugins/registry.terraform.io"))
        for path in glob.glob(pattern)]
    return next((folder for folder in candidates
                 if glob.glob(f"{folder}/registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws*")), None)


def why_not():
    if shutil.which("terraform") is None:
        return "terraform is not installed"
    return "" if plugin_folder() else "the AWS provider is not installed (GANTRY_TEST_TERRAFORM_PLUGINS names its folder)"


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


class Terraform:
    def __init__(self, server, folder):
        self.folder = folder
        self.environment = {k: v for k, v in server.environment.items() if not k.startswith("TF_")}
        self.environment.update(TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1", AWS_EC2_METADATA_DISABLED="true")
        self("init", f"-plugin-dir={plugin_folder()}")

    def __call__(self, *words, codes=(0,)):
        done = subprocess.run(["terraform", words[0], "-no-color", "-input=false", *words[1:]] if words[0] != "output"
                              else ["terraform", *words],
                              cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600,
                              stdin=subprocess.DEVNULL)
        assert done.returncode in codes, f"terraform {words}: {done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done

    def assert_no_drift(self):
        plan = self("plan", "-detailed-exitcode", codes=(0, 1, 2))
        assert plan.returncode == 0, plan.stdout[-6000:] + plan.stderr[-3000:]


def left(server):
    """What a stack could leave behind, by kind."""
    ec2, ecs, iam, logs = (server.client(name) for name in ("ec2", "ecs", "iam", "logs"))
    return {
        "vpcs": [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]],
        "subnets": [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]],
        "gateways": [g["InternetGatewayId"] for g in ec2.describe_internet_gateways()["InternetGateways"]],
        "tables": [t["RouteTableId"] for t in ec2.describe_route_tables()["RouteTables"]],
        "groups": [g["GroupId"] for g in ec2.describe_security_groups(
            Filters=[{"Name": "tag:Stack", "Values": ["foundation"]}])["SecurityGroups"]],
        "roles": [r["RoleName"] for r in iam.list_roles()["Roles"]],
        "policies": [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]],
        "logs": [g["logGroupName"] for g in logs.describe_log_groups(logGroupNamePrefix="forever-")["logGroups"]] +
                [g["logGroupName"] for g in logs.describe_log_groups(logGroupNamePrefix="/ecs/foundation")["logGroups"]],
        "clusters": [c for c in ecs.list_clusters()["clusterArns"] if "foundation" in c],
        "definitions": ecs.list_task_definitions(familyPrefix="foundation", status="ACTIVE")["taskDefinitionArns"],
    }


def test_a_stack_is_applied_does_not_drift_runs_and_goes(server, tmp_path):
    before = left(server)
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    terraform = Terraform(server, folder)
    terraform("apply", "-auto-approve")
    terraform.assert_no_drift()

    made = json.loads(terraform("output", "-json").stdout)["run"]["value"]
    network = {"awsvpcConfiguration": {"subnets": [made["subnet"]], "securityGroups": [made["group"]],
                                       "assignPublicIp": "ENABLED"}}
    # No launch type: the cluster's default capacity provider strategy decides.
    answer = server.client("ecs").run_task(cluster=made["cluster"], taskDefinition=made["definition"],
                                           networkConfiguration=network)
    assert answer["failures"] == []
    arn = answer["tasks"][0]["taskArn"]
    task = server.wait_status(arn, "RUNNING", made["cluster"])
    assert task["capacityProviderName"] == "FARGATE"
    until("its line", lambda: log_lines(server, "/ecs/foundation", f"app/app/{arn.rsplit('/')[-1]}") == ["hello"])
    # What runs in it is no drift of it.
    terraform.assert_no_drift()
    server.stop(arn, made["cluster"])

    # A change makes a new revision; the old one is deregistered.
    terraform("apply", "-auto-approve", "-var", "image=busybox:1")
    changed = json.loads(terraform("output", "-json").stdout)["run"]["value"]
    assert changed["definition"].endswith(":2")
    old = server.client("ecs").describe_task_definition(taskDefinition=made["definition"])["taskDefinition"]
    assert old["status"] == "INACTIVE"

    terraform("destroy", "-auto-approve", "-var", "image=busybox:1")
    assert left(server) == before
