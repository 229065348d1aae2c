#!/usr/bin/env bash
# tests/box.sh COMMAND [ARG ...]: runs COMMAND as root in namespaces of its own that have no way out: a network with
# only a loopback device, private mounts with an empty /run, a pid namespace. Whatever it starts ends with it, also
# when this script is killed. GANTRY_CGROUP_PARENT names a cgroup of its own, removed afterwards.
set -u
if [ "${1:-}" = --inside ]; then
    shift
    ip link set lo up
    mount -t tmpfs tmpfs /run
    mkdir -p /run/netns /run/lock
    # A hosts file of its own: `gantry up` writes names of load balancers into it.
    cp /etc/hosts /run/hosts && mount --bind /run/hosts /etc/hosts
    # Many short connections between few addresses: without these ports run out.
    echo "1024 65000" >/proc/sys/net/ipv4/ip_local_port_range
    exec "$@"
fi
remove_cgroups() {
    find /sys/fs/cgroup -depth -type d -path "*/$1*" -exec rmdir {} + 2>/dev/null
}
# A killed run cannot tidy up after itself; the next one does.
for stale in $(find /sys/fs/cgroup -maxdepth 3 -type d -name 'gantry-box-*' -printf '%f\n' 2>/dev/null | sort -u); do
    [ -d "/proc/${stale##*-}" ] || remove_cgroups "$stale"
done
export GANTRY_CGROUP_PARENT=gantry-box-$$
setpriv --pdeathsig KILL unshare -n -m -p --fork --mount-proc --kill-child bash "$0" --inside "$@" &
child=$!
trap 'kill -KILL $child 2>/dev/null' TERM INT
wait $child
code=$?
remove_cgroups "$GANTRY_CGROUP_PARENT"
exit $code
