"""The quick start where it is hardest: the host's own network overlaps the default VPC, and a Docker runs beside it."""

import os
import subprocess

import pytest

from conftest import GANTRY, ROOT

LISTEN = "127.0.0.1:4583"

# What a Docker leaves on its host.
DOCKERS = """
table ip filter {
    chain FORWARD { type filter hook forward priority 0; policy drop; }
    chain DOCKER { }
}
table ip nat {
    chain POSTROUTING { type nat hook postrouting priority 100; ip saddr 172.17.0.0/16 oifname != "docker0" masquerade; }
}
"""


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60, **more).stdout


@pytest.fixture
def crowded_host():
    run("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1")
    run("ip", "addr", "add", "172.31.5.1/20", "dev", "lan0")
    run("ip", "link", "set", "lan0", "up")
    run("ip", "link", "add", "docker0", "type", "bridge")
    run("ip", "addr", "add", "172.17.0.1/16", "dev", "docker0")
    run("ip", "link", "set", "docker0", "up")
    run("nft", "-f", "-", input=DOCKERS)
    yield
    run("nft", "delete", "table", "ip", "filter")
    run("nft", "delete", "table", "ip", "nat")
    run("ip", "link", "del", "lan0")
    run("ip", "link", "del", "docker0")


def foreign_rules():
    return run("nft", "list", "table", "ip", "filter") + run("nft", "list", "table", "ip", "nat")


def test_it_runs_twice_on_a_crowded_host(crowded_host, tmp_path):
    before = foreign_rules()
    data_dir = tmp_path / "data"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    try:
        for attempt in range(2):
            done = subprocess.run([str(ROOT / "quickstart.sh"), "--data-dir", str(data_dir), "--listen", LISTEN], text=True,
                                  cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=900)
            assert done.returncode == 0, done.stdout[-4000:]
            assert "overlaps this host's own network: using a VPC with " in done.stdout
            assert "GET / HTTP" in done.stdout and "The server is running" in done.stdout
            assert "\nblue\n" in done.stdout or attempt == 1
        assert foreign_rules() == before
        assert "172.31.5.1" in run("ip", "addr")
    finally:
        subprocess.run([str(GANTRY), "down", "--purge", "--data-dir", str(data_dir)], capture_output=True, timeout=120)
    assert not data_dir.exists()
