"""Measures what bench/README.md lists; prints one line per figure, medians over the rounds."""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from conftest import IMAGES, Server, until  # noqa: E402

SECONDS = 5


def wrk(url, connections, script, seconds=SECONDS):
    """Requests per second, p50 and p99 in ms, and answers that were not 2xx."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", lua.name, url],
                             capture_output=True, text=True, check=True).stdout

    def milliseconds(label):
        value, unit = re.search(label + r"\s+([\d.]+)(us|ms|s)", out).groups()
        return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), milliseconds("50%"), milliseconds("99%"),
            int(bad.group(1)) if bad else 0)


def request_lua(operation, body, unique=False):
    authorization = ("AWS4-HMAC-SHA256 Credential=test/20261123/ap-northeast-1/ecs/aws4_request, "
                     "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64)
    head = f'''
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-amz-json-1.1"
wrk.headers["X-Amz-Target"] = "AmazonEC2ContainerServiceV20141113.{operation}"
wrk.headers["Authorization"] = "{authorization}"
wrk.headers["X-Amz-Date"] = "20261123T000000Z"
wrk.body = {json.dumps(body)}
'''
    if not unique:
        return head
    return head + '''
local n = 0
request = function()
  n = n + 1
  wrk.headers["amz-sdk-invocation-id"] = tostring(wrk.thread) .. "-" .. tostring(n)
  return wrk.format()
end
'''


GET = 'wrk.method = "GET"\n'
DEFINITION = json.dumps({
    "family": "bench", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
    "containerDefinitions": [{"name": "main", "image": "busybox:latest", "command": ["sleep", "1000"]}]})


def show(name, value, unit="", note=""):
    print(f"{name:58} {value:>12.3f} {unit:8} {note}", flush=True)


def api(server, rounds):
    ecs = server.client("ecs")
    url = server.environment["AWS_ENDPOINT_URL"] + "/"
    definition = server.register("bench", [{"name": "main", "image": "busybox:latest", "command": ["sleep", "1000"]}])
    network = server.network()
    # 1,000 tasks, most of them stopped: records to list and describe, not processes.
    arns = []
    for _ in range(100):
        arns += [t["taskArn"] for t in ecs.run_task(cluster="default", count=10, launchType="FARGATE",
                                                    taskDefinition=definition["taskDefinitionArn"],
                                                    networkConfiguration=network)["tasks"]]
        for arn in arns[-10:]:
            ecs.stop_task(cluster="default", task=arn)
    until("all stopped", lambda: not ecs.list_tasks(cluster="default", desiredStatus="RUNNING")["taskArns"], 600)
    cases = {
        "DescribeClusters": request_lua("DescribeClusters", '{"clusters":["default"]}'),
        "DescribeTasks of 100": request_lua("DescribeTasks", json.dumps({"cluster": "default", "tasks": arns[:100]})),
        "ListTasks of 100 in 1,000": request_lua("ListTasks", '{"cluster":"default","desiredStatus":"STOPPED"}'),
        "RegisterTaskDefinition": request_lua("RegisterTaskDefinition", DEFINITION, unique=True),
    }
    for name, script in cases.items():
        ratios, p50s, p99s, rates = [], [], [], []
        for _ in range(rounds):
            base = wrk(url + "_gantry/health", 8, GET)
            ours = wrk(url, 8, script)
            assert ours[3] == 0, f"{name}: {ours[3]} bad answers"
            ratios.append(ours[0] / base[0])
            rates.append(ours[0])
            p50s.append(ours[1])
            p99s.append(ours[2])
        show(f"api {name}: rate / constant answer", statistics.median(ratios), "x", "aim >= 0.4")
        show(f"api {name}: requests/s", statistics.median(rates))
        show(f"api {name}: p50, p99", statistics.median(p50s), "ms", f"p99 {statistics.median(p99s):.3f} ms")


def moto(rounds):
    program = shutil.which("moto_server")
    if not program:
        print("moto_server is not on PATH: not compared")
        return
    process = subprocess.Popen([program, "-p", "5999"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        import boto3
        ecs = boto3.client("ecs", region_name="ap-northeast-1", endpoint_url="http://127.0.0.1:5999",
                           aws_access_key_id="test", aws_secret_access_key="test")

        def answers():
            try:
                return ecs.create_cluster(clusterName="default")
            except Exception:  # not listening yet
                return None
        until("moto answers", answers)
        for name, body in {"DescribeClusters": '{"clusters":["default"]}', "RegisterTaskDefinition": DEFINITION}.items():
            runs = [wrk("http://127.0.0.1:5999/", 8, request_lua(name, body)) for _ in range(rounds)]
            show(f"moto {name}: requests/s", statistics.median(r[0] for r in runs), "",
                 f"p50 {statistics.median(r[1] for r in runs):.3f} ms")
    finally:
        process.kill()
        process.wait()


def durable(server, rounds):
    url = server.environment["AWS_ENDPOINT_URL"] + "/"
    script = request_lua("RegisterTaskDefinition", DEFINITION, unique=True)
    rates = {c: statistics.median(wrk(url, c, script)[0] for _ in range(rounds)) for c in (1, 16, 64)}
    for clients, rate in rates.items():
        show(f"durable RegisterTaskDefinition, {clients} clients", rate, "/s", f"{rate / rates[1]:.2f} x one client")


def starts(server, rounds):
    """RunTask until the worker's own report of RUNNING (startedAt - createdAt is policy time in ms), and many at once."""
    ecs = server.client("ecs")
    definition = server.register("start", [{"name": "main", "image": "busybox:latest", "command": ["sleep", "1000"]}])
    network = server.network()
    bare = subprocess.run([str(ROOT / "build" / "container_start_bench"), str(server.data_dir)],
                          capture_output=True, text=True)
    baseline = json.loads(bare.stdout) if bare.returncode == 0 else None
    if baseline is None:
        print(f"no baseline: {bare.stderr}")
    one = []
    for _ in range(10 * rounds):
        begin = time.monotonic()
        arn = server.run(definition, network)
        until("RUNNING", lambda: server.task(arn)["lastStatus"] == "RUNNING")
        one.append((time.monotonic() - begin) * 1000)
        ecs.stop_task(cluster="default", task=arn)
    show("starts one by one: RunTask -> RUNNING, median", statistics.median(one), "ms",
         f"{statistics.median(one) / baseline['median_ms']:.2f} x bare {baseline['median_ms']:.1f} ms" if baseline else "")
    count = 100
    begin = time.monotonic()
    arns = []
    for _ in range(count // 10):
        arns += [t["taskArn"] for t in ecs.run_task(cluster="default", count=10, launchType="FARGATE",
                                                    taskDefinition=definition["taskDefinitionArn"],
                                                    networkConfiguration=network)["tasks"]]
    until("all RUNNING", lambda: all(t["lastStatus"] == "RUNNING"
                                     for t in ecs.describe_tasks(cluster="default", tasks=arns)["tasks"]), 120)
    rate = count / (time.monotonic() - begin)
    show(f"starts {count} at once", rate, "/s",
         f"{rate / baseline['per_second']:.2f} x bare {baseline['per_second']:.1f}/s" if baseline else "")
    for arn in arns:
        ecs.stop_task(cluster="default", task=arn)
    until("all stopped", lambda: not ecs.list_tasks(cluster="default", desiredStatus="RUNNING")["taskArns"], 300)


def idle(server, _rounds):
    def cpu():
        fields = open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    before = cpu()
    time.sleep(20)
    used = (cpu() - before) / 20 * 100
    rollup = open(f"/proc/{server.process.pid}/smaps_rollup").read()
    show("idle CPU of gantry", used, "%", "aim < 1")
    show("idle memory of gantry (PSS)", int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1)) / 1024, "MiB", "aim <= 40")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["idle", "starts", "api", "durable"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(pathlib.Path(folder), ["--log-level", "warning"])
        try:
            server.start()
            server.gantry("image", "load", *[str(i) for i in IMAGES])
            server.client("ecs").create_cluster(clusterName="default")
            for part in options.parts:
                globals()[part](server, options.rounds)
            if "api" in options.parts:
                moto(options.rounds)
        finally:
            server.down()


if __name__ == "__main__":
    main()
