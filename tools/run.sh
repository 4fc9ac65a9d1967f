#!/bin/sh
# Serve the site in $DATA. A new one is filled with the demonstration province first, beside its place, so that
# an interrupted start leaves nothing half made.
set -eu
tram=.venv/bin/tram

if [ -z "$(ls -A "$DATA" 2>/dev/null)" ]; then
    echo "tram: loading the demonstration province into $DATA"
    rm -rf "$DATA.new"
    "$tram" --data "$DATA.new" demo >/dev/null
    if [ -d "$DATA" ]; then rmdir "$DATA"; fi
    mv "$DATA.new" "$DATA"
fi
exec "$tram" --data "$DATA" serve --port "$PORT"
