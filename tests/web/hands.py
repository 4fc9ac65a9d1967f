"""Hands that sign, and an envelope's walk through the API, as devices do it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from custody import cose, ed25519, label
from custody.event import ZERO, EventType, Field, sign_event
from custody.merkle import leaf_hash
from db import desk
from web.service import Service

__all__ = ["Hand", "Walk", "acceptance", "begin", "encoded", "json_of", "kid_of", "seal_of"]


def encoded(*entries: bytes) -> list[str]:
    """Write entries as the API takes them."""
    return [base64.urlsafe_b64encode(raw).rstrip(b"=").decode() for raw in entries]


def json_of(answer: TestResponse) -> Any:
    """Read the JSON of an answer."""
    return answer.get_json()


@dataclass(slots=True)
class Hand:
    """A signed-in person with a device of their own."""

    app: Flask
    client: FlaskClient
    login: str
    id: bytes
    office: int
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    dseq: int = 0
    dprev: bytes = ZERO

    @property
    def service(self) -> Service:
        """The service behind the application."""
        service: Service = self.app.extensions["tram"]
        return service

    def enrol(self) -> str:
        """Enrol the key; give its status."""
        body = {"public_key": ed25519.public_of(self.seed).hex(), "name": "test"}
        answer = self.client.post("/api/v1/devices", json=body)
        assert answer.status_code == 200, json_of(answer)
        status: str = json_of(answer)["status"]
        return status

    def sign(
        self,
        kind: EventType,
        item: dict[str, Any],
        extra: Mapping[Any, Any] | None = None,
        *,
        second: Hand | None = None,
        seed: bytes | None = None,
    ) -> bytes:
        """Sign an event that follows the head that `item` (as the API shows it) names."""
        fields: dict[int, Any] = {
            Field.TYPE: int(kind),
            Field.ITEMS: [[bytes.fromhex(item["uid"]), item["seq"] + 1, bytes.fromhex(item["head"])]],
            Field.NET: self.service.site.net,
            Field.T_CLAIM: self.service.now(),
            Field.PLACE: self.office,
            Field.ACTOR: self.id,
            Field.ANCHOR: list(self.service.site.ledger.anchor() or ()),
            Field.DEVICE: [self.dseq, self.dprev],
            Field.NONCE: secrets.token_bytes(8),
            **(extra or {}),
        }
        raw = sign_event(fields, seed=seed or self.seed, second_seed=second.seed if second else None)
        self.dseq, self.dprev = self.dseq + 1, leaf_hash(raw)
        return raw

    def send(self, *entries: bytes) -> list[dict[str, Any]]:
        """Send entries; give the results."""
        answer = self.client.post("/api/v1/events", json={"entries": encoded(*entries)})
        assert answer.status_code == 200, json_of(answer)
        results: list[dict[str, Any]] = json_of(answer)["results"]
        return results

    def act(
        self, kind: EventType, item: dict[str, Any], extra: Mapping[Any, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """Sign, send and give the one result."""
        return self.send(self.sign(kind, item, extra, **more))[0]

    def item(self, number: str) -> dict[str, Any]:
        """Look at an item."""
        answer = self.client.get(f"/api/v1/items/{number}")
        assert answer.status_code == 200, json_of(answer)
        found: dict[str, Any] = json_of(answer)
        return found


def acceptance(**changes: Any) -> dict[str, Any]:
    """Give a form that is in order: a letter from the first agency to the second."""
    form: dict[str, Any] = {
        "sender": 3,
        "recipient": 1,
        "kind": 1,
        "secrecy": 0,
        "urgency": 0,
        "seal": "NP 123456",
        "mass_g": 120,
        "declared_sealed": True,
        "declared_content": True,
        "clerk_name": "Nguyễn Thị Gửi",
    }
    return form | changes


def seal_of(digits: str, serial: str) -> bytes:
    """Commit a seal number as a taker's device does."""
    seen = label.parse_digits(digits)
    return label.commit_seal(nonce=seen.nonce, item=seen.item, seal_type=1, serial=serial)


@dataclass(slots=True)
class Walk:
    """An accepted envelope on its way through the API."""

    clerk: Hand
    number: str
    digits: str
    seal: str
    uid: bytes

    def observed(self, serial: str | None = None) -> dict[int, Any]:
        """Say what a device adds to a hop: label, method, seal."""
        digest = label.parse_digits(self.digits).digest
        return {
            Field.LABEL: digest,
            Field.METHOD: 1,
            Field.SEAL: [seal_of(self.digits, serial or self.seal), 0],
        }

    def offer(self, giver: Hand, taker: Hand, **changes: Any) -> dict[str, Any]:
        """Offer from one to the other."""
        extra = self.observed() | {Field.OFFEREE: taker.id, Field.EXPIRY: 3600} | changes
        return giver.act(EventType.OFFER, self.clerk.item(self.number), extra)

    def take(
        self, taker: Hand, kind: EventType = EventType.ACCEPT, serial: str | None = None
    ) -> dict[str, Any]:
        """Take what is offered."""
        item = self.clerk.item(self.number)
        cites = {Field.CITES: bytes.fromhex(item["offer"]["id"])} if item["offer"] else {}
        return taker.act(kind, item, self.observed(serial) | cites)


def begin(
    clerk: Hand,
    *,
    register: Mapping[Any, Any] | None = None,
    by: Hand | None = None,
    is_drafted: bool = True,
    **changes: Any,
) -> Walk:
    """Accept an envelope at the counter and register it.

    Args:
        clerk: who accepts.
        register: what the device signs otherwise than it was told.
        by: whose device signs, the clerk's own where None.
        is_drafted: False to forget the acceptance in between.
        changes: to the form.
    """
    form = acceptance(**changes)
    answer = clerk.client.post("/api/v1/labels", json=form)
    assert answer.status_code == 200, json_of(answer)
    issued = json_of(answer)
    uid = bytes.fromhex(issued["uid"])
    if not is_drafted:
        desk.drop_draft(clerk.service.engine, uid, 0)
    extra: dict[int, Any] = {int(key): _value(value) for key, value in issued["register"].items()}
    fresh = {"uid": issued["uid"], "seq": -1, "head": ZERO.hex()}
    result = (by or clerk).act(EventType.REGISTER, fresh, extra | dict(register or {}))
    assert result["status"] == "stored", result
    return Walk(clerk, issued["number"], issued["digits"], form["seal"], uid)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return bytes.fromhex(value)
    return [_value(part) for part in value] if isinstance(value, list) else value


def kid_of(hand_: Hand) -> str:
    """Name a hand's key."""
    return cose.kid_of(ed25519.public_of(hand_.seed)).hex()
