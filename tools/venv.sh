#!/bin/sh
# Make the virtual environment DIR with the first Python >= 3.11 on the PATH.
#   tools/venv.sh DIR
set -eu
dir=$1

for python in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$python" -c 'import ensurepip' 2>/dev/null || "$(dirname "$0")/system.sh" venv 2>/dev/null || true
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        echo "tram: $python cannot make virtual environments; install them with: sudo apt-get install python3-venv" >&2
        exit 1
    fi
    "$python" -m venv "$dir" && exit 0
    rm -rf "$dir"
    exit 1
done
echo "tram: needs Python 3.11 or newer; name it with: make run PYTHON=/path/to/python3" >&2
exit 1
