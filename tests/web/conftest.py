"""A temporary site with the demonstration's people, a clock that stands still, and hands that sign."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from db import people
from db.site import create_site
from kt1.clock import HOUR_MS, day_start_ms
from kt1.province import make_province
from kt1.traffic import keys_of_seed
from tests.web.hands import Hand
from web.accounts import hash_password, open_session
from web.app import create_app
from web.config import Config
from web.demo import write_names
from web.service import COOKIE, Service

NOW_MS = day_start_ms(date(2026, 11, 20)) + 9 * HOUR_MS
PASSWORD = "a good password"


@dataclass(slots=True)
class Clock:
    """Time as the test sets it."""

    now_ms: int = NOW_MS

    def __call__(self) -> int:
        """Give it."""
        return self.now_ms


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a site that every test copies: making one costs a second."""
    data = tmp_path_factory.mktemp("web") / "site"
    register = make_province(1, day=date(2026, 11, 20))
    site = create_site(
        data,
        origin="test.tram.example",
        register=register,
        is_demo=True,
        keys=keys_of_seed(1),
        rng=random.Random(1),
        now=Clock(NOW_MS - HOUR_MS),
    )
    write_names(site, register, hash_password(PASSWORD), now_ms=NOW_MS)
    people.add_people(
        site.engine,
        [
            people.Person(
                id=b"\1" * 8, login="quantri1", name="Quản trị", roles=("ADMIN",), password_hash=None
            )
        ],
    )
    site.close()
    return data


@pytest.fixture
def clock() -> Clock:
    """Give the clock of the service."""
    return Clock()


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """Give a fresh copy of the site."""
    copy = tmp_path / "site"
    shutil.copytree(template, copy)
    return copy


@pytest.fixture
def app(data: Path, clock: Clock) -> Iterator[Flask]:
    """Give the application over the site."""
    made = create_app(Config(data=data, clock=clock, monotonic=clock))
    yield made
    service: Service = made.extensions["tram"]
    service.site.close()


@pytest.fixture
def hand(app: Flask) -> Callable[[str], Hand]:
    """Give people by login, each signed in on a browser of their own with a certified key."""
    known: dict[str, Hand] = {}

    def get(login: str) -> Hand:
        if login not in known:
            service: Service = app.extensions["tram"]
            person = people.person_by_login(service.engine, login)
            assert person is not None
            client = app.test_client()
            client.set_cookie(COOKIE, open_session(service.engine, service.config, person.id))
            office = person.office or 990_100
            known[login] = Hand(app=app, client=client, login=login, id=person.id, office=office)
            if login != "quantri1":
                assert known[login].enrol() == "active"
        return known[login]

    return get
