"""Services whose deployment controller is not ECS's own: EXTERNAL, switched by hand from one task set to the other
under requests, and CODE_DEPLOY, as the article's stack makes it."""

import json

import pytest
from botocore.exceptions import ClientError

from conftest import until
from load import Load, nothing_failed, request
from test_services import NLB_HEALTH, Front

OPTION = "--codedeploy-synthetic-deployment"


def definition(server, family, word):
    return server.register(family, [{
        "name": "test-nginx", "image": "nginx:latest", "essential": True, "entryPoint": ["sh", "-c"], "stopTimeout": 2,
        "command": [f"echo {word} > /usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'"],
        "portMappings": [{"hostPort": 80, "protocol": "tcp", "containerPort": 80}]}])["taskDefinitionArn"]


class BlueGreenFront(Front):
    """A front with a second target group, "green", and a test listener that forwards to it when asked."""

    def __init__(self, server, name, port, test_port):
        super().__init__(server, name, port)
        self.test_port, self.test_listener = test_port, None
        vpc = server.client("ec2").describe_subnets(SubnetIds=self.subnets[:1])["Subnets"][0]["VpcId"]
        self.green = server.aws(
            "elbv2", "create-target-group", "--name", f"{name}-green", "--protocol", "TCP", "--port", "80", "--vpc-id",
            vpc, "--target-type", "ip", *NLB_HEALTH).json["TargetGroups"][0]["TargetGroupArn"]
        server.aws("elbv2", "modify-target-group-attributes", "--target-group-arn", self.green, "--attributes",
                   "Key=deregistration_delay.timeout_seconds,Value=20")

    def listen_for_tests(self):
        self.test_listener = self.server.aws(
            "elbv2", "create-listener", "--load-balancer-arn", self.arn, "--protocol", "TCP", "--port",
            str(self.test_port), "--default-actions",
            f"Type=forward,TargetGroupArn={self.green}").json["Listeners"][0]["ListenerArn"]

    def delete(self):
        if self.test_listener:
            self.server.aws("elbv2", "delete-listener", "--listener-arn", self.test_listener)
        super().delete()
        self.server.aws("elbv2", "delete-target-group", "--target-group-arn", self.green)


class External:
    """A service under EXTERNAL, by boto3."""

    def __init__(self, front, name, desired):
        self.front, self.server, self.name = front, front.server, name
        self.ecs = front.server.client("ecs")
        self.named = {"cluster": "default", "service": name}
        made = self.ecs.create_service(cluster="default", serviceName=name, desiredCount=desired,
                                       deploymentController={"type": "EXTERNAL"})["service"]
        assert (made["taskSets"], made["deployments"], made["runningCount"]) == ([], [], 0)
        assert "taskDefinition" not in made

    def make(self, definition_arn, group, percent):
        return self.ecs.create_task_set(
            **self.named, taskDefinition=definition_arn, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": self.front.network},
            loadBalancers=[{"targetGroupArn": group, "containerName": "test-nginx", "containerPort": 80}],
            scale={"value": percent, "unit": "PERCENT"})["taskSet"]

    def set(self, made):
        answer = self.ecs.describe_task_sets(**self.named, taskSets=[made["id"]])
        return answer["taskSets"][0] if answer["taskSets"] else None

    def describe(self):
        return self.ecs.describe_services(cluster="default", services=[self.name])["services"][0]

    def events(self):
        return [e["message"] for e in self.describe()["events"]]

    def wait_steady(self, made, running, seconds=180):
        def steady():
            now = self.set(made)
            return (now["stabilityStatus"], now["runningCount"], now["pendingCount"]) == ("STEADY_STATE", running, 0)
        try:
            until(f"{made['id']} is steady", steady, seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.set(made)}\n{self.events()}\n{self.server.log_tail()}") from None

    def tasks(self, made):
        arns = self.ecs.list_tasks(cluster="default", startedBy=made["id"])["taskArns"]
        return self.ecs.describe_tasks(cluster="default", tasks=arns)["tasks"] if arns else []


@pytest.fixture(scope="module")
def front(server):
    front = BlueGreenFront(server, "sets", 8091, 8092)
    yield front
    front.delete()


def health_of(server, group):
    answer = server.client("elbv2").describe_target_health(TargetGroupArn=group)
    return [t["TargetHealth"]["State"] for t in answer["TargetHealthDescriptions"]]


