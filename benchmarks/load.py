"""Signed traffic for the benchmarks and for the tests of `db`: a few people who pass items on, all honest.

Everything is signed before the clock starts. `chains` gives one list of entries an item (REGISTER, then OFFER
and ACCEPT by turns); any interleaving that keeps each list in order is an honest log.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.event import ZERO, EventType, Field, sign_event
from custody.label import commit_seal, issue_label
from custody.merkle import leaf_hash
from custody.roles import Role
from custody.s10 import day_of, make_number, pack_number
from db.site import Site
from kt1.clock import DAY_MS
from kt1.site import Grant

__all__ = ["Actor", "Item", "Load", "Report", "interleave"]

_OFFICE = 990_100
_AGENCIES = (990_001, 990_002)


@dataclass(slots=True)
class Actor:
    """A person with one device: its key and the chain of what it signed."""

    person: bytes
    seed: bytes
    dseq: int = 0
    dprev: bytes = ZERO

    @property
    def kid(self) -> bytes:
        """8 bytes naming the key."""
        return kid_of(public_of(self.seed))


@dataclass(slots=True)
class Item:
    """An item and where its chain stands."""

    number: str
    uid: bytes
    label: bytes
    seal: bytes
    seq: int = 0
    head: bytes = ZERO
    offer: bytes = ZERO
    holder: int = 0


@dataclass(slots=True)
class Load:
    """Makes signed entries for a site."""

    site: Site
    rng: random.Random
    actors: list[Actor] = field(default_factory=list)
    serial: int = 0
    now_ms: int = 0
    anchor: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, site: Site, *, actors: int = 8, seed: int = 1) -> Load:
        """Enrol *actors* couriers who may also issue, at a site."""
        load = cls(site, random.Random(seed), now_ms=site.now())
        for _ in range(actors):
            load.enrol()
        return load

    def enrol(self, roles: frozenset[Role] = frozenset({Role.ISSUER, Role.COURIER}), **grant: Any) -> Actor:
        """Certify a new person's key and return them."""
        actor = Actor(self.rng.randbytes(8), self.rng.randbytes(32))
        self.site.certify(
            Grant(
                **{
                    "public": public_of(actor.seed),
                    "roles": roles,
                    "not_before_ms": self.now_ms - DAY_MS,
                    "not_after_ms": self.now_ms + 30 * DAY_MS,
                    "person": actor.person,
                    "offices": (_OFFICE,),
                    "secrecy_max": 1,
                    "device": self.rng.randbytes(8),
                    **grant,
                }
            )
        )
        self.actors.append(actor)
        self.anchor = list(self.site.ledger.anchor() or ())
        return actor

    def item(self, service: str = "ZK") -> Item:
        """Issue a label for a new item, or with `CONTAINER_SERVICE` for a container."""
        number = make_number(self.serial, service)
        self.serial += 1
        packed, nonce, day = pack_number(number), self.rng.randbytes(6), day_of(self.now_ms)
        seal = commit_seal(nonce=nonce, item=packed, seal_type=1, serial=f"S{self.serial}")
        key = self.site.label_key()
        label = issue_label(
            number=number,
            instance=0,
            day=day,
            nonce=nonce,
            kid4=key.kid4,
            seal_commitment=seal,
            seed=key.seed,
        )
        return Item(number, label.uid, label.raw, seal)

    def sign(self, actor: Actor, kind: EventType, item: Item, **extra: Any) -> bytes:
        """Sign one event about an item; advances the item's and the device's chain."""
        fields: dict[int, Any] = {
            Field.TYPE: int(kind),
            Field.ITEMS: [[item.uid, item.seq, item.head]],
            Field.NET: self.site.net,
            Field.T_CLAIM: self.now_ms,
            Field.ANCHOR: self.anchor,
            Field.PLACE: _OFFICE,
            Field.ACTOR: actor.person,
            Field.SEAL: [item.seal, 0],
            Field.DEVICE: [actor.dseq, actor.dprev],
            Field.NONCE: self.rng.randbytes(8),
            **{int(Field[name]): value for name, value in extra.items()},
        }
        raw = sign_event(fields, seed=actor.seed)
        actor.dseq, actor.dprev = actor.dseq + 1, leaf_hash(raw)
        item.seq, item.head = item.seq + 1, actor.dprev
        return raw

    def register(self, item: Item) -> bytes:
        """Sign the REGISTER of an item by whoever holds it."""
        facts = {"KIND": 1, "SECRECY": 3, "URGENCY": 0, "SENDER": _AGENCIES[0], "RECIPIENT": _AGENCIES[1]}
        actor = self.actors[item.holder]
        return self.sign(actor, EventType.REGISTER, item, LABEL_RAW=item.label, DECLARED=0, **facts)

    def offer(self, item: Item, taker: int) -> bytes:
        """Sign the OFFER of the holder to actor number *taker*."""
        giver = self.actors[item.holder]
        raw = self.sign(giver, EventType.OFFER, item, OFFEREE=self.actors[taker].person, EXPIRY=86_400)
        item.offer = item.head
        return raw

    def accept(self, item: Item, taker: int) -> bytes:
        """Sign the ACCEPT of actor number *taker*."""
        raw = self.sign(self.actors[taker], EventType.ACCEPT, item, CITES=item.offer)
        item.holder = taker
        return raw

    def chain(self, hops: int) -> list[bytes]:
        """Sign a new item's REGISTER and *hops* handovers: 1 + 2 x hops entries."""
        item = self.item()
        item.holder = self.rng.randrange(len(self.actors))
        entries = [self.register(item)]
        for _ in range(hops):
            taker = (item.holder + 1 + self.rng.randrange(len(self.actors) - 1)) % len(self.actors)
            entries += [self.offer(item, taker), self.accept(item, taker)]
        return entries

    def chains(self, items: int, *, hops: int = 3) -> list[list[bytes]]:
        """Sign the entries of many items."""
        return [self.chain(hops) for _ in range(items)]


@dataclass(slots=True)
class Report:
    """Figures of one benchmark: a line each on the terminal, a flat JSON file in build/bench."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """Take a figure in and print it."""
        self.figures[name] = round(value, 3)
        print(f"{self.name:8} {name:28} {value:12,.3f}", flush=True)

    def write(self) -> None:
        """Write build/bench/<name>.json."""
        folder = Path("build/bench")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(self.figures, indent=1) + "\n", encoding="utf-8")


def interleave(chains: list[list[bytes]]) -> list[bytes]:
    """Return all entries, first of each chain first: what many counters at work look like."""
    longest = max(map(len, chains))
    return [chain[step] for step in range(longest) for chain in chains if step < len(chain)]
