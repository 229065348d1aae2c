#!/usr/bin/env python3
"""Makes a container image out of a directory: a tar as `docker save` writes it, the same bytes for the same input.

  make_image.py ROOTFS OUT.tar REFERENCE [--entrypoint JSON] [--cmd JSON] [--env NAME=VALUE]... [--user USER]
      [--workdir DIR] [--stop-signal NAME] [--expose PORT/PROTO]... [--volume DIR]... [--more-layers DIR]...
      [--healthcheck SHELL_COMMAND] [--label NAME=VALUE]...

Owners are root unless the directory holds a file .owners with lines "UID GID PATH". Needs Python only.
"""
import argparse
import hashlib
import io
import json
import os
import platform
import stat
import tarfile


def owners_of(root):
    owners = {}
    try:
        for line in open(os.path.join(root, ".owners"), encoding="utf-8"):
            uid, gid, path = line.split(maxsplit=2)
            owners[path.strip().strip("/")] = (int(uid), int(gid))
    except FileNotFoundError:
        pass
    return owners


def layer(root):
    """The directory as a tar: sorted, no times, no names of users."""
    owners = owners_of(root)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        paths = []
        for folder, folders, files in os.walk(root):
            folders.sort()
            paths += [os.path.relpath(os.path.join(folder, name), root) for name in folders + files]
        for path in sorted(paths):
            if path == ".owners":
                continue
            info = tar.gettarinfo(os.path.join(root, path), arcname=path)
            if info is None:
                continue
            info.uid, info.gid = owners.get(path, (0, 0))
            info.uname = info.gname = ""
            info.mtime = 0
            if info.islnk():  # two names of one file: write the bytes twice, the order must not matter
                info.type, info.linkname = tarfile.REGTYPE, ""
                info.size = os.path.getsize(os.path.join(root, path))
            if info.isreg():
                with open(os.path.join(root, path), "rb") as data:
                    tar.addfile(info, data)
            else:
                tar.addfile(info)
    return out.getvalue()


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH
    tar.addfile(info, io.BytesIO(data))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rootfs")
    parser.add_argument("out")
    parser.add_argument("reference")
    parser.add_argument("--entrypoint", type=json.loads)
    parser.add_argument("--cmd", type=json.loads)
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--user", default="")
    parser.add_argument("--workdir", default="")
    parser.add_argument("--stop-signal", default="")
    parser.add_argument("--expose", action="append", default=[])
    parser.add_argument("--volume", action="append", default=[])
    parser.add_argument("--more-layers", action="append", default=[])
    parser.add_argument("--healthcheck")
    parser.add_argument("--label", action="append", default=[])
    options = parser.parse_args()

    config = {"Env": options.env or ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}
    for key, value in (("Entrypoint", options.entrypoint), ("Cmd", options.cmd), ("User", options.user),
                       ("WorkingDir", options.workdir), ("StopSignal", options.stop_signal)):
        if value:
            config[key] = value
    if options.expose:
        config["ExposedPorts"] = {port: {} for port in options.expose}
    if options.volume:
        config["Volumes"] = {path: {} for path in options.volume}
    if options.healthcheck:
        config["Healthcheck"] = {"Test": ["CMD-SHELL", options.healthcheck]}
    if options.label:
        config["Labels"] = dict(label.split("=", 1) for label in options.label)
    layers = [layer(root) for root in [options.rootfs] + options.more_layers]
    image = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(data).hexdigest() for data in layers]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "make_image.py"} for _ in layers],
    }
    image_bytes = json.dumps(image, sort_keys=True).encode()
    config_name = hashlib.sha256(image_bytes).hexdigest() + ".json"
    names = [hashlib.sha256(data).hexdigest() + "/layer.tar" for data in layers]
    manifest = [{"Config": config_name, "RepoTags": [options.reference], "Layers": names}]
    with tarfile.open(options.out + ".new", mode="w", format=tarfile.GNU_FORMAT) as tar:
        add(tar, config_name, image_bytes)
        for name, data in zip(names, layers):
            add(tar, name, data)
        add(tar, "manifest.json", json.dumps(manifest, sort_keys=True).encode())
    os.replace(options.out + ".new", options.out)


main()
