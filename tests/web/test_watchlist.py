"""What the wall shows of devices and pairs, and to whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from custody.event import EventType
from custody.findings import CATALOGUE, Finding
from db.watchlist import Watched
from tests.web.conftest import Clock
from tests.web.hands import Hand, begin

Hands = Callable[[str], Hand]
_LATER_MS = 49 * 3_600_000
_GAP = "Nhật ký thiếu những sự kiện mà thiết bị đã ký."
_PAIR = "Cùng hai người ký phần lớn các việc ngoại lệ của một trong hai."


def _finding(code: str) -> Finding:
    return Finding(code=code, uid=bytes(8), index=0, event_id=bytes(32), severity=CATALOGUE[code].severity)


def test_events_that_a_device_holds_back_reach_the_wall(hand: Hands, clock: Clock) -> None:
    """The hole shows when its time is over, with whose device it is and what to do."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    clerk.sign(EventType.SIGHT, clerk.item(walk.number))
    clerk.act(EventType.SIGHT, clerk.item(walk.number))
    before = hand("kiemsoat1").client.get("/wall/fragment").text
    clock.now_ms += _LATER_MS
    after = hand("thanhtra1").client.get("/wall/fragment").text

    assert _GAP not in before
    assert _GAP in after
    assert "Cho thiết bị tải lên những gì còn giữ" in after


@pytest.mark.parametrize(
    "login, is_shown", [("kiemsoat1", True), ("thanhtra1", True), ("baove1", False), ("kiemsoat2", False)]
)
def test_pairs_are_for_those_who_supervise_and_not_for_the_pair(
    hand: Hands, app: Flask, clock: Clock, login: str, *, is_shown: bool
) -> None:
    """A heuristic is a reason to look, not a thing to read about oneself on a screen."""
    pair = Watched(_finding("P08"), (hand("giaodich1").id, hand("kiemsoat2").id))
    device = Watched(_finding("D02"), (hand("buuta1").id,))
    app.extensions["tram-watchlist"] = (clock.now_ms + 10**9, [device, pair])
    shown = hand(login).client.get("/wall/fragment").text

    assert is_shown == (_PAIR in shown)
    assert _GAP in shown


@pytest.mark.parametrize("login", ["giaodich1", "buuta1", "vanthu1"])
def test_nobody_else_sees_the_list(hand: Hands, app: Flask, clock: Clock, login: str) -> None:
    """Who carries and who receives is not told which devices are watched."""
    app.extensions["tram-watchlist"] = (clock.now_ms + 10**9, [Watched(_finding("D02"), (hand(login).id,))])
    answer = hand(login).client.get("/wall/fragment")

    assert answer.status_code == 403
    assert _GAP not in answer.text
