#!/bin/sh
# Serve the site in $DATA; a new one is filled with the demonstration province first.
set -eu
tram=.venv/bin/tram

if [ -z "$(ls -A "$DATA" 2>/dev/null)" ]; then "$tram" --data "$DATA" demo; fi
exec "$tram" --data "$DATA" serve --port "$PORT"
