"""Every view has its outsider: who is not meant to see something sees nothing, and every door is on the list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from db import people
from tests.web.hands import Hand, acceptance, begin, json_of
from web.openapi import OPERATIONS, document
from web.service import is_gated

Hands = Callable[[str], Hand]

OPEN = {
    "about.page", "about.guide", "api.claim", "api.finish", "api.look", "auth.sign_in", "auth.begin",
    "auth.preferences", "enrolment.page", "items.show", "offline.manifest", "offline.shell", "offline.worker",
    "ops.healthz", "ops.metrics", "ops.openapi", "ops.messages", "static", "verifier.show", "verifier.take",
}  # fmt: skip
# one person of the network who may not, for every view that asks for a role
OUTSIDERS = [
    ("get", "/counter", "buuta1"),
    ("get", "/scan", "thanhtra1"),
    ("get", "/practice", "thanhtra1"),
    ("get", "/wall", "giaodich1"),
    ("get", "/wall/fragment", "vanthu1"),
    ("get", "/devices", "giaodich1"),
    ("post", "/devices/0000000000000000", "buuta1"),
    ("post", "/devices/invitations", "buuta1"),
    ("post", f"/devices/invitations/{'0' * 64}", "giaodich1"),
    ("get", f"/api/v1/enrolments/{'0' * 64}", "vanthu1"),
    ("post", "/people/0000000000000000", "kiemsoat1"),
    ("post", "/people/0000000000000000/mark", "kiemsoat1"),
    ("get", "/log/checkpoint", "kiemsoat1"),
    ("get", "/anchor", "giaodich1"),
    ("get", "/anchor/5.svg", "thanhtra1"),
    ("get", "/log/cosigned", "giaodich1"),
    ("get", "/log/consistency", "kiemsoat1"),
    ("get", "/log/tile/0/000.p/1", "giaodich1"),
    ("post", "/api/v1/labels", "buuta1"),
    ("post", "/api/v1/items/ZK473124829VN/relabel", "vanthu1"),
    ("get", "/api/v1/items/ZK473124829VN/dossier", "giaodich1"),
    ("get", "/api/v1/people", "vanthu1"),
    ("get", "/labels/ZK473124829VN.pdf", "buuta1"),
    ("post", "/api/v1/labels/ZK473124829VN/print", "vanthu1"),
    ("post", "/api/v1/bags", "vanthu1"),
    ("post", "/api/v1/items/ZK473124829VN/glass", "vanthu1"),
    ("get", "/bag", "vanthu1"),
    ("get", "/bag/ZB473124829VN/record", "vanthu1"),
    ("get", "/api/v1/printers", "thanhtra1"),
    ("get", "/api/v1/printers/quay-1/state", "thanhtra1"),
    ("get", "/labels/stock", "thanhtra1"),
    ("post", "/labels/stock", "buuta1"),
    ("post", "/labels/stock/void", "vanthu1"),
    ("post", "/labels/stock/ZK473124829VN/print", "buuta1"),
    ("get", "/labels/test", "buuta1"),
    ("post", "/labels/test", "vanthu1"),
    ("get", "/labels/test.pdf", "buuta1"),
    ("post", "/labels/ZK473124829VN/print", "vanthu1"),
]


def test_every_view_is_behind_a_gate_or_on_the_list(app: Flask) -> None:
    """A new view without a gate is a decision, not an oversight."""
    bare = {name for name, view in app.view_functions.items() if not is_gated(view)}
    assert bare == OPEN


def test_a_stranger_gets_nothing_from_any_gated_view(app: Flask) -> None:
    """401 for machines, the sign-in page for people; never a body."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<path:{argument}>", "0/000").replace(f"<int:{argument}>", "0")
            path = path.replace(f"<{argument}>", "ZK473124829VN")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(path, method=method)
            assert answer.status_code in {302, 401}, (method, path)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("method, path, login", OUTSIDERS)
def test_people_without_the_role_are_refused(hand: Hands, method: str, path: str, login: str) -> None:
    """Each view's outsider is signed in and still refused."""
    assert hand(login).client.open(path, method=method.upper(), json={}).status_code == 403


@pytest.mark.parametrize("login", ["buuta26", "giaodich21", "vanthu2", "quantri1"])
def test_people_without_a_standing_see_no_item(hand: Hands, login: str) -> None:
    """Another office's clerk and courier, another agency's recipient, the administrator: not theirs."""
    walk = begin(hand("giaodich1"))
    client = hand(login).client
    assert client.get(f"/items/{walk.number}").status_code == 403
    assert client.get(f"/api/v1/items/{walk.number}").status_code == 403
    assert walk.number not in client.get("/items/?show=all").text.replace(" ", "")


