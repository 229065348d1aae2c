"""The house's rules that a machine can check: who includes whom, what pure code may not use, how large files grow."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted(p for p in (ROOT / "src").rglob("*") if p.suffix in (".h", ".cpp"))

# Folder -> folders it may include, besides itself. ARCHITECTURE.md draws the same graph.
MAY_INCLUDE = {
    "base": set(),
    "shapes": {"base"},
    "wire": {"base", "shapes"},
    "state": {"base"},
    "link": {"base"},
    "metric": {"base"},
    "port": {"base", "link", "metric"},
    "operation": {"base", "state", "link"},
    "iam": {"base", "state", "shapes", "operation"},
    "sts": {"base", "state", "shapes", "operation", "iam"},
    "ec2": {"base", "state", "shapes", "operation", "link"},
    "logs": {"base", "state", "shapes", "operation"},
    "acm": {"base", "state", "shapes", "operation", "iam"},
    "cloudwatch": {"base", "state", "shapes", "operation", "metric"},
    "eventbus": {"base", "state", "shapes", "operation", "schedule"},
    "elbv2": {"base", "metric", "state", "shapes", "operation", "link", "ec2", "iam", "acm"},
    "ecs": {"base", "metric", "state", "shapes", "operation", "link", "cloudwatch", "ec2", "elbv2", "eventbus", "iam", "logs", "sts"},
    "codedeploy": {"base", "state", "shapes", "operation", "link", "iam", "elbv2", "ecs", "cloudwatch"},
    "schedule": {"base"},
    "autoscaling": {"base", "state", "shapes", "operation", "schedule", "ecs", "cloudwatch"},
    "events": {"base", "state", "shapes", "operation", "schedule", "eventbus", "ecs", "logs"},
    "scheduler": {"base", "state", "shapes", "operation", "schedule", "eventbus", "events"},
    # sts: whom an access key stands for.
    "control": {"base", "metric", "state", "shapes", "operation", "link", "port", "wire", "sts"},
    "worker": {"base", "port", "link"},
    "sim": {"base", "port", "metric", "link", "state", "shapes", "operation", "control", "worker", "wire",
            "iam", "sts", "ec2", "elbv2", "eventbus", "logs", "ecs"},
    # The whole plane over sim's ports; apart from sim so that control and worker may test with sim.
    "simulation": {"base", "port", "metric", "link", "state", "shapes", "operation", "control", "worker", "sim",
                   "iam", "acm", "sts", "ec2", "elbv2", "eventbus", "events", "logs", "ecs", "cloudwatch",
                   "codedeploy", "autoscaling", "scheduler"},
}
DOMAIN = {"iam", "acm", "autoscaling", "cloudwatch", "sts", "ec2", "elbv2", "logs", "ecs", "codedeploy", "eventbus", "events",
          "scheduler"}
# Off-strand halves of data operations reach a port, in files of their own.
DATA_OPERATIONS = {"logs", "cloudwatch", "events"}
PURE = DOMAIN | {"schedule", "metric", "state", "operation", "link", "shapes", "wire"}
IMPURE = re.compile(
    r"system_clock::now|steady_clock::now|high_resolution_clock|\btime\(nullptr\)|gettimeofday|clock_gettime|"
    r"random_device|mt19937|\brand\(\)|std::thread|std::async|std::mutex|sleep_for|<fstream>|<iostream>|<unistd\.h>|"
    r"<sys/socket\.h>"
)
# Generated headers stand under the folder that they describe.
GENERATED = {"dispatch"}


def folder_of(path):
    parts = path.relative_to(ROOT / "src").parts
    return "adapter/" + parts[1] if parts[0] == "adapter" else parts[0]


def is_test(path):
    return re.search(r"_(test|bench|fuzz|contract)\.(cpp|h)$", path.name) is not None


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'#include "([^"]+)"', line)
        if match:
            yield number, match.group(1)


def allowed(folder, path):
    if folder.startswith("adapter/"):
        # haproxy: its port is given the link's rules and actions as they are.
        extra = {"adapter/beast": {"wire"}, "adapter/haproxy": {"link"},
                 "adapter/logstore": {"adapter/database"},
                 "adapter/metricstore": {"adapter/database", "metric"}}.get(folder, set())
        return {"base", "port", folder} | extra
    rules = MAY_INCLUDE.get(folder)
    assert rules is not None, f"src/{folder} is new: say in MAY_INCLUDE what it may include"
    extra = {"port"} if folder in DATA_OPERATIONS else set()
    return rules | extra | {folder}


@pytest.mark.parametrize("folder", sorted({folder_of(p) for p in SOURCES}))
def test_includes_follow_the_layers(folder):
    wrong = []
    for path in (p for p in SOURCES if folder_of(p) == folder and not is_test(p)):
        for number, name in includes(path):
            if "/" not in name:
                wrong.append(f"{path.relative_to(ROOT)}:{number}: write {name} with its folder")
                continue
            parts = name.split("/")
            target = "adapter/" + parts[1] if parts[0] == "adapter" else parts[0]
            if target in GENERATED or target.endswith(".grpc") or name.endswith(".pb.h"):
                continue
            if target not in allowed(folder, path):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {folder} must not include {name}")
    assert not wrong, "\n".join(wrong)


def test_pure_folders_reach_no_clock_chance_thread_or_file():
    wrong = []
    for path in SOURCES:
        if folder_of(path) not in PURE or is_test(path):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if IMPURE.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not wrong, "\n".join(wrong)


def test_names_say_what_is_inside():
    banned = {"utils", "util", "common", "helpers", "helper", "types", "misc"}
    assert [str(p) for p in SOURCES if p.stem in banned] == []


def test_no_detached_coroutines():
    wrong = [str(p.relative_to(ROOT)) for p in SOURCES
             if "asio::detached" in p.read_text() and p.name not in ("task_group.h", "task_group.cpp") and not is_test(p)]
    assert not wrong, wrong


def test_every_folder_has_a_readme():
    folders = {p.parent for p in SOURCES}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "README.md").exists()] == []
