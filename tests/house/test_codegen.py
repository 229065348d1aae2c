"""The generator's naming and its search for handlers: authors rely on both without seeing them."""

import json
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "codegen"))

import generate  # noqa: E402
import handlers  # noqa: E402
from model import constant, snake  # noqa: E402


@pytest.mark.parametrize("aws, cpp", [
    ("clusterArn", "cluster_arn"), ("CidrBlock", "cidr_block"), ("VpcIds", "vpc_ids"), ("roleARNs", "role_arns"),
    ("sizeInGiB", "size_in_gi_b"), ("ipv6CidrBlock", "ipv6_cidr_block"), ("default", "default_"), ("enableECSManagedTags",
                                                                                                    "enable_ecs_managed_tags"),
])
def test_members_are_snake_case(aws, cpp):
    assert snake(aws) == cpp


@pytest.mark.parametrize("value, name", [
    ("FARGATE_SPOT", "kFargateSpot"), ("awsvpc", "kAwsvpc"), ("EC2", "kEc2"), ("us-east-1", "kUsEast1"), ("", "kEmpty"),
    ("TLSv1.2", "kTLSv1_2"), ("json-file", "kJsonFile"),
])
def test_enum_values_become_constants(value, name):
    assert constant(value) == name


SOURCE = """
Result<StopTaskResponse> stop_task(Txn& txn, const StopTaskRequest& request, const Caller& caller) {
Result<RunTaskResponse> run_task(
    state::Txn& txn,
    const RunTaskRequest& request,
    const Caller& caller
) {
Awaitable<Result<ExecuteCommandResponse>> execute_command(DataContext& context, ExecuteCommandRequest request, Caller caller) {
static Result<ListTasksResponse> not_at_the_start_of_a_line(Txn& txn) {
Result<NoSuchOperationResponse> helper(Txn& txn) {
Result<void> check(Txn& txn) {
"""


def test_handlers_are_found_by_their_first_line(tmp_path):
    (tmp_path / "ecs").mkdir()
    (tmp_path / "ecs" / "tasks.cpp").write_text(SOURCE)
    (tmp_path / "ecs" / "tasks_test.cpp").write_text(SOURCE)
    found = handlers.scan(tmp_path, "ecs", generate.load_models({"ecs"}))
    assert [(h.operation, h.function, h.kind) for h in found] == [
        ("ExecuteCommand", "execute_command", "data"), ("RunTask", "run_task", "transaction"),
        ("StopTask", "stop_task", "transaction")]


def test_two_handlers_of_one_operation_are_an_error(tmp_path):
    (tmp_path / "ecs").mkdir()
    (tmp_path / "ecs" / "one.cpp").write_text(SOURCE)
    (tmp_path / "ecs" / "two.cpp").write_text(SOURCE)
    with pytest.raises(SystemExit):
        handlers.scan(tmp_path, "ecs", generate.load_models({"ecs"}))


def test_no_struct_is_renamed_when_an_operation_is_added():
    alone, together = generate.load_models({"ec2"})["ec2"], generate.load_models({"ec2"})["ec2"]
    alone.close({"DescribeVpcs"})
    together.close(set(together.operations))
    assert all(together.cpp_names[name] == spelled for name, spelled in alone.cpp_names.items())


def test_tasks_are_pointed_at_every_service():
    """AWS SDKs in tasks find a service here, not at AWS, by a variable with its service id."""
    program = (ROOT / "app" / "up.cpp").read_text()
    for model in sorted((ROOT / "models").glob("*.json")):
        name = json.loads(model.read_text())["metadata"]["serviceId"].upper().replace(" ", "_")
        assert f'"{name}"' in program, f"app/up.cpp does not name {name} of {model.name}"
