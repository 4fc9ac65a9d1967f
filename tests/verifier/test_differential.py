"""Two verifiers, written apart, give one verdict: the same steps, findings and digest, whatever is in the file."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from custody import dossier, ed25519, note
from custody.errors import CustodyError, FormatError
from custody.event import EventType as E
from custody.event import Field
from custody.quorum import parse_policy
from custody.verify import Trust, verify_dossier
from kt1.drill.bags import close_bag, open_bag
from kt1.drill.breaks import BREAKS, NEAR_MISSES, Break, NearMiss
from kt1.drill.world import Parcel, Person, World, seed_of
from tests.verifier.node import ask, differences

_HISTORIES = 90
_STEPS = 10
_KINDS = tuple(
    kind for kind in E if kind <= E.OVERRIDE and kind not in (E.REGISTER, E.LOAD, E.UNLOAD, E.RELABEL)
)


def test_every_break_and_near_miss() -> None:
    """Each finding has a break, so each rule is asked here."""
    files = {f"break {name}": _made(case) for name, case in BREAKS.items()}
    files |= {f"near miss {name}": _made(case) for name, case in NEAR_MISSES.items()}

    assert [] == differences(files)


def test_histories_that_nobody_thought_of() -> None:
    """Events of every kind, by anybody, with fields of anything: whatever they come to, it is the same."""
    rng = random.Random(11)
    files = {f"history {n}": _history(rng) for n in range(_HISTORIES)}
    found = {code for data in files.values() for _, code, *_ in _rows(data)}

    assert len(found) > 25, sorted(found)
    assert [] == differences(files)


@pytest.mark.parametrize("log_key", ["right", "wrong", "none"])
@pytest.mark.parametrize("root", ["right", "wrong", "none"])
def test_what_the_reader_has_on_paper(log_key: str, root: str) -> None:
    """Both refuse the same file under the same keys, and both say what they compared."""
    world = World()
    item = world.register()
    item.deliver()
    keys = {"right": world.keys.log.vkey, "wrong": world.keys.clock.vkey, "none": ""}
    roots = {
        "right": frozenset((world.root.kid,)),
        "wrong": frozenset((bytes(8),)),
        "none": frozenset[bytes](),
    }

    assert [] == differences({"delivered": item.dossier()}, Trust(keys[log_key], roots[root]))


def _made(case: Break | NearMiss) -> bytes:
    """Return the dossier of a case, as of the time at which it shows."""
    world = World()
    item = case.make(world)
    if case.wait_ms:
        world.now_ms += case.wait_ms
        world.register()  # the newest checkpoint says when
    return item.dossier()


def _rows(data: bytes) -> list[list[Any]]:
    judgement = verify_dossier(data).judgement
    assert judgement
    return judgement.rows()


def _history(rng: random.Random) -> bytes:
    world = World()
    people = [
        *(world.clerk, world.witness, world.courier, world.other, world.recipient, world.foreign),
        *(world.supervisor, world.second, world.security, world.inspector),
    ]
    item = world.register(mass=rng.choice((None, 100)), secrecy=rng.randrange(4), urgency=rng.randrange(3))
    if rng.random() < 0.5:
        world.limit(two_couriers=rng.randrange(4), presence=rng.randrange(2), key_store=rng.randrange(3))
    for _ in range(_STEPS):
        world.now_ms += rng.choice((0, 0, 0, 3_600_000, 30 * 3_600_000))
        make = rng.choice(
            (_honest_step, _honest_step, _any_step, _any_step, _any_step, _bag, _bend_the_network)
        )
        make(rng, item, people)
        if rng.random() < 0.85:  # build on what counts, as honest devices do
            state = item.chain().item
            item.head, item.seq = state.head, state.seq
            item.holder = next((person for person in people if person.id == state.custodian), item.holder)
    return item.dossier()


def _honest_step(rng: random.Random, item: Parcel, people: list[Person]) -> None:
    world = item.world
    if item.holder in (world.recipient, world.foreign, None):
        return
    more = rng.choice(({}, {"method": 4}, {"seal": item.seal(condition=1)}, {"mass": 130}))
    if rng.random() < 0.2:
        item.event(E.OFFER, by=item.holder, offeree=world.recipient.id, expiry=3600)
        proof: dict[str, Any] = {"proof": 3, "attach": [bytes(32)]}
        by, proof = rng.choice(((world.recipient, {}), (item.holder, proof)))
        item.event(E.DELIVER, by=by, cites=item.offer, **proof)
    else:
        item.hand_over(rng.choice((world.courier, world.witness, world.other, rng.choice(people))), **more)


def _bag(rng: random.Random, item: Parcel, people: list[Person]) -> None:
    """Close a bag over it, carry it about, and perhaps open it again; whatever the drill allows."""
    world = item.world
    mate = world.register() if rng.random() < 0.5 else item
    bag = close_bag(world, {item.uid: item, mate.uid: mate}.values(), by=item.holder or world.clerk)
    for _ in range(rng.randrange(3)):
        rng.choice((_honest_step, _any_step))(rng, bag, people)
    if rng.random() < 0.7:
        lost = rng.choice(((), (), (item,), (mate,)))
        second = rng.choice((None, world.witness, world.supervisor))
        open_bag(bag, by=bag.holder or world.clerk, second=second, missing=lost, unload=rng.random() < 0.8)


def _any_step(rng: random.Random, item: Parcel, people: list[Person]) -> None:
    kind, by = rng.choice(_KINDS), rng.choice((item.holder or people[0], rng.choice(people)))
    more = _wanted(rng, kind, item, by, people)
    odd: dict[str, Any] = {
        "seal": rng.choice((None, item.seal("B1"), item.seal(condition=2))),
        "label": rng.choice((None, rng.randbytes(16))),
        "anchor": rng.choice((None, [rng.randrange(1, len(item.world.entries)), rng.randbytes(32)])),
        "t_claim": item.world.now_ms + rng.choice((-1, 1)) * rng.randrange(10**8),
        "actor": rng.choice(people).id,
        "mass": rng.choice((90, 100, 5000)),
        "clock": [rng.randrange(10**6), rng.randrange(10**7), 1],
        "place": rng.choice((220001, 220101, 1)),
        "device": [0, rng.choice((bytes(32), rng.randbytes(32)))],
    }
    chosen = rng.sample(sorted(odd.keys() - more.keys()), rng.choice((0, 0, 1, 2)))
    second = rng.choice((None, rng.choice(people)))
    item.event(kind, by=by, second=second, **more, **{name: odd[name] for name in chosen})


def _wanted(rng: random.Random, kind: E, item: Parcel, by: Person, people: list[Person]) -> dict[str, Any]:
    """Return the fields without which the event is none."""
    if kind in (E.ACCEPT, E.DELIVER, E.REFUSE, E.CANCEL):
        return {"cites": rng.choice((item.offer or bytes(32), item.offer or item.head, rng.randbytes(32)))}
    if kind is E.OFFER:
        offered = rng.choice((rng.choice(people).id, by.office, 7002))
        return {"offeree": offered, "expiry": rng.choice((0, 60, 3600))}
    if kind is E.OVERRIDE:
        ids = [finding.id for finding in item.judge().findings][:200]
        named = {"offeree": rng.choice(people).id, "findings": ids or [bytes(8)]}
        return named | {"reason_text": "đã xem"}
    if kind is E.CORRECT:
        return {"cites": item.head, "reason_text": "ghi nhầm"}
    looked: list[dict[str, Any]] = [{}, {"label_raw": item.label.raw}, {"label_raw": rng.randbytes(92)}]
    others: dict[E, dict[str, Any]] = {
        E.SEIZE: {"reason_text": "khác với sổ"},
        E.RESEAL: {"seal": item.seal("B2")},
        E.SIGHT: rng.choice(looked),
    }
    return others.get(kind, {})


def _bend_the_network(rng: random.Random, item: Parcel, people: list[Person]) -> None:
    world, person = item.world, rng.choice(people)
    since: dict[int, Any] = (
        {Field.COMPROMISED: world.now_ms - rng.randrange(10**7)} if rng.random() < 0.5 else {}
    )
    with suppress(CustodyError):  # not everything is let into the log
        world.system(E.KEY_REVOKE, {Field.KID: person.kid, Field.REASON: rng.randrange(3), **since})
        if rng.random() < 0.5:
            begin_ms = world.now_ms - rng.randrange(10**7)
            world.certify(person, not_before=begin_ms, key_store=rng.randrange(1, 4))
    world.limit(eps_ms=rng.randrange(10**6), offer_open_ms=rng.randrange(10**7), returns=rng.randrange(3))


def _cosigned(data: bytes, *names: str) -> bytes:
    """Return a dossier whose newest checkpoint also has the cosignatures of these witnesses."""
    parts = dossier.unpack(data)
    text = note.open_note(parts.checkpoint).text
    lines = [note.sign_note(text, name=f"{n}.invalid", seed=seed_of(n), time_s=1_790_100_000) for n in names]
    return dossier.pack(replace(parts, checkpoint=parts.checkpoint + "".join(lines)))


def _policy(*rules: str) -> str:
    keys = {
        n: note.NoteKey(f"{n}.invalid", note.COSIGNATURE, ed25519.public_of(seed_of(n))).vkey for n in "ABC"
    }
    return "\n".join([*(f"witness {n} {key}" for n, key in keys.items()), *rules, ""])


@pytest.mark.parametrize(
    "rules",
    [
        ("quorum none",),
        ("quorum A",),
        ("group g 2 A B C", "quorum g"),
        ("group g all A B", "quorum g"),
        ("group g any B C", "group h all g A", "quorum h"),
    ],
)
def test_a_quorum_of_witnesses(rules: tuple[str, ...]) -> None:
    """Step 9, asked for by a policy: the same answer for every set of witnesses who signed."""
    world = World()
    item = world.register()
    item.deliver()
    data = item.dossier()
    files = {
        f"by {names or 'nobody'}": _cosigned(data, *names) for names in ("", "A", "B", "AB", "BC", "ABC")
    }
    bent = dossier.unpack(files["by A"])
    other = dossier.unpack(files["by B"]).checkpoint.splitlines()[-1].split(" ")[2]
    mine = bent.checkpoint.splitlines()[-1].split(" ")[2]
    files["false line of A"] = dossier.pack(
        replace(bent, checkpoint=bent.checkpoint.replace(mine, mine[:6] + other[6:]))
    )
    text = _policy(*rules)

    assert [] == differences(files, Trust(policy=parse_policy(text.encode())), policy=text)


@pytest.mark.parametrize(
    "rules",
    [
        *(
            ("quorum A", "quorum B"),
            ("quorum D",),
            (),
            ("# nothing",),
            ("quorum",),
            ("group g 2 A", "quorum g"),
        ),
        *(
            ("group g 2 A A", "quorum g"),
            ("group A 1 B", "quorum A"),
            ("group g 1 A", "group h 1 A", "quorum h"),
        ),
        *(
            ("group none 1 A", "quorum none"),
            ("quorum\tA",),
            ("  quorum   A  ",),
            ("quorum A\r",),
            ("group g 01 A",),
        ),
        *(
            ("witness D x", "quorum A"),
            ("log x", "quorum A"),
            ("QUORUM A",),
            ("quorum A", "junk"),
            ("group g all A",),
        ),
    ],
)
def test_policies_are_read_alike(rules: tuple[str, ...]) -> None:
    """What one refuses, the other does not take for a policy."""
    text = _policy(*rules)
    try:
        policy = parse_policy(text.encode())
        ours: dict[str, Any] = {"logs": len(policy.logs), "witnesses": list(policy.witnesses)}
        ours |= {"groups": list(policy.groups), "quorum": policy.quorum}
    except FormatError as error:
        ours = {"finding": error.finding}

    assert [ours] == ask([{"policy": text}])
