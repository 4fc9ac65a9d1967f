#!/bin/sh
# Make build/oracles: verifiers that others wrote, and a renderer of ZPL, pinned, in environments of their own. What
# cannot be had is said and left out; the tests that need it are then skipped.
set -eu
cd "$(dirname "$0")/.."
from=tests/conformance/oracles
to=build/oracles
mkdir -p "$to"

[ -x "$to/venv/bin/python" ] || tools/venv.sh "$to/venv"
# aics-tlog asks for Python 3.12, and works on 3.11
"$to/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --ignore-requires-python \
    --require-hashes -r "$from/requirements.txt" || echo "tram: no verifiers from PyPI" >&2

cp "$from/package.json" "$from/package-lock.json" "$from/.npmrc" "$to/"
# not `npm ci`: it asks for the optional binaries of every system, which the lock leaves out
PATH="$PATH:$PWD/.venv/bin" npm --prefix "$to" install --no-save --omit=optional --silent --no-progress || echo "tram: no verifiers from npm" >&2

zebra=tests/labels/zebra
mkdir -p "$to/zebra"
cp "$zebra/package.json" "$zebra/package-lock.json" "$zebra/.npmrc" "$to/zebra/"
PATH="$PATH:$PWD/.venv/bin" npm --prefix "$to/zebra" ci --silent --no-progress || echo "tram: no renderer of ZPL from npm" >&2

go=$(command -v go || ls /usr/lib/go-*/bin/go 2>/dev/null | tail -n 1 || true)
if [ -n "$go" ] && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]; then
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="$PWD/$to/go-cache" \
        "$go" build -o "$to/oracle-go" "$from/oracle.go" || echo "tram: the Go verifier did not build" >&2
else
    echo "tram: no Go verifier; on Debian: apt-get install golang-go golang-golang-x-mod-dev" >&2
fi
