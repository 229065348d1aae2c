"""Seconds from UpdateService to steady state behind a network load balancer, and the share that the health checks' own
settings demand: interval x healthy threshold, once for all tasks of a roll of 200 / 100 percent.

tests/box.sh build/venv/bin/python bench/service_roll.py [--tasks 2 20] [--rounds 3]
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "e2e"))

from conftest import IMAGES, Server, until  # noqa: E402
from test_services import Front, Service  # noqa: E402

DEMANDED = 5 * 2  # s: Front's interval x threshold


def steady_after(service, word):
    definition = service.register(word)
    begin = time.monotonic()
    service.update(taskDefinition=definition)

    def steady():
        told = service.describe()
        return [d["status"] for d in told["deployments"]] == ["PRIMARY"] and \
            told["deployments"][0]["rolloutState"] == "COMPLETED" and told["runningCount"] == told["desiredCount"]
    until("steady", steady, 600)
    return time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, nargs="+", default=[2, 20])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    server = Server(pathlib.Path(tempfile.mkdtemp(prefix="bench-")))
    server.start()
    try:
        server.gantry("image", "load", str(IMAGES[0]))
        server.client("ecs").create_cluster(clusterName="default")
        for count in options.tasks:
            front = Front(server, f"roll{count}", 8000 + count)
            service = Service(front, f"roll{count}", desired=count)
            service.wait_stable(600)
            service.wait_healthy(count, 300)
            took = statistics.median(steady_after(service, f"word{i}") for i in range(options.rounds))
            print(f"{count:3} tasks: steady after {took:6.1f} s, {DEMANDED / took:5.2f} of it demanded", flush=True)
            service.delete()
            front.delete()
    finally:
        server.down()


if __name__ == "__main__":
    main()
