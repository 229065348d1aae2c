"""EventBridge: what a schedule starts, where an event goes, what terraform reads back."""

import json
import pathlib
import shutil

import pytest
from botocore.exceptions import ClientError

from conftest import make_server, until
from test_task import awslogs, log_lines, shell
from test_terraform import Terraform, why_not

ROLE = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
STACK = pathlib.Path(__file__).parent / "events"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own: its clock runs fast."""
    server = make_server(tmp_path_factory, ["--listen", "127.0.0.1:4579"])
    yield server
    server.down()


def cluster_arn(server):
    return server.client("ecs").describe_clusters(clusters=["default"])["clusters"][0]["clusterArn"]


def ecs_parameters(server, definition):
    network = server.network()["awsvpcConfiguration"]
    return {"TaskDefinitionArn": definition["taskDefinitionArn"], "LaunchType": "FARGATE",
            "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": network["subnets"], "SecurityGroups": network["securityGroups"]}}}


def code(call, **given):
    with pytest.raises(ClientError) as refused:
        call(**given)
    return refused.value.response["Error"]["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def started_by(server, what):
    ecs = server.client("ecs")
    return [task for status in ("RUNNING", "STOPPED")
            for task in ecs.list_tasks(cluster="default", startedBy=what, desiredStatus=status)["taskArns"]]


def streams(server, group):
    return [s["logStreamName"] for s in server.client("logs").describe_log_streams(logGroupName=group)["logStreams"]]


def test_a_scheduled_task_runs_at_its_minute_and_leaves_its_log(server):
    events = server.client("events")
    definition = server.register("scheduled", [shell("echo ran as $NAME", logConfiguration=awslogs("/scheduled"))])
    server.gantry("clock", "rate", "30")
    try:
        events.put_rule(Name="minutely", ScheduleExpression="cron(* * * * ? *)")
        answer = events.put_targets(Rule="minutely", Targets=[{
            "Id": "task", "Arn": cluster_arn(server), "RoleArn": ROLE, "EcsParameters": ecs_parameters(server, definition),
            "Input": json.dumps({"containerOverrides": [{"name": "main", "environment": [{"name": "NAME", "value": "nightly"}]}]})}])
        assert answer["FailedEntryCount"] == 0
        arn = until("a task of the rule", lambda: started_by(server, "events-rule/minutely"))[0]
        events.disable_rule(Name="minutely")
    finally:
        server.gantry("clock", "rate", "1")
    # It starts at a full minute of the clock that it was put under.
    created = server.task(arn)["createdAt"]
    assert created.second < 30, created
    until("its log", lambda: log_lines(server, "/scheduled", f"p/main/{arn.rsplit('/')[-1]}") == ["ran as nightly"])
    events.remove_targets(Rule="minutely", Ids=["task"])
    events.delete_rule(Name="minutely")


def test_an_event_pattern_routes_a_tasks_stop_to_a_log_group(server):
    events, logs = server.client("events"), server.client("logs")
    logs.create_log_group(logGroupName="/aws/events/stops")
    group = logs.describe_log_groups(logGroupNamePrefix="/aws/events/stops")["logGroups"][0]["arn"]
    events.put_rule(Name="stops", EventPattern=json.dumps({
        "source": ["aws.ecs"], "detail-type": ["ECS Task State Change"],
        "detail": {"lastStatus": ["STOPPED"], "stopCode": [{"anything-but": "UserInitiated"}], "group": [{"prefix": "family:stopping"}]}}))
    events.put_targets(Rule="stops", Targets=[{"Id": "log", "Arn": group}])
    definition = server.register("stopping", [shell("exit 7")])
    arn = server.run(definition)
    other = server.run(server.register("staying", [shell("sleep 600")]))
    server.wait_status(other, "RUNNING")
    server.stop(other)
    server.wait_status(arn, "STOPPED")
    lines = until("its event", lambda: [line for stream in streams(server, "/aws/events/stops")
                                        for line in log_lines(server, "/aws/events/stops", stream)])
    assert len(lines) == 1
    event = json.loads(lines[0])
    assert event["resources"] == [arn] and event["detail"]["taskArn"] == arn and event["region"] == "ap-northeast-1"
    assert event["detail"]["stopCode"] == "EssentialContainerExited" and event["detail"]["containers"][0]["exitCode"] == 7
    assert event["detail"]["version"] == server.task(arn)["version"]
    # Custom events take the same way.
    events.put_rule(Name="own", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="own", Targets=[{"Id": "log", "Arn": group, "InputTransformer": {
        "InputPathsMap": {"order": "$.detail.order"}, "InputTemplate": '{"message": "order <order>"}'}}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "t", "Detail": json.dumps({"order": 5})}])
    until("the custom event", lambda: "order 5" in log_lines(server, "/aws/events/stops", "own/log"))
    for rule in ("stops", "own"):
        events.remove_targets(Rule=rule, Ids=["log"])
        events.delete_rule(Name=rule)


def test_what_is_refused(server):
    events = server.client("events")
    assert code(events.put_rule, Name="r", ScheduleExpression="cron(0 0 31 2 ? *)") == ("ValidationException", 400)
    assert code(events.put_rule, Name="r", EventPattern='{"a": []}') == ("InvalidEventPatternException", 400)
    assert code(events.describe_rule, Name="none") == ("ResourceNotFoundException", 400)
    assert events.list_rules()["Rules"] == []


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_a_stack_of_rules_is_applied_does_not_drift_and_goes(server, tmp_path):
    definition = server.register("stack", [shell("true")])
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    given = {"subnet": server.network()["awsvpcConfiguration"]["subnets"][0], "definition": definition["taskDefinitionArn"],
             "cluster": cluster_arn(server), "role": ROLE}
    (folder / "given.auto.tfvars.json").write_text(json.dumps(given))
    terraform = Terraform(server, folder)
    terraform("apply", "-auto-approve")
    terraform.assert_no_drift()
    terraform("destroy", "-auto-approve")
    assert server.client("events").list_rules()["Rules"] == []
