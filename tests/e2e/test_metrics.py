"""CloudWatch on real load: containers are measured, alarms judge it, policies scale the service out and back in."""

import datetime
import urllib.request

import pytest

from conftest import until

# Burns processor time from /cgi-bin/on until /cgi-bin/off.
BURNER = """mkdir -p /www/cgi-bin && cd /www/cgi-bin
printf '#!/bin/sh\\ntouch /burn\\necho; echo on\\n' > on
printf '#!/bin/sh\\nrm -f /burn\\necho; echo off\\n' > off
chmod +x on off; httpd -p 80 -h /www
while :; do while [ -e /burn ]; do :; done; sleep 0.1; done"""
TASK = [{"name": "app", "image": "busybox:latest", "command": ["sh", "-c", BURNER], "stopTimeout": 2}]
RESOURCE = {"ServiceNamespace": "ecs", "ResourceId": "service/default/burner", "ScalableDimension": "ecs:service:DesiredCount"}
DIMENSIONS = [{"Name": "ClusterName", "Value": "default"}, {"Name": "ServiceName", "Value": "burner"}]


@pytest.fixture
def fast(server):
    """A minute of policy time passes in a second."""
    server.gantry("clock", "rate", "60")
    yield server
    server.gantry("clock", "rate", "1")


def now(server):
    """Policy time, as the API tells it."""
    text = server.gantry("clock", "now").stdout
    return datetime.datetime.fromisoformat(text.split()[2].replace("Z", "+00:00"))


def test_what_is_put_is_listed_and_computed(server):
    cloudwatch = server.client("cloudwatch")
    end = now(server).replace(second=0, microsecond=0)
    minute = datetime.timedelta(minutes=1)
    data = [{"MetricName": "latency", "Dimensions": [{"Name": "api", "Value": "a"}], "Unit": "Milliseconds",
             "Timestamp": end - i * minute, "Values": [10.0 * i + j for j in range(10)], "Counts": [2.0] * 10} for i in range(1, 4)]
    # Large enough that boto compresses it.
    padding = [{"MetricName": f"padding-{i}", "Value": i, "Timestamp": end - minute} for i in range(300)]
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=data + padding)
    listed = cloudwatch.list_metrics(Namespace="Shop", MetricName="latency")["Metrics"]
    assert listed == [{"Namespace": "Shop", "MetricName": "latency", "Dimensions": [{"Name": "api", "Value": "a"}]}]
    names = [m["MetricName"] for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace="Shop") for m in page["Metrics"]]
    assert len(names) == 301
    one = {"Namespace": "Shop", "MetricName": "latency", "Dimensions": [{"Name": "api", "Value": "a"}]}
    points = cloudwatch.get_metric_statistics(**one, StartTime=end - 10 * minute, EndTime=end, Period=60,
                                              Statistics=["Average", "SampleCount"])["Datapoints"]
    assert sorted((p["Timestamp"], p["Average"], p["SampleCount"], p["Unit"]) for p in points) == [
        (end - i * minute, 10.0 * i + 4.5, 20.0, "Milliseconds") for i in (3, 2, 1)]
    tail = cloudwatch.get_metric_statistics(**one, StartTime=end - 10 * minute, EndTime=end, Period=600,
                                            ExtendedStatistics=["p50", "p99.9"])["Datapoints"]
    assert tail[0]["ExtendedStatistics"] == {"p50": 24.0, "p99.9": 39.0}
    answer = cloudwatch.get_metric_data(StartTime=end - 10 * minute, EndTime=end, MetricDataQueries=[
        {"Id": "m", "MetricStat": {"Metric": one, "Period": 60, "Stat": "Maximum"}, "ReturnData": False},
        {"Id": "seconds", "Expression": "m / 1000", "Label": "slowest"}])["MetricDataResults"]
    assert [(r["Id"], r["Label"], r["Values"]) for r in answer] == [("seconds", "slowest", [0.019, 0.029, 0.039])]


