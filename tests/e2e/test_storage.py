"""What tasks write: the task's own disk with its size, volumes, the volumes that images name."""

import pytest

from conftest import until
from test_task import awslogs, log_lines, shell


def printed(server, family, command, seconds=90, containers=None, **more):
    """The lines of a task that ends by itself; its last line is `end`."""
    definition = server.register(family, containers or [shell(command, logConfiguration=awslogs(f"/{family}"))], **more)
    arn = server.run(definition)
    task = server.wait_status(arn, "STOPPED", seconds=seconds)
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    return until(f"the last line of {family}: {task}",
                 lambda: (lambda lines: lines if "end" in lines else None)(log_lines(server, f"/{family}", stream)))


FILL = ("fallocate -l 12G /a || echo no room for 12; "
        "fallocate -l 12G /data/b 2>&1; "
        "df -k /data | tail -1 | awk '{print \"size\", $2}'; "
        "rm -f /data/b /a; fallocate -l 12G /data/b && echo room again; echo end")


@pytest.mark.parametrize("gib", [None, 40])
def test_writing_past_the_ephemeral_storage_finds_no_space(server, gib):
    more = {"ephemeralStorage": {"sizeInGiB": gib}} if gib else {}
    # Writable layer and volumes share the size; 20 GiB where nothing is said.
    lines = printed(server, f"fill-{gib or 'default'}", None, containers=[
        shell(FILL, logConfiguration=awslogs(f"/fill-{gib or 'default'}"),
              mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}])], volumes=[{"name": "data"}], **more)
    size = int(next(line for line in lines if line.startswith("size")).split()[1])
    assert (gib or 20) * 0.93 * 2**20 < size <= (gib or 20) * 2**20
    if gib:
        assert not any("No space left" in line for line in lines)
    else:
        assert any("No space left on device" in line for line in lines), lines
    assert "room again" in lines
    assert not any("no room for 12" in line for line in lines)


def test_one_tasks_full_disk_is_not_anothers(server):
    definition = server.register("hog", [shell("fallocate -l 19G /a; while fallocate -l 100M /x$((i=i+1)); do :; done; "
                                               "dd if=/dev/zero of=/y bs=64k count=4096; echo full; sleep 1000",
                                               logConfiguration=awslogs("/hog"))])
    hog = server.run(definition)
    server.wait_status(hog, "RUNNING")
    until("it is full", lambda: "full" in log_lines(server, "/hog", f"p/main/{hog.rsplit('/')[-1]}"))
    assert "written" in printed(server, "other", "head -c 50000000 /dev/urandom > /z && echo written; echo end")
    server.stop(hog)


def test_a_volume_of_the_image_has_the_images_files_and_is_writable(server):
    # busybox:latest names /var/data a VOLUME, with a file in it.
    lines = printed(server, "imagevolume", "cat /var/data/hello; echo mine > /var/data/own && cat /var/data/own; echo end")
    assert lines == ["from the image", "mine", "end"]


def test_a_volume_of_the_image_stays_writable_below_a_read_only_root(server):
    lines = printed(server, "readonlyvolume", None, containers=[
        shell("touch /x 2>/dev/null || echo readonly; cat /var/data/hello; echo mine > /var/data/own && echo writable; echo end",
              readonlyRootFilesystem=True, logConfiguration=awslogs("/readonlyvolume"))])
    assert lines == ["readonly", "from the image", "writable", "end"]


def test_a_fresh_volume_at_a_place_of_the_image_gets_its_files(server):
    """As Docker and Fargate 1.4 do for a volume that is empty when it is first mounted."""
    lines = printed(server, "seeded", None, containers=[
        shell("cat /var/data/hello; echo end", logConfiguration=awslogs("/seeded"),
              mountPoints=[{"sourceVolume": "v", "containerPath": "/var/data"}])], volumes=[{"name": "v"}])
    assert lines == ["from the image", "end"]


def test_volumes_from_another_container(server):
    lines = printed(server, "volumesfrom", None, containers=[
        shell("echo mounted > /m/note; touch /tmp/done; sleep 1000", name="side", essential=False,
              mountPoints=[{"sourceVolume": "v", "containerPath": "/m"}],
              healthCheck={"command": ["CMD", "test", "-e", "/tmp/done"], "interval": 5}),
        shell("cat /m/note; touch /m/x 2>/dev/null || echo readonly; echo end",
              volumesFrom=[{"sourceContainer": "side", "readOnly": True}],
              dependsOn=[{"containerName": "side", "condition": "HEALTHY"}], logConfiguration=awslogs("/volumesfrom"))],
        volumes=[{"name": "v"}])
    assert lines == ["mounted", "readonly", "end"]


def test_what_the_other_image_declares_as_a_volume_is_shared(server):
    """As Docker's --volumes-from: with the image's files, and what one container writes the others read."""
    lines = printed(server, "imagevolumesfrom", None, containers=[
        # It is created after the container that it takes from, also when it stands before it.
        shell("until [ -e /var/data/note ]; do usleep 50000; done; cat /var/data/hello /var/data/note; "
              "touch /var/data/x 2>/dev/null || echo readonly; echo end",
              volumesFrom=[{"sourceContainer": "side", "readOnly": True}], logConfiguration=awslogs("/imagevolumesfrom")),
        shell("echo shared > /var/data/note; sleep 1000", name="side")])
    assert lines == ["from the image", "shared", "readonly", "end"]


def test_a_volume_that_another_container_mounted_first_still_gets_the_images_files(server):
    lines = printed(server, "seededlate", None, containers=[
        shell("sleep 1000", name="side", mountPoints=[{"sourceVolume": "v", "containerPath": "/elsewhere"}]),
        shell("cat /var/data/hello; echo end", logConfiguration=awslogs("/seededlate"),
              dependsOn=[{"containerName": "side", "condition": "START"}],
              mountPoints=[{"sourceVolume": "v", "containerPath": "/var/data"}])], volumes=[{"name": "v"}])
    assert lines == ["from the image", "end"]
