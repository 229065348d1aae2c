"""Application Auto Scaling as its clients use it: terraform's stack does not drift, changes and goes; boto3; every wire of CloudWatch."""

import datetime
import gzip
import pathlib
import shutil
import zoneinfo

import botocore.exceptions
import botocore.session
import pytest

from conftest import REGION, until
from test_terraform import Terraform, why_not

STACK = pathlib.Path(__file__).parent / "scaling"
RESOURCE = {"ServiceNamespace": "ecs", "ResourceId": "service/default/scaled", "ScalableDimension": "ecs:service:DesiredCount"}


def left(server):
    scaling, cloudwatch = server.client("application-autoscaling"), server.client("cloudwatch")
    return {
        "targets": scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"],
        "policies": scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"],
        "actions": scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"],
        "alarms": [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]],
        "clusters": server.client("ecs").list_clusters()["clusterArns"],
    }


def code(call, **given):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**given)
    return refused.value.response["Error"]["Code"]


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_stack_of_scaling_is_applied_does_not_drift_changes_and_goes(server, tmp_path):
    before = left(server)
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    terraform = Terraform(server, folder)
    terraform("apply", "-auto-approve")
    terraform.assert_no_drift()
    policies = {policy["PolicyName"]: policy for policy in left(server)["policies"]}
    assert [alarm["AlarmName"] for alarm in policies["scale_up"]["Alarms"]] == ["scaling-cpu-high"]
    assert len(policies["cpu"]["Alarms"]) == 2 and len(policies["requests"]["Alarms"]) == 1
    assert all(alarm["AlarmName"].startswith("TargetTracking-service/scaling/app-1-Alarm") for alarm in policies["cpu"]["Alarms"])

    terraform("apply", "-auto-approve", "-var", "step=2")
    plan = terraform("plan", "-detailed-exitcode", "-var", "step=2", codes=(0, 1, 2))
    assert plan.returncode == 0, plan.stdout[-6000:] + plan.stderr[-3000:]
    changed = {policy["PolicyName"]: policy for policy in left(server)["policies"]}
    assert changed["scale_up"]["PolicyARN"] == policies["scale_up"]["PolicyARN"]
    assert changed["scale_up"]["StepScalingPolicyConfiguration"]["Cooldown"] == 300
    terraform("destroy", "-auto-approve", "-var", "step=2")
    assert left(server) == before


def test_what_is_refused_and_what_goes_with_its_target(server):
    ecs, scaling = server.client("ecs"), server.client("application-autoscaling")
    definition = server.register("scaled", [{"name": "app", "image": "busybox:latest"}])
    assert code(scaling.register_scalable_target, **RESOURCE, MinCapacity=1, MaxCapacity=2) == "ValidationException"
    ecs.create_service(cluster="default", serviceName="scaled", taskDefinition=definition["taskDefinitionArn"], desiredCount=0,
                       launchType="FARGATE", networkConfiguration=server.network())
    assert code(scaling.put_scaling_policy, **RESOURCE, PolicyName="up", PolicyType="StepScaling",
                StepScalingPolicyConfiguration={}) == "ObjectNotFoundException"
    scaling.register_scalable_target(**RESOURCE, MinCapacity=0, MaxCapacity=2)
    scaling.put_scaling_policy(**RESOURCE, PolicyName="cpu", PolicyType="TargetTrackingScaling",
                               TargetTrackingScalingPolicyConfiguration={
                                   "TargetValue": 50.0, "PredefinedMetricSpecification": {
                                       "PredefinedMetricType": "ECSServiceAverageCPUUtilization"}})
    assert code(scaling.put_scheduled_action, **RESOURCE, ScheduledActionName="never", Schedule="cron(0 0 31 2 ? *)",
                ScalableTargetAction={"MinCapacity": 1}) == "ValidationException"
    assert scaling.describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId=RESOURCE["ResourceId"])["ScalingActivities"] == []
    owned = server.client("cloudwatch").describe_alarms(AlarmNamePrefix="TargetTracking-service/default/scaled-")
    assert len(owned["MetricAlarms"]) == 2
    scaling.deregister_scalable_target(**RESOURCE)
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=RESOURCE["ResourceId"])["ScalingPolicies"] == []
    owned = server.client("cloudwatch").describe_alarms(AlarmNamePrefix="TargetTracking-service/default/scaled-")
    assert owned["MetricAlarms"] == []
    assert code(scaling.deregister_scalable_target, **RESOURCE) == "ObjectNotFoundException"
    ecs.delete_service(cluster="default", service="scaled")


