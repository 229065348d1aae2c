"""Logs as users read them: following a group, a container that waits for its log, many lines, long lines, patterns."""

import os

from conftest import until
from test_task import awslogs, log_lines, shell


class Tail:
    """What `aws logs tail --follow` of CLI 2 does: FilterLogEvents from the last time stamp on, page by page, each event id
    shown once."""

    def __init__(self, server, group, **more):
        self.logs = server.client("logs")
        self.arguments = {"logGroupName": group, "interleaved": True, "startTime": 0, **more}
        self.seen = set()
        self.shown = []
        self.repeated = 0

    def poll(self):
        token, pages = None, 0
        while True:
            page = self.logs.filter_log_events(**self.arguments, **({"nextToken": token} if token else {}))
            pages += 1
            for event in page["events"]:
                if event["eventId"] in self.seen:
                    self.repeated += 1
                    continue
                self.seen.add(event["eventId"])
                self.shown.append((event["logStreamName"], event["message"]))
                self.arguments["startTime"] = max(self.arguments["startTime"], event["timestamp"])
            token = page.get("nextToken")
            if not token:
                return pages


def test_following_a_group_shows_every_line_once_and_in_order(server):
    definition = server.register("tail", [shell("i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo $NAME $i; usleep 5000; done",
                                                logConfiguration=awslogs("/tail"))])
    arns = []
    for name in ("a", "b"):
        arns.append(server.run(definition, overrides={"containerOverrides": [
            {"name": "main", "environment": [{"name": "NAME", "value": name}]}]}))
    server.client("logs").create_log_group(logGroupName="/tail-other")
    for arn in arns:
        server.wait_status(arn, "RUNNING")
    tail = Tail(server, "/tail", limit=50)

    def all_shown():
        tail.poll()
        return len(tail.shown) >= 800
    until("all lines of both", all_shown)
    whole = Tail(server, "/tail", limit=50)
    assert whole.poll() >= 16 and sorted(whole.shown) == sorted(tail.shown) and whole.repeated == 0
    for name in ("a", "b"):
        numbers = [int(line.split()[1]) for _, line in tail.shown if line.startswith(name + " ")]
        assert numbers == list(range(1, 401))
    assert {stream for stream, _ in tail.shown} == {f"p/main/{arn.rsplit('/')[-1]}" for arn in arns}
    assert tail.repeated > 0  # it does overlap: ids are what keeps lines from showing twice

    found = Tail(server, "/tail", filterPattern='"a 399"')
    found.poll()
    assert [line for _, line in found.shown] == ["a 399"]
    found = Tail(server, "/tail", filterPattern="[name=b, number>=399]")
    found.poll()
    assert sorted(line for _, line in found.shown) == ["b 399", "b 400"]


def process_of(word):
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if word.encode() in open(f"/proc/{entry}/cmdline", "rb").read():
                    return entry
            except OSError:
                continue
    return None


def test_a_blocking_container_waits_for_its_log(fresh_server):
    """Nobody takes its lines while Gantry is away, so it stands still; then it goes on, and no line is missing."""
    server = fresh_server
    options = awslogs("/blocking")
    options["options"]["mode"] = "blocking"
    definition = server.register("blocking", [shell(
        "i=0; : blockingwriter; while true; do i=$((i+1)); echo $i > /tmp/at; echo line $i of a text that fills a pipe; done",
        logConfiguration=options)])
    arn = server.run(definition)
    server.wait_status(arn, "RUNNING")
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    until("some lines", lambda: len(log_lines(server, "/blocking", stream)) > 10)
    pid = until("its process", lambda: process_of("blockingwriter"))

    def at():
        text = open(f"/proc/{pid}/root/tmp/at").read().strip()
        return int(text) if text else None
    server.kill()
    # It stops within what the pipe holds, and sleeps in its write.
    seen = []

    def stands_still():
        seen.append((at(), open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]))
        number, state = seen[-1]
        return number and state == "S" and len(seen) > 20 and len(set(seen[-20:])) == 1
    until("it waits", stands_still)
    where = seen[-1][0]
    server.start()
    until("it goes on", lambda: (at() or 0) > where + 1000)
    server.stop(arn)
    tail = Tail(server, "/blocking", limit=10_000)
    tail.poll()
    numbers = [int(line.split()[1]) for _, line in tail.shown]
    assert len(numbers) > where
    assert numbers == list(range(1, len(numbers) + 1))


def test_long_binary_and_unfinished_lines(server):
    definition = server.register("odd", [shell(
        "head -c 300000 /dev/zero | tr '\\0' x; echo; printf 'bytes \\377\\376 end\\n'; printf 'tab\\tand \\033[1mcolour\\n'; "
        "echo; printf 'no newline'", logConfiguration=awslogs("/odd"))])
    arn = server.run(definition)
    server.wait_status(arn, "STOPPED")
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    lines = until("the last line",
                  lambda: (lambda l: l if "no newline" in l else None)(log_lines(server, "/odd", stream)))
    long = [line for line in lines if line.startswith("x")]
    # As the awslogs driver does, a line that is larger than an event is several events.
    assert sum(len(line) for line in long) == 300000 and all(len(line) <= 262144 - 26 for line in long)
    assert "tab\tand \x1b[1mcolour" in lines
    assert any(line.startswith("bytes ") and line.endswith(" end") for line in lines)
