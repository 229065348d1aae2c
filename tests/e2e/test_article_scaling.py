"""The article's stack scales by its own alarms and policies, on the real load of real containers, two tasks out to four and back."""

import datetime
import http.client
import json
import shutil
import subprocess
import threading

import pytest

from conftest import make_server, until
from test_article import ROOT, STACK, health
from test_terraform import Terraform, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

RESOURCE = "service/test-nginx-cluster/test-nginx"


@pytest.fixture
def server(tmp_path_factory):
    """Of its own: the article names its first revision."""
    server = make_server(tmp_path_factory, ["--listen", "127.0.0.1:4583"])
    yield server
    server.down()


class Work:
    """Requests that cost the servers processor time, as many at once as there are threads; a connection for each, so that the
    balancer spreads them over the tasks it has at the time."""

    def __init__(self, address, port, threads=8):
        self.target = (address, port)
        self.answered = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self):
        while not self._over.is_set():
            connection = http.client.HTTPConnection(*self.target, timeout=30)
            try:
                connection.request("GET", "/work", headers={"Accept-Encoding": "gzip"})
                if connection.getresponse().read():
                    self.answered += 1
            except OSError:
                self._over.wait(0.1)
            finally:
                connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failed):
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=60)


def test_one_unbroken_alarm_scales_out_and_one_back_in(server, tmp_path):
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    # The article's maximum of 12 would need six cores to be reached. And of three tasks the third gets its first request after half
    # an hour of policy time (health checks go by real time): two at their limit are 66 % of three then, on a machine that is idle
    # besides. The article's threshold of 60 % would say more of the machine than of Gantry.
    subprocess.run(["sed", "-i", "-e", "s/max_capacity       = 12/max_capacity       = 4/",
                    "-e", 's/threshold           = "60"/threshold           = "45"/', str(folder / "autoscaling.tf")], check=True)
    # Half of the article's processor, so that all four tasks and those who ask them find room on two cores.
    definition = json.loads((ROOT / "examples" / "article" / "task-definitions.json").read_text())
    definition.update(cpu="256", memory="2048")
    (tmp_path / "definition.json").write_text(json.dumps(definition))
    server.aws("ecs", "register-task-definition", "--cli-input-json", f"file://{tmp_path}/definition.json")
    terraform = Terraform(server, folder)
    terraform("apply", "-auto-approve")
    until("both targets are healthy", lambda: health(server) == 2, 180)
    outputs = json.loads(terraform("output", "-json").stdout)
    front = outputs["lb_dns_name"]["value"], outputs["listener_port"]["value"]
    ecs, scaling, cloudwatch = (server.client(name) for name in ("ecs", "application-autoscaling", "cloudwatch"))

    def service():
        return ecs.describe_services(cluster="test-nginx-cluster", services=["test-nginx"])["services"][0]

    def activities():
        return scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=RESOURCE,
                                                   IncludeNotScaledActivities=True)["ScalingActivities"]

    def not_scaled(code):
        return any(reason["Code"] == code for one in activities() for reason in one.get("NotScaledReasons", []))

    def states(alarm):
        """Its state updates, oldest first."""
        items = cloudwatch.describe_alarm_history(AlarmName=alarm, HistoryItemType="StateUpdate", ScanBy="TimestampAscending")
        return [(item["Timestamp"], item["HistorySummary"].split(" to ")[1]) for item in items["AlarmHistoryItems"]]

    # A minute of policy time is a second.
    server.gantry("clock", "rate", "60")
    until("idle tasks are at the minimum, and stay there", lambda: not_scaled("AlreadyAtMinCapacity"), 180)
    assert service()["desiredCount"] == 2

    with Work(*front) as work:
        until("four tasks are wanted", lambda: service()["desiredCount"] == 4, 300)
        grown = states("cpu_utilization_high")
        assert [state for _, state in grown if state == "ALARM"] == ["ALARM"], f"the alarm was interrupted: {grown}"
        until("four tasks run and are healthy", lambda: service()["runningCount"] == health(server) == 4, 300)
        until("the alarm goes on at the maximum", lambda: not_scaled("AlreadyAtMaxCapacity"), 300)
        assert service()["desiredCount"] == 4
    assert work.answered > 0

    low = len(states("cpu_utilization_low"))
    until("two tasks are wanted", lambda: service()["desiredCount"] == 2, 300)
    shrunk = states("cpu_utilization_low")[low:]
    assert [state for _, state in shrunk] in (["ALARM"], []), f"the alarm was interrupted: {shrunk}"
    until("two tasks run", lambda: service()["runningCount"] == 2, 300)
    server.gantry("clock", "rate", "1")

    done = [one for one in reversed(activities()) if one["Description"].startswith("Setting")]
    assert [one["Description"] for one in done] == [f"Setting desired count to {n}." for n in (3, 4, 3, 2)]
    assert [one["Cause"] for one in done] == [f"monitor alarm cpu_utilization_{alarm} in state ALARM triggered policy scale_{policy}"
                                             for alarm, policy in (("high", "up"), ("high", "up"), ("low", "down"), ("low", "down"))]
    for earlier, later in zip(done, done[1:]):
        assert later["StartTime"] - earlier["StartTime"] >= datetime.timedelta(seconds=600), "within the cool-down"
    terraform.assert_no_drift()
    terraform("destroy", "-auto-approve")
