#!/bin/sh
# Make the virtual environment DIR with the first Python >= 3.11 on the PATH that can.
#   tools/venv.sh DIR
set -eu
dir=$1

for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$python" -c 'import ensurepip, venv' 2>/dev/null || "$(dirname "$0")/system.sh" venv 2>/dev/null || true
    if "$python" -m venv "$dir" >/dev/null 2>&1; then exit 0; fi
    rm -rf "$dir"
    echo "tram: $python cannot make a virtual environment; install it with: sudo apt-get install python3-venv" >&2
    exit 1
done
echo "tram: needs Python 3.11 or newer; name it with: make run PYTHON=/path/to/python3" >&2
exit 1