def test_real_load_scales_a_service_out_and_back_in(fast):
    server = fast
    ecs, scaling, cloudwatch = (server.client(name) for name in ("ecs", "application-autoscaling", "cloudwatch"))
    definition = server.register("burner", TASK)
    ecs.create_service(cluster="default", serviceName="burner", taskDefinition=definition["taskDefinitionArn"], desiredCount=2,
                       launchType="FARGATE", networkConfiguration=server.network())
    scaling.register_scalable_target(**RESOURCE, MinCapacity=2, MaxCapacity=4)
    policies = {}
    for name, bound, change in (("up", "MetricIntervalLowerBound", 2), ("down", "MetricIntervalUpperBound", -2)):
        policies[name] = scaling.put_scaling_policy(
            **RESOURCE, PolicyName=name, PolicyType="StepScaling", StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity", "Cooldown": 600, "MetricAggregationType": "Average",
                "StepAdjustments": [{bound: 0, "ScalingAdjustment": change}]})["PolicyARN"]

    def service():
        return ecs.describe_services(cluster="default", services=["burner"])["services"][0]

    def addresses():
        arns = ecs.list_tasks(cluster="default", serviceName="burner", desiredStatus="RUNNING")["taskArns"]
        return [server.address(task) for task in ecs.describe_tasks(cluster="default", tasks=arns)["tasks"]]

    def switch(what):
        for address in addresses():
            urllib.request.urlopen(f"http://{address}/cgi-bin/{what}", timeout=30).read()
    until("two tasks run", lambda: service()["runningCount"] == 2, 120)

    def load():
        end = now(server)
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/ECS", MetricName="CPUUtilization", Dimensions=DIMENSIONS, Period=60, Statistics=["Average"],
            StartTime=end - datetime.timedelta(minutes=5), EndTime=end)["Datapoints"]
        return max(points, key=lambda p: p["Timestamp"])["Average"] if points else None
    until("idle containers are measured", lambda: load() is not None and load() < 40, 120)
    common = {"EvaluationPeriods": 2, "MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Period": 60, "Statistic": "Average",
              "Dimensions": DIMENSIONS}
    cloudwatch.put_metric_alarm(AlarmName="burner-high", ComparisonOperator="GreaterThanOrEqualToThreshold", Threshold=60,
                                AlarmActions=[policies["up"]], **common)
    cloudwatch.put_metric_alarm(AlarmName="burner-low", ComparisonOperator="LessThanOrEqualToThreshold", Threshold=20,
                                AlarmActions=[policies["down"]], **common)

    def alarm(name):
        return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    until("the low alarm is on", lambda: alarm("burner-low")["StateValue"] == "ALARM", 120)
    assert service()["desiredCount"] == 2, "not below the minimum"

    switch("on")
    until("the service has grown", lambda: service()["desiredCount"] == 4, 180)
    until("four tasks run", lambda: service()["runningCount"] == 4, 180)
    assert "were greater than or equal to the threshold (60.0)" in next(
        item["HistoryData"] for item in cloudwatch.describe_alarm_history(AlarmName="burner-high", HistoryItemType="StateUpdate")
        ["AlarmHistoryItems"] if item["HistorySummary"].endswith("to ALARM"))

    switch("off")
    until("the service has shrunk", lambda: service()["desiredCount"] == 2, 240)
    until("two tasks run", lambda: service()["runningCount"] == 2, 180)
    done = [a for a in scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=RESOURCE["ResourceId"])["ScalingActivities"]
            if a["Description"].startswith("Setting")]
    assert [a["Description"] for a in done] == ["Setting desired count to 2.", "Setting desired count to 4."]
    assert done[0]["StartTime"] - done[1]["StartTime"] >= datetime.timedelta(seconds=600), "within the cool-down"
    cloudwatch.delete_alarms(AlarmNames=["burner-high", "burner-low"])
    scaling.deregister_scalable_target(**RESOURCE)
    ecs.delete_service(cluster="default", service="burner", force=True)
    until("what is not measured gives no data points", lambda: load() is None, 120)


def test_a_state_set_by_hand_lasts_until_the_next_evaluation(fast):
    cloudwatch = fast.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName="by-hand", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="nothing",
                                Namespace="Shop", Period=60, Statistic="Sum", Threshold=1, TreatMissingData="notBreaching")
    until("no data is good", lambda: cloudwatch.describe_alarms(AlarmNames=["by-hand"])["MetricAlarms"][0]["StateValue"] == "OK")
    cloudwatch.set_alarm_state(AlarmName="by-hand", StateValue="ALARM", StateReason="by hand")

    def states():
        items = cloudwatch.describe_alarm_history(AlarmName="by-hand", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
        return [item["HistorySummary"].split(" to ")[1] for item in items]
    until("it was overruled", lambda: states() == ["OK", "ALARM", "OK"])
    cloudwatch.delete_alarms(AlarmNames=["by-hand"])
