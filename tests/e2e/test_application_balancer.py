"""Services behind an application load balancer: rules, TLS, rolls under keep-alive, a proxy that dies."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import until
from load import Load, nothing_failed, request
from test_services import Front, Service, processes

PORT = 8082
SECURE_PORT = 8443


class ApplicationFront:
    """An application load balancer with its security group and one target group of type ip."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.network = server.network()["awsvpcConfiguration"]
        ec2, self.elb = server.client("ec2"), server.client("elbv2")
        subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][:2]
        self.network["subnets"] = [s["SubnetId"] for s in subnets]
        vpc = subnets[0]["VpcId"]
        self.security_group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for port in (PORT, SECURE_PORT):
            ec2.authorize_security_group_ingress(GroupId=self.security_group, IpProtocol="tcp", FromPort=port, ToPort=port,
                                                 CidrIp="0.0.0.0/0")
        self.arn = server.aws("elbv2", "create-load-balancer", "--name", name, "--type", "application", "--subnets",
                              *self.network["subnets"], "--security-groups",
                              self.security_group).json["LoadBalancers"][0]["LoadBalancerArn"]
        self.dns = self.elb.describe_load_balancers(LoadBalancerArns=[self.arn])["LoadBalancers"][0]["DNSName"]
        self.group = self.elb.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2, UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
        self.elb.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "20"}])
        self.listener = self.elb.create_listener(
            LoadBalancerArn=self.arn, Protocol="HTTP", Port=PORT,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group}])["Listeners"][0]["ListenerArn"]

    def rule(self, priority, conditions, action):
        return self.elb.create_rule(ListenerArn=self.listener, Priority=priority, Conditions=conditions,
                                    Actions=[action])["Rules"][0]["RuleArn"]

    def health(self):
        answer = self.elb.describe_target_health(TargetGroupArn=self.group)
        return {t["Target"]["Id"]: t["TargetHealth"]["State"] for t in answer["TargetHealthDescriptions"]}

    def delete(self):
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)
        self.elb.delete_target_group(TargetGroupArn=self.group)
        self.server.client("ec2").delete_security_group(GroupId=self.security_group)


@pytest.fixture(scope="module")
def front(server):
    front = ApplicationFront(server, "app-front")
    yield front
    front.delete()


@pytest.fixture(scope="module")
def service(front):
    service = Service(front, "app")
    service.wait_stable()
    service.wait_healthy(2)
    yield service
    service.delete()
    until("no target is left", lambda: not front.health(), 60)


def get(front, path="/", headers=None):
    connection = http.client.HTTPConnection(front.dns, PORT, timeout=10)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read().decode().strip()
    connection.close()
    return answer, body


class KeepAlive:
    """Clients that keep their connections, as browsers do; an answer that ends its connection makes them open another."""

    def __init__(self, host, port, clients=4):
        self.failures, self.bodies = [], {}  # failures: (monotonic time at which it began, what)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(host, port), daemon=True) for _ in range(clients)]

    def _run(self, host, port):
        connection = http.client.HTTPConnection(host, port, timeout=10)
        while not self._over.wait(0.005):
            begin = time.monotonic()
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                body = answer.read().decode().strip()
                assert answer.status == 200, answer.status
                self.bodies[body] = self.bodies.get(body, 0) + 1
            except (OSError, http.client.HTTPException, AssertionError) as failure:
                self.failures.append((begin, repr(failure)))
                connection.close()
        connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failed):
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)


