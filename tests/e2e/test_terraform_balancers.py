"""Terraform with the official AWS provider: load balancers are applied, do not drift, change and go without a trace."""

import pathlib
import shutil

import pytest

from test_terraform import Terraform, why_not

STACK = pathlib.Path(__file__).parent / "balancers"

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def left(server):
    elbv2, ec2 = server.client("elbv2"), server.client("ec2")
    return {
        "balancers": elbv2.describe_load_balancers()["LoadBalancers"],
        "groups": elbv2.describe_target_groups()["TargetGroups"],
        "interfaces": [i["Description"] for i in ec2.describe_network_interfaces()["NetworkInterfaces"]
                       if i["Description"].startswith("ELB ")],
        "security_groups": [g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]],
    }


def test_balancers_are_applied_do_not_drift_change_and_go(server, tmp_path):
    before = left(server)
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    terraform = Terraform(server, folder)
    terraform("apply", "-auto-approve")
    terraform.assert_no_drift()
    elbv2 = server.client("elbv2")
    net = elbv2.describe_load_balancers(Names=["balancers-net"])["LoadBalancers"][0]
    assert "loadbalancer/net/balancers-net/" in net["LoadBalancerArn"]
    used = elbv2.describe_target_groups(Names=["balancers-tcp-0"])["TargetGroups"][0]
    assert used["LoadBalancerArns"] == [net["LoadBalancerArn"]]
    health = elbv2.describe_target_health(TargetGroupArn=used["TargetGroupArn"])["TargetHealthDescriptions"]
    assert [(one["Target"]["Id"], one["Target"]["Port"]) for one in health] == [("172.31.0.77", 81)]
    assert len(left(server)["interfaces"]) == len(before["interfaces"]) + len(net["AvailabilityZones"]) + 2

    terraform("apply", "-auto-approve", "-var", "step=2")
    plan = terraform("plan", "-detailed-exitcode", "-var", "step=2", codes=(0, 1, 2))
    assert plan.returncode == 0, plan.stdout[-6000:] + plan.stderr[-3000:]
    terraform("destroy", "-auto-approve", "-var", "step=2")
    assert left(server) == before
