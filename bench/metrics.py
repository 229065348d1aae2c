"""PutMetricData and GetMetricData beside moto, in one run, over one kept connection each: tests/box.sh build/venv/bin/python bench/metrics.py.
moto is compared where `moto_server` is on PATH."""

import argparse
import http.client
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from conftest import REGION, Server, until  # noqa: E402

AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=test/20261124/{region}/monitoring/aws4_request, "
                 "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64).format(region=REGION)
SERIES, POINTS = 20, 20  # of a put: metrics, and values of each
READ_MINUTES = 60


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Query:
    """CloudWatch's query protocol, which both speak, without an SDK."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, body):
        self.connection.request("POST", "/", body, {
            "Content-Type": "application/x-www-form-urlencoded", "Authorization": AUTHORIZATION, "X-Amz-Date": "20261124T000000Z"})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, f"{answer.status} {text[:500]}"
        return text


def put_body(at):
    members = {"Action": "PutMetricData", "Version": "2010-08-01", "Namespace": "Bench"}
    for series in range(1, SERIES + 1):
        for point in range(POINTS):
            prefix = f"MetricData.member.{(series - 1) * POINTS + point + 1}."
            members.update({prefix + "MetricName": "latency", prefix + "Dimensions.member.1.Name": "Api",
                            prefix + "Dimensions.member.1.Value": f"api-{series}", prefix + "Unit": "Milliseconds",
                            prefix + "Timestamp": stamp(at), prefix + "Value": str(10.0 + point)})
    return urllib.parse.urlencode(members)


def get_body(end):
    members = {"Action": "GetMetricData", "Version": "2010-08-01", "StartTime": stamp(end - READ_MINUTES * 60), "EndTime": stamp(end)}
    for series in range(1, SERIES + 1):
        prefix = f"MetricDataQueries.member.{series}."
        stat = prefix + "MetricStat."
        members.update({prefix + "Id": f"m{series}", stat + "Period": "60", stat + "Stat": "Average",
                        stat + "Metric.Namespace": "Bench", stat + "Metric.MetricName": "latency",
                        stat + "Metric.Dimensions.member.1.Name": "Api", stat + "Metric.Dimensions.member.1.Value": f"api-{series}"})
    return urllib.parse.urlencode(members)


def measure(url, seconds):
    """Puts for a while (each a minute after the one before, over the last hour), then reads for a while: (puts/s, reads/s)."""
    client = Query(url)
    end = int(time.time()) // 60 * 60

    def rate(bodies):
        start, count = time.monotonic(), 0
        while time.monotonic() < start + seconds:
            client.call(bodies[count % len(bodies)])
            count += 1
        return count / (time.monotonic() - start)
    puts = rate([put_body(end - 60 * minute) for minute in range(1, READ_MINUTES + 1)])
    reads = rate([get_body(end)])
    assert b"<Values>" in client.call(get_body(end)), "nothing was read"
    return puts, reads


def moto():
    program = shutil.which("moto_server")
    if not program:
        print("moto_server is not on PATH: not compared")
        return None
    process = subprocess.Popen([program, "-p", "5999"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def listens():
        try:
            socket.create_connection(("127.0.0.1", 5999), timeout=1).close()
            return True
        except OSError:
            return False
    until("moto listens", listens)
    return process


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    folder = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"gantry-bench-{os.getpid()}"
    folder.mkdir()
    server = Server(folder).start()
    peer = moto()
    try:
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(measure(server.environment["AWS_ENDPOINT_URL"], options.seconds))
            if peer:
                theirs.append(measure("http://127.0.0.1:5999", options.seconds))
        for i, name in enumerate((f"PutMetricData of {SERIES * POINTS} values", f"GetMetricData of {SERIES} metrics, an hour of minutes")):
            mine = statistics.median(one[i] for one in ours)
            line = f"{name:55} {mine:10.1f} /s"
            if theirs:
                other = statistics.median(one[i] for one in theirs)
                line += f"   moto {other:8.2f} /s   {mine / other:.0f} x"
            print(line, flush=True)
    finally:
        if peer:
            peer.kill()
            peer.wait()
        server.down()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