def test_rules_decide(front, service):
    fixed = front.rule(10, [{"Field": "path-pattern", "Values": ["/teapot*"]}],
                       {"Type": "fixed-response", "FixedResponseConfig": {
                           "StatusCode": "418", "ContentType": "text/plain", "MessageBody": "short and stout"}})
    redirect = front.rule(20, [{"Field": "host-header", "Values": ["old.*"]}],
                          {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Host": "new.example"}})
    try:
        until("the rules are in force", lambda: get(front, "/teapot/1")[0].status == 418, 20)
        until("both", lambda: get(front, "/", {"Host": "old.example"})[0].status == 301, 20)
        assert get(front, "/teapot/1")[1] == "short and stout"
        answer, _ = get(front, "/a?b=c", {"Host": "old.example"})
        assert (answer.status, answer.getheader("Location")) == (301, f"http://new.example:{PORT}/a?b=c")
        assert get(front)[1] == "blue"
    finally:
        for rule in (fixed, redirect):
            front.elb.delete_rule(RuleArn=rule)


def test_roll_under_keep_alive_loses_nothing(front, service):
    with KeepAlive(front.dns, PORT) as load:
        until("requests are answered", lambda: load.bodies.get("blue", 0) > 50, 30)
        service.update(taskDefinition=service.register("green"))
        until("green answers", lambda: load.bodies.get("green", 0) > 50, 180)
        service.wait_stable()
        before = load.bodies.get("blue", 0)
        until("only green answers", lambda: load.bodies["green"] > 500, 60)
        assert load.bodies.get("blue", 0) == before
    assert load.failures == []


def test_gantry_killed_during_a_roll(front, service, server):
    with KeepAlive(front.dns, PORT) as load:
        until("requests are answered", lambda: sum(load.bodies.values()) > 50, 30)
        service.update(taskDefinition=service.register("survivor"))
        until("the roll has begun", lambda: len(service.tasks()) > 2, 60)
        server.kill()
        seen = sum(load.bodies.values())
        until("requests are answered without Gantry", lambda: sum(load.bodies.values()) > seen + 100, 30)
        server.start()
        until("the new tasks answer", lambda: load.bodies.get("survivor", 0) > 50, 180)
        service.wait_stable()
        service.wait_healthy(2)
    assert load.failures == []


def test_a_killed_container_fails_no_more_than_its_connections(front, service):
    service.wait_healthy(2)
    victim = service.tasks()[0]
    with KeepAlive(front.dns, PORT, clients=4) as load:
        until("requests are answered", lambda: sum(load.bodies.values()) > 50, 30)
        for pid in processes(victim, "nginx: master"):
            os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        until("it is replaced", lambda: service.describe()["runningCount"] == 2 and
              victim["taskArn"] not in {t["taskArn"] for t in service.tasks()}, 120)
        service.wait_healthy(2)
    failures = [(round(at - killed, 3), what) for at, what in load.failures]
    assert len(failures) <= 4, failures
    assert all(at < 1 for at, _ in failures), failures


def test_the_proxy_dies_and_serves_again_and_network_balancers_do_not_notice(front, service, server):
    beside = Front(server, "beside", 8084)
    service.wait_healthy(2)
    front.elb.register_targets(TargetGroupArn=beside.group, Targets=[{"Id": server.address(t)} for t in service.tasks()])
    until("both are behind it", lambda: list(beside.health().values()) == ["healthy"] * 2)
    with Load(beside.dns, beside.port) as load:
        until("load runs", lambda: load.total > 50)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if b"/proxy/haproxy.cfg" in open(f"/proc/{pid}/cmdline", "rb").read():
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                continue
        died = time.monotonic()
        while True:
            try:
                request(front.dns, PORT, timeout=1)
                break
            except (OSError, AssertionError):
                assert time.monotonic() - died < 10, "the proxy is not started again"
        back = time.monotonic()
        seen = load.total
        until("load runs on", lambda: load.total > seen + 50)
    # The bound, with room for a machine that does other things too.
    assert back - died < 5
    nothing_failed(load)
    beside.delete()


def test_tls_with_an_imported_certificate(front, service, server):
    folder = server.data_dir
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=app.example",
                    "-addext", "subjectAltName=DNS:app.example", "-keyout", f"{folder}/k.pem", "-out", f"{folder}/c.pem"],
                   check=True, capture_output=True)
    acm = server.client("acm")
    certificate, key = (open(f"{folder}/{name}.pem", "rb").read() for name in ("c", "k"))
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    listener = front.elb.create_listener(
        LoadBalancerArn=front.arn, Protocol="HTTPS", Port=SECURE_PORT, Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": front.group}])["Listeners"][0]["ListenerArn"]
    try:
        trust = ssl.create_default_context(cafile=f"{folder}/c.pem")

        def answers():
            try:
                with socket.create_connection((front.dns, SECURE_PORT), timeout=5) as plain:
                    with trust.wrap_socket(plain, server_hostname="app.example") as connection:
                        connection.sendall(b"GET / HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n")
                        return connection.recv(100).startswith(b"HTTP/1.1 200")
            except OSError:
                return False
        until("it answers over TLS", answers, 20)
        with pytest.raises(acm.exceptions.ResourceInUseException):
            acm.delete_certificate(CertificateArn=arn)
    finally:
        front.elb.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)
