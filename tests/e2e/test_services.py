"""Services behind a network load balancer, as their users run them: traffic never drops over planned changes, and what
dies is out of traffic at once."""

import json
import os
import signal
import socket
import time

import pytest

from conftest import until
from load import Load, nothing_failed, request
from test_task import awslogs, log_lines, shell

NLB_HEALTH = ["--health-check-interval-seconds", "5", "--healthy-threshold-count", "2",
              "--unhealthy-threshold-count", "2", "--health-check-timeout-seconds", "2"]


class Front:
    """A network load balancer with one listener and one target group of type ip, made by the aws CLI."""

    def __init__(self, server, name, port, checks=()):
        self.server, self.name, self.port = server, name, port
        network = server.network()
        self.network = network["awsvpcConfiguration"]
        ec2 = server.client("ec2")
        subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        self.subnets = [s["SubnetId"] for s in subnets][:2]
        self.network["subnets"] = self.subnets
        balancer = server.aws("elbv2", "create-load-balancer", "--name", name, "--type", "network", "--subnets",
                              *self.subnets).json["LoadBalancers"][0]
        self.arn, self.dns = balancer["LoadBalancerArn"], balancer["DNSName"]
        server.aws("elbv2", "wait", "load-balancer-available", "--load-balancer-arns", self.arn)
        self.group = server.aws(
            "elbv2", "create-target-group", "--name", name, "--protocol", "TCP", "--port", "80", "--vpc-id",
            subnets[0]["VpcId"], "--target-type", "ip", *NLB_HEALTH, *checks).json["TargetGroups"][0]["TargetGroupArn"]
        server.aws("elbv2", "modify-target-group-attributes", "--target-group-arn", self.group, "--attributes",
                   "Key=deregistration_delay.timeout_seconds,Value=20")
        self.listener = server.aws(
            "elbv2", "create-listener", "--load-balancer-arn", self.arn, "--protocol", "TCP", "--port", str(port),
            "--default-actions", f"Type=forward,TargetGroupArn={self.group}").json["Listeners"][0]["ListenerArn"]

    def delete(self):
        self.server.aws("elbv2", "delete-listener", "--listener-arn", self.listener)
        self.server.aws("elbv2", "delete-load-balancer", "--load-balancer-arn", self.arn)
        self.server.aws("elbv2", "delete-target-group", "--target-group-arn", self.group)

    def health(self):
        answer = self.server.client("elbv2").describe_target_health(TargetGroupArn=self.group)
        return {t["Target"]["Id"]: t["TargetHealth"]["State"] for t in answer["TargetHealthDescriptions"]}

    def targets(self):
        return [{"Id": address} for address in self.health()]


class Service:
    """An nginx service as the article's, whose revisions answer with their own word."""

    def __init__(self, front, name, word="blue", desired=2, **more):
        self.front, self.server, self.name = front, front.server, name
        self.register(word)
        self.path = self.server.data_dir / f"{name}.json"
        self.path.write_text(json.dumps({
            "cluster": "default", "serviceName": name, "taskDefinition": name, "desiredCount": desired,
            "launchType": "FARGATE", "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "networkConfiguration": {"awsvpcConfiguration": front.network},
            "loadBalancers": [{"targetGroupArn": front.group, "containerName": "test-nginx", "containerPort": 80}],
            "healthCheckGracePeriodSeconds": 0, **more}))
        self.server.aws("ecs", "create-service", "--cli-input-json", f"file://{self.path}")

    def register(self, word, image="nginx:latest", command=None):
        definition = self.server.register(self.name, [{
            "name": "test-nginx", "image": image, "essential": True, "entryPoint": ["sh", "-c"], "stopTimeout": 2,
            "command": [command or f"echo {word} > /usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'"],
            "portMappings": [{"hostPort": 80, "protocol": "tcp", "containerPort": 80}]}])
        return definition["taskDefinitionArn"]

    def describe(self):
        return self.server.client("ecs").describe_services(cluster="default", services=[self.name])["services"][0]

    def update(self, **more):
        return self.server.client("ecs").update_service(cluster="default", service=self.name, **more)["service"]

    def tasks(self, status="RUNNING"):
        ecs = self.server.client("ecs")
        arns = ecs.list_tasks(cluster="default", serviceName=self.name, desiredStatus=status)["taskArns"]
        return ecs.describe_tasks(cluster="default", tasks=arns)["tasks"] if arns else []

    def events(self):
        return [e["message"] for e in self.describe()["events"]]

    def wait_stable(self, seconds=180):
        def stable():
            service = self.describe()
            return len(service["deployments"]) == 1 and service["runningCount"] == service["desiredCount"]
        try:
            until(f"{self.name} is stable", stable, seconds)
        except AssertionError as late:
            service = self.describe()
            raise AssertionError(f"{late}\n{service['deployments']}\n{self.events()[:10]}\n{self.front.health()}\n"
                                 f"{self.server.log_tail()}") from None

    def wait_healthy(self, count, seconds=90):
        def healthy():
            states = list(self.front.health().values())
            return states.count("healthy") == count and len(states) == count
        until(f"{count} healthy targets", healthy, seconds)

    def delete(self):
        self.server.aws("ecs", "delete-service", "--cluster", "default", "--service", self.name, "--force")
        until("its tasks are gone", lambda: not self.tasks("RUNNING"), 90)


