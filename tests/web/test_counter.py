"""Acceptance at the counter: what is refused, that nothing is then written, and how labels come out (A1-A5, D7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from db import schema
from db.engine import reading
from tests.web.conftest import NOW_MS, Clock
from tests.web.hands import Hand, acceptance, begin, json_of

Hands = Callable[[str], Hand]
SECRET = {"declared_stamped": True}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": 4}, "kind"),
    ({"secrecy": 4}, "secrecy"),
    ({"urgency": 3}, "urgency"),
    ({"urgency": 2}, "due"),
    ({"urgency": 2, "due_ms": NOW_MS - 1}, "due"),
    ({"due_ms": NOW_MS + 3_600_000}, "due"),
    ({"secrecy": 1, **SECRET}, "declared_two_covers"),
    ({"secrecy": 2}, "declared_stamped"),
    ({"declared_sealed": False}, "declared_sealed"),
    ({"declared_content": False}, "declared_content"),
    ({"clerk_name": " "}, "clerk_name"),
    ({"sender": 999}, "sender"),
    ({"recipient": 999}, "recipient"),
    ({"recipient": 3}, "recipient"),
    ({"seal": ""}, "seal"),
    ({"seal": "NP"}, "seal"),
    ({"mass_g": 0}, "mass_g"),
    ({"kind": 2}, "check"),
    ({"kind": 2, "check": 2, "check_result": 1, "secrecy": 3, **SECRET}, "check"),
    ({"kind": 2, "check": 1, "check_result": 2}, "check_result"),
    ({"check": 1, "check_result": 1}, "check"),
    ({"only_named": True}, "named_person"),
]


@pytest.mark.parametrize("changes, field", REFUSED)
def test_bad_combinations_are_refused_by_field_and_nothing_is_written(
    hand: Hands, changes: dict[str, Any], field: str
) -> None:
    """Each refusal names its field in Vietnamese; no number is used up, no draft kept, no entry made."""
    clerk = hand("giaodich1")
    before = _written(clerk)
    answer = clerk.client.post("/api/v1/labels", json=acceptance(**changes))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in {one["field"] for one in json_of(answer)["errors"]}
    assert _written(clerk) == before


@pytest.mark.parametrize("question", ["secrecy", "urgency"])
def test_an_unanswered_question_is_never_read_as_none(hand: Hands, question: str) -> None:
    """Forgetting the mark A is the costliest slip at the counter: what is not answered is asked for."""
    form = acceptance()
    del form[question]
    answer = hand("giaodich1").client.post("/api/v1/labels", json=form)
    assert answer.status_code == 422
    assert question in {one["field"] for one in json_of(answer)["errors"]}


def _written(clerk: Hand) -> list[int]:
    tables = (schema.entry, schema.draft, schema.number_counter, schema.print_log)
    with reading(clerk.service.engine) as conn:
        return [conn.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.mark.parametrize("urgency", [0, 1, 2])
@pytest.mark.parametrize("secrecy", [0, 1, 2, 3])
def test_all_twelve_services_are_accepted(hand: Hands, secrecy: int, urgency: int) -> None:
    """A1: secrecy and urgency combine freely."""
    changes: dict[str, Any] = {"secrecy": secrecy, "urgency": urgency}
    changes |= SECRET if secrecy else {}
    changes |= {"declared_two_covers": True} if secrecy == 1 else {}
    changes |= {"due_ms": NOW_MS + 3_600_000} if urgency == 2 else {}
    walk = begin(hand("giaodich1"), **changes)
    item = hand("giaodich1").item(walk.number)
    assert (item["secrecy"], item["urgency"], item["verdict"]) == (secrecy, urgency, "INTACT")


def test_numbers_are_never_given_twice(hand: Hands) -> None:
    """Two acceptances, two numbers, also where the first was never registered."""
    client = hand("giaodich1").client
    numbers = {json_of(client.post("/api/v1/labels", json=acceptance()))["number"] for _ in range(3)}
    assert len(numbers) == 3


def test_a_label_is_not_printed_before_its_register(hand: Hands) -> None:
    """L05: a signed label that is not in the log must not reach paper."""
    client = hand("giaodich1").client
    number = json_of(client.post("/api/v1/labels", json=acceptance()))["number"]
    assert client.get(f"/labels/{number}.pdf").status_code == 403


@pytest.mark.parametrize(
    "fmt, magic", [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<"), ("zpl", b"^XA")]
)
def test_a_registered_label_comes_in_every_format(hand: Hands, fmt: str, magic: bytes) -> None:
    """PDF, PNG, SVG and ZPL, from one face."""
    walk = begin(hand("giaodich1"))
    answer = hand("giaodich1").client.get(f"/labels/{walk.number}.{fmt}")
    assert answer.status_code == 200
    assert answer.data.lstrip().startswith(magic)


def test_the_print_frame_may_hold_the_pdf_and_nothing_else(hand: Hands) -> None:
    """The page prints from a frame of its own; every other answer refuses to be framed."""
    walk = begin(hand("giaodich1"))
    client = hand("giaodich1").client
    assert client.get(f"/labels/{walk.number}.pdf").headers["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get(f"/labels/{walk.number}.png").headers["X-Frame-Options"] == "DENY"


def test_a_reprint_needs_its_reason_which_is_kept(hand: Hands, clock: Clock) -> None:
    """The same number and code again, but not without a word."""
    clerk = hand("giaodich1")
    walk = begin(clerk)
    assert clerk.client.get(f"/labels/{walk.number}.pdf").status_code == 200
    clock.now_ms += 20 * 60_000
    refused = clerk.client.get(f"/labels/{walk.number}.pdf")
    assert refused.status_code == 409
    assert clerk.client.post(f"/labels/{walk.number}/print", data={"reason": ""}).status_code == 400
    again = clerk.client.post(
        f"/labels/{walk.number}/print", data={"reason": "máy in kẹt giấy", "format": "pdf"}
    )
    assert again.data.startswith(b"%PDF")
    with reading(clerk.service.engine) as conn:
        reasons = conn.scalars(select(schema.print_log.c.reason)).all()
    assert "máy in kẹt giấy" in reasons


def test_the_form_page_offers_every_agency_and_no_field_for_contents(hand: Hands) -> None:
    """The page is what the law lets a counter ask."""
    page = hand("giaodich1").client.get("/counter").text
    assert page.count("<option") == 2 * 31
    assert "trích yếu" not in page.lower()
    for name in (
        "sender",
        "recipient",
        "kind",
        "secrecy",
        "urgency",
        "due",
        "seal",
        "mass_g",
        "check",
        "clerk_name",
    ):
        assert f'name="{name}"' in page


def test_unknown_and_loose_values_are_refused(hand: Hands) -> None:
    """Strict bodies: no coercion, no extra key; the field is named."""
    client = hand("giaodich1").client
    for changes in ({"mass_g": "120"}, {"abstract": "x"}, {"declared_sealed": 1}, {"kind": None}):
        answer = client.post("/api/v1/labels", json=acceptance(**changes))
        assert (answer.status_code, json_of(answer)["code"]) == (400, "bad-json")
        assert json_of(answer)["errors"][0]["field"] == next(iter(changes))
