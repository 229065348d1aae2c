"""Killing Gantry or its containerd stops no container and loses no log line; the next start finds everything again."""

import os
import signal

from conftest import until
from test_task import awslogs, fetch, log_lines, shell


def containerd_pid(server):
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = open(f"/proc/{entry}/cmdline").read().split("\0")
            except OSError:
                continue
            if os.path.basename(words[0]) == "containerd" and str(server.data_dir) in " ".join(words):
                return int(entry)
    return None


def counter(name):
    return shell("i=0; while true; do i=$((i+1)); echo line $i; usleep 20000; done", name=name,
                 logConfiguration=awslogs("/count"))


def whole(lines):
    """The numbers of a counter's lines; every line must be there exactly once."""
    numbers = [int(line.split()[1]) for line in lines]
    return numbers == list(range(1, len(numbers) + 1))


def read_all(server, stream):
    logs = server.client("logs")
    lines, token = [], None
    while True:
        page = logs.get_log_events(logGroupName="/count", logStreamName=stream, startFromHead=True,
                                   **({"nextToken": token} if token else {}))
        lines += [e["message"] for e in page["events"]]
        if page["nextForwardToken"] == token:
            return lines
        token = page["nextForwardToken"]


def test_gantry_killed_and_restarted(fresh_server):
    server = fresh_server
    web = server.run(server.register("web", [shell("echo up > /tmp/index.html; exec httpd -f -p 80 -h /tmp")]))
    count = server.run(server.register("count", [counter("main")]))
    dies = server.run(server.register("dies", [shell("while [ ! -e /tmp/go ]; do usleep 50000; done; exit 3")]))
    address = server.address(server.wait_status(web, "RUNNING"))
    started = server.wait_status(count, "RUNNING")["startedAt"]
    server.wait_status(dies, "RUNNING")
    stream = f"p/main/{count.rsplit('/')[-1]}"
    until("some lines", lambda: len(log_lines(server, "/count", stream)) > 10)
    server.kill()
    assert fetch(address) == "up"
    # One task ends while nobody watches it.
    pid = next(p for p in os.listdir("/proc") if p.isdigit() and b"/tmp/go" in open(f"/proc/{p}/cmdline", "rb").read())
    open(f"/proc/{pid}/root/tmp/go", "w").close()
    until("it has exited", lambda: not os.path.exists(f"/proc/{pid}/root/tmp/go"))
    server.start()
    assert fetch(address) == "up"
    task = server.wait_status(dies, "STOPPED")
    assert task["containers"][0]["exitCode"] == 3
    again = server.wait_status(count, "RUNNING")
    assert again["startedAt"] == started
    before = len(read_all(server, stream))
    until("lines go on", lambda: len(read_all(server, stream)) > before + 20)
    server.stop(count)
    assert whole(until("all lines", lambda: read_all(server, stream)))
    server.stop(web)


def test_containerd_killed(fresh_server):
    server = fresh_server
    web = server.run(server.register("web", [shell("echo up > /tmp/index.html; exec httpd -f -p 80 -h /tmp")]))
    count = server.run(server.register("count", [counter("main")]))
    address = server.address(server.wait_status(web, "RUNNING"))
    server.wait_status(count, "RUNNING")
    stream = f"p/main/{count.rsplit('/')[-1]}"
    pid = containerd_pid(server)
    os.kill(pid, signal.SIGKILL)
    assert fetch(address) == "up"
    until("containerd is back", lambda: containerd_pid(server) not in (None, pid))
    again = server.run(server.register("after", [shell("exit 0")]))
    assert server.wait_status(again, "STOPPED")["containers"][0]["exitCode"] == 0
    assert server.task(web)["lastStatus"] == "RUNNING"
    server.stop(count)
    assert whole(until("all lines", lambda: read_all(server, stream)))
    server.stop(web)


def test_killed_at_any_moment_of_a_start(fresh_server):
    """Wherever a start was cut off, the next Gantry goes on from there: each task runs once and tells its real exit code."""
    server = fresh_server
    quick = server.register("quick", [shell("for i in 1 2 3; do echo line $i; usleep 100000; done; exit 7",
                                            logConfiguration=awslogs("/count"))])
    network = server.network()
    tasks = []
    for step in range(6):
        tasks += [server.run(quick, network), server.run(quick, network)]
        # Another part of the way each time: some start while others have just been asked for.
        until("some are on their way", lambda: sum(server.task(t)["lastStatus"] != "PROVISIONING" for t in tasks) >= len(tasks) - step % 3)
        server.kill()
        server.start()
    for arn in tasks:
        task = server.wait_status(arn, "STOPPED", seconds=180)
        assert (task["stopCode"], task["containers"][0].get("exitCode")) == ("EssentialContainerExited", 7), task
        stream = f"p/main/{arn.rsplit('/')[-1]}"
        until("its lines", lambda: len(read_all(server, stream)) >= 3)
        assert read_all(server, stream) == ["line 1", "line 2", "line 3"]
    left = server.data_dir / "tasks" / "disks"
    until("nothing is left", lambda: [d.name for d in left.iterdir() if not d.name.startswith(".template")] == [])
