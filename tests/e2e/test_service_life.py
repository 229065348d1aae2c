"""Services without a load balancer over their whole life: a container that exits again and again, what does not fit, the
way from ACTIVE to INACTIVE."""

import datetime

import botocore.exceptions
import pytest

from conftest import IMAGES, Server, until
from test_task import shell

UNPLACED = ("was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a "
            "different availability zone.")


def create(server, name, definition, desired=1, **more):
    return server.client("ecs").create_service(
        cluster="default", serviceName=name, taskDefinition=definition["taskDefinitionArn"], desiredCount=desired,
        launchType="FARGATE", networkConfiguration=server.network(()), **more)["service"]


def describe(server, name):
    return server.client("ecs").describe_services(cluster="default", services=[name])["services"][0]


def events(server, name):
    return [event["message"] for event in describe(server, name)["events"]]


def tasks(server, name, status):
    ecs = server.client("ecs")
    arns = ecs.list_tasks(cluster="default", serviceName=name, desiredStatus=status)["taskArns"]
    return ecs.describe_tasks(cluster="default", tasks=arns)["tasks"] if arns else []


def wait_stable(server, name):
    def stable():
        service = describe(server, name)
        return len(service["deployments"]) == 1 and service["runningCount"] == service["desiredCount"]
    until(f"{name} is stable", stable, 120)


def refused(code, text, ask, **request):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        ask(**request)
    assert error.value.response["Error"] == {"Code": code, "Message": text}


def test_a_container_that_exits_again_and_again(server):
    create(server, "crashes", server.register("crashes", [shell("exit 7")]))

    def ended():
        over = [task for task in tasks(server, "crashes", "STOPPED") if task["lastStatus"] == "STOPPED"]
        return over if len(over) >= 4 else None
    over = until("it was tried four times", ended, 180)
    for task in over:
        assert task["stopCode"] == "EssentialContainerExited", task
        assert task["stoppedReason"] == "Essential container in task exited"
        assert task["containers"][0]["exitCode"] == 7
        assert task["group"] == "service:crashes"
    # Later and later: 1, 2, 4 seconds lie between an end and the next start.
    at = sorted((task["createdAt"], task["stoppedAt"]) for task in over)
    pauses = [next_[0] - ended for (_, ended), next_ in zip(at, at[1:])]
    assert pauses[2] > datetime.timedelta(seconds=2), pauses
    assert any("is unable to consistently start tasks successfully." in event for event in events(server, "crashes"))
    assert describe(server, "crashes")["deployments"][0]["failedTasks"] >= 3

    # A revision that runs does not wait for the former one's turn.
    server.client("ecs").update_service(cluster="default", service="crashes", taskDefinition=server.register(
        "crashes", [shell("sleep 1000", stopTimeout=5)])["taskDefinitionArn"])
    wait_stable(server, "crashes")
    until("it says so", lambda: any("has reached a steady state." in event for event in events(server, "crashes")))


def test_from_active_to_inactive(server):
    """Goes on with the service of the test before."""
    ecs = server.client("ecs")
    refused("InvalidParameterException", "The service cannot be stopped while the primary deployment is scaled above 0.",
            ecs.delete_service, cluster="default", service="crashes")
    # PID 1 does not hear SIGTERM: it drains for its stopTimeout.
    assert ecs.delete_service(cluster="default", service="crashes", force=True)["service"]["status"] == "DRAINING"
    assert describe(server, "crashes")["status"] == "DRAINING"
    refused("ServiceNotActiveException", "Service was not ACTIVE.", ecs.update_service, cluster="default",
            service="crashes", desiredCount=3)
    server.aws("ecs", "wait", "services-inactive", "--cluster", "default", "--services", "crashes")
    service = describe(server, "crashes")
    assert (service["status"], service["runningCount"], service["desiredCount"]) == ("INACTIVE", 0, 0)
    assert service["serviceName"] not in str(ecs.list_services(cluster="default")["serviceArns"])
    refused("ServiceNotFoundException", "Service not found.", ecs.delete_service, cluster="default", service="crashes")
    # Its name is free.
    again = create(server, "crashes", {"taskDefinitionArn": "crashes"}, desired=0)
    assert (again["status"], again["serviceArn"]) == ("ACTIVE", service["serviceArn"])
    ecs.delete_service(cluster="default", service="crashes")
    until("it is INACTIVE", lambda: describe(server, "crashes")["status"] == "INACTIVE")


def test_what_does_not_fit_is_placed_when_there_is_room(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("gantry"), ["--listen", "127.0.0.1:4581", "--no-overcommit", "--cpu", "512",
                                                        "--memory", "1024"])
    server.start()
    try:
        server.gantry("image", "load", str(IMAGES[1]))
        server.client("ecs").create_cluster(clusterName="default")
        definition = server.register("half", [shell("sleep 1000", stopTimeout=2)])
        alone = server.run(definition)
        server.wait_status(alone, "RUNNING")
        create(server, "two", definition, desired=2)
        until("one has no place", lambda: any(UNPLACED in event for event in events(server, "two")))
        until("the other runs", lambda: describe(server, "two")["runningCount"] == 1)
        assert "two" in server.gantry("status").stdout
        server.stop(alone)
        wait_stable(server, "two")
        assert describe(server, "two")["runningCount"] == 2
    finally:
        server.down()
