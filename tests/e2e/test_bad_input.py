"""Bytes that no client of good will sends, and requests that cannot be served: AWS's errors, and the server goes on."""

import http.client
import json

import botocore.exceptions
import pytest

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
