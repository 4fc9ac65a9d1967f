"""Payloads that somebody signs and the log takes in: the fold must bear them all."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from custody import cbor, cose
from custody.errors import FormatError
from custody.event import ZERO
from custody.fields import EventType, Field
from custody.machine import State
from custody.verify import verify_dossier
from kt1.drill.world import Parcel, Person
from tests.fuzz import seeds
from tests.fuzz.checks import ViolationError, same

__all__ = ["logged", "payloads_to_start", "read_payload"]


def read_payload(data: bytes) -> None:
    """Let a payload come into a drill's log and be judged; nothing of it may raise."""
    item = logged(data)
    if item is None:
        return
    chain = item.chain()
    _consistent(chain)
    if data[2:3] < b"\x20":  # one in eight: the dossier is slower
        _dossier_agrees(item, chain)


def logged(data: bytes) -> Parcel | None:
    """Let a payload be signed by whom it names and come into a copy of a drill's log; None where it is there already.

    Args:
        data: number of the drill (2 bytes), who signs where that is open (1 byte), payload.

    Raises:
        FormatError, SignatureError: the log does not let it in.
    """
    stages = seeds.stages()
    stage = stages[int.from_bytes(data[:2], "big") % len(stages)]
    payload = cbor.decode(data[3:])
    if not isinstance(payload, dict):
        raise FormatError("payload is not a map", finding="E01")
    shared = {id(entry): entry for entry in stage.world.entries}
    item = deepcopy(stage.item, shared)
    seed = _signer(stage, payload, data[2:3]).seed
    raw = cose.sign1(cbor.encode(payload), seed=seed)
    if any(entry.event.raw == raw for entry in stage.world.entries):
        return None  # E08
    item.world.log(raw)
    return item


def _signer(stage: seeds.Stage, payload: dict[int, Any], choice: bytes) -> Person:
    """Return the person that the payload names, or one of those who may write system entries."""
    world = stage.world
    people = [person for person in vars(world).values() if isinstance(person, Person)]
    if payload.get(Field.TYPE) not in [kind for kind in EventType if kind < EventType.KEY_CERT]:
        return world.root if choice > b"\xf0" else world.enrolment
    named = payload.get(Field.ACTOR)
    return next((person for person in people if person.id == named), people[choice[0] % len(people)])


def _consistent(chain: Any) -> None:
    item = chain.item
    same(True, isinstance(item.state, State))
    same(item.state is State.NONE, item.head == ZERO)
    if item.state is not State.NONE:
        same(8, len(item.custodian))
    same(chain.judge(1 << 41).digest, chain.judge(1 << 41).digest)


def _dossier_agrees(item: Any, chain: Any) -> None:
    world = item.world
    report = verify_dossier(item.dossier())
    same("", report.failure)
    if report.judgement is None:
        raise ViolationError("no judgement")
    same(chain.judge(world.heads[len(world.entries)][1]).digest, report.judgement.digest)


def payloads_to_start() -> list[bytes]:
    """Return for every drill its entries as payloads: drill, signer, payload."""
    made = []
    for number, stage in enumerate(seeds.stages()):
        last = stage.world.entries[-1]
        made.append(number.to_bytes(2, "big") + b"\x00" + last.event.message.payload)
    shapes = [bytes((0, n % 50, 32 + n)) + payload for n, payload in enumerate(seeds.payloads())]
    return made + shapes
