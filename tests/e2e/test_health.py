"""Container health checks: what they see, what they say, and what a service makes of it."""

from conftest import until
from test_task import shell


def check(*command, **more):
    return {"command": list(command), "interval": 5, "timeout": 2, "retries": 1, **more}


def health(server, arn):
    task = server.task(arn)
    return task["healthStatus"], {c["name"]: c["healthStatus"] for c in task["containers"]}


def test_checks_by_argv_and_by_shell_one_that_hangs_and_one_that_may_fail_for_a_while(server):
    definition = server.register("checks", [
        shell("sleep 1000", name="argv", healthCheck=check("CMD", "test", "-d", "/tmp")),
        shell("sleep 1000", name="shell", essential=False, healthCheck=check("CMD-SHELL", "test -d /tmp || exit 1")),
        shell("sleep 1000", name="hangs", essential=False, healthCheck=check("CMD-SHELL", "sleep 1000")),
        shell("sleep 1000", name="missing", essential=False, healthCheck=check("CMD", "/no/such")),
        shell("sleep 1000", name="booting", essential=False, healthCheck=check("CMD", "false", startPeriod=300)),
        shell("sleep 1000", name="unchecked", essential=False)])
    arn = server.run(definition)
    server.wait_status(arn, "RUNNING")
    # Only what essential containers' checks say counts for the task.
    until("all checks have been made", lambda: health(server, arn) == ("HEALTHY", {
        "argv": "HEALTHY", "shell": "HEALTHY", "hangs": "UNHEALTHY", "missing": "UNHEALTHY", "booting": "UNKNOWN",
        "unchecked": "UNKNOWN"}))
    # A task that no service runs goes on, whatever its checks say.
    assert server.task(arn)["lastStatus"] == "RUNNING"
    server.stop(arn)


def test_a_services_task_that_fails_its_check_is_replaced_and_the_history_says_why_first(server):
    ecs = server.client("ecs")
    definition = server.register("failscheck", [shell("sleep 1000", healthCheck=check("CMD", "false"))])
    ecs.create_service(cluster="default", serviceName="failscheck", taskDefinition=definition["taskDefinitionArn"],
                       desiredCount=1, launchType="FARGATE", networkConfiguration=server.network())

    def stopped():
        arns = ecs.list_tasks(cluster="default", serviceName="failscheck", desiredStatus="STOPPED")["taskArns"]
        return ecs.describe_tasks(cluster="default", tasks=arns)["tasks"] if arns else []
    task = until("one is stopped", lambda: next((t for t in stopped() if t["lastStatus"] == "STOPPED"), None))
    assert (task["stopCode"], task["stoppedReason"]) == ("ServiceSchedulerInitiated", "Task failed container health checks")
    assert task["healthStatus"] == "UNHEALTHY"
    ident = task["taskArn"].rsplit("/")[-1]
    events = [e["message"] for e in reversed(ecs.describe_services(cluster="default", services=["failscheck"])["services"][0]["events"])]
    why = events.index(f"(service failscheck) (task {ident}) failed container health checks.")
    assert why < events.index(f"(service failscheck) has stopped 1 running tasks: (task {ident}).")
    ecs.delete_service(cluster="default", service="failscheck", force=True)
