"""Images from a real registry: tags, digests, lists, logins of both kinds, mirrors, and ECS's words when a pull fails."""

import io
import json
import os
import platform
import pty
import re
import subprocess
import tarfile
import threading

import pytest

import registry
from conftest import GANTRY, IMAGES, Server, until
from test_task import awslogs, log_lines

BUSYBOX = IMAGES[1]
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]

pytestmark = pytest.mark.skipif(bool(registry.missing_programs()),
                                reason=f"not installed: {' '.join(registry.missing_programs())}")


@pytest.fixture(scope="module")
def registries(tmp_path_factory):
    made = {auth: registry.Registry(tmp_path_factory.mktemp("registry"), auth) for auth in (None, "basic", "bearer")}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture(scope="module")
def open_registry(registries):
    return registries[None]


@pytest.fixture(scope="module")
def mirrored(open_registry, tmp_path_factory):
    """A server that finds registry.example at a mirror, and asks the registry at each start of a task."""
    hosts = tmp_path_factory.mktemp("hosts")
    (hosts / "registry.example").mkdir()
    (hosts / "registry.example" / "hosts.toml").write_text(
        'server = "https://registry.example"\n'
        f'[host."http://{open_registry.host}"]\n  capabilities = ["pull", "resolve"]\n')
    server = Server(tmp_path_factory.mktemp("gantry"), ["--listen", "127.0.0.1:4578", "--registry-hosts", str(hosts),
                                                        "--image-pull-behavior", "default"])
    server.start()
    server.client("ecs").create_cluster(clusterName="default")
    yield server
    server.down()


def says(word):
    """Changes an image so that it says a word of its own."""
    def change(config):
        config["config"]["Env"] = [*(config["config"].get("Env") or []), f"WORD={word}"]
        return config
    return change


def run_to_end(server, image, family, **more):
    definition = server.register(family, [{"name": "main", "image": image, "command": ["sh", "-c", "echo $WORD"],
                                           "logConfiguration": awslogs(f"/{family}"), **more}])
    arn = server.run(definition)
    return arn, server.wait_status(arn, "STOPPED")


def spoken(server, family, arn):
    return until("the image's word",
                 lambda: log_lines(server, f"/{family}", f"p/main/{arn.rsplit('/')[-1]}"))


def pull(server, reference, username=None, password=None, check=True):
    words = [str(GANTRY), "image", "pull", reference, "--data-dir", str(server.data_dir)]
    if username:
        words += ["--username", username]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120,
                          input=password + "\n" if password else "")
    assert not check or done.returncode == 0, done.stderr + server.log_tail()
    return done


def login(server, host, username, password):
    subprocess.run([str(GANTRY), "image", "login", host, "--username", username, "--data-dir", str(server.data_dir)],
                   check=True, input=password + "\n", text=True, capture_output=True, timeout=60)


def test_by_tag_and_by_digest(server, open_registry):
    digest, _ = open_registry.push(BUSYBOX, "team/app", "v1", says("one"))
    for name, image in (("bytag", f"{open_registry.host}/team/app:v1"),
                        ("bydigest", f"{open_registry.host}/team/app@{digest}")):
        arn, task = run_to_end(server, image, name)
        assert task["containers"][0]["exitCode"] == 0, task
        assert task["containers"][0]["imageDigest"] == digest
        assert task["pullStartedAt"] <= task["pullStoppedAt"]
        assert spoken(server, name, arn) == ["one"]


def test_a_list_of_manifests_gives_this_machines_own(server, open_registry):
    own, own_size = open_registry.push(BUSYBOX, "team/multi", "own", says("own"))
    foreign, foreign_size = open_registry.push(BUSYBOX, "team/multi", "foreign", says("foreign"))
    listed, _ = open_registry.push_list("team/multi", "v1", [(foreign, foreign_size, "s390x"),
                                                             (own, own_size, ARCHITECTURE)])
    arn, task = run_to_end(server, f"{open_registry.host}/team/multi:v1", "multi")
    assert spoken(server, "multi", arn) == ["own"]
    assert task["containers"][0]["imageDigest"] in (own, listed)

    open_registry.push_list("team/multi", "s390x", [(foreign, foreign_size, "s390x")])
    _, task = run_to_end(server, f"{open_registry.host}/team/multi:s390x", "foreign")
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"] == ("CannotPullContainerError: image Manifest does not contain descriptor matching "
                                     f"platform 'linux/{ARCHITECTURE}'")


