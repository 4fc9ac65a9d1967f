"""A recipient who has no device: what they may receive by signing in on a courier's, and who says so."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from custody import ed25519
from custody.event import EventType, Field
from db import desk, schema
from db.engine import writing
from tests.web.conftest import PASSWORD
from tests.web.hands import Hand, begin, json_of

Hands = Callable[[str], Hand]


@pytest.fixture
def recipient(hand: Hands) -> dict[str, Any]:
    """Give the person of an agency's clerk who has never enrolled a device, and has no mark yet."""
    engine = hand("buuta1").service.engine
    with writing(engine) as conn:
        conn.execute(schema.person.update().values(secrecy_max=0))
        row = conn.execute(schema.person.select().where(schema.person.c.login == "vanthu1")).mappings().one()
    return dict(row)


def _badge(courier: Hand, seed: bytes, login: str) -> int:
    """Sign somebody in on the courier's browser; give the mark of their passing key."""
    body = {"login": login, "password": PASSWORD, "public_key": ed25519.public_of(seed).hex()}
    answer = courier.client.post("/api/v1/witness", json=body)
    assert answer.status_code == 200, json_of(answer)
    found = courier.service.site.ledger.rules.ring.get(bytes.fromhex(json_of(answer)["kid"]))
    assert found is not None
    return found.secrecy_max


def test_an_administrator_says_what_a_recipient_receives_by_badge(
    hand: Hands, recipient: dict[str, Any]
) -> None:
    """Without a device nobody had said so, and their badge was worth less than a drawing on glass (S06)."""
    admin, clerk, courier = hand("quantri1"), hand("giaodich1"), hand("buuta1")
    where, seed = f"/people/{recipient['id'].hex()}/mark", secrets.token_bytes(32)
    assert 0 == _badge(courier, secrets.token_bytes(32), "vanthu1")
    assert 302 == admin.client.post(where, data={"secrecy_max": "B"}).status_code
    assert 2 == _badge(courier, seed, "vanthu1")
    looks = desk.accesses(admin.service.engine, recipient["id"].hex())
    assert ["person-mark-B"] == [one["action"] for one in looks]

    states = []
    for secrecy in (2, 1):
        walk = begin(clerk, secrecy=secrecy, declared_two_covers=True, declared_stamped=True)
        walk.offer(clerk, courier)
        walk.take(courier)
        courier.act(EventType.OFFER, clerk.item(walk.number), {Field.OFFEREE: 1, Field.EXPIRY: 600})
        item = courier.item(walk.number)
        proof = {Field.CITES: bytes.fromhex(item["offer"]["id"]), Field.PROOF: 1}
        badge = Hand(courier.app, courier.client, "vanthu1", recipient["id"], 0, seed=seed)
        courier.act(EventType.DELIVER, item, walk.observed() | proof, second=badge)
        states.append(clerk.item(walk.number)["state"])
    assert ["DELIVERED", "OFFERED"] == states


def test_the_mark_of_who_carries_mail_is_said_by_their_device_alone(hand: Hands) -> None:
    """Vetting of the post's own people ends with their certificate; a table beside the log does not make one."""
    admin, courier, second = hand("quantri1"), hand("buuta1"), hand("giaodich2")
    where = f"/people/{second.id.hex()}/mark"
    assert 409 == admin.client.post(where, data={"secrecy_max": "A"}).status_code
    with writing(admin.service.engine) as conn:
        no_device = schema.person.c.login == "buuta3"
        conn.execute(schema.person.update().where(no_device).values(secrecy_max=1))
    assert 0 == _badge(courier, secrets.token_bytes(32), "buuta3")


def test_the_buttons_of_the_page_do_what_they_say(hand: Hands, recipient: dict[str, Any]) -> None:
    """D12: suspended by the button that is shown, and readmitted by the next one."""
    admin = hand("quantri1")
    where = f"/people/{recipient['id'].hex()}"
    seen = []
    for _press in range(2):
        form = admin.client.get("/devices").text.partition(f'action="{where}"')[2]
        [value] = re.findall(r'name="status" value="(\w+)"', form.partition("</form>")[0])
        seen.append((value, admin.client.post(where, data={"status": value}).status_code))
    assert [("suspended", 302), ("active", 302)] == seen
    assert f'action="{where}/mark"' in admin.client.get("/devices").text
