"""What goes wrong on the machine itself: a program is missing, the disk is full. Said so that a person can act on it."""

import os
import subprocess

import botocore.exceptions
import pytest

from conftest import GANTRY, IMAGES, Server, until
from test_logs import process_of
from test_task import awslogs, log_lines, shell


def up(data_dir, *options, path=None):
    environment = dict(os.environ)
    if path is not None:
        environment["PATH"] = path
    return subprocess.run([str(GANTRY), "up", "--data-dir", str(data_dir), "--listen", "127.0.0.1:4580", *options],
                          env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


def only(tmp_path, *programs):
    """A PATH that has these programs and no others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in programs:
        found = next((f"{place}/{program}" for place in ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin")
                      if os.path.exists(f"{place}/{program}")), None)
        if found:
            (folder / program).symlink_to(found)
    return str(folder)


def test_without_containerd_it_says_so_and_ends(tmp_path):
    done = up(tmp_path / "data", path=only(tmp_path, "ip", "nft", "mkfs.ext4", "mount", "runc", "ctr"))
    assert done.returncode == 1
    assert '"containerd" is not installed' in done.stderr and "apt-get install" in done.stderr, done.stderr


def test_without_nft_it_says_so_and_ends(tmp_path):
    done = up(tmp_path / "data", path=only(tmp_path, "containerd", "containerd-shim-runc-v2", "runc", "ctr", "ip", "mkfs.ext4",
                                           "mount"))
    assert done.returncode == 1
    assert "nft" in done.stderr and done.stderr.count("\n") < 10, done.stderr
    subprocess.run([str(GANTRY), "down", "--purge", "--data-dir", str(tmp_path / "data")], capture_output=True, timeout=60)


@pytest.mark.parametrize("options, word", [
    (("--listen", "nowhere"), "--listen"),
    (("--listen", "203.0.113.9:4566"), "203.0.113.9"),
    (("--registry-hosts", "/no/such/folder"), "/no/such/folder"),
    (("--region", "nowhere"), "nowhere"),
    (("--cpu", "-1"), "must not be negative"),
])
def test_what_cannot_work_is_said_at_start(tmp_path, options, word):
    done = subprocess.run([str(GANTRY), "up", "--data-dir", str(tmp_path / "data"), *options], capture_output=True,
                          text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode != 0
    assert word in done.stderr + done.stdout
    subprocess.run([str(GANTRY), "down", "--purge", "--data-dir", str(tmp_path / "data")], capture_output=True, timeout=60)


@pytest.fixture
def tiny_disk(tmp_path_factory):
    """A server whose data folder is a disk of its own."""
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)], check=True)
    server = Server(folder, ["--listen", "127.0.0.1:4581"])
    server.start()
    server.gantry("image", "load", str(IMAGES[1]))
    server.client("ecs").create_cluster(clusterName="default")
    yield server
    server.down()
    subprocess.run(["umount", "-l", str(folder)])


def fill(path):
    with open(path, "wb", buffering=0) as ballast:
        for size in (1 << 20, 4096, 1):
            block = bytes(size)
            try:
                while True:
                    ballast.write(block)
            except OSError:
                continue


def test_a_full_disk_fails_requests_and_loses_nothing(tiny_disk):
    server = tiny_disk
    web = server.run(server.register("web", [shell("sleep 1000")]))
    server.wait_status(web, "RUNNING")
    ecs = server.client("ecs")
    before = {c["clusterName"] for c in ecs.describe_clusters(clusters=["default", "fits-0"])["clusters"]}
    ballast = server.data_dir / "ballast"
    fill(ballast)

    import boto3
    from botocore.config import Config
    once = boto3.Session(region_name="ap-northeast-1").client(
        "ecs", endpoint_url=server.environment["AWS_ENDPOINT_URL"], config=Config(retries={"total_max_attempts": 1}))
    made = []

    def refused():
        try:
            name = f"full-{len(made)}"
            once.create_cluster(clusterName=name, tags=[{"key": "k", "value": "v" * 250}] )
            made.append(name)
            return None
        except botocore.exceptions.ClientError as error:
            return error
    error = until("the store has no room", refused)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
    assert error.response["Error"]["Code"] == "ServerException", error.response
    refused_name = f"full-{len(made)}"

    # It goes on once there is room: what was answered is there, what was refused is not.
    ballast.unlink()
    until("the store takes writes again", lambda: refused() is None)
    assert server.task(web)["lastStatus"] == "RUNNING"
    server.kill()
    server.start()
    listed = {arn.rsplit("/")[-1] for arn in ecs.get_paginator("list_clusters").paginate().build_full_result()["clusterArns"]}
    assert listed == {"default", *made} and refused_name in made
    assert server.wait_status(web, "RUNNING")
    server.stop(web)
    assert before == {"default"}


@pytest.mark.parametrize("mode", ["blocking", "non-blocking"])
def test_a_container_that_wrote_to_a_full_disk_goes_on_when_there_is_room(tiny_disk, mode):
    server = tiny_disk
    options = awslogs("/full")
    options["options"]["mode"] = mode
    arn = server.run(server.register("writes", [shell(
        "P=$(head -c 500 /dev/zero | tr '\\0' x); i=0; : fulldiskwriter; "
        "while true; do i=$((i+1)); echo $i > /dev/shm/at; echo line $i $P; usleep 2000; done", logConfiguration=options)]))
    server.wait_status(arn, "RUNNING")
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    until("some lines", lambda: len(log_lines(server, "/full", stream)) > 10)
    pid = until("its process", lambda: process_of("fulldiskwriter"))

    def at():
        text = open(f"/proc/{pid}/root/dev/shm/at").read().strip()
        return int(text) if text else None
    ballast = server.data_dir / "ballast"
    fill(ballast)
    seen = []

    def stands_still():
        seen.append(at())
        return seen[-1] and len(seen) > 20 and len(set(seen[-20:])) == 1
    until("its writes wait", stands_still)
    ballast.unlink()
    where = seen[-1]
    until("it goes on", lambda: (at() or 0) > where + 500)

    pages = server.client("logs").get_paginator("filter_log_events")

    def shown():
        return any(event["message"].startswith(f"line {where + 300} ")
                   for page in pages.paginate(logGroupName="/full", filterPattern=f'"line {where + 300} "')
                   for event in page["events"])
    until("what it wrote afterwards is in its log", shown)
    server.stop(arn)
