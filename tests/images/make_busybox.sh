#!/usr/bin/env bash
# make_busybox.sh OUT.tar: the tests' image busybox:latest, from Debian's busybox-static, with udp_echo.c, as this busybox
# has no server for UDP. Kept where it is up to date.
set -euo pipefail
out=$1
here=$(cd "$(dirname "$0")" && pwd)
fresh=yes
for source in make_busybox.sh make_image.py udp_echo.c; do [ "$out" -nt "$here/$source" ] || fresh=no; done
if [ "$fresh" = yes ]; then exit 0; fi
busybox=$(command -v busybox) || { echo "make_busybox.sh: Debian's busybox-static is not installed" >&2; exit 1; }
rootfs=$(mktemp -d)
trap 'rm -rf "$rootfs"' EXIT
mkdir -p "$rootfs"/{bin,dev,etc,proc,sys,root,tmp,run,var/www,var/data,home/web}
chmod 755 "$rootfs" && chmod 1777 "$rootfs/tmp"
cp "$busybox" "$rootfs/bin/busybox"
chmod 755 "$rootfs/bin/busybox"
for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$rootfs/bin/$applet"
done
cc -O1 -static -o "$rootfs/bin/udp_echo" "$here/udp_echo.c"
printf 'root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:web:/home/web:/bin/sh\n' >"$rootfs/etc/passwd"
printf 'root:x:0:\nweb:x:102:\nlog:x:4:web\n' >"$rootfs/etc/group"
echo "from the image" >"$rootfs/var/data/hello"
mkdir -p "$(dirname "$out")"
python3 "$here/make_image.py" "$rootfs" "$out" busybox:latest --cmd '["sh"]' --volume /var/data
