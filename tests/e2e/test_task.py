"""A task's life: run, answer from its own address, log, fail in the ways that users meet, stop."""

import urllib.request

import pytest

from conftest import ROOT, until


def fetch(address, port=80, path="/", timeout=5):
    with urllib.request.urlopen(f"http://{address}:{port}{path}", timeout=timeout) as answer:
        return answer.read().decode().strip()


def log_lines(server, group, stream):
    logs = server.client("logs")
    try:
        events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [e["message"] for e in events]


def shell(command, **more):
    return {"name": "main", "image": "busybox:latest", "entryPoint": ["sh", "-c"], "command": [command],
            "stopTimeout": 2, **more}


def awslogs(group, prefix="p"):
    return {"logDriver": "awslogs", "options": {"awslogs-group": group, "awslogs-region": "ap-northeast-1",
                                                "awslogs-stream-prefix": prefix, "awslogs-create-group": "true"}}


def test_the_articles_task_by_the_aws_cli(server):
    server.aws("logs", "create-log-group", "--log-group-name", "/ecs/test-nginx")
    server.aws("ecs", "create-cluster", "--cluster-name", "article")
    definition = server.aws("ecs", "register-task-definition", "--cli-input-json",
                            f"file://{ROOT}/examples/article/task-definitions.json").json["taskDefinition"]
    assert definition["revision"] == 1
    network = server.network()["awsvpcConfiguration"]
    task = server.aws("ecs", "run-task", "--cluster", "article", "--launch-type", "FARGATE", "--task-definition",
                      "test-nginx", "--network-configuration",
                      f"awsvpcConfiguration={{subnets=[{network['subnets'][0]}],"
                      f"securityGroups=[{network['securityGroups'][0]}]}}").json["tasks"][0]["taskArn"]
    server.aws("ecs", "wait", "tasks-running", "--cluster", "article", "--tasks", task)
    described = server.task(task, "article")
    address = server.address(described)

    def body():
        try:
            return fetch(address)
        except OSError:
            return None
    assert until("nginx answers", body) == "blue"
    stream = f"test-nginx/test-nginx/{task.rsplit('/')[-1]}"
    until("the access line", lambda: any("GET / HTTP" in line for line in log_lines(server, "/ecs/test-nginx", stream)))
    stopped = server.stop(task, "article")
    assert stopped["stopCode"] == "UserInitiated"
    # The shell in front of nginx is PID 1 and ignores SIGTERM: as on ECS, stopTimeout passes and SIGKILL follows.
    assert stopped["containers"][0]["exitCode"] == 137


def test_exit_code_and_reason_of_an_essential_container(server):
    definition = server.register("exits", [shell("exit 7")])
    task = server.wait_status(server.run(definition), "STOPPED")
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 7


def test_an_interactive_containers_input_stays_open(server):
    """With a log and without one; other containers read the end of their input at once."""
    for family, more in {"quiet": {}, "logged": {"logConfiguration": awslogs("/interactive")}}.items():
        arn = server.run(server.register(f"interactive-{family}", [shell("cat; exit 3", interactive=True, **more)]))
        server.wait_status(arn, "RUNNING")
        server.stop(arn)
    arn = server.run(server.register("not-interactive", [shell("cat; exit 3")]))
    assert server.wait_status(arn, "STOPPED")["containers"][0]["exitCode"] == 3


def test_image_that_does_not_exist(server):
    definition = server.register("noimage", [{"name": "main", "image": "127.0.0.1:1/no/such:image"}])
    task = server.wait_status(server.run(definition), "STOPPED")
    assert task["stopCode"] == "TaskFailedToStart"
    assert "CannotPullContainerError" in task["stoppedReason"]


def test_command_that_does_not_exist(server):
    definition = server.register("nocommand", [{"name": "main", "image": "busybox:latest", "command": ["/no/such"]}])
    task = server.wait_status(server.run(definition), "STOPPED")
    assert task["stopCode"] == "TaskFailedToStart"
    assert "CannotStartContainerError" in str(task["containers"]) + task["stoppedReason"]


def test_out_of_memory_is_told_as_such(server):
    definition = server.register("oom", [shell("head -c 200m /dev/zero | tail", memory=32)])
    task = server.wait_status(server.run(definition), "STOPPED")
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"].startswith("OutOfMemoryError: Container killed due to memory usage")


