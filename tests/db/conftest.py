"""A fresh database of each kind, and a site in it; PostgreSQL is started once a session."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.load import Load
from db.engine import open_engine
from db.site import Site, create_site
from kt1.province import make_province
from kt1.register import Register
from tests.db.postgres import PostgresMissingError, running_cluster

ORIGIN = "tests.tram.example/log"
START_MS = 1_772_500_000_000
_NAMES = itertools.count()


@pytest.fixture(scope="session")
def province() -> Register:
    """The demonstration province."""
    return make_province(1, day=dt.date(2026, 3, 2))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Callable[[], str]]:
    """A function that makes a fresh PostgreSQL database and returns its URL."""
    try:
        with running_cluster() as pattern:
            admin = sa.create_engine(pattern.format(name="postgres"), isolation_level="AUTOCOMMIT")

            def fresh() -> str:
                name = f"tram{next(_NAMES)}"
                with admin.connect() as conn:
                    conn.exec_driver_sql(f"CREATE DATABASE {name}")
                return pattern.format(name=name)

            yield fresh
            admin.dispose()
    except PostgresMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """None for the SQLite file of the site's directory, or the URL of a fresh PostgreSQL database."""
    if request.param == "sqlite":
        return None
    fresh: Callable[[], str] = request.getfixturevalue("cluster")
    return fresh()


@pytest.fixture
def engine(database_url: str | None, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine on an empty database."""
    made = open_engine(database_url or f"sqlite:///{tmp_path / 'empty.db'}")
    yield made
    made.dispose()


@pytest.fixture
def clock() -> Callable[[], int]:
    """A clock that goes on by a second at every look."""
    ticks = itertools.count(START_MS, 1_000)
    return lambda: next(ticks)


@pytest.fixture
def site(
    database_url: str | None, tmp_path: Path, province: Register, clock: Callable[[], int]
) -> Iterator[Site]:
    """A fresh site."""
    made = create_site(
        tmp_path / "site", origin=ORIGIN, register=province, database_url=database_url, now=clock
    )
    yield made
    made.close()


@pytest.fixture
def load(site: Site) -> Load:
    """People of that site who sign."""
    return Load.of(site, actors=4)
