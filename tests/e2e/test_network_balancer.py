"""Network load balancers where things are not as they should be: a container that hangs, a zone without a target, a task
that is its own client, UDP clients whose target goes."""

import os
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import until
from load import Load, request
from test_services import Front, Service, processes
from test_task import awslogs, log_lines, shell

INTERVAL, THRESHOLD, TIMEOUT = 5, 2, 2  # of the fronts' health checks, in seconds
HOST_PORT = 18099


class LoneService(Service):
    """One task of shell commands; ECS reaches it at port 80."""

    def __init__(self, front, name, command):
        self.command = command
        super().__init__(front, name, desired=1)

    def register(self, word, image="busybox:latest", command=None):
        return self.server.register(self.name, [shell(
            command or self.command, name="test-nginx", logConfiguration=awslogs(f"/{self.name}"),
            portMappings=[{"containerPort": 80, "protocol": "tcp"}])])["taskDefinitionArn"]

    def said(self):
        return [line for task in self.tasks()
                for line in log_lines(self.server, f"/{self.name}", f"p/test-nginx/{task['taskArn'].rsplit('/')[-1]}")]


def own_client(front):
    """What a task finds out from within, when the load balancer before it knows no other target."""
    local = socket.gethostbyname(front.dns)
    return f"""
mkdir /tmp/w; echo self > /tmp/w/index.html; httpd -p 80 -h /tmp/w
until [ "$(nslookup {front.dns} | grep -c '^Address.*172')" = 1 ]; do sleep 1; done
echo "name $(nslookup {front.dns} | grep '^Address.*172' | sed 's/.* //')"
echo "from itself $(timeout 5 wget -q -O- http://{front.dns}:{front.port}/)"
try() {{ timeout 2 wget -q -O- http://$1/ && echo "reached $1" || echo "no way to $1"; }}
try 127.0.0.1:80
for host in 127.0.0.1 169.254.171.1 169.254.171.2 {local}; do try $host:{HOST_PORT}; done
echo over
exec sleep 10000
"""


@pytest.fixture(scope="module")
def scene(server):
    """Both services come up at the same time: that is most of what takes long."""
    hung = Front(server, "hung", 8091, ["--health-check-protocol", "HTTP", "--health-check-path", "/"])
    lone = Front(server, "lone", 8092)
    both = [Service(hung, "hung"), LoneService(lone, "lone", own_client(lone))]
    yield both
    for service in both:
        server.aws("ecs", "delete-service", "--cluster", "default", "--service", service.name, "--force")
    for service in both:
        until("no target is left", lambda: not service.front.health(), 120)
        service.front.delete()


@pytest.fixture(scope="module")
def secrets():
    """What runs on the host and is not meant for tasks."""
    class Secret(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"secret of the host\n")

        def log_message(self, *_):
            pass
    servers = [ThreadingHTTPServer(("0.0.0.0", HOST_PORT), Secret)]
    for one in servers:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    yield
    for one in servers:
        one.shutdown()
        one.server_close()


def zonal_addresses(server, front):
    """Zone → the balancer's address there."""
    enis = server.client("ec2").describe_network_interfaces(Filters=[
        {"Name": "description", "Values": [f"ELB {front.arn.split(':loadbalancer/')[1]}"]}])["NetworkInterfaces"]
    return {e["AvailabilityZone"]: e["PrivateIpAddress"] for e in enis}


def answers(address, port):
    try:
        return request(address, port, timeout=5)
    except ConnectionRefusedError:
        return None


def test_a_task_is_its_own_client_and_does_not_see_the_host(server, scene, secrets):
    service = scene[1]
    assert request("127.0.0.1", HOST_PORT) == "secret of the host"
    service.wait_healthy(1, 120)
    said = until("the task has tried everything", lambda: (lambda lines: lines if "over" in lines else None)(service.said()), 90)
    zone = service.tasks()[0]["availabilityZone"]
    assert f"name {zonal_addresses(server, service.front)[zone]}" in said
    assert "from itself self" in said
    hosts = "127.0.0.1", "169.254.171.1", "169.254.171.2", socket.gethostbyname(service.front.dns)
    assert sorted(line for line in said if line.startswith("no way")) == sorted(f"no way to {h}:{HOST_PORT}" for h in hosts)
    assert [line for line in said if line.startswith("reached")] == ["reached 127.0.0.1:80"]
    assert not [line for line in said if "secret" in line]


def test_a_zone_without_a_healthy_target_serves_nobody_until_zones_are_crossed(server, scene):
    service = scene[1]
    front = service.front
    service.wait_healthy(1, 120)
    zone = service.tasks()[0]["availabilityZone"]
    addresses = zonal_addresses(server, front)
    assert len(addresses) == 2
    other = next(address for name, address in addresses.items() if name != zone)
    assert answers(addresses[zone], front.port) == "self"
    assert answers(other, front.port) is None
    # Programs on the host have no zone.
    for _ in range(20):
        assert (request(front.dns, front.port), request("localhost", front.port)) == ("self", "self")

    def cross(on):
        server.aws("elbv2", "modify-load-balancer-attributes", "--load-balancer-arn", front.arn, "--attributes",
                   f"Key=load_balancing.cross_zone.enabled,Value={on}")
    cross("true")
    until("the other zone serves", lambda: answers(other, front.port) == "self", 20)
    cross("false")
    until("it does not any more", lambda: answers(other, front.port) is None, 20)