def test_an_external_service_goes_from_blue_to_green_by_hand(server, front):
    service = External(front, "external", 2)
    blue = service.make(definition(server, "external", "blue"), front.group, 100)
    assert (blue["status"], blue["computedDesiredCount"], blue["stabilityStatus"]) == ("ACTIVE", 0, "STABILIZING")
    service.wait_steady(blue, 2)
    assert health_of(server, front.group) == ["healthy", "healthy"]
    for task in service.tasks(blue):
        assert (task["group"], task["startedBy"]) == ("service:external", blue["id"])
    primary = service.ecs.update_service_primary_task_set(**service.named, primaryTaskSet=blue["id"])["taskSet"]
    assert primary["status"] == "PRIMARY"
    assert service.describe()["taskDefinition"] == blue["taskDefinition"]
    assert request(front.dns, front.port) == "blue"

    green_definition = definition(server, "external", "green")
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        service.make(green_definition, front.green, 50)
    front.listen_for_tests()
    with Load(front.dns, front.port) as load:
        green = service.make(green_definition, front.green, 50)
        service.wait_steady(green, 1)
        assert health_of(server, front.green) == ["healthy"]
        assert request(front.dns, front.test_port) == "green"
        service.ecs.update_task_set(**service.named, taskSet=green["id"], scale={"value": 100, "unit": "PERCENT"})
        service.wait_steady(green, 2)
        assert service.describe()["runningCount"] == 4
        server.aws("elbv2", "modify-listener", "--listener-arn", front.listener, "--default-actions",
                   f"Type=forward,TargetGroupArn={front.green}")
        until("green answers", lambda: request(front.dns, front.port) == "green")
        service.ecs.update_service_primary_task_set(**service.named, primaryTaskSet=green["taskSetArn"])
        with pytest.raises(ClientError, match="Primary TaskSet cannot be deleted"):
            service.ecs.delete_task_set(**service.named, taskSet=green["id"])
        gone = service.ecs.delete_task_set(**service.named, taskSet=blue["id"], force=True)["taskSet"]
        assert gone["status"] == "DRAINING"
        until("blue is gone", lambda: service.set(blue) is None, 120)
    nothing_failed(load)
    assert set(load.bodies) == {"blue", "green"}, load.bodies
    answer = service.ecs.describe_task_sets(**service.named, taskSets=[blue["id"]])
    assert answer["failures"] == [{"arn": blue["taskSetArn"], "reason": "MISSING"}]
    now = service.describe()
    assert [(s["id"], s["status"]) for s in now["taskSets"]] == [(green["id"], "PRIMARY")]
    assert now["loadBalancers"][0]["targetGroupArn"] == front.green
    events = service.events()
    assert f"(service external) updated computedDesiredCount for taskSet {green['id']} to 2." in events
    assert f"(service external, taskSet {green['id']}) updated state to STEADY_STATE." in events
    assert any(e.startswith(f"(service external, taskSet {blue['id']}) has begun draining connections on ")
               for e in events), events

    # What dies is replaced, in its own target group.
    lost = service.tasks(green)[0]["taskArn"]
    service.ecs.stop_task(cluster="default", task=lost)
    until("it is noticed", lambda: service.set(green)["stabilityStatus"] == "STABILIZING")
    service.wait_steady(green, 2)
    assert lost not in [t["taskArn"] for t in service.tasks(green)]

    with pytest.raises(ClientError, match="primary deployment is scaled above 0"):
        service.ecs.delete_service(**service.named)
    service.ecs.update_service(**service.named, desiredCount=0)
    service.ecs.delete_service(**service.named)
    until("it is INACTIVE", lambda: service.describe()["status"] == "INACTIVE", 120)
    until("no target is left", lambda: not health_of(server, front.green), 60)


def test_a_service_under_code_deploy(server, front):
    path = server.data_dir / "code-deploy.json"
    wanted = {
        "cluster": "default", "serviceName": "code-deploy", "desiredCount": 2, "clientToken": "",
        "taskDefinition": definition(server, "code-deploy", "blue"), "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA", "deploymentController": {"type": "CODE_DEPLOY"},
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
        "networkConfiguration": {"awsvpcConfiguration": front.network}, "healthCheckGracePeriodSeconds": 0,
        "loadBalancers": [{"targetGroupArn": front.green, "containerName": "test-nginx", "containerPort": 80}]}
    path.write_text(json.dumps(wanted))
    made = server.aws("ecs", "create-service", "--cli-input-json", f"file://{path}").json["service"]
    assert made["deployments"] == []
    assert [(s["status"], s["scale"]) for s in made["taskSets"]] == [("PRIMARY", {"value": 100.0, "unit": "PERCENT"})]
    ecs = server.client("ecs")

    def describe():
        return ecs.describe_services(cluster="default", services=["code-deploy"])["services"][0]

    def task_set():
        return describe()["taskSets"][0]
    until("it is steady", lambda: task_set()["stabilityStatus"] == "STEADY_STATE", 180)
    assert (describe()["deployments"], describe()["runningCount"]) == ([], 2)
    assert request(front.dns, front.port) == "blue"
    with pytest.raises(ClientError, match="Use AWS CodeDeploy to trigger a new deployment."):
        ecs.update_service(cluster="default", service="code-deploy", taskDefinition="code-deploy")
    with pytest.raises(ClientError, match="only supports task set management on services configured to use external"):
        ecs.delete_task_set(cluster="default", service="code-deploy", taskSet=task_set()["id"])

    # Killed and started with the option, nothing has happened to it but that waiters work.
    before = task_set()
    server.kill()
    server.options.append(OPTION)
    server.start()
    server.aws("ecs", "wait", "services-stable", "--cluster", "default", "--services", "code-deploy")
    shown = describe()
    assert [(d["id"], d["status"]) for d in shown["deployments"]] == [(before["id"], "PRIMARY")]
    assert shown["taskSets"] == [before]
    ecs.update_service(cluster="default", service="code-deploy", desiredCount=1)
    until("it has one task", lambda: (task_set()["runningCount"], task_set()["stabilityStatus"]) == (1, "STEADY_STATE"), 120)
    server.kill()
    server.options.remove(OPTION)
    server.start()
    assert describe()["deployments"] == []

    ecs.update_service(cluster="default", service="code-deploy", desiredCount=0)
    server.aws("ecs", "delete-service", "--cluster", "default", "--service", "code-deploy")
    until("it is INACTIVE", lambda: describe()["status"] == "INACTIVE", 120)
    until("no target is left", lambda: not health_of(server, front.green), 60)
