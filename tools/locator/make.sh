#!/bin/sh
# Makes the locator anew as it was made (ADR 17), in build/locator, and compares it with the one that is kept.
set -eu
out=build/locator
mkdir -p "$out"
[ -x "$out/venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$out/venv"
"$out/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r tools/locator/requirements.txt
.venv/bin/python -m tools.locator.pictures "$out/pictures.npz" 9000 1
"$out/venv/bin/python" tools/locator/train.py "$out/locator.onnx" "$out/pictures.npz"
if cmp "$out/locator.onnx" scanner/locator.onnx; then
	echo "the same bytes as scanner/locator.onnx"
else
	echo "other bytes than scanner/locator.onnx: expected on a processor with other vector instructions or after a change of"
	echo "tools/photos or labels; then it must find about as many of the pictures held back (ADR 17)"
	exit 1
fi