def test_what_is_not_there_is_told_in_ecs_words(server, open_registry):
    open_registry.push(BUSYBOX, "team/app", "v1")
    for image in (f"{open_registry.host}/team/app:nope", f"{open_registry.host}/team/nope:v1",
                  f"{open_registry.host}/team/app@sha256:{'0' * 64}"):
        _, task = run_to_end(server, image, "missing")
        assert task["stopCode"] == "TaskFailedToStart"
        assert task["stoppedReason"] == ("CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                                         f"failed to resolve ref {image}: {image}: not found")
        assert task["containers"][0]["reason"] == task["stoppedReason"]
        assert "exitCode" not in task["containers"][0]


def test_what_is_no_image(server, open_registry):
    """A manifest whose layer is not an archive."""
    junk, config = b"this is not a tar" * 100, json.dumps(
        {"architecture": ARCHITECTURE, "os": "linux", "config": {},
         "rootfs": {"type": "layers", "diff_ids": [registry.digest_of(b"this is not a tar" * 100)]}}).encode()
    for blob in (junk, config):
        open_registry.push_blob("team/junk", blob)
    open_registry.push_manifest("team/junk", "v1", {
        "schemaVersion": 2, "mediaType": registry.DOCKER_MANIFEST,
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config),
                   "digest": registry.digest_of(config)},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": len(junk),
                    "digest": registry.digest_of(junk)}]})
    _, task = run_to_end(server, f"{open_registry.host}/team/junk:v1", "junk")
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")


