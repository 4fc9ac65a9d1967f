#!/bin/sh
# The command `tram`: this environment's Python on the tram.py beside it, from any folder. Copied to .venv/bin/tram.
bin=$(dirname "$(readlink -f "$0")")
exec "$bin/python" "$bin/../../tram.py" "$@"
