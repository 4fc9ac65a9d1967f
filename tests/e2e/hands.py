"""Devices without a browser: people who sign over HTTP, so that a test begins where its own matter begins."""

from __future__ import annotations

import json
import secrets
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any

from custody import ed25519
from custody.containers import manifest_leaf
from custody.event import ZERO, EventType, Field, ItemRef, sign_event
from custody.label import commit_seal, parse_digits
from custody.merkle import inclusion_path, leaf_hash, root_of
from tests.e2e.site import PASSWORD, Site
from tests.web.hands import acceptance, encoded

__all__ = ["Accepted", "Device"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An envelope that was accepted: its number, the digits of its label, its seal."""

    number: str
    digits: str
    seal: str


class Device:
    """A person signed in on a device of their own, which the demonstration certifies at once."""

    def __init__(self, site: Site, login: str) -> None:
        """Sign *login* in and enrol a key."""
        self._site = site
        self._seed = secrets.token_bytes(32)
        self._dseq, self._dprev = 0, ZERO
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = urllib.parse.urlencode({"login": login, "password": PASSWORD}).encode()
        self._opener.open(f"{site.url}/sign-in", form, timeout=20).close()
        self.ask("/api/v1/devices", {"public_key": ed25519.public_of(self._seed).hex(), "name": "test"})
        me = self.ask("/api/v1/me")
        self.id = bytes.fromhex(me["person"]["id"])
        self.name: str = me["person"]["name"]
        self._net = bytes.fromhex(me["net"])
        self._anchor = [me["anchor"]["size"], bytes.fromhex(me["anchor"]["root"])]
        self._place: int = (me["person"]["office"] or me["person"]["agency"])["code"]

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the API; give its JSON."""
        request = urllib.request.Request(f"{self._site.url}{path}")  # noqa: S310 - our own loopback address
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with self._opener.open(request, timeout=20) as answer:
            return json.load(answer)

    def accept(self, seal: str, **changes: Any) -> Accepted:
        """Accept an envelope at the counter and register it."""
        issued = self.ask("/api/v1/labels", acceptance(seal=seal, **changes))
        extra = {int(key): _value(value) for key, value in issued["register"].items()}
        fresh = {"uid": issued["uid"], "seq": -1, "head": ZERO.hex()}
        self.act(self.sign(EventType.REGISTER, fresh, extra))
        return Accepted(issued["number"], issued["digits"], seal)

    def close(self, seal: str, *items: Accepted) -> Accepted:
        """Put items into a bag and close it; give the bag."""
        issued = self.ask("/api/v1/bags", {"seal": seal})
        inside = [self.item(one.number) for one in items]
        refs = [ItemRef(bytes.fromhex(i["uid"]), i["seq"] + 1, bytes.fromhex(i["head"])) for i in inside]
        leaves = [manifest_leaf(ref, bytes(16)) for ref in refs]
        extra = {int(key): _value(value) for key, value in issued["register"].items()}
        fresh = {"uid": issued["uid"], "seq": -1, "head": ZERO.hex()}
        extra[Field.MANIFEST] = [root_of(leaves), len(leaves)]
        closing = self.sign(EventType.CLOSE, fresh, extra)
        proof = {Field.CITES: leaf_hash(closing), Field.CONTAINER: bytes.fromhex(issued["uid"])}
        loads = []
        for at, item in enumerate(inside):
            path = inclusion_path(
                at, len(leaves), lambda level, n: root_of(leaves[n << level : (n + 1) << level])
            )
            loads.append(self.sign(EventType.LOAD, item, proof | {Field.LEAF: [at, bytes(16), list(path)]}))
        self.act(closing, *loads)
        return Accepted(issued["number"], issued["digits"], seal)

    def offer(self, taker: bytes, *items: Accepted) -> None:
        """Offer items, all in one upload."""
        self.act(
            *(
                self.sign(
                    EventType.OFFER,
                    self.item(one.number),
                    {
                        Field.OFFEREE: taker,
                        Field.EXPIRY: 3600,
                        Field.METHOD: 1,
                        Field.LABEL: parse_digits(one.digits).digest,
                    },
                )
                for one in items
            )
        )

    def receive(self, one: Accepted, *, seal: str = "") -> None:
        """Take what was offered to this person, its seal as it is or read as *seal*."""
        label, offered = parse_digits(one.digits), self.item(one.number)
        read = commit_seal(nonce=label.nonce, item=label.item, seal_type=1, serial=seal or one.seal)
        extra = {
            Field.CITES: bytes.fromhex(offered["offer"]["id"]),
            Field.SEAL: [read, 0],
            Field.METHOD: 1,
            Field.LABEL: label.digest,
        }
        self.act(self.sign(EventType.ACCEPT, offered, extra))

    def item(self, number: str) -> Any:
        """Look at an item."""
        return self.ask(f"/api/v1/items/{number}")

    def sign(
        self, kind: EventType, item: Mapping[str, Any], extra: Mapping[Any, Any], *, net: bytes | None = None
    ) -> bytes:
        """Sign an event that follows the head of *item*, on this network or another."""
        raw = sign_event(
            {
                Field.TYPE: int(kind),
                Field.ITEMS: [[bytes.fromhex(item["uid"]), item["seq"] + 1, bytes.fromhex(item["head"])]],
                Field.NET: net or self._net,
                Field.T_CLAIM: time.time_ns() // 1_000_000,
                Field.PLACE: self._place,
                Field.ACTOR: self.id,
                Field.ANCHOR: self._anchor,
                Field.DEVICE: [self._dseq, self._dprev],
                Field.NONCE: secrets.token_bytes(8),
                **extra,
            },
            seed=self._seed,
        )
        self._dseq, self._dprev = self._dseq + 1, leaf_hash(raw)
        return raw

    def act(self, *entries: bytes) -> list[dict[str, Any]]:
        """Send entries; all of them must be stored."""
        results: list[dict[str, Any]] = self.send(*entries)
        assert {one["status"] for one in results} == {"stored"}, results
        return results

    def send(self, *entries: bytes) -> list[dict[str, Any]]:
        """Send entries; give the results."""
        results: list[dict[str, Any]] = self.ask("/api/v1/events", {"entries": encoded(*entries)})["results"]
        return results


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return bytes.fromhex(value)
    return [_value(part) for part in value] if isinstance(value, list) else value