def test_containers_share_the_task_network_and_start_in_order(server):
    definition = server.register("pair", [
        shell("echo from-side > /shared/index.html; exec httpd -f -p 80 -h /shared", name="side",
              mountPoints=[{"sourceVolume": "v", "containerPath": "/shared"}],
              healthCheck={"command": ["CMD-SHELL", "wget -q -O- http://127.0.0.1/ >/dev/null"], "interval": 5,
                           "retries": 3, "timeout": 3}),
        shell("wget -q -O- http://127.0.0.1/; sleep 1000", name="main",
              dependsOn=[{"containerName": "side", "condition": "HEALTHY"}], logConfiguration=awslogs("/pair")),
    ], volumes=[{"name": "v"}])
    arn = server.run(definition)
    task = server.wait_status(arn, "RUNNING")
    assert fetch(server.address(task)) == "from-side"
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    until("the line of the dependent container", lambda: log_lines(server, "/pair", stream) == ["from-side"])
    server.stop(arn)


def test_limits_are_what_the_task_asked_for(server):
    definition = server.register("limits", [shell(
        "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max; ulimit -n; id -u; "
        "pwd; touch /x && echo writable || echo readonly; echo $GREETING", memory=64, user="1000", workingDirectory="/tmp",
        readonlyRootFilesystem=True, environment=[{"name": "GREETING", "value": "hello"}],
        ulimits=[{"name": "nofile", "softLimit": 2048, "hardLimit": 4096}], logConfiguration=awslogs("/limits"))])
    arn = server.run(definition)
    server.wait_status(arn, "STOPPED")
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    lines = until("its last line", lambda: (lambda l: l if "hello" in l else None)(log_lines(server, "/limits", stream)))
    assert [l for l in lines if "Read-only" not in l] == [str(64 << 20), "2048", "1000", "/tmp", "readonly", "hello"]


def test_security_group_changes_reach_a_running_task_at_once(server):
    network = server.network(ports=())
    group = network["awsvpcConfiguration"]["securityGroups"][0]
    arn = server.run(server.register("sg", [shell("echo ok > /tmp/index.html; exec httpd -f -p 80 -h /tmp")]), network)
    address = server.address(server.wait_status(arn, "RUNNING"))
    with pytest.raises(OSError):
        fetch(address, timeout=1)
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    server.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rule)

    def body():
        try:
            return fetch(address, timeout=1)
        except OSError:
            return None
    assert until("port 80 is open", body, 10) == "ok"
    server.client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
    until("port 80 is closed again", lambda: body() is None, 10)
    server.stop(arn)


def test_task_metadata_and_credentials(server):
    definition = server.register("meta", [shell(
        "wget -q -O- $ECS_CONTAINER_METADATA_URI_V4/task; echo; "
        "wget -q -O- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo; "
        "wget -q -O- $ECS_CONTAINER_METADATA_URI_V4/stats | head -c 1", logConfiguration=awslogs("/meta"))],
        taskRoleArn="arn:aws:iam::123456789012:role/ecsTaskExecutionRole")
    arn = server.run(definition)
    server.wait_status(arn, "STOPPED")
    lines = until("log", lambda: (lambda l: l if len(l) >= 2 else None)(
        log_lines(server, "/meta", f"p/main/{arn.rsplit('/')[-1]}")))
    import json
    assert json.loads(lines[0])["TaskARN"] == arn
    credentials = json.loads(lines[1])
    assert credentials["RoleArn"].endswith("role/ecsTaskExecutionRole")
    import boto3
    identity = boto3.client("sts", region_name="ap-northeast-1", endpoint_url=server.environment["AWS_ENDPOINT_URL"],
                            aws_access_key_id=credentials["AccessKeyId"],
                            aws_secret_access_key=credentials["SecretAccessKey"],
                            aws_session_token=credentials["Token"]).get_caller_identity()
    assert identity["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/ecsTaskExecutionRole/")


def test_task_resolves_names_and_reaches_the_api(server):
    definition = server.register("api", [shell(
        "wget -q -O- $AWS_ENDPOINT_URL_ECS/_gantry/health && echo reached", logConfiguration=awslogs("/api"))])
    arn = server.run(definition)
    server.wait_status(arn, "STOPPED")
    until("reached", lambda: any("reached" in l for l in log_lines(server, "/api", f"p/main/{arn.rsplit('/')[-1]}")))


def test_tasks_cannot_reach_the_host(server):
    import socket
    import threading
    listener = socket.create_server(("0.0.0.0", 5999))
    accepted = []
    threading.Thread(target=lambda: accepted.append(listener.accept()), daemon=True).start()
    definition = server.register("leak", [shell(
        "for a in 169.254.171.1 127.0.0.1 169.254.1.1 10.0.2.2; do nc -w 1 $a 5999 </dev/null && echo leak $a; done; "
        "echo done", logConfiguration=awslogs("/leak"))])
    arn = server.run(definition)
    server.wait_status(arn, "STOPPED")
    stream = f"p/main/{arn.rsplit('/')[-1]}"
    lines = until("its last line", lambda: (lambda l: l if "done" in l else None)(log_lines(server, "/leak", stream)))
    assert not any("leak" in l for l in lines)
    assert accepted == []
    listener.close()
