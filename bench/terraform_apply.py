"""terraform's wall time for the article's stack, less the provider's own sleeps before its first looks (a VPC 10 s, then a subnet
10 s, a load balancer 60 s): what is left is requests, terraform itself, and Gantry. Gantry's part is the CPU time it used.

tests/box.sh build/venv/bin/python bench/terraform_apply.py [--rounds 3]
"""

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "e2e"))

from conftest import IMAGES, Server  # noqa: E402
from test_terraform import Terraform, why_not  # noqa: E402

SLEEPS = 80  # s


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if why_not():
        sys.exit(why_not())
    server = Server(pathlib.Path(tempfile.mkdtemp(prefix="bench-")))
    server.start()
    try:
        server.gantry("image", "load", str(IMAGES[0]))
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-stack-")) / "stack"
        shutil.copytree(ROOT / "examples" / "bluegreen" / "stack", folder)
        (folder / "terraform.tfvars").write_text("terraform_task_definition = true\n")
        terraform = Terraform(server, folder)
        walls, ours = [], []
        for _ in range(options.rounds):
            begin, used = time.monotonic(), cpu_seconds(server.process.pid)
            terraform("apply", "-auto-approve")
            walls.append(time.monotonic() - begin)
            ours.append(cpu_seconds(server.process.pid) - used)
            terraform("destroy", "-auto-approve")
        print(f"apply: {statistics.median(walls):.1f} s, {statistics.median(walls) - SLEEPS:.1f} s more than the provider sleeps; "
              f"CPU of Gantry {statistics.median(ours):.2f} s", flush=True)
    finally:
        server.down()


if __name__ == "__main__":
    main()
