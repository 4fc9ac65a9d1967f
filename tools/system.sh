#!/bin/sh
# Install the system packages that are missing, where apt-get may; otherwise say in one line what to install.
#   tools/system.sh run|test|venv
set -eu
missing=

# need_library SONAME PACKAGE: asked of the linker, since a package's name changes between releases
need_library() { { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | grep -q "$1" || missing="$missing $2"; }
need_file() { for path in $1; do [ ! -e "$path" ] || return 0; done; missing="$missing $2"; }

case $1 in
venv)
    missing=" python3-venv" ;;
run)
    need_library libzbar.so.0 libzbar0
    need_library libGL.so.1 libgl1
    need_library libglib-2.0.so.0 libglib2.0-0
    need_library libxcb.so.1 libxcb1 ;;
test)
    command -v chromium >/dev/null || missing="$missing chromium"
    need_file "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" fonts-dejavu-core
    need_file "/usr/lib/postgresql/*/bin/initdb" postgresql ;;
*)
    echo "usage: tools/system.sh run|test|venv" >&2; exit 2 ;;
esac
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=; else as_root="sudo -n"; fi
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    echo "tram: installing$missing"
    $as_root apt-get update -qq || true
    # shellcheck disable=SC2086  # a list of words is meant
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "tram: please install:$missing   (sudo apt-get install$missing)" >&2
exit 1
