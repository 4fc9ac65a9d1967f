"""The witness as a process of its own: its addresses, its death, and what a log's client bears from servers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from custody.note import NoteKey, open_note, parse_vkey
from custody.witness import SIZE_TYPE, format_request
from db.errors import WitnessError
from db.site import Site, open_site
from db.witness_client import post_checkpoint
from db.witness_feed import POLICY_NAME, feed_of
from db.witness_store import WitnessStore, create_witness, open_witness, opened, watch_log
from web.app import create_app
from web.config import Config
from web.service import Service, start_feeding
from web.witness.app import create_witness_app

ROOT = Path(__file__).resolve().parents[2]
_DIES = """
import os, signal, sys
from pathlib import Path
from wsgiref.simple_server import make_server
from db import witness_store
from web.witness.app import create_witness_app
store = witness_store.open_witness(Path(sys.argv[1]))
write = store._write
def write_and_die(path, text):
    write(path, text)
    os.kill(os.getpid(), signal.SIGKILL)
store._write = write_and_die
server = make_server("127.0.0.1", int(sys.argv[2]), create_witness_app(store, lambda: 1_800_000_000))
print("ready", flush=True)
server.serve_forever()
"""


@pytest.fixture
def site(data: Path) -> Iterator[Site]:
    """The demonstration's site."""
    made = open_site(data)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Path:
    """The folder of a witness that watches the site's log."""
    create_witness(tmp_path / "w", name="w.example/1", seed=bytes(range(32)))
    watch_log(tmp_path / "w", site.log_keys.log.vkey, now_ms=1_800_000_000_000)
    return tmp_path / "w"


@pytest.fixture
def client(folder: Path) -> Iterator[FlaskClient]:
    """A client of its server."""
    store = open_witness(folder)
    yield create_witness_app(store, lambda: 1_800_000_000).test_client()
    store.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tram(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, str(ROOT / "tram.py"), *map(str, arguments)]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that says something once it is ready; kill it in the end."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline()
        yield process
    finally:
        with_children(process, signal.SIGKILL)
        process.stdout.close()


def with_children(process: subprocess.Popen[str], sign: signal.Signals) -> None:
    """Send a signal to a process that we started, and to its workers."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, sign)
    process.wait(timeout=30)


def serving(folder: Path, port: int) -> tuple[str, ...]:
    """The command of a witness's server."""
    place = ("--data", str(folder), "witness", "serve", "--port", str(port))
    return (sys.executable, str(ROOT / "tram.py"), *place)


def name_witness(site: Site, folder: Path, port: int) -> NoteKey:
    """Write the site's policy: one witness, who is enough."""
    with opened(folder) as store:
        key = store.key
    (site.data / POLICY_NAME).write_text(f"witness w {key.vkey} http://127.0.0.1:{port}\nquorum w\n")
    return key


def eventually(holds: Callable[[], bool], within_s: float = 20) -> None:
    """Wait until something holds: a server has to start."""
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_the_addresses_of_a_witness(client: FlaskClient, site: Site, folder: Path) -> None:
    """C2SP tlog-witness, and one address to read what it has seen."""
    note = site.ledger.checkpoint()
    digest = "0" * 64
    assert client.get(f"/checkpoint/{digest}").status_code == 404
    answer = client.post("/add-checkpoint", data=format_request(0, (), note))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    key = parse_vkey(site.log_keys.log.vkey)
    again = client.post("/add-checkpoint", data=format_request(0, (), note))
    size = site.ledger.newest().size
    assert (again.status_code, again.headers["Content-Type"], again.text) == (409, SIZE_TYPE, f"{size}\n")
    assert client.post("/add-checkpoint", data=b"x" * 200_000).status_code == 413
    assert client.post("/add-checkpoint", data=b"old 0\n\n").status_code == 400
    assert client.get("/add-checkpoint").status_code == 405
    assert client.get("/").status_code == 404
    seen = client.get(f"/checkpoint/{WitnessStore.hash_of(site.origin)}").text
    assert seen == note + answer.text
    assert open_note(seen).verify(key) == 0
    assert (folder / "seen").is_dir()