@pytest.mark.parametrize("protocol", ["smithy-rpc-v2-cbor", "json", "query"])
@pytest.mark.parametrize("compressed", [False, True])
def test_cloudwatch_speaks_three_protocols(server, protocol, compressed):
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("cloudwatch", "service-2")
    model["metadata"]["protocols"] = [protocol]
    cloudwatch = session.create_client("cloudwatch", region_name=REGION, endpoint_url=server.environment["AWS_ENDPOINT_URL"])

    def compress(request, **_):
        request.data = gzip.compress(request.body if isinstance(request.body, bytes) else request.body.encode())
        request.headers["Content-Encoding"] = "gzip"

    if compressed:
        cloudwatch.meta.events.register("before-sign", compress)
    cloudwatch.put_metric_alarm(AlarmName="wire", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m",
                                Namespace="n", Period=60, Statistic="Sum", Threshold=1.5,
                                Dimensions=[{"Name": "é", "Value": "x" * 300}], Tags=[{"Key": "k", "Value": "v"}])
    cloudwatch.set_alarm_state(AlarmName="wire", StateValue="ALARM", StateReason="by hand")
    alarm = cloudwatch.describe_alarms(AlarmNames=["wire"])["MetricAlarms"][0]
    assert (alarm["StateValue"], alarm["Threshold"], alarm["TreatMissingData"]) == ("ALARM", 1.5, "missing")
    assert alarm["StateUpdatedTimestamp"].year > 2000
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    assert code(cloudwatch.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="") == "ResourceNotFound"
    cloudwatch.delete_alarms(AlarmNames=["wire"])
    assert cloudwatch.describe_alarms(AlarmNames=["wire"])["MetricAlarms"] == []


def test_an_alarm_scales_a_service_out(server):
    ecs, scaling, cloudwatch = (server.client(name) for name in ("ecs", "application-autoscaling", "cloudwatch"))
    resource = {**RESOURCE, "ResourceId": "service/default/moved"}
    definition = server.register("moved", [{"name": "app", "image": "busybox:latest", "command": ["sleep", "3600"], "stopTimeout": 2}])
    ecs.create_service(cluster="default", serviceName="moved", taskDefinition=definition["taskDefinitionArn"], desiredCount=0,
                       launchType="FARGATE", networkConfiguration=server.network())
    scaling.register_scalable_target(**resource, MinCapacity=0, MaxCapacity=1)
    policy = scaling.put_scaling_policy(
        **resource, PolicyName="up", PolicyType="StepScaling", StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity", "Cooldown": 600,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 5}]})["PolicyARN"]
    cloudwatch.put_metric_alarm(AlarmName="moved", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m",
                                Namespace="n", Period=60, Statistic="Sum", Threshold=1, AlarmActions=[policy])
    cloudwatch.set_alarm_state(AlarmName="moved", StateValue="ALARM", StateReason="by hand")

    def counts():
        service = ecs.describe_services(cluster="default", services=["moved"])["services"][0]
        return service["desiredCount"], service["runningCount"]
    until("the service has grown to its maximum", lambda: counts() == (1, 1), 90)

    def activity():
        return scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=resource["ResourceId"])["ScalingActivities"][0]
    until("the activity is fulfilled", lambda: activity()["StatusCode"] == "Successful")
    assert activity()["Cause"] == "monitor alarm moved in state ALARM triggered policy up"
    assert activity()["StatusMessage"] == "Successfully set desired count to 1. Change successfully fulfilled by ecs."
    cloudwatch.delete_alarms(AlarmNames=["moved"])
    scaling.deregister_scalable_target(**resource)
    ecs.delete_service(cluster="default", service="moved", force=True)


def test_scheduled_actions_raise_the_minimum_and_lower_the_maximum(server):
    ecs, scaling = server.client("ecs"), server.client("application-autoscaling")
    resource = {**RESOURCE, "ResourceId": "service/default/timed"}
    definition = server.register("timed", [{"name": "app", "image": "busybox:latest", "command": ["sleep", "3600"], "stopTimeout": 2}])
    ecs.create_service(cluster="default", serviceName="timed", taskDefinition=definition["taskDefinitionArn"], desiredCount=0,
                       launchType="FARGATE", networkConfiguration=server.network())
    scaling.register_scalable_target(**resource, MinCapacity=0, MaxCapacity=3)
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource["ResourceId"]])["ScalableTargets"][0]

    def put(name, after, least, most):
        time = (target["CreationTime"] + datetime.timedelta(minutes=after)).astimezone(zoneinfo.ZoneInfo("Asia/Tokyo"))
        scaling.put_scheduled_action(**resource, ScheduledActionName=name, Schedule=f"at({time:%Y-%m-%dT%H:%M:%S})", Timezone="Asia/Tokyo",
                                     ScalableTargetAction={"MinCapacity": least, "MaxCapacity": most})

    def counts():
        service = ecs.describe_services(cluster="default", services=["timed"])["services"][0]
        return service["desiredCount"], service["runningCount"]

    def causes():
        found = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=resource["ResourceId"])["ScalingActivities"]
        return {activity["Cause"] for activity in found if activity["StatusCode"] == "Successful"}

    put("morning", 20, 1, 4)
    put("evening", 40, 0, 0)
    assert causes() == set()
    server.gantry("clock", "advance", "20m")
    until("the service has grown to its minimum", lambda: counts() == (1, 1), 90)
    until("the activity is fulfilled", lambda: causes() == {
        "scheduled action name morning was triggered", "minimum capacity was set to 1"})
    server.gantry("clock", "advance", "20m")
    until("the service has shrunk to its maximum", lambda: counts() == (0, 0), 90)
    assert "scheduled action name evening was triggered" in causes()
    scaling.deregister_scalable_target(**resource)
    ecs.delete_service(cluster="default", service="timed", force=True)
