"""How long a blue/green deployment under CodeDeploy takes to switch, and the longest time without an answer meanwhile, seen
by clients that open a connection for each request as fast as they can. Beside it: the longest such time of a stretch of the same
length without a switch, in the same run.

tests/box.sh build/venv/bin/python bench/traffic_switch.py [--rounds 4] [--clients 6]
"""

import argparse
import multiprocessing
import pathlib
import socket
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "e2e"))

from bluegreen import BlueGreen  # noqa: E402
from conftest import IMAGES, Server, until  # noqa: E402

STRETCH = 2  # s on either side of the switch


def probe(address, port, seconds, answers):
    """Sends what it saw: (begun, ended, body) of each connection; body None: it failed."""
    asked = f"GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
    seen, over = [], time.monotonic() + seconds
    while (begin := time.monotonic()) < over:
        body = None
        try:
            with socket.create_connection((address, port), timeout=5) as connection:
                connection.sendall(asked)
                answer = b""
                while part := connection.recv(4096):
                    answer += part
            if b" 200 " in answer[:16]:
                body = answer.partition(b"\r\n\r\n")[2].strip().decode()
        except OSError:
            pass
        seen.append((begin, time.monotonic(), body))
    answers.put(seen)


def longest_gap(seen, begin, end):
    """ms between two answers, whoever got them."""
    times = sorted(t for _, t, body in seen if body is not None and begin <= t <= end)
    return max(b - a for a, b in zip(times, times[1:])) * 1_000


def switched(stack, word, clients):
    """Deploys `word` under the probers' load; what they saw."""
    address = socket.gethostbyname(stack.dns)
    id = stack.start(stack.register(word))
    stack.wait_event(id, "AfterAllowTestTraffic") if stack.test_port else stack.wait_event(id, "Install")
    answers = multiprocessing.Queue()
    probers = [multiprocessing.Process(target=probe, args=(address, stack.port, 20, answers)) for _ in range(clients)]
    for prober in probers:
        prober.start()
    time.sleep(2 * STRETCH)  # what is seen without a switch
    stack.deploy.continue_deployment(deploymentId=id, deploymentWaitType="READY_WAIT")
    seen = [one for _ in probers for one in answers.get()]
    for prober in probers:
        prober.join()
    stack.wait(id, "Succeeded")
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=6)
    options = parser.parse_args()
    server = Server(pathlib.Path(tempfile.mkdtemp(prefix="bench-")))
    server.start()
    try:
        server.gantry("image", "load", str(IMAGES[0]))
        server.gantry("clock", "rate", "60")
        server.client("ecs").create_cluster(clusterName="default")
        for kind, network in (("network", True), ("application", False)):
            stack = BlueGreen(server, f"switch-{kind[:3]}", 8201 if network else 8203, network=network,
                              ready={"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 600})
            until("two targets", lambda: len(stack.health("blue")) == 2, 120)
            gaps, quiet, overlaps, rates, failed = [], [], [], [], 0
            for turn in range(options.rounds):
                word = ("green", "blue")[turn % 2]
                seen = switched(stack, word, options.clients)
                first = min(t for _, t, body in seen if body == word)
                last = max(begin for begin, _, body in seen if body not in (word, None))
                begin = min(b for b, _, _ in seen)
                failed += sum(body is None for _, _, body in seen)
                overlaps.append((last - first) * 1_000)
                gaps.append(longest_gap(seen, first - STRETCH / 2, max(last, first) + STRETCH / 2))
                quiet.append(longest_gap(seen, begin + 0.5, min(begin + 0.5 + STRETCH, first)))
                rates.append(len(seen) / 20)
            print(f"{kind:12} {statistics.median(rates):6.0f} connections/s, {failed} failed; first new answer to last connection "
                  f"that reached the old: {statistics.median(overlaps):7.1f} ms; longest gap {statistics.median(gaps):6.1f} ms, "
                  f"worst {max(gaps):.1f}; without a switch {statistics.median(quiet):6.1f} ms, worst {max(quiet):.1f}", flush=True)
            stack.delete()
    finally:
        server.down()


if __name__ == "__main__":
    main()
