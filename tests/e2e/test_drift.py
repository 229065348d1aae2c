"""What clients compare with what they sent: a difference is a change that terraform plans for ever. One test a read-back, each with the values
that it sends at creation."""

import itertools
import json
import urllib.parse

import pytest

NAME = "drift"
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def network(server):
    return server.network()


@pytest.fixture(scope="module")
def definition(server):
    return server.register(NAME, [{"name": "app", "image": "busybox:latest", "portMappings": [{"containerPort": 80}]}],
                           cpu="256", memory="512", runtimePlatform={"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
                           taskRoleArn="arn:aws:iam::123456789012:role/ecsTaskExecutionRole", ephemeralStorage={"sizeInGiB": 30}, volumes=[{"name": "data"}], tags=[{"key": "k", "value": "v"}])


@pytest.fixture(scope="module")
def cluster(server):
    ecs = server.client("ecs")
    ecs.create_cluster(clusterName=NAME, settings=[{"name": "containerInsights", "value": "enabled"}],
                       capacityProviders=["FARGATE", "FARGATE_SPOT"],
                       defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 2}],
                       tags=[{"key": "k", "value": "v"}])
    yield NAME
    ecs.delete_cluster(cluster=NAME)


def service_of(server, cluster, definition, network, **more):
    ecs = server.client("ecs")
    sent = {"cluster": cluster, "serviceName": f"s-{next(NUMBERS)}", "taskDefinition": definition["taskDefinitionArn"],
            "desiredCount": 0, "networkConfiguration": network, **more}
    ecs.create_service(**sent)
    return sent["serviceName"]


def read(server, cluster, name):
    answer = server.client("ecs").describe_services(cluster=cluster, services=[name], include=["TAGS"])
    assert answer["failures"] == []
    return answer["services"][0]


def forget(server, cluster, name):
    server.client("ecs").delete_service(cluster=cluster, service=name, force=True)


def test_a_service_keeps_what_terraform_sends(server, cluster, definition, network):
    name = service_of(server, cluster, definition, network, launchType="FARGATE", availabilityZoneRebalancing="DISABLED",
                      propagateTags="TASK_DEFINITION", enableExecuteCommand=True, enableECSManagedTags=True,
                      healthCheckGracePeriodSeconds=0, schedulingStrategy="REPLICA", clientToken="",
                      tags=[{"key": "k", "value": "v"}])
    shown = read(server, cluster, name)
    assert {key: shown[key] for key in ("availabilityZoneRebalancing", "propagateTags", "enableExecuteCommand", "enableECSManagedTags",
                                        "healthCheckGracePeriodSeconds", "launchType", "schedulingStrategy", "platformVersion")} == {
        "availabilityZoneRebalancing": "DISABLED", "propagateTags": "TASK_DEFINITION", "enableExecuteCommand": True,
        "enableECSManagedTags": True, "healthCheckGracePeriodSeconds": 0, "launchType": "FARGATE", "schedulingStrategy": "REPLICA",
        "platformVersion": "LATEST"}
    # The controller is there though nobody sent one.
    assert shown["deploymentController"] == {"type": "ECS"}
    assert "capacityProviderStrategy" not in shown or shown["capacityProviderStrategy"] == []
    assert shown["serviceRegistries"] == [] and shown["tags"] == [{"key": "k", "value": "v"}]
    forget(server, cluster, name)


def test_a_strategy_stands_in_for_the_launch_type(server, cluster, definition, network):
    strategy = [{"capacityProvider": "FARGATE", "base": 1, "weight": 3}, {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1}]
    name = service_of(server, cluster, definition, network, capacityProviderStrategy=strategy)
    shown = read(server, cluster, name)
    assert shown["capacityProviderStrategy"] == strategy and "launchType" not in shown
    forget(server, cluster, name)


def test_update_service_merges(server, cluster, definition, network):
    name = service_of(server, cluster, definition, network, launchType="FARGATE",
                      deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50})
    server.client("ecs").update_service(cluster=cluster, service=name, deploymentConfiguration={
        "deploymentCircuitBreaker": {"enable": True, "rollback": False}})
    configuration = read(server, cluster, name)["deploymentConfiguration"]
    assert (configuration["maximumPercent"], configuration["minimumHealthyPercent"]) == (150, 50)
    assert configuration["deploymentCircuitBreaker"]["enable"] is True
    forget(server, cluster, name)


def test_a_deleted_service_can_still_be_described(server, cluster, definition, network):
    name = service_of(server, cluster, definition, network, launchType="FARGATE")
    forget(server, cluster, name)
    assert read(server, cluster, name)["status"] in ("DRAINING", "INACTIVE")