@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_with_a_login(server, registries, kind):
    closed = registries[kind]
    image = f"{closed.host}/private/app:v1"
    closed.push(BUSYBOX, "private/app", "v1", says(kind))
    _, task = run_to_end(server, image, f"anonymous-{kind}")
    assert task["stoppedReason"].startswith(
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: ")

    username, password = closed.LOGIN
    assert pull(server, image, username, "wrong", check=False).returncode == 1
    login(server, closed.host, username, "also wrong")
    _, task = run_to_end(server, image, f"wrong-{kind}")
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    login(server, closed.host, username, password)
    arn, task = run_to_end(server, image, f"private-{kind}")
    assert spoken(server, f"private-{kind}", arn) == [kind]
    server.gantry("image", "rm", image)
    pull(server, image)

    kept = server.data_dir / "registry-logins.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    server.gantry("image", "rm", image)
    server.gantry("image", "logout", closed.host)
    assert pull(server, image, check=False).returncode == 1
    pull(server, image, username, password)
    # A password never stands in an argument, a log or a record.
    assert password not in server.log_tail() + server.gantry("dump").stdout
    server.gantry("image", "rm", image)


def test_a_mirror_stands_in_for_its_registry(mirrored, open_registry):
    open_registry.push(BUSYBOX, "team/app", "mirrored", says("mirrored"))
    arn, task = run_to_end(mirrored, "registry.example/team/app:mirrored", "mirror")
    assert spoken(mirrored, "mirror", arn) == ["mirrored"]
    assert task["containers"][0]["image"] == "registry.example/team/app:mirrored"
    pull(mirrored, "registry.example/team/app:mirrored")


def test_the_registry_is_asked_each_time_when_told_to(mirrored, open_registry):
    image = "registry.example/team/moving:latest"
    open_registry.push(BUSYBOX, "team/moving", "latest", says("old"))
    arn, _ = run_to_end(mirrored, image, "moving")
    assert spoken(mirrored, "moving", arn) == ["old"]
    open_registry.push(BUSYBOX, "team/moving", "latest", says("new"))
    arn, _ = run_to_end(mirrored, image, "moving")
    assert spoken(mirrored, "moving", arn) == ["new"]


def test_an_image_that_is_here_is_taken_when_its_registry_is_away(mirrored, tmp_path):
    short_lived = registry.Registry(tmp_path / "r")
    image = f"{short_lived.host}/team/app:v1"
    short_lived.push(BUSYBOX, "team/app", "v1", says("cached"))
    pull(mirrored, image)
    short_lived.close()
    arn, _ = run_to_end(mirrored, image, "away")
    assert spoken(mirrored, "away", arn) == ["cached"]


def test_a_pull_shows_its_progress(server, open_registry):
    """On a terminal, over a line that gives a piece whenever the test says so."""
    line = registry.SlowLine(open_registry.port)
    # A layer that is not here yet.
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        entry = tarfile.TarInfo("ballast")
        entry.size = 8 << 20
        tar.addfile(entry, io.BytesIO(os.urandom(entry.size)))
    open_registry.push(BUSYBOX, "slow/app", "v1", more_layers=[layer.getvalue()])
    master, slave = pty.openpty()
    process = subprocess.Popen([str(GANTRY), "image", "pull", f"{line.host}/slow/app:v1", "--data-dir",
                                str(server.data_dir)], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL)
    os.close(slave)
    shown = []

    def read():
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                return
            if not data:
                return
            shown.append(data.decode("utf-8", "replace"))
    reader = threading.Thread(target=read)
    reader.start()
    counts = lambda: {float(found) for found in re.findall(r"downloading ([0-9.]+) MB of [0-9.]+ MB", "".join(shown))}
    try:
        line.step(8)
        until("a first amount", lambda: any(amount > 0 for amount in counts()))
        first = max(counts())
        line.step(8)
        until("a larger amount", lambda: max(counts()) > first)
        line.step(1 << 20)
        assert process.wait(timeout=60) == 0, "".join(shown)
    finally:
        process.kill()
        line.close()
        reader.join(timeout=20)
    assert re.search(r"pulled \S+/slow/app:v1 sha256:", "".join(shown))


def oci_layout(folder, archive, reference):
    """The image of a `docker save` archive as an OCI layout tar with one named image."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data, kind, **more):
        digest = registry.digest_of(data)
        (blobs / digest.split(":")[1]).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest, "size": len(data), **more}
    with tarfile.open(archive) as tar:
        entry = json.load(tar.extractfile("manifest.json"))[0]
        config = blob(tar.extractfile(entry["Config"]).read(), "config.v1+json")
        layers = [blob(tar.extractfile(name).read(), "layer.v1.tar") for name in entry["Layers"]]
    manifest = blob(json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode(), "manifest.v1+json",
                    annotations={"io.containerd.image.name": reference, "org.opencontainers.image.ref.name": "v1"})
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    with tarfile.open(folder / "image.tar", "w") as tar:
        for name in ("oci-layout", "index.json", "blobs"):
            tar.add(folder / name, name)
    return folder / "image.tar"


def test_an_oci_layout_is_loaded(server, tmp_path):
    archive = oci_layout(tmp_path, BUSYBOX, "example.test/layout:v1")
    assert "example.test/layout:v1" in server.gantry("image", "load", str(archive)).stdout
    _, task = run_to_end(server, "example.test/layout:v1", "layout")
    assert task["containers"][0]["exitCode"] == 0
    server.gantry("image", "rm", "example.test/layout:v1")
    assert "example.test" not in server.gantry("image", "ls").stdout


def test_what_is_no_archive_is_refused(server, tmp_path):
    for name, data in (("text.tar", b"hello\n" * 1000), ("empty.tar", b""), ("zeros.tar", bytes(10240))):
        (tmp_path / name).write_bytes(data)
        done = server.gantry("image", "load", str(tmp_path / name), check=False)
        assert done.returncode == 1 and name in done.stderr, done.stdout + done.stderr
