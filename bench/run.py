"""Measures what bench/README.md lists; prints one line per figure, medians over the rounds."""

import argparse
import contextlib
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

import process_time  # noqa: E402
from conftest import IMAGES, Server, until  # noqa: E402
from light_client import HEADERS, LightClient, target  # noqa: E402

SECONDS = 5
BUILD = ROOT / "build"
# busybox as PID 1 takes no SIGTERM: without a short stopTimeout each stop would be half a minute of nothing.
CONTAINER = {"name": "main", "image": "busybox:latest", "command": ["sleep", "1000"], "stopTimeout": 2}


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
    headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in HEADERS.items())
    head = f'''
wrk.method = "POST"
{headers}wrk.headers["X-Amz-Target"] = "{target(operation)}"
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


@contextlib.contextmanager
def constant_answers():
    """The same HTTP server with nothing behind it; yields (pid, URL prefix): PREFIX/SIZE is answered with SIZE bytes."""
    with subprocess.Popen([str(BUILD / "constant_answer_bench")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        yield process.pid, f"http://127.0.0.1:{int(process.stdout.readline())}/"
        process.stdin.close()


def loaded(pid, *arguments):
    """What wrk says, and the server's CPU time per request in ms: that hardly depends on what else the machine does."""
    before = process_time.of(pid)
    result = wrk(*arguments)
    return result, (process_time.of(pid) - before) * 1000 / (result[0] * SECONDS)


def stopped_tasks(server, count):
    """Records to list and describe, not processes."""
    ecs, network = server.client("ecs"), server.network()
    definition = server.register("bench", [CONTAINER])
    arns = []
    while len(arns) < count:
        arns += [t["taskArn"] for t in ecs.run_task(cluster="default", count=10, launchType="FARGATE",
                                                    taskDefinition=definition["taskDefinitionArn"],
                                                    networkConfiguration=network)["tasks"]]
        for arn in arns[-10:]:
            ecs.stop_task(cluster="default", task=arn)
    until("all stopped", lambda: not ecs.list_tasks(cluster="default", desiredStatus="RUNNING")["taskArns"] and all(
        t["lastStatus"] == "STOPPED" for i in range(0, count, 100)
        for t in ecs.describe_tasks(cluster="default", tasks=arns[i:i + 100])["tasks"]), 900)
    return arns


def api(server, rounds):
    url = server.environment["AWS_ENDPOINT_URL"] + "/"
    arns = stopped_tasks(server, 1000)
    light = LightClient(url)
    cases = [
        ("DescribeClusters", 8, {"clusters": ["default"]}, False),
        ("DescribeTasks of 100", 8, {"cluster": "default", "tasks": arns[:100]}, False),
        ("ListTasks of 100 in 1,000", 8, {"cluster": "default", "desiredStatus": "STOPPED"}, False),
        ("RegisterTaskDefinition", 8, json.loads(DEFINITION), True),
        ("RegisterTaskDefinition", 64, json.loads(DEFINITION), True),
    ]
    with constant_answers() as (baseline, constant):
        for name, connections, members, unique in cases:
            operation = name.split()[0]
            size = len(light.bytes(operation, members))
            script = request_lua(operation, json.dumps(members), unique)
            # The same request, answered by as many bytes.
            pairs = [(loaded(server.process.pid, url, connections, script),
                      loaded(baseline, f"{constant}{size}", connections, script)) for _ in range(rounds)]
            assert not any(ours[3] for (ours, _), _ in pairs), f"{name}: bad answers"
            middle = lambda values: statistics.median(list(values))  # noqa: E731
            title = f"api {name}, {connections} connections"
            show(f"{title}: rate / constant of {size} B", middle(o[0] / c[0] for (o, _), (c, _) in pairs), "x",
                 "aim >= 0.4")
            show(f"{title}: requests/s", middle(o[0] for (o, _), _ in pairs), "",
                 f"constant {middle(c[0] for _, (c, _) in pairs):.0f}")
            show(f"{title}: p50", middle(o[1] for (o, _), _ in pairs), "ms",
                 f"p99 {middle(o[2] for (o, _), _ in pairs):.3f} ms")
            show(f"{title}: server CPU per request", middle(cpu for (_, cpu), _ in pairs), "ms",
                 f"constant {middle(cpu for _, (_, cpu) in pairs):.3f} ms")


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


def baseline(server, container=()):
    done = subprocess.run([str(BUILD / "container_start_bench"), str(server.data_dir), *container],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def running_container(server):
    """containerd's name of a container that runs now."""
    facts = json.loads((server.data_dir / "server.json").read_text())
    return subprocess.run(["ctr", "-a", facts["containerd_socket"], "-n", facts["containerd_namespace"], "containers",
                           "list", "-q"], capture_output=True, text=True, check=True).stdout.split()[0]


def run_tasks(light, count, definition, network):
    return [t["taskArn"] for _ in range((count + 9) // 10)
            for t in light.call("RunTask", cluster="default", count=min(count, 10), launchType="FARGATE",
                                taskDefinition=definition["taskDefinitionArn"], networkConfiguration=network)["tasks"]]


def wait_for(light, arns, status, pause, seconds=300):
    deadline = time.monotonic() + seconds
    while any(t["lastStatus"] != status for t in light.call("DescribeTasks", cluster="default", tasks=arns)["tasks"]):
        assert time.monotonic() < deadline, f"not {status} within {seconds} s"
        time.sleep(pause)


def stop_tasks(light, arns):
    for arn in arns:
        light.call("StopTask", cluster="default", task=arn)
    wait_for(light, arns, "STOPPED", 0.2)


def starts(server, rounds):
    """RunTask until DescribeTasks says RUNNING, asked every 5 ms over one connection without an SDK."""
    light = LightClient(server.environment["AWS_ENDPOINT_URL"])
    definition, network = server.register("start", [CONTAINER]), server.network()
    bare = baseline(server)
    example = run_tasks(light, 1, definition, network)
    wait_for(light, example, "RUNNING", 0.05)
    same = baseline(server, [running_container(server)])
    stop_tasks(light, example)

    def beside(ratio):
        return (f"{ratio(bare):.2f} x containerd alone, least container; "
                f"{ratio(same):.2f} x containerd alone, same container")
    one = []
    for _ in range(10 * rounds):
        begin = time.monotonic()
        arns = run_tasks(light, 1, definition, network)
        wait_for(light, arns, "RUNNING", 0.005)
        one.append((time.monotonic() - begin) * 1000)
        stop_tasks(light, arns)
    median = statistics.median(one)
    show("starts one by one: RunTask -> RUNNING, median", median, "ms", beside(lambda b: median / b["median_ms"]))
    count = 100
    begin = time.monotonic()
    arns = run_tasks(light, count, definition, network)
    wait_for(light, arns, "RUNNING", 0.2)
    rate = count / (time.monotonic() - begin)
    show(f"starts {count} at once", rate, "/s", beside(lambda b: rate / b["per_second"]))
    begin = time.monotonic()
    stop_tasks(light, arns)
    show(f"stops {count} at once (stopTimeout 2 s)", time.monotonic() - begin, "s")


def checks(server, _rounds):
    """What health checks cost: CPU of everything in the box with and without them, for the most frequent ones that ECS
    allows."""
    light = LightClient(server.environment["AWS_ENDPOINT_URL"])
    network = server.network()
    count, interval, seconds = 50, 5, 30
    check = {"command": ["CMD", "true"], "interval": interval, "timeout": 2, "retries": 3}

    def used(family, container):
        arns = run_tasks(light, count, server.register(family, [container]), network)
        wait_for(light, arns, "RUNNING", 0.2)
        time.sleep(interval)
        before, gantry = process_time.of_all(), process_time.of(server.process.pid)
        time.sleep(seconds)
        result = (process_time.of_all() - before, process_time.of(server.process.pid) - gantry)
        before = process_time.of_all()
        baseline(server, [running_container(server), "exec"])
        execs.append((process_time.of_all() - before) * 1000 / 50)
        stop_tasks(light, arns)
        return result
    execs = []
    without, with_checks = used("plain", CONTAINER), used("checked", {**CONTAINER, "healthCheck": check})
    done = count * seconds / interval
    each = (with_checks[0] - without[0]) * 1000 / done
    own = (with_checks[1] - without[1]) * 1000 / done
    show("checks: CPU per check, all processes", each, "ms", f"of it Gantry's own {own:.2f} ms; "
         f"{each / execs[0]:.2f} x containerd's exec alone, {execs[0]:.1f} ms")
    show("checks: CPU of 1,000 containers checked each 30 s", each * 1000 / 30 / 10, "%", "of one core, extrapolated")


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
    parser.add_argument("parts", nargs="*", default=["idle", "starts", "checks", "api", "durable"])
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
