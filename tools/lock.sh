#!/bin/sh
# Pin the newest versions that requirements*.in allow, a week old at least, with their hashes and no index address.
set -eu
export UV_CUSTOM_COMPILE_COMMAND="make lock"
for name in requirements requirements-dev; do
    .venv/bin/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-annotate --exclude-newer "$(date -d '7 days ago' +%F)" \
        "$name.in" -o "$name.txt"
done
# verifiers that others wrote, in an environment of their own; one of them asks for Python 3.12
oracles=tests/conformance/oracles
.venv/bin/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.12 \
    --generate-hashes --no-emit-index-url --no-annotate --exclude-newer "$(date -d '7 days ago' +%F)" \
    "$oracles/requirements.in" -o "$oracles/requirements.txt"
