"""A machine that reserves what tasks ask for: what does not fit is told so, and runs once there is room."""

import pytest

from conftest import Server, IMAGES, until
from test_task import shell

NO_ROOM = "Capacity is unavailable at this time. Please try again later or in a different availability zone"


@pytest.fixture
def small_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("gantry"), ["--listen", "127.0.0.1:4579", "--no-overcommit", "--cpu", "512",
                                                        "--memory", "1024"])
    server.start()
    server.gantry("image", "load", str(IMAGES[1]))
    server.client("ecs").create_cluster(clusterName="default")
    yield server
    server.down()


def ask(server, definition, count=1):
    return server.client("ecs").run_task(cluster="default", launchType="FARGATE", count=count,
                                         taskDefinition=definition["taskDefinitionArn"], networkConfiguration=server.network())


def test_what_does_not_fit_is_a_failure_until_there_is_room(small_server):
    server = small_server
    definition = server.register("half", [shell("sleep 1000")])
    answer = ask(server, definition, 3)
    assert len(answer["tasks"]) == 2
    assert [f["reason"] for f in answer["failures"]] == [NO_ROOM]
    for task in answer["tasks"]:
        server.wait_status(task["taskArn"], "RUNNING")
    assert [f["reason"] for f in ask(server, definition)["failures"]] == [NO_ROOM]

    # The room of a task is given back once nothing of it runs any more, not when it is told to stop.
    first, second = (task["taskArn"] for task in answer["tasks"])
    server.stop(first)
    answer = until("there is room", lambda: (lambda a: a if a["tasks"] else None)(ask(server, definition)))
    server.wait_status(answer["tasks"][0]["taskArn"], "RUNNING")

    # What is larger than the machine will never fit.
    large = server.register("large", [shell("true")], cpu="1024", memory="2048")
    assert [f["reason"] for f in ask(server, large)["failures"]] == [NO_ROOM]
    for arn in (second, answer["tasks"][0]["taskArn"]):
        server.stop(arn)


def test_what_was_reserved_is_known_after_a_restart(small_server):
    server = small_server
    definition = server.register("half", [shell("sleep 1000")])
    tasks = [task["taskArn"] for task in ask(server, definition, 2)["tasks"]]
    for arn in tasks:
        server.wait_status(arn, "RUNNING")
    server.kill()
    server.start()
    assert [f["reason"] for f in ask(server, definition)["failures"]] == [NO_ROOM]
    for arn in tasks:
        assert server.task(arn)["lastStatus"] == "RUNNING"
        server.stop(arn)
