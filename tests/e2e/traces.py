"""What a stack could leave behind on the machine and in the records: taken before and after, and compared."""

import difflib
import json
import os
import re
import subprocess

# History, tombstones and promises that AWS keeps for a while too, by table: which records may be left.
MAY_STAY = {
    "autoscaling.activity": lambda record: record["status"] not in ("Pending", "InProgress"),
    "cloudwatch.alarm_history": lambda record: True,
    "ec2.address_block": lambda record: set(record["taken"]) == {"0"},
    "ecs.client_token": lambda record: True,
    "ecs.cluster": lambda record: record["status"] == "INACTIVE",
    "ecs.service": lambda record: record["status"] == "INACTIVE",
    "ecs.service_deployment": lambda record: "finished_at" in record,
    "ecs.service_event": lambda record: True,
    "ecs.service_revision": lambda record: True,
    "ecs.task": lambda record: record["last_status"] == "STOPPED",
    "ecs.task_definition": lambda record: record["status"] == "INACTIVE",
    "ecs.task_definition_family": lambda record: record["active_count"] == 0,
}


def records(server):
    tables = json.loads(server.gantry("dump").stdout)
    return {(table, key): record for table, rows in tables.items() for key, record in rows.items()}


def processes():
    """The command lines of the box's processes, without ids."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open(f"/proc/{pid}/cmdline", "rb").read().decode(errors="replace").split("\0")
        except OSError:
            continue
        found.append(re.sub(r"[0-9a-f]{16,}|\b\d+\b", "#", " ".join(words)))
    # Who has ended has no words any more; nobody in the box waits for it.
    return sorted(filter(None, found))


def namespaces():
    """Network namespaces: those of processes and those held by files."""
    held = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            held.add(os.readlink(f"/proc/{pid}/ns/net"))
        except OSError:
            continue
    mounted = [line for line in open("/proc/self/mountinfo") if " - nsfs " in line]
    return len(held), len(mounted)


def mounts(server):
    return sorted(line.split(" ")[4] for line in open("/proc/self/mountinfo") if str(server.data_dir) in line)


def cgroups():
    parent = os.environ.get("GANTRY_CGROUP_PARENT", "gantry")
    return sorted(folder for folder, _, _ in os.walk("/sys/fs/cgroup") if f"/{parent}/" in folder)


def rules():
    """The nftables rules of every network namespace, without counters and marks (one counts changes)."""
    found, seen = [], set()
    holders = [f"/proc/{pid}/ns/net" for pid in os.listdir("/proc") if pid.isdigit()]
    holders += [line.split(" ")[4] for line in open("/proc/self/mountinfo") if " - nsfs " in line]
    for holder in holders:
        try:
            identity = os.stat(holder).st_ino
        except OSError:
            continue
        if identity in seen:
            continue
        seen.add(identity)
        listed = subprocess.run(["nsenter", f"--net={holder}", "nft", "list", "ruleset"], capture_output=True, text=True, timeout=60,
                                stdin=subprocess.DEVNULL)
        found.append(re.sub(r"packets \d+ bytes \d+|0x[0-9a-f]+", "#", listed.stdout))
    return sorted(filter(None, found))


def taken(server):
    return {"records": records(server), "processes": processes(), "namespaces": namespaces(), "mounts": mounts(server),
            "cgroups": cgroups(), "rules": rules()}


def difference(before, after):
    lines = [("\n".join(map(str, side)) if isinstance(side, list) else str(side)).splitlines() for side in (before, after)]
    return "\n".join(difflib.unified_diff(*lines, "before", "after", n=1, lineterm=""))


def left(before, after):
    """Differences, as text; empty: nothing is left."""
    found = []
    for kind in ("processes", "namespaces", "mounts", "cgroups", "rules"):
        if before[kind] != after[kind]:
            found.append(f"{kind}: {difference(before[kind], after[kind])}")
    for key, record in after["records"].items():
        if key not in before["records"] and not MAY_STAY.get(key[0], lambda _: False)(record):
            found.append(f"record {key[0]} {key[1]}: {str(record)[:300]}")
    # Tombstones and history go some day; what takes the name of a service takes theirs away at once.
    found += [f"record {key[0]} {key[1]} is gone" for key in before["records"]
              if key not in after["records"] and key[0] not in MAY_STAY]
    return found