@pytest.fixture(scope="module")
def front(server):
    front = Front(server, "front", 8081)
    yield front
    front.delete()


@pytest.fixture(scope="module")
def service(front):
    service = Service(front, "web")
    yield service
    service.delete()
    until("no target is left", lambda: not front.health(), 60)


def processes(task, name):
    """Host pids of a task's processes of that name."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            cgroup = open(f"/proc/{pid}/cgroup").read()
            words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
        except OSError:
            continue
        if task["taskArn"].rsplit("/")[-1] in cgroup and name in b" ".join(words).decode():
            found.append(int(pid))
    return found


def test_create_wait_and_reach_it_everywhere(server, front, service):
    server.aws("ecs", "wait", "services-stable", "--cluster", "default", "--services", "web")
    assert service.describe()["runningCount"] == 2
    until("its deployment is completed", lambda: service.describe()["deployments"][0]["rolloutState"] == "COMPLETED")
    server.aws("elbv2", "wait", "target-in-service", "--target-group-arn", front.group, "--targets",
               *[f"Id={t['Id']}" for t in front.targets()])
    assert list(front.health().values()) == ["healthy", "healthy"]
    assert request(front.dns, 8081) == "blue"
    assert request("localhost", 8081) == "blue"
    assert socket.gethostbyname(front.dns).startswith("127.64.")
    inside = server.run(server.register("inside", [shell(
        f"wget -q -O- http://{front.dns}:8081/", logConfiguration=awslogs("/inside"))]))
    server.wait_status(inside, "STOPPED")
    assert log_lines(server, "/inside", f"p/main/{inside.rsplit('/')[-1]}") == ["blue"]
    status = server.gantry("status").stdout
    assert f"{front.dns}:8081" in status and "localhost:8081" in status, status


def test_scale_out_and_in(server, front, service):
    service.wait_healthy(2)
    with Load(front.dns, 8081) as load:
        service.update(desiredCount=10)
        service.wait_stable()
        service.wait_healthy(10)
        service.update(desiredCount=2)
        service.wait_stable()
        service.wait_healthy(2)
    nothing_failed(load)
    assert load.total > 100


def test_an_update_rolls_without_a_failed_request(server, front, service):
    service.wait_healthy(2)
    with Load(front.dns, 8081) as by_name, Load("localhost", 8081, threads=2) as by_port:
        service.update(taskDefinition=service.register("green"))
        server.aws("ecs", "wait", "services-stable", "--cluster", "default", "--services", "web")
    for load in (by_name, by_port):
        assert set(load.bodies) == {"blue", "green"}
    nothing_failed(by_name, by_port)
    assert request(front.dns, 8081) == "green"
    assert {t["taskDefinitionArn"].rsplit(":")[-1] for t in service.tasks()} == {"2"}
    assert any("has reached a steady state" in event for event in service.events())


def test_forcing_a_new_deployment_replaces_all_and_drops_nothing(server, front, service):
    service.wait_healthy(2)
    before = {t["taskArn"] for t in service.tasks()}
    deployment = service.describe()["deployments"][0]
    with Load(front.dns, 8081) as load:
        service.update(forceNewDeployment=True)
        service.wait_stable()
        service.wait_healthy(2)
    nothing_failed(load)
    assert load.total > 100
    assert not before & {t["taskArn"] for t in service.tasks()}
    after = service.describe()["deployments"][0]
    assert after["id"] != deployment["id"] and after["taskDefinition"] == deployment["taskDefinition"]


def test_a_killed_container_leaves_traffic_and_is_replaced(server, front, service):
    service.wait_healthy(2)
    before = {t["taskArn"] for t in service.tasks()}
    victim = service.tasks()[0]
    with Load(front.dns, 8081) as load:
        until("load runs", lambda: load.total > 50)
        for pid in processes(victim, "nginx: master"):
            os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        until("it is replaced", lambda: service.describe()["runningCount"] == 2 and
              victim["taskArn"] not in {t["taskArn"] for t in service.tasks()}, 120)
        service.wait_healthy(2)
    late = [f for f in load.failures if f[0] > killed + 1]
    assert not late, (len(late), load.total, [(round(at - killed, 3), what) for at, what in load.failures[:10]])
    assert len({t["taskArn"] for t in service.tasks()} & before) == 1


def test_a_bad_image_rolls_back(server, front, service):
    good = service.describe()["taskDefinition"]
    bad = service.register("never", image="127.0.0.1:1/no/such:image")
    with Load(front.dns, 8081) as load:
        service.update(taskDefinition=bad, deploymentConfiguration={
            "maximumPercent": 200, "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True}})
        until("it is rolled back", lambda: service.describe()["taskDefinition"] == good, 180)
        service.wait_stable()
    nothing_failed(load)
    assert any("deployment failed" in event for event in service.events()), service.events()[:10]


def test_gantry_killed_during_a_roll(server, front, service):
    service.wait_healthy(2)
    with Load(front.dns, 8081) as load:
        service.update(taskDefinition=service.register("survivor"))
        until("the roll has begun", lambda: len(service.tasks()) > 2)
        server.kill()
        begin = sum(load.bodies.values())
        until("traffic goes on without Gantry", lambda: sum(load.bodies.values()) > begin + 100)
        server.start()
        service.wait_stable()
    nothing_failed(load)
    assert request(front.dns, 8081) == "survivor"