def test_a_container_that_hangs_leaves_traffic_and_is_replaced(scene):
    service = scene[0]
    front = service.front
    service.wait_healthy(2, 120)
    victim = service.tasks()[0]
    with Load(front.dns, front.port) as load:
        until("load runs", lambda: load.total > 50)
        for pid in processes(victim, "nginx"):
            os.kill(pid, signal.SIGSTOP)
        hung = time.monotonic()
        address = service.server.address(victim)
        until("its health checks fail", lambda: front.health().get(address) != "healthy")
        judged = time.monotonic()
        until("it is replaced", lambda: victim["taskArn"] not in {t["taskArn"] for t in service.tasks()}, 120)
        service.wait_stable()
        service.wait_healthy(2)
    # The last probe that succeeded was made just before at the earliest; then THRESHOLD fail, the last one by its time-out.
    # What comes on top is the machine's slowness.
    assert judged - hung < INTERVAL * THRESHOLD + TIMEOUT + 5
    late = [f for f in load.failures if f[0] > judged + 1]
    assert not late, (len(late), load.total, [(round(at - hung, 3), what) for at, what in load.failures[:10]])
    stopped = service.server.task(victim["taskArn"])
    assert stopped["stoppedReason"] == f"Task failed ELB health checks in (target-group {front.group})"
    assert any("is unhealthy in (target-group" in event for event in service.events()), service.events()[:10]


class UdpClient:
    """Datagrams from one port: one flow."""

    def __init__(self, host, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(1)
        self.socket.connect((host, port))

    def ask(self):
        try:
            self.socket.send(b"who?")
            return self.socket.recv(100).decode()
        except OSError:
            return None


def test_udp_sticks_to_a_target_until_that_goes(server):
    network = server.network(ports=[80])
    group = network["awsvpcConfiguration"]["securityGroups"][0]
    server.client("ec2").authorize_security_group_ingress(GroupId=group, IpProtocol="udp", FromPort=80, ToPort=80,
                                                          CidrIp="0.0.0.0/0")
    tasks = {word: server.run(server.register(f"udp-{word}", [shell(
        f"httpd -p 80 -h /tmp; exec udp_echo 80 {word}")]), network) for word in ("one", "two", "three")}
    elb, ec2 = server.client("elbv2"), server.client("ec2")
    subnet = ec2.describe_subnets(SubnetIds=network["awsvpcConfiguration"]["subnets"])["Subnets"][0]
    balancer = elb.create_load_balancer(Name="udp", Type="network", Subnets=[subnet["SubnetId"]])["LoadBalancers"][0]
    targets = elb.create_target_group(
        Name="udp", Protocol="TCP_UDP", Port=80, VpcId=subnet["VpcId"], TargetType="ip", HealthCheckIntervalSeconds=INTERVAL,
        HealthCheckTimeoutSeconds=TIMEOUT, HealthyThresholdCount=2, UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(TargetGroupArn=targets, Attributes=[
        {"Key": "deregistration_delay.timeout_seconds", "Value": "3"}])
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP_UDP", Port=5353,
                        DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}])
    addresses = {word: server.address(server.wait_status(arn, "RUNNING")) for word, arn in tasks.items()}
    elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": address} for address in addresses.values()])
    server.aws("elbv2", "wait", "target-in-service", "--target-group-arn", targets)
    clients = [UdpClient(balancer["DNSName"], 5353) for _ in range(30)]
    first = [until("an answer", client.ask) for client in clients]
    assert set(first) == {"one", "two", "three"}
    for _ in range(3):
        assert [until("an answer", client.ask) for client in clients] == first
    # Deregistered: no new flow.
    elb.deregister_targets(TargetGroupArn=targets, Targets=[{"Id": addresses["three"]}])
    until("no new flow goes to it", lambda: {until("an answer", UdpClient(balancer["DNSName"], 5353).ask)
                                             for _ in range(20)} == {"one", "two"}, 20)
    # Dead: its clients are the other's at once, from the same port.
    clients = [UdpClient(balancer["DNSName"], 5353) for _ in range(20)]
    assert {until("an answer", client.ask) for client in clients} == {"one", "two"}
    server.client("ecs").stop_task(cluster="default", task=tasks["two"])
    until("all clients are the other's", lambda: {client.ask() for client in clients} == {"one"}, 30)
    for arn in tasks.values():
        server.stop(arn)
    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    elb.delete_target_group(TargetGroupArn=targets)
