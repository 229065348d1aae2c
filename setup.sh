#!/usr/bin/env bash
# Installs what Gantry needs from Debian's packages and builds build/gantry. Where nothing is missing it touches no
# network. Options: --tests also builds the tests and installs what they need.
set -euo pipefail
cd "$(dirname "$0")"
with_tests=
for option in "$@"; do
    case "$option" in
        --tests) with_tests=1 ;;
        -h | --help) sed -n '2,3p' "$0" | cut -c3-; exit 0 ;;
        *) echo "setup.sh: unknown option $option" >&2; exit 2 ;;
    esac
done
say() { printf '\033[1m== %s\033[0m\n' "$*"; }

packages=(
    g++ libcli11-dev cmake ninja-build ccache mold python3 python3-venv ca-certificates curl
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libexpected-dev
    libssl-dev zlib1g-dev libzstd-dev libre2-dev libsqlite3-dev libyaml-cpp-dev
    libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
    golang-github-containerd-containerd-dev golang-github-containerd-cgroups-dev
    golang-github-gogo-googleapis-dev golang-github-gogo-protobuf-dev
    libgtest-dev libgmock-dev
    iproute2 nftables conntrack passt haproxy e2fsprogs util-linux procps tini libabsl-dev
)
[ -z "$with_tests" ] || packages+=(busybox-static socat netcat-openbsd sqlite3 docker-registry openssl)
# Docker's own packages bring containerd and runc too, and exclude Debian's: what is there is used.
command -v containerd >/dev/null || packages+=(containerd)
command -v runc >/dev/null || command -v docker-runc >/dev/null || packages+=(runc)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || { echo "setup.sh: root is needed to install: ${missing[*]}" >&2; exit 1; }
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # Services of freshly installed packages are not started: Gantry runs a containerd of its own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >build-packages.log 2>&1 ||
        { tail -20 build-packages.log >&2; exit 1; }
    rm -f build-packages.log
fi

# AWS_ENDPOINT_URL is understood since 1.29 and 2.13.
new_enough() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's|^aws-cli/\([0-9]*\)\.\([0-9]*\).*|\1 \2|p')
    [ -n "$version" ] || return 1
    set -- $version
    { [ "$1" -eq 1 ] && [ "$2" -ge 29 ]; } || { [ "$1" -eq 2 ] && [ "$2" -ge 13 ]; } || [ "$1" -gt 2 ]
}
mkdir -p build
if [ ! -x build/venv/bin/python ]; then python3 -m venv build/venv; fi
if ! new_enough aws && ! new_enough build/venv/bin/aws; then
    say "installing the aws CLI into build/venv"
    build/venv/bin/pip install -q 'awscli>=1.45,<2'
fi
if [ -n "$with_tests" ] && ! build/venv/bin/python -c 'import boto3, pytest' 2>/dev/null; then
    say "installing boto3 and pytest into build/venv"
    build/venv/bin/pip install -q 'awscli==1.45.11' 'boto3==1.43.11' 'pytest>=8,<9'
fi

say "building"
# A compiler run less for each unit that the cache does not have: the compiler itself says what it read.
export CCACHE_DEPEND=1
[ -f build/build.ninja ] || cmake --preset release >build/configure.log || { cat build/configure.log; exit 1; }
if [ -n "$with_tests" ]; then ninja -C build; else ninja -C build gantry; fi
say "built build/gantry"
