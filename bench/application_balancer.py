"""Requests per second through an application load balancer beside a plain HAProxy before the same task.

tests/box.sh build/venv/bin/python bench/application_balancer.py [--rounds 5] [--seconds 4]
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

import network_balancer

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "e2e"))

from conftest import IMAGES, Server, until  # noqa: E402
from test_application_balancer import PORT, ApplicationFront  # noqa: E402

NGINX = ("worker_processes 1; pid /run/bench.pid; error_log /dev/null; events { worker_connections 4096; } "
         "http { access_log off; keepalive_requests 1000000000; server { listen 80 backlog=4096; return 200 hello; } }")
# What somebody would write who wants the same: keep-alive on both sides, who asked, time-outs.
PLAIN = """
global
    maxconn 4096
defaults
    mode http
    option forwardfor
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend plain
    bind 127.0.0.1:18080
    default_backend task
backend task
    server task {address}:80
"""


def task_behind(server, front):
    definition = server.register("hello", [{
        "name": "main", "image": "nginx:latest", "entryPoint": ["sh", "-c"], "portMappings": [{"containerPort": 80}],
        "command": [f"echo '{NGINX}' > /tmp/bench.conf; exec nginx -c /tmp/bench.conf -g 'daemon off;'"]}], cpu="1024",
        memory="2048")
    arn = server.run(definition, {"awsvpcConfiguration": front.network})
    address = server.address(server.wait_status(arn, "RUNNING"))
    front.elb.register_targets(TargetGroupArn=front.group, Targets=[{"Id": address}])
    until("the target is healthy", lambda: front.health().get(address) == "healthy", 60)
    return address


def measure(paths, rounds, seconds):
    for close, what in ((False, "keep-alive"), (True, "new connections")):
        rates = {path: [] for path in paths}
        for _ in range(rounds):
            for path, address in paths.items():
                rates[path].append(network_balancer.rate(address, seconds, close))
        ratio = statistics.median(a / b for a, b in zip(rates["balancer"], rates["plain"]))
        print(f"{what:16} plain {statistics.median(rates['plain']):9,.0f} requests/s, balancer "
              f"{statistics.median(rates['balancer']):9,.0f} requests/s   {ratio:5.2f} x plain", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    network_balancer.settings()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
    server = Server(folder)
    server.start()
    plain = None
    try:
        server.gantry("image", "load", str(IMAGES[0]))
        server.client("ecs").create_cluster(clusterName="default")
        front = ApplicationFront(server, "bench")
        address = task_behind(server, front)
        configuration = folder / "plain.cfg"
        configuration.write_text(PLAIN.format(address=address))
        plain = subprocess.Popen(["haproxy", "-db", "-f", configuration], stderr=subprocess.DEVNULL)
        paths = {"plain": "127.0.0.1:18080", "balancer": f"{front.dns}:{PORT}"}
        for path in paths.values():
            network_balancer.serving(path)
        measure(paths, options.rounds, options.seconds)
    finally:
        if plain:
            plain.kill()
            plain.wait()
        server.down()


if __name__ == "__main__":
    main()
