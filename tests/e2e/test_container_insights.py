"""Container Insights of real tasks, as the cluster's setting says, and Prometheus's view of them."""

import datetime
import re
import urllib.error
import urllib.request

import pytest

from conftest import until
from test_metrics import fast, now  # noqa: F401: a fixture

SPACE = "ECS/ContainerInsights"


def test_what_the_setting_says_is_measured_and_prometheus_reads_it(fast):  # noqa: F811
    server = fast
    ecs, cloudwatch = server.client("ecs"), server.client("cloudwatch")
    ecs.create_cluster(clusterName="insight", settings=[{"name": "containerInsights", "value": "enabled"}])
    definition = server.register("insight", [{"name": "app", "image": "busybox:latest", "stopTimeout": 2, "command": [
        "sh", "-c", "mkdir /www; httpd -p 80 -h /www; trap exit TERM; while :; do :; done"]}])
    ecs.create_service(cluster="insight", serviceName="app", taskDefinition=definition["taskDefinitionArn"], desiredCount=1,
                       launchType="FARGATE", networkConfiguration=server.network())

    def read(name, statistic, *dimensions):
        end = now(server)
        points = cloudwatch.get_metric_statistics(
            Namespace=SPACE, MetricName=name, Period=60, Statistics=[statistic], StartTime=end - datetime.timedelta(minutes=30),
            EndTime=end, Dimensions=[{"Name": n, "Value": v} for n, v in (("ClusterName", "insight"), *dimensions)])["Datapoints"]
        return [point[statistic] for point in sorted(points, key=lambda p: p["Timestamp"])]
    service = "ServiceName", "app"
    until("it is seen to run", lambda: read("RunningTaskCount", "Maximum", service)[-1:] == [1.0], 120)
    assert read("DesiredTaskCount", "Maximum", service)[-1] == 1
    until("its cluster counts it", lambda: read("TaskCount", "Maximum")[-1:] == [1.0])
    assert read("ServiceCount", "Maximum")[-1] == 1
    until("its processor is measured", lambda: max(read("CpuUtilized", "Average", service), default=0) > 10, 60)
    assert max(read("CpuUtilized", "Average", service)) < 400
    assert set(read("CpuReserved", "Average", ("TaskDefinitionFamily", "insight"))) == {256.0}
    assert 0 < read("MemoryUtilized", "Average")[-1] < 512 == read("MemoryReserved", "Average")[-1]
    task = ecs.list_tasks(cluster="insight")["taskArns"][0]
    address = server.address(server.task(task, "insight"))

    def talked():
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://{address}/", timeout=10)
        return max(read("NetworkTxBytes", "Average", service), default=0) > 0
    until("its network is measured", talked)
    assert max(read("NetworkRxBytes", "Average", service)) > 0
    listed = cloudwatch.list_metrics(Namespace=SPACE)["Metrics"]
    assert not any(d["Name"] == "TaskId" for m in listed for d in m["Dimensions"]), "that is for enhanced"

    def scrape():
        with urllib.request.urlopen(server.environment["AWS_ENDPOINT_URL"] + "/metrics", timeout=10) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return answer.read().decode()
    line = r'^ecs_containerinsights_cpu_reserved_average\{account="\d+",region="[^"]*",cluster_name="insight",service_name="app"\} 256$'
    until("Prometheus sees it", lambda: re.search(line, scrape(), re.MULTILINE))
    for each in scrape().splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{([a-z_0-9]+="([^"\\]|\\.)*",?)+\})? [-+.e0-9a-zA-Z]+', each), each
    assert re.search(r"^gantry_policy_clock_rate 60$", scrape(), re.MULTILINE)

    ecs.update_cluster_settings(cluster="insight", settings=[{"name": "containerInsights", "value": "enhanced"}])
    task = task.rsplit("/", 1)[1]
    until("each task is measured", lambda: read("TaskCpuUtilization", "Average", ("TaskDefinitionFamily", "insight"), ("TaskId", task)))
    ecs.delete_service(cluster="insight", service="app", force=True)
    until("its tasks are gone", lambda: ecs.list_tasks(cluster="insight")["taskArns"] == [], 90)
