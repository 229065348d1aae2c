"""CPU of the server that probes 1,000 targets over HTTP, beside the same server at rest.

tests/box.sh build/venv/bin/python bench/target_checks.py [--seconds 20]
"""

import argparse
import pathlib
import sys
import tempfile
import time

import process_time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "e2e"))

from conftest import IMAGES, Server, until  # noqa: E402

TARGETS = 1000
NGINX = ("worker_processes 1; pid /run/many.pid; error_log /dev/null; events { worker_connections 4096; } "
         f"http {{ access_log off; server {{ listen 10000-{9999 + TARGETS}; location / {{ return 200 ok; }} }} }}")


def cores(server, seconds):
    begin, at = process_time.of(server.process.pid), time.monotonic()
    time.sleep(seconds)
    return (process_time.of(server.process.pid) - begin) / (time.monotonic() - at)


def address_of_many(server, network):
    """One task that answers at as many ports as there are targets."""
    definition = server.register("many", [{
        "name": "main", "image": "nginx:latest", "entryPoint": ["sh", "-c"],
        "ulimits": [{"name": "nofile", "softLimit": 16384, "hardLimit": 16384}],
        "command": [f"echo '{NGINX}' > /tmp/many.conf; exec nginx -c /tmp/many.conf -g 'daemon off;'"]}])
    return server.address(server.wait_status(server.run(definition, network), "RUNNING"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=20)
    seconds = parser.parse_args().seconds
    server = Server(pathlib.Path(tempfile.mkdtemp(prefix="bench-")))
    server.start()
    server.gantry("image", "load", str(IMAGES[0]))
    server.client("ecs").create_cluster(clusterName="default")
    try:
        elb, ec2 = server.client("elbv2"), server.client("ec2")
        network = server.network(ports=())
        configuration = network["awsvpcConfiguration"]
        ec2.authorize_security_group_ingress(GroupId=configuration["securityGroups"][0], IpProtocol="tcp", FromPort=1,
                                             ToPort=65535, CidrIp="0.0.0.0/0")
        address = address_of_many(server, network)
        subnet = ec2.describe_subnets(SubnetIds=configuration["subnets"])["Subnets"][0]
        balancer = elb.create_load_balancer(Name="many", Type="network",
                                            Subnets=[subnet["SubnetId"]])["LoadBalancers"][0]["LoadBalancerArn"]
        group = elb.create_target_group(
            Name="many", Protocol="TCP", Port=80, VpcId=subnet["VpcId"], TargetType="ip", HealthCheckProtocol="HTTP",
            HealthCheckPath="/", HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=4,
            HealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
        elb.create_listener(LoadBalancerArn=balancer, Protocol="TCP", Port=80,
                            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        print(f"at rest: {cores(server, seconds):.4f} cores", flush=True)
        begin, at = process_time.of(server.process.pid), time.monotonic()
        for first in range(10000, 10000 + TARGETS, 100):
            elb.register_targets(TargetGroupArn=group, Targets=[{"Id": address, "Port": first + i} for i in range(100)])

        def healthy():
            time.sleep(1)
            told = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
            return sum(t["TargetHealth"]["State"] == "healthy" for t in told) == TARGETS
        until("all are healthy", healthy, 300)
        print(f"until {TARGETS} are healthy: {time.monotonic() - at:.0f} s, "
              f"{process_time.of(server.process.pid) - begin:.1f} s of CPU", flush=True)
        print(f"each every 5 s: {cores(server, seconds):.3f} cores", flush=True)
        elb.modify_target_group(TargetGroupArn=group, HealthCheckIntervalSeconds=30)
        time.sleep(10)  # a changed check begins anew with all of them
        print(f"each every 30 s: {cores(server, max(seconds, 30)):.3f} cores", flush=True)
    finally:
        server.down()


if __name__ == "__main__":
    main()
