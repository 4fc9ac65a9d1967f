"""Sites whose keys are sealed, with one root and with three."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.keybox import Passphrase
from db.site import Site, create_site, open_site
from kt1.register import Register
from tests.db.keys.commands import WORDS, new_root, run, secret


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, province: Register) -> Path:
    """A site whose keys are sealed, its passphrase file beside it."""
    folder = tmp_path_factory.mktemp("model")
    secret(folder / "words", WORDS)
    create_site(
        folder / "site", origin="keys.tram.example/log", register=province, passphrase=Passphrase(WORDS)
    ).close()
    return folder


@pytest.fixture
def folder(model: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(model, tmp_path / "f")
    return tmp_path / "f"


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    """That site, open."""
    made = open_site(folder / "site", passphrase=Passphrase(WORDS))
    yield made
    made.close()


@pytest.fixture(scope="module")
def council(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That site with the roots a, b and c, of whom two must sign; a's key was taken away from it."""
    folder = tmp_path_factory.mktemp("council") / "f"
    shutil.copytree(model, folder)
    for name in ("b", "c"):
        run(folder, "root", "add", "--public", new_root(folder, name))
    run(folder, "root", "threshold", "2")
    (folder / "site/keys/root.key").rename(folder / "a.key")
    return folder


@pytest.fixture
def roots(council: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(council, tmp_path / "r")
    return tmp_path / "r"
