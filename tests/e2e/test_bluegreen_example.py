"""examples/bluegreen as its readers run it, by the aws CLI alone: deployed, every request answered, scaled, deleted."""

import re
import subprocess

import pytest

from conftest import ROOT, make_server


@pytest.fixture
def server(tmp_path_factory):
    """Of its own: the example names what it makes."""
    server = make_server(tmp_path_factory, ["--listen", "127.0.0.1:4582"])
    yield server
    server.down()


def test_the_example_deploys_green_and_deletes_itself(server):
    def run(*words):
        done = subprocess.run([ROOT / "examples" / "bluegreen" / "run.sh", "--data-dir", server.data_dir, *words],
                              capture_output=True, text=True, timeout=900, stdin=subprocess.DEVNULL, env=server.environment)
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{server.log_tail()}"
        return done.stdout
    printed = run("--no-terraform")
    total = re.search(r"^ total +blue (\d+) +green (\d+) +failed (\d+)$", printed, re.MULTILINE)
    assert total and int(total[1]) > 0 and int(total[2]) > 0 and total[3] == "0", printed
    for stage in ("Install", "Succeeded"):
        assert stage in printed, printed
    tasks = [int(wanted) for wanted in re.findall(r" of (\d+) tasks ", printed)]
    assert tasks[0] == 2 and max(tasks) > 2 and tasks[-1] == 2, printed
    for alarm, policy in (("high", "up"), ("low", "down")):
        assert f"monitor alarm cpu_utilization_{alarm} in state ALARM triggered policy scale_{policy}" in printed, printed
    run("--delete")
    assert server.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert server.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert len(server.client("ec2").describe_vpcs()["Vpcs"]) == 1  # the default one
