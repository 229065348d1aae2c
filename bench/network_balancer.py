"""Requests per second through a network load balancer beside the direct path to the same task, from the host.

tests/box.sh build/venv/bin/python bench/network_balancer.py [--rounds 5] [--seconds 4]
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log /dev/null crit;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; server {{ listen 80 backlog=4096; return 200 "hello"; }} }}
"""
# A host that opens tens of thousands of connections a second runs out of ports otherwise.
SETTINGS = ("net/ipv4/tcp_tw_reuse=1", "net/ipv4/ip_local_port_range=1024 65000")


def settings(netns=None):
    enter = ["nsenter", f"--net={netns}"] if netns else []
    for setting in SETTINGS:
        name, value = setting.split("=")
        subprocess.run([*enter, "sh", "-c", f"echo {value} >/proc/sys/{name}"], check=True)


def rate(address, seconds, close):
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", *(["-H", "Connection: close"] if close else []),
               f"http://{address}/"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Socket errors" not in out and "Non-2xx" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def serving(address):
    for _ in range(200):
        if subprocess.run(["curl", "-sf", "-o", "/dev/null", f"http://{address}/"], check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers at {address}")


def measure(made, rounds, seconds):
    paths = ("balancer", "host", "localhost")
    for close, what in ((False, "keep-alive"), (True, "new connections")):
        rates = {path: [] for path in ("direct", *paths)}
        for _ in range(rounds):
            for path, seen in rates.items():
                seen.append(rate(made[path], seconds, close))
        direct = rates.pop("direct")
        print(f"{what:16} direct {statistics.median(direct):12,.0f} requests/s")
        for path, seen in rates.items():
            ratio = statistics.median(a / b for a, b in zip(seen, direct))
            print(f"{what:16} by {made[path]:18} {statistics.median(seen):8,.0f} requests/s   {ratio:5.2f} x direct")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    network = subprocess.Popen([ROOT / "build/balanced_network"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    made = json.loads(network.stdout.readline())
    settings()
    settings(made["netns"])
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder) / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder))
        nginx = subprocess.Popen(["nsenter", f"--net={made['netns']}", "nginx", "-c", configuration, "-p", folder],
                                 stderr=subprocess.DEVNULL)
        try:
            serving(made["balancer"])
            measure(made, options.rounds, options.seconds)
        finally:
            nginx.kill()
            nginx.wait()
    network.communicate("")


if __name__ == "__main__":
    main()