@pytest.mark.parametrize("login", ["giaodich1", "giaodich2", "vanthu1", "kiemsoat1", "thanhtra1", "baove1"])
def test_people_with_a_standing_see_it(hand: Hands, login: str) -> None:
    """Issuer, colleagues at the counter, the recipient's people, supervisor, inspector, security."""
    walk = begin(hand("giaodich1"))
    assert hand(login).item(walk.number)["sender"] is not None


def test_a_courier_of_the_same_office_sees_what_a_scan_needs_and_no_more(hand: Hands) -> None:
    """Somebody who finds an envelope must be able to report it, without learning who writes to whom."""
    walk = begin(hand("giaodich1"))
    seen = hand("buuta2").item(walk.number)
    assert (seen["sender"], seen["recipient"], seen["label"]) == (None, None, None)
    assert "report" in seen["actions"]
    assert "Văn phòng" not in hand("buuta2").client.get(f"/items/{walk.number}").text


def test_an_item_that_is_not_there_looks_like_one_that_is_not_yours(hand: Hands) -> None:
    """Nobody can find out by asking which numbers exist."""
    walk = begin(hand("giaodich1"))
    client = hand("giaodich21").client
    there, nowhere = (client.get(f"/api/v1/items/{n}") for n in (walk.number, "ZK473124829VN"))
    assert json_of(there) == json_of(nowhere)


def test_a_number_that_is_none_is_not_found(hand: Hands) -> None:
    """A check digit that is wrong is a typing mistake, and said so."""
    assert hand("giaodich1").client.get("/api/v1/items/ZK473124820VN").status_code == 404


def test_anonymous_page_says_only_that_it_is_kt1(app: Flask, hand: Hands) -> None:
    """E6: the same words for an item that exists and one that does not."""
    walk = begin(hand("giaodich1"))
    pages = {app.test_client().get(f"/items/{n}").text for n in (walk.number, "ZK473124829VN")}
    texts = {page.replace(walk.number, "").replace("ZK473124829VN", "") for page in pages}
    assert len(texts) == 1
    assert "bưu cục gần nhất" in texts.pop()


def test_looks_of_overseers_are_written_down(hand: Hands) -> None:
    """A10: each look by supervisor or inspector appears, with name and time."""
    walk = begin(hand("giaodich1"))
    inspector = hand("thanhtra1")
    inspector.client.get(f"/items/{walk.number}")
    page = hand("kiemsoat1").client.get(f"/items/{walk.number}").text
    assert page.count("20/11/2026 09:00</li>") == 2


def test_the_recipient_lists_only_its_agency(hand: Hands) -> None:
    """B4: a list is as narrow as the items in it."""
    mine, other = begin(hand("giaodich1"), recipient=1), begin(hand("giaodich1"), recipient=2)
    page = hand("vanthu1").client.get("/items/?show=all").text
    assert f"/items/{mine.number}" in page
    assert f"/items/{other.number}" not in page


def test_off_hours_contacts_are_shown_to_who_holds_the_item(hand: Hands) -> None:
    """A8: name, position and phone for the courier with the envelope in hand, and for nobody else."""
    clerk, courier = hand("giaodich1"), hand("buuta1")
    walk = begin(clerk)
    contact = people.contacts(clerk.service.engine, 1)[0]
    walk.offer(clerk, courier)
    assert contact.name not in courier.client.get(f"/items/{walk.number}").text
    walk.take(courier)
    page = courier.client.get(f"/items/{walk.number}").text
    assert contact.name in page
    assert str(contact.phone) in page
    assert contact.name not in clerk.client.get(f"/items/{walk.number}").text


def test_openapi_lists_every_route_of_the_api_and_no_other(app: Flask) -> None:
    """The description cannot drift from what is served."""
    served = {
        (
            method.lower(),
            rule.rule.replace("<path:", "{").replace("<int:", "{").replace("<", "{").replace(">", "}"),
        )
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/log/", "/healthz", "/metrics", "/openapi", "/messages"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(one.method, one.path) for one in OPERATIONS}


def test_openapi_points_only_at_what_it_holds() -> None:
    """Every $ref resolves."""
    described = document()
    refs: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            refs.extend([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(described)
    assert refs
    assert {ref.rsplit("/", 1)[1] for ref in refs} <= set(described["components"]["schemas"])


def test_acceptance_form_has_no_place_for_contents() -> None:
    """A3, E7: nothing to write an abstract into."""
    names = " ".join(acceptance())
    assert not any(word in names for word in ("abstract", "title", "subject", "text"))
