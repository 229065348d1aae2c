"""Bytes that no client of good will sends, and requests that cannot be served: AWS's errors, and the server goes on."""

import http.client
import json
import subprocess

import botocore.exceptions
import pytest
from conftest import GANTRY

SCOPE = ("AWS4-HMAC-SHA256 Credential=test/20261123/ap-northeast-1/{}/aws4_request, SignedHeaders=host;x-amz-date, "
         f"Signature={'0' * 64}")


def post(server, body, target=None, service="ecs", content="application/x-amz-json-1.1", headers=None):
    address = server.environment["AWS_ENDPOINT_URL"].split("//")[1]
    connection = http.client.HTTPConnection(address, timeout=20)
    sent = {"Authorization": SCOPE.format(service), "Content-Type": content,
            "X-Amz-Date": "20261123T000000Z", **(headers or {})}
    if target:
        sent["X-Amz-Target"] = target
    connection.request("POST", "/", body, sent)
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace")


ECS = "AmazonEC2ContainerServiceV20141113."


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff\xfe", b'"x"', b"[" * 100_000, b'{"clusterName": 5}',
                                  b'{"clusterName": {"a": 1}}', b'{"tags": "x"}', b'{"clusterName": "\xff"}'])
def test_malformed_json(server, body):
    status, text = post(server, body, ECS + "DescribeTaskDefinition")
    assert status == 400, text
    assert "__type" in json.loads(text)


def test_megabyte_name(server):
    status, text = post(server, json.dumps({"clusterName": "x" * 1_000_000}).encode(), ECS + "CreateCluster")
    assert status == 400, text[:300]


def test_unknown_and_unbuilt_operations_are_named(server):
    status, text = post(server, b"{}", ECS + "LaunchRocket")
    assert (status, json.loads(text)["__type"].split("#")[-1]) == (400, "UnknownOperationException")
    status, text = post(server, b"{}", ECS + "CreateExpressGatewayService")
    assert status == 400 and "CreateExpressGatewayService" in text
    status, text = post(server, b"Action=LaunchRocket&Version=2016-11-15", service="ec2",
                        content="application/x-www-form-urlencoded")
    assert status == 400 and "InvalidAction" in text


