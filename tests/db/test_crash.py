"""SIGKILL under load: what was acknowledged is there, what is there holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.load import Load, interleave
from db.audit import audit
from db.site import Site, open_site

_CHILD = """
import sys, threading
from pathlib import Path
from db.site import open_site

data, url, entries = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
raws = [bytes.fromhex(line) for line in entries.read_text().split()]
site = open_site(data, url)
lock = threading.Lock()

def send(part):
    for raw in part:
        result = site.ledger.append([raw])[0]
        with lock:
            sys.stdout.write(f"{result.index} {result.id.hex()}\\n")
            sys.stdout.flush()

for n in range(4):
    threading.Thread(target=send, args=(raws[n::4],)).start()
"""


@pytest.mark.parametrize("acknowledged", [5, 60])
def test_no_acknowledged_event_is_lost(site: Site, load: Load, tmp_path: Path, acknowledged: int) -> None:
    """The process is killed in mid-append; every index it had answered is in the log with that id."""
    entries = tmp_path / "entries"
    entries.write_text("\n".join(raw.hex() for raw in interleave(load.chains(80, hops=2))))
    url = site.engine.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(site.data), url, str(entries)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert child.stdout is not None
    answers = [child.stdout.readline() for _ in range(acknowledged)]
    child.send_signal(signal.SIGKILL)
    answers += child.stdout.readlines()
    child.stdout.close()
    child.wait()

    again = open_site(site.data, url, now=site.now)
    size = again.ledger.newest().size
    stored = {entry.index: entry.event.id.hex() for entry in again.ledger.entries(0, size)}
    for index, entry_id in (line.split() for line in answers if line.endswith("\n")):
        assert stored[int(index)] == entry_id
    assert audit(again.engine, again.log_keys).problems == []
    again.close()
