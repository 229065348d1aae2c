"""EventBridge: what a schedule starts, where an event goes, what terraform reads back."""

import datetime
import json
import pathlib
import shutil
import time

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
    server.gantry("clock", "rate", "10")
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


def test_a_schedule_of_the_scheduler_runs_at_its_minute_and_leaves_its_log(server):
    scheduler = server.client("scheduler")
    definition = server.register("chronos", [shell("echo ran as $NAME", logConfiguration=awslogs("/chronos"))])
    scheduler.create_schedule_group(Name="jobs", Tags=[{"Key": "k", "Value": "v"}])
    server.gantry("clock", "rate", "10")
    try:
        scheduler.create_schedule(
            Name="minutely", GroupName="jobs", ScheduleExpression="cron(* * * * ? *)", ScheduleExpressionTimezone="Asia/Tokyo",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": cluster_arn(server), "RoleArn": ROLE, "EcsParameters": ecs_parameters(server, definition),
                    "RetryPolicy": {"MaximumRetryAttempts": 2},
                    "Input": json.dumps({"containerOverrides": [{"name": "main", "environment": [{"name": "NAME", "value": "nightly"}]}]})})
        arn = until("a task of the schedule", lambda: started_by(server, "chronos-schedule/minutely"))[0]
    finally:
        server.gantry("clock", "rate", "1")
    assert server.task(arn)["createdAt"].second < 30  # three real seconds
    until("its log", lambda: log_lines(server, "/chronos", f"p/main/{arn.rsplit('/')[-1]}") == ["ran as nightly"])
    found = scheduler.get_schedule(Name="minutely", GroupName="jobs")
    assert found["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 86400}
    assert found["State"] == "ENABLED" and found["ScheduleExpressionTimezone"] == "Asia/Tokyo"
    assert [one["Name"] for one in scheduler.list_schedules(GroupName="jobs")["Schedules"]] == ["minutely"]
    listed = server.aws("scheduler", "list-schedules", "--name-prefix", "minute").json["Schedules"]
    assert [one["Arn"].rsplit(":", 1)[1] for one in listed] == ["schedule/jobs/minutely"]
    group = scheduler.get_schedule_group(Name="jobs")
    assert scheduler.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    # Another one puts an event, which a rule takes to a log group.
    events, logs = server.client("events"), server.client("logs")
    logs.create_log_group(logGroupName="/aws/events/chronos")
    events.put_rule(Name="chronos", EventPattern=json.dumps({"source": ["chronos"]}))
    events.put_targets(Rule="chronos", Targets=[{
        "Id": "log", "Arn": logs.describe_log_groups(logGroupNamePrefix="/aws/events/chronos")["logGroups"][0]["arn"]}])
    bus = events.describe_event_bus(Name="default")["Arn"]
    scheduler.create_schedule(
        Name="event", GroupName="jobs", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": bus, "RoleArn": ROLE, "EventBridgeParameters": {"Source": "chronos", "DetailType": "day"}, "Input": '{"n": 5}'})
    line = until("its event", lambda: log_lines(server, "/aws/events/chronos", "chronos/log"))[0]
    assert json.loads(line)["detail"] == {"n": 5} and json.loads(line)["detail-type"] == "day"
    events.remove_targets(Rule="chronos", Ids=["log"])
    events.delete_rule(Name="chronos")
    scheduler.untag_resource(ResourceArn=group["Arn"], TagKeys=["k", "l"])
    assert scheduler.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"] == []
    scheduler.delete_schedule_group(Name="jobs")
    until("the group is gone", lambda: "jobs" not in [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]])
    assert scheduler.list_schedules()["Schedules"] == []


def test_what_fell_due_while_gantry_was_down_is_made_up_for_once(server):
    scheduler = server.client("scheduler")
    definition = server.register("missed", [shell("true")])

    def put(name, expression):
        scheduler.create_schedule(
            Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
            Target={"Arn": cluster_arn(server), "RoleArn": ROLE, "EcsParameters": ecs_parameters(server, definition)})
    put("clock", "at(2099-01-01T00:00:00)")
    due = scheduler.get_schedule(Name="clock")["CreationDate"] + datetime.timedelta(minutes=5)
    scheduler.delete_schedule(Name="clock")
    put("missed", f"at({due.astimezone(datetime.timezone.utc):%Y-%m-%dT%H:%M:%S})")
    server.gantry("clock", "rate", "30")
    server.kill()
    asleep = time.monotonic()
    until("ten seconds, five minutes of policy time, are over", lambda: time.monotonic() > asleep + 10)
    server.start()
    server.gantry("clock", "rate", "1")
    arn = until("the task", lambda: started_by(server, "chronos-schedule/missed"))[0]
    assert server.task(arn)["createdAt"] > due
    until("the schedule has completed", lambda: scheduler.list_schedules(NamePrefix="missed")["Schedules"] == [])
    assert started_by(server, "chronos-schedule/missed") == [arn]


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
    scheduler = server.client("scheduler")
    schedule = {"Name": "s", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": "arn:aws:lambda:ap-northeast-1:123456789012:function:f", "RoleArn": ROLE}}
    assert code(scheduler.create_schedule, **schedule) == ("ValidationException", 400)
    assert code(scheduler.create_schedule, **{**schedule, "ScheduleExpression": "cron(0 0 31 2 ? *)"}) == ("ValidationException", 400)
    assert code(scheduler.get_schedule, Name="none") == ("ResourceNotFoundException", 404)
    assert code(scheduler.get_schedule, Name="a b") == ("ValidationException", 400)
    assert code(scheduler.create_schedule_group, Name="default") == ("ConflictException", 409)


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
    assert server.client("scheduler").list_schedules()["Schedules"] == []
