"""The real program, real containers, real clients, in a box without a way out (tests/box.sh)."""

import json
import os
import pathlib
import signal
import subprocess
import time

import boto3
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GANTRY = ROOT / "build" / "gantry"
REGION = "ap-northeast-1"
IMAGES = [ROOT / "build" / "nginx-image.tar", ROOT / "build" / "busybox-image.tar"]


def until(what, condition, seconds=60):
    """Polls a condition; returns its first true value. The bound only ends a test that has failed anyway."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Server:
    """One installation: starts, kills and restarts `gantry up`, and speaks to it as users do."""

    def __init__(self, data_dir, options=()):
        self.data_dir = data_dir
        self.options = list(options)
        self.process = None
        self.environment = dict(os.environ)
        self.clients = {}

    def gantry(self, *words, check=True, timeout=120):
        done = subprocess.run([str(GANTRY), words[0], *words[1:], "--data-dir", str(self.data_dir)],
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"gantry {words}: {done.stderr}{self.log_tail()}"
        return done

    def log_tail(self):
        log = self.data_dir / "gantry.log"
        return "\n".join(log.read_text().splitlines()[-30:]) if log.exists() else ""

    def start(self):
        log = open(self.data_dir / "gantry.log", "a")
        self.process = subprocess.Popen(
            [str(GANTRY), "up", "--data-dir", str(self.data_dir), "--region", REGION, *self.options],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        self.gantry("status", "--wait", "60")
        for line in self.gantry("env").stdout.splitlines():
            if line.startswith("export "):
                name, value = line[len("export "):].split("=", 1)
                self.environment[name] = value.strip("'\"")
        os.environ.update({k: v for k, v in self.environment.items() if k.startswith("AWS_")})
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def down(self, purge=True):
        self.gantry("down", *(["--purge"] if purge else []))
        if self.process:
            self.process.wait(timeout=60)

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.Session(region_name=REGION).client(
                service, endpoint_url=self.environment["AWS_ENDPOINT_URL"])
        return self.clients[service]

    def aws(self, *words, check=True):
        done = subprocess.run(["aws", *words], capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
                              env=dict(self.environment, AWS_PAGER="", PATH=f"{ROOT}/build/venv/bin:{os.environ['PATH']}"))
        assert not check or done.returncode == 0, f"aws {words}: {done.stderr}\n{self.log_tail()}"
        try:
            done.json = json.loads(done.stdout)
        except ValueError:
            done.json = None
        return done

    def network(self, ports=(80,)):
        """A subnet of the default VPC and a fresh group that lets the ports in from anywhere."""
        ec2 = self.client("ec2")
        subnet = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][0]
        group = ec2.create_security_group(GroupName=f"g-{time.monotonic_ns()}", Description="test",
                                          VpcId=subnet["VpcId"])["GroupId"]
        if ports:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": p, "ToPort": p, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]} for p in ports])
        return {"awsvpcConfiguration": {"subnets": [subnet["SubnetId"]], "securityGroups": [group]}}

    def register(self, family, containers, **more):
        return self.client("ecs").register_task_definition(**{
            "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
            "containerDefinitions": containers, **more})["taskDefinition"]

    def run(self, definition, network=None, cluster="default", **more):
        answer = self.client("ecs").run_task(cluster=cluster, launchType="FARGATE",
                                             taskDefinition=definition["taskDefinitionArn"],
                                             networkConfiguration=network or self.network(), **more)
        assert answer["failures"] == [], answer["failures"]
        return answer["tasks"][0]["taskArn"]

    def task(self, arn, cluster="default"):
        return self.client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"][0]

    def wait_status(self, arn, status, cluster="default", seconds=90):
        order = ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING",
                 "STOPPED"]

        def reached():
            task = self.task(arn, cluster)
            if order.index(task["lastStatus"]) < order.index(status):
                return None
            assert task["lastStatus"] == status or status != "RUNNING", (
                f"{task.get('stoppedReason')} {task['containers']} {self.log_tail()}")
            return task if task["lastStatus"] == status else None
        return until(f"{arn} is {status}", reached, seconds)

    def address(self, task):
        return next(d["value"] for d in task["attachments"][0]["details"] if d["name"] == "privateIPv4Address")

    def stop(self, arn, cluster="default"):
        self.client("ecs").stop_task(cluster=cluster, task=arn)
        return self.wait_status(arn, "STOPPED", cluster)


def wait_for_the_default_vpc():
    """While another installation's last task goes, the host's way to the default VPC still leads there."""
    def free():
        routes = subprocess.run(["ip", "-4", "route"], capture_output=True, text=True, check=True).stdout
        return not any(route.startswith("172.31.") for route in routes.splitlines())
    until("no other installation has a task in the default VPC", free, 120)


def make_server(tmp_path_factory, options=()):
    wait_for_the_default_vpc()
    server = Server(tmp_path_factory.mktemp("gantry"), options)
    server.start()
    server.gantry("image", "load", *[str(i) for i in IMAGES])
    server.client("ecs").create_cluster(clusterName="default")
    return server


@pytest.fixture(scope="session", autouse=True)
def images():
    for image in IMAGES:
        if not image.exists():
            pytest.exit(f"{image} is missing: tests/run.py makes it", returncode=1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = make_server(tmp_path_factory)
    yield server
    server.down()


@pytest.fixture
def fresh_server(tmp_path_factory):
    """A server of its own, for tests that kill it. Its port is the default one, so `server` must not run: these
    tests listen elsewhere."""
    server = make_server(tmp_path_factory, ["--listen", "127.0.0.1:4577"])
    yield server
    server.down()
