#!/usr/bin/env bash
# Installs, builds and passes every test. As root; the last line is "N passed, N failed".
# Options: --unit leaves out what needs containers.
set -uo pipefail
cd "$(dirname "$0")"
./setup.sh --tests || { echo "0 passed, 1 failed"; exit 1; }
exec build/venv/bin/python tests/run.py "$@"