@pytest.mark.parametrize("call, code", [
    (("ecs", "describe_task_definition", {"taskDefinition": "nothing"}), "ClientException"),
    (("ecs", "run_task", {"taskDefinition": "nothing", "cluster": "missing"}), "ClusterNotFoundException"),
    (("ecs", "stop_task", {"task": "f" * 32}), "InvalidParameterException"),
    (("ecs", "delete_cluster", {"cluster": "missing"}), "ClusterNotFoundException"),
    (("ec2", "describe_vpcs", {"VpcIds": ["vpc-0123456789abcdef0"]}), "InvalidVpcID.NotFound"),
    (("ec2", "describe_subnets", {"SubnetIds": ["subnet-0123456789abcdef0"]}), "InvalidSubnetID.NotFound"),
    (("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/8"}), "InvalidVpc.Range"),
    (("logs", "delete_log_group", {"logGroupName": "missing"}), "ResourceNotFoundException"),
    (("iam", "get_role", {"RoleName": "missing"}), "NoSuchEntity"),
])
def test_what_is_missing_or_out_of_range(server, call, code):
    service, method, arguments = call
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        getattr(server.client(service), method)(**arguments)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("words, said", [
    (("image", "rm", "not-there"), "gantry: there is no image not-there: see `gantry image ls`\n"),
    (("dump", "--table", "not-there"), "gantry: There is no table of that name.\n"),
    (("clock", "rate", "0"), "gantry: The clock's rate is between 0.001 and 100000.\n"),
    (("env", "--region", "nowhere"), "gantry: --region takes a name like ap-northeast-1, not 'nowhere'\n"),
])
def test_a_command_that_cannot_be_done_says_why(server, words, said):
    done = server.gantry(*words, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_an_unknown_command_is_named():
    done = subprocess.run([str(GANTRY), "dwon"], capture_output=True, text=True)
    assert done.returncode != 0 and "dwon" in done.stderr
    done = subprocess.run([str(GANTRY), "image"], capture_output=True, text=True)
    assert done.returncode != 0 and "pull" in done.stderr and "Remove images." in done.stderr
    done = subprocess.run([str(GANTRY), "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("gantry ")


def test_no_credentials_no_service(server):
    address = server.environment["AWS_ENDPOINT_URL"].split("//")[1]
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request("POST", "/", b"{}", {"X-Amz-Target": ECS + "ListClusters",
                                            "Content-Type": "application/x-amz-json-1.1"})
    assert connection.getresponse().status in (400, 403)


def test_foreign_origin_and_host_are_refused(server):
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        status, text = post(server, b"{}", ECS + "ListClusters", headers=headers)
        assert status in (400, 403) and "AccessDenied" in text


def test_a_pseudo_terminal_is_refused_by_name(server):
    definition = server.client("ecs").register_task_definition(
        family="terminal", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[{"name": "main", "image": "busybox:latest", "pseudoTerminal": True}])["taskDefinition"]
    assert definition["containerDefinitions"][0]["pseudoTerminal"] is True
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        server.client("ecs").run_task(taskDefinition="terminal", launchType="FARGATE", networkConfiguration=server.network())
    assert "pseudoTerminal" in refused.value.response["Error"]["Message"]


FORM = "application/x-www-form-urlencoded"


def short(value):
    """Names of cases go into the environment of what a test starts."""
    return str(value)[:40] if value else ""


LARGE = "x" * 1_000_000


@pytest.mark.parametrize("service, target, content, body", [
    ("logs", "Logs_20140328.CreateLogGroup", "application/x-amz-json-1.1", json.dumps({"logGroupName": LARGE})),
    ("ecs", ECS + "RegisterTaskDefinition", "application/x-amz-json-1.1",
     json.dumps({"family": LARGE, "containerDefinitions": [{"name": LARGE, "image": LARGE}]})),
    ("ecs", ECS + "DescribeTasks", "application/x-amz-json-1.1", json.dumps({"tasks": [LARGE], "cluster": LARGE})),
    ("iam", None, FORM, "Action=CreateRole&Version=2010-05-08&AssumeRolePolicyDocument={}&RoleName=" + LARGE),
    ("ec2", None, FORM, "Action=CreateSecurityGroup&Version=2016-11-15&GroupDescription=x&GroupName=" + LARGE),
    ("ec2", None, FORM, "Action=DescribeVpcs&Version=2016-11-15&" + "&".join(f"VpcId.{i}=vpc-{i}" for i in range(60_000))),
    ("sts", None, FORM, "Action=AssumeRole&Version=2011-06-15&RoleSessionName=a&RoleArn=" + LARGE),
], ids=short)
def test_megabyte_values_are_refused_in_short_words(server, service, target, content, body):
    status, text = post(server, body.encode(), target, service, content)
    assert 400 <= status < 500, text[:300]
    assert len(text) < 10_000


def nested(depth, leaf="1"):
    return '{"a":' * depth + leaf + "}" * depth


@pytest.mark.parametrize("service, target, content, body", [
    ("ecs", ECS + "RunTask", "application/x-amz-json-1.1", '{"overrides": ' + nested(200_000) + "}"),
    ("ecs", ECS + "RegisterTaskDefinition", "application/x-amz-json-1.1", '{"unknownMember": ' + nested(100_000) + "}"),
    ("logs", "Logs_20140328.PutLogEvents", "application/x-amz-json-1.1", "[" * 500_000 + "]" * 500_000),
    ("ec2", None, FORM, "Action=RunInstances&Version=2016-11-15&A" + ".1" * 200_000 + "=1"),
    ("ec2", None, FORM, "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&IpPermissions" + ".1.Groups" * 50_000 + "=1"),
    ("iam", None, FORM, "Action=CreateRole&Version=2010-05-08&RoleName=bomb&AssumeRolePolicyDocument=" + nested(50_000)),
    ("iam", None, FORM, "Action=CreateRole&Version=2010-05-08&RoleName=bomb&AssumeRolePolicyDocument=" + "%5B" * 50_000),
], ids=short)
def test_nesting_bombs_are_refused(server, service, target, content, body):
    status, text = post(server, body.encode(), target, service, content)
    assert 400 <= status < 500, (status, text[:300])
    assert len(text) < 10_000


def test_list_members_with_odd_numbers_are_no_trouble(server):
    status, text = post(server, b"Action=DescribeSubnets&Version=2016-11-15&SubnetId.99999999999999999999=x&SubnetId.-1=y",
                        service="ec2", content=FORM)
    assert status < 500, (status, text[:300])


@pytest.mark.parametrize("service, target, content, body", [
    ("ecs", ECS + "CreateCluster", "application/x-amz-json-1.1", b'{"clusterName": "\xc3\x28"}'),
    ("ecs", ECS + "CreateCluster", "application/x-amz-json-1.1", b'{"clusterName": "\\ud800"}'),
    ("ecs", ECS + "CreateCluster", "application/x-amz-json-1.1", '{"clusterName": "x"}'.encode("utf-16")),
    ("logs", "Logs_20140328.CreateLogGroup", "application/x-amz-json-1.1", b'{"logGroupName": "a\x00b"}'),
    ("logs", "Logs_20140328.CreateLogGroup", "application/x-amz-json-1.1", b'{"logGroupName": "a\xff"}'),
    ("iam", None, FORM, b"Action=CreateRole&Version=2010-05-08&AssumeRolePolicyDocument={}&RoleName=%ff%fe"),
    ("iam", None, FORM, b"Action=CreateUser&Version=2010-05-08&UserName=\xff"),
    ("ec2", None, FORM, b"Action=CreateSecurityGroup&Version=2016-11-15&GroupName=%C3%28&GroupDescription=%00"),
    ("ec2", None, FORM, b"%ff=%ff&Action=\xff&Version=2016-11-15"),
])
def test_what_is_not_utf8_is_refused_in_utf8(server, service, target, content, body):
    status, text = post(server, body, target, service, content)
    assert 400 <= status < 500, (status, text[:300])
    assert "\ufffd" not in text  # post() decodes with replacement
