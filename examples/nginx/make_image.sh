#!/usr/bin/env bash
# make_image.sh OUT.tar: a small nginx:latest out of Debian's packages, as an archive for `gantry image load`. Nothing is
# installed on this machine, and an archive that is there already is kept: then no network is touched.
set -euo pipefail
out=${1:?usage: make_image.sh OUT.tar}
here=$(cd "$(dirname "$0")" && pwd)
make_image=$here/../../tests/images/make_image.py
if [ "$out" -nt "$here/make_image.sh" ] && [ "$out" -nt "$make_image" ]; then
    echo "$out is there already"
    exit 0
fi
mkdir -p "$(dirname "$out")"
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=(nginx nginx-common busybox-static libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g)
cd "$work"
download() { apt-get download -q "${packages[@]}" >apt.log 2>&1; }
download || { apt-get update -q >/dev/null && download; } || { cat apt.log >&2; exit 1; }
for deb in ./*.deb; do dpkg-deb -x "$deb" all; done

root=$work/root
lib=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
mkdir -p "$root"/{bin,dev,etc/nginx,lib/"$lib",lib64,proc,run,root,sys,tmp,usr/sbin,usr/share/nginx/html,var/lib/nginx,var/log/nginx}
chmod 755 "$root" && chmod 1777 "$root/tmp"
cp all/usr/sbin/nginx "$root/usr/sbin/"
cp all/etc/nginx/mime.types "$root/etc/nginx/"
busybox=$(find all -path '*/bin/busybox' -type f | head -1)
cp "$busybox" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
for name in libc.so.6 libcrypt.so.1 libpcre2-8.so.0 libssl.so.3 libcrypto.so.3 libz.so.1 libdl.so.2 libpthread.so.0 libm.so.6; do
    file=$(find all -path "*/$lib/$name" | head -1)
    [ -n "$file" ] && cp -L "$file" "$root/lib/$lib/$name"
done
loader=$(find all -name 'ld-linux*' \( -type f -o -type l \) | head -1)
case "$(uname -m)" in
    x86_64) cp -L "$(find all -path "*/$lib/ld-linux-x86-64.so.2" | head -1)" "$root/lib64/ld-linux-x86-64.so.2" ;;
    *) cp -L "$loader" "$root/lib/$(basename "$loader")" ;;
esac
cat >"$root/etc/passwd" <<END
root:x:0:0:root:/root:/bin/sh
www-data:x:33:33:www-data:/var/www:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/sh
END
printf 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' >"$root/etc/group"
cat >"$root/etc/nginx/nginx.conf" <<'END'
user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log /dev/stderr notice;
events {
    worker_connections 1024;
}
http {
    include /etc/nginx/mime.types;
    default_type text/plain;
    access_log /dev/stdout;
    sendfile on;
    server {
        listen 80 default_server;
        root /usr/share/nginx/html;
        # Costs some 25 ms of a core for each client that takes gzip: load for what scales.
        location = /work {
            gzip on;
            gzip_comp_level 9;
            gzip_types text/plain;
        }
    }
}
END
echo "nginx of Debian, run by Gantry" >"$root/usr/share/nginx/html/index.html"
seq 60000 >"$root/usr/share/nginx/html/work"
python3 "$make_image" "$root" "$out" nginx:latest --cmd '["/usr/sbin/nginx", "-g", "daemon off;"]' \
    --expose 80/tcp --stop-signal SIGQUIT
echo "made $out"
