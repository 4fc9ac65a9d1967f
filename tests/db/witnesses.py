"""Witnesses without the wire between, for the tests of both ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.errors import WitnessError
from db.site import Site
from db.witness_client import Reply
from db.witness_feed import POLICY_NAME, Feed, feed_of
from db.witness_store import WitnessStore, create_witness, open_witness, watch_log

NOW_S = 1_772_600_000


class Net:
    """Witnesses by address; one that is not there, or is cut off, does not answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stores: dict[str, WitnessStore] = {}
        self.asked: list[tuple[str, bytes, int]] = []
        self.opened: list[WitnessStore] = []

    def add(self, name: str, site: Site) -> str:
        """Make a witness that watches the log of *site*; return its line of a policy."""
        data = self.folder / name
        key = create_witness(data, name=f"{name}.example/w", seed=name.encode().ljust(32, b"."))
        watch_log(data, site.log_keys.log.vkey, now_ms=NOW_S * 1000)
        self.open(name)
        return f"witness {name} {key.vkey} http://{name}.invalid/"

    def open(self, name: str) -> None:
        """Open a witness whose process has ended."""
        self.opened.append(open_witness(self.folder / name))
        self.stores[name] = self.opened[-1]

    def post(self, url: str, body: bytes) -> Reply:
        """Answer as the server would."""
        name = url.removeprefix("http://").partition(".")[0]
        if name not in self.stores:
            raise WitnessError(f"{url} does not answer: refused")
        answer = self.stores[name].answer(body, now_s=NOW_S)
        self.asked.append((name, body, answer.status))
        return Reply(answer.status, answer.body.encode())


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Net]:
    """No witness yet."""
    made = Net(tmp_path)
    yield made
    for store in made.opened:
        store.close()


def feed(site: Site, net: Net, *names: str, quorum: str = "group q all {}\nquorum q") -> Feed:
    """Return the feed of a site to new witnesses called *names*, all of whom are asked for."""
    lines = [net.add(name, site) for name in names]
    text = "\n".join([*lines, quorum.format(" ".join(names)), ""])
    (site.data / POLICY_NAME).write_text(text)
    return feed_of(site, net.post)