def test_commands_make_a_witness_that_cosigns(tmp_path: Path, site: Site) -> None:
    """`tram witness init`, `watch`, `serve`, `key`: a process of its own, killed and started again."""
    folder, port, secret = tmp_path / "w", free_port(), tmp_path / "passphrase"
    secret.touch(0o600)
    secret.write_text("năm sáu từ không liên quan\n", encoding="utf-8")
    sealed = ("--passphrase-file", secret)
    made = json.loads(
        tram("--data", folder, "witness", "init", "--name", "w.example", *sealed, "--json").stdout
    )
    assert "sealed" in tram("--data", folder, "witness", "serve", "--port", free_port()).stderr
    assert tram("--data", folder, "witness", "watch", site.log_keys.log.vkey).returncode == 0
    assert parse_vkey(made["key"]) == name_witness(site, folder, port)
    fed = feed_of(site)
    for _ in range(2):
        with running(*serving(folder, port), *map(str, sealed)):
            eventually(lambda: not fed.submit()[0].trouble)
            held = tram("--data", folder, "witness", "key")
            assert (held.returncode, "held by another process" in held.stderr) == (2, True)
    assert "does not answer" in fed.submit()[0].trouble
    told = json.loads(tram("--data", folder, "witness", "key", "--json").stdout)
    assert told["logs"] == {site.origin: site.ledger.newest().size}


def test_a_witness_killed_before_it_answers_has_stored(folder: Path, site: Site) -> None:
    """SIGKILL between the disk and the wire: what it has seen is not forgotten, and it cosigns the same once more."""
    port = free_port()
    name_witness(site, folder, port)
    fed = feed_of(site)
    with running(sys.executable, "-c", _DIES, str(folder), str(port)) as dying:
        assert "does not answer" in fed.submit()[0].trouble
        dying.wait(timeout=30)
    with opened(folder) as store:
        assert (store.newest(site.origin) or "").startswith(site.ledger.checkpoint())
    with running(*serving(folder, port)):
        eventually(lambda: not fed.submit()[0].trouble)
    assert fed.seen().quorum == site.ledger.newest().size


def test_serve_refuses_an_old_copy_of_the_whole_folder(folder: Path, site: Site, tmp_path: Path) -> None:
    """M06: database, keys and last-checkpoint all restored from an old backup; only the witness knows better."""
    port = free_port()
    name_witness(site, folder, port)
    site.engine.dispose()
    shutil.copytree(site.data, tmp_path / "old")
    site.revoke(next(c.kid for c in site.ledger.rules.certificates() if c.kid4))
    with running(*serving(folder, port)):
        eventually(lambda: not feed_of(site).submit()[0].trouble)
        old = tram("--data", tmp_path / "old", "serve", "--port", free_port())
    assert old.returncode == 2
    assert "rolled back" in old.stderr
    assert "--accept-loss" in old.stderr


def test_the_service_feeds_its_witnesses(folder: Path, site: Site) -> None:
    """Beside the requests, from the start on."""
    port = free_port()
    name_witness(site, folder, port)
    app = create_app(Config(data=site.data, witness_every_s=0.1), site)
    service: Service = app.extensions["tram"]
    with running(*serving(folder, port)):
        stop = start_feeding(app)
        eventually(lambda: service.feed.seen().quorum > 0)
        stop.set()


def answering(reply: Callable[[socket.socket], None]) -> tuple[str, threading.Thread]:
    """Listen once, and answer whatever is asked with what *reply* sends."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def run() -> None:
        with listener, listener.accept()[0] as asked:
            asked.recv(65_536)
            try:
                reply(asked)
            except OSError:
                return  # the client has had enough

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", thread


def drip(asked: socket.socket) -> None:
    """Send a byte now and then, for as long as somebody listens."""
    asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    for _ in range(200):
        asked.sendall(b"x")
        time.sleep(0.05)


def test_a_redirect_is_an_answer() -> None:
    """Only what the operator named is asked: who could redirect us could have us ask anybody."""
    url, thread = answering(
        lambda s: s.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )
    )
    assert post_checkpoint(url, b"x").status == 302
    thread.join()


@pytest.mark.parametrize(
    "reply",
    [
        lambda s: s.sendall(b""),
        lambda s: s.sendall(b"220 smtp ready\r\n"),
        lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        drip,
    ],
    ids=["closes", "another protocol", "half an answer", "drips"],
)
def test_a_bad_server_is_one_error(reply: Callable[[socket.socket], None]) -> None:
    """And within the time given, whatever it sends."""
    url, thread = answering(reply)
    began = time.monotonic()
    with pytest.raises(WitnessError, match="does not answer"):
        post_checkpoint(url, b"x", timeout_s=0.5)
    assert time.monotonic() - began < 3
    thread.join()


def test_a_long_answer_is_cut() -> None:
    """No server fills our memory."""
    url, thread = answering(lambda s: s.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000))
    assert len(post_checkpoint(url, b"x").body) == 20_000
    thread.join()


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x.invalid", "http://", "http://u:p@x.invalid", "file:///etc/passwd", "http://x.invalid:x"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(WitnessError):
        post_checkpoint(url, b"x")