def test_a_definition_keeps_its_texts(server, definition):
    answer = server.client("ecs").describe_task_definition(taskDefinition=definition["taskDefinitionArn"], include=["TAGS"])
    shown = answer["taskDefinition"]
    assert (shown["cpu"], shown["memory"], shown["requiresCompatibilities"]) == ("256", "512", ["FARGATE"])
    assert shown["runtimePlatform"] == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
    assert shown["ephemeralStorage"] == {"sizeInGiB": 30} and [v["name"] for v in shown["volumes"]] == ["data"]
    assert answer["tags"] == [{"key": "k", "value": "v"}]
    # Nothing is invented in a container.
    assert set(shown["containerDefinitions"][0]) <= {"name", "image", "cpu", "portMappings", "essential", "environment", "mountPoints",
                                                     "volumesFrom", "systemControls"}


def test_a_cluster_keeps_its_providers(server, cluster):
    shown = server.client("ecs").describe_clusters(clusters=[cluster], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"][0]
    assert sorted(shown["capacityProviders"]) == ["FARGATE", "FARGATE_SPOT"]
    assert shown["defaultCapacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 2}]
    assert shown["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert shown["tags"] == [{"key": "k", "value": "v"}]


def test_balancers_and_groups_have_their_attributes(server):
    elbv2, ec2 = server.client("elbv2"), server.client("ec2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]][:2]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    balancer = elbv2.create_load_balancer(Name=NAME, Type="network", Subnets=subnets)["LoadBalancers"][0]
    arn = balancer["LoadBalancerArn"]
    assert ":loadbalancer/net/" in arn and balancer["State"]["Code"] == "active"
    attributes = {a["Key"]: a["Value"] for a in elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    assert attributes["deletion_protection.enabled"] == attributes["load_balancing.cross_zone.enabled"] == "false"
    assert attributes["dns_record.client_routing_policy"] == "any_availability_zone"
    assert attributes["access_logs.s3.enabled"] == attributes["zonal_shift.config.enabled"] == "false"

    # As terraform sends it for HTTP: an empty version is the first.
    group = elbv2.create_target_group(Name=NAME, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", HealthCheckPath="/up",
                                      Matcher={"HttpCode": "200-299"}, HealthCheckTimeoutSeconds=7)["TargetGroups"][0]
    shown = elbv2.describe_target_groups(Names=[NAME])["TargetGroups"][0]
    assert (shown["Matcher"], shown["HealthCheckPath"], shown["HealthCheckTimeoutSeconds"]) == ({"HttpCode": "200-299"}, "/up", 7)
    assert (shown["HealthCheckPort"], shown["HealthCheckProtocol"]) == ("traffic-port", "HTTP")
    of_group = {a["Key"]: a["Value"] for a in elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]}
    assert (of_group["deregistration_delay.timeout_seconds"], of_group["stickiness.lb_cookie.duration_seconds"]) == ("300", "86400")
    assert of_group["load_balancing.cross_zone.enabled"] == "use_load_balancer_configuration"
    elbv2.delete_load_balancer(LoadBalancerArn=arn)
    elbv2.delete_target_group(TargetGroupArn=group["TargetGroupArn"])


def test_a_role_keeps_its_document(server):
    iam = server.client("iam")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"},
                                                         "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(document), Path="/p/", Tags=[{"Key": "k", "Value": "v"}])
    raw = server.aws("iam", "get-role", "--role-name", NAME).json["Role"]
    assert raw["MaxSessionDuration"] == 3600 and raw["Path"] == "/p/" and raw["Tags"] == [{"Key": "k", "Value": "v"}]
    shown = raw["AssumeRolePolicyDocument"]
    assert (shown if isinstance(shown, dict) else json.loads(urllib.parse.unquote(shown))) == document
    iam.delete_role(RoleName=NAME)


def test_a_log_group_is_found_by_its_exact_name(server):
    logs = server.client("logs")
    logs.create_log_group(logGroupName=NAME, tags={"k": "v"})
    logs.put_retention_policy(logGroupName=NAME, retentionInDays=7)
    group = logs.describe_log_groups(logGroupNamePrefix=NAME)["logGroups"][0]
    assert group["logGroupName"] == NAME and group["arn"].endswith(f":log-group:{NAME}:*")
    assert (group["retentionInDays"], group["logGroupClass"]) == (7, "STANDARD")
    assert logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"] == {"k": "v"}
    logs.delete_log_group(logGroupName=NAME)


def test_an_alarm_keeps_its_numbers(server):
    cloudwatch = server.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName=NAME, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=2, MetricName="m", Namespace="n",
                                Period=60, Statistic="Average", Threshold=60, Dimensions=[{"Name": "a", "Value": "b"}])
    alarm = cloudwatch.describe_alarms(AlarmNames=[NAME], AlarmTypes=["MetricAlarm"])["MetricAlarms"][0]
    assert (alarm["ActionsEnabled"], alarm["TreatMissingData"], alarm["Threshold"]) == (True, "missing", 60.0)
    assert alarm["Dimensions"] == [{"Name": "a", "Value": "b"}] and alarm["AlarmActions"] == []
    cloudwatch.delete_alarms(AlarmNames=[NAME])
